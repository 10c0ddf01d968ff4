#pragma once

#include "muster/messages/op.hpp"
#include "muster/store/feed_recovery.hpp"
#include "muster/store/feed_writer.hpp"
#include "muster/store/signing_key.hpp"
#include "muster/store/simulated_environment.hpp"

#include <string>
#include <vector>

namespace muster::test {

/// A key made of one repeated byte.
[[nodiscard]] signing_key sample_key(unsigned char fill);
[[nodiscard]] instance_id sample_instance(unsigned char fill);

/// A commit of one op that sets the field "name" to `text`.
[[nodiscard]] commit sample_commit(const std::string& text);
/// One op of each kind, with every member used.
[[nodiscard]] std::vector<op> every_op(const instance_id& own, const instance_id& other);

/// Where feeds lie on the simulated disk.
inline constexpr std::string_view feeds_path = "/data/feeds";
void make_feeds(simulated_environment& machine);
/// Makes all that is on the simulated disk durable, outside of any plan.
void sync_everything(simulated_environment& machine);
[[nodiscard]] open_file open_feeds(simulated_environment& machine);
[[nodiscard]] std::string feed_file(const instance_id& instance, std::string_view name);

/// Recovers the feed of a key and makes its writer.
[[nodiscard]] expected<recovered_feed> recover(simulated_environment& machine, const signing_key& key,
                                               const recovery_options& options = {});
[[nodiscard]] expected<feed_writer> open_writer(simulated_environment& machine, const signing_key& key,
                                                const recovery_options& options = {});
/// Appends one run with a commit for each text; the process ends if it cannot.
void append_run(feed_writer& writer, const std::vector<std::string>& texts);
/// The texts of all commits that can be read.
[[nodiscard]] expected<std::vector<std::string>> read_texts(simulated_environment& machine,
                                                            const instance_id& instance);
[[nodiscard]] std::string text_of(const commit& what);

} // namespace muster::test
