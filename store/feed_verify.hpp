#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/feed_damage.hpp"
#include "muster/store/feed_format.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// What a look at every byte of a feed found.
struct feed_findings {
  instance_id instance;
  std::uint64_t segments = 0;
  feed_tip whole; ///< everything up to here is as its author sealed it
  sequence marked = 0;
  std::vector<feed_damage> damages; ///< empty: nothing is wrong up to the mark
  /// Bytes above the mark: the next recovery keeps what is sealed and cuts the rest.
  std::uint64_t unmarked_bytes = 0;
  /// Files that were cut or set aside, and anything else that lies there.
  std::vector<std::string> leftovers;
};

/// What to do with its leftovers, as a clause.
[[nodiscard]] std::string_view leftover_advice(const feed_findings& of) noexcept;

/// Checks every line, chain link and signature of a feed and changes nothing.
/// Failures: not_found, the disk's, and `feed-format`.
[[nodiscard]] expected<feed_findings> verify_feed(environment env, handle feeds, const instance_id& instance);

} // namespace muster
