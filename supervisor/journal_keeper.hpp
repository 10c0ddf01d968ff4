#pragma once

#include "muster/messages/interfaces.hpp"
#include "muster/store/environment.hpp"
#include "muster/supervisor/journal.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace muster {

struct journal_keeper_options {
  journal_options journal;
  /// Records that share one line and one sync.
  std::size_t batch_records = 256;
};

/// Writes the journal for a supervisor that must not block.
///
/// 1. Records gather while there is mail, then are one line with one sync.
/// 2. Those of one asker are written in the order in which it sent them.
/// 3. One record that the journal refuses does not take its neighbours along.
/// 4. A journal that cannot be read is tried again with each request.
class journal_keeper_state {
public:
  static inline const char* name = "muster.journal_keeper";

  journal_keeper_state(journal_keeper_actor::pointer self, const environment& env, std::string data_directory,
                       const journal_keeper_options& options = {})
      : self_(self), env_(env), data_directory_(std::move(data_directory)), options_(options) {}

  journal_keeper_actor::behavior_type make_behavior();

private:
  struct waiting {
    journal_record record;
    caf::typed_response_promise<journal_written> promise;
  };

  /// Opens it, if it is not open.
  expected<void> open();
  caf::result<journal_read> read();
  caf::result<journal_written> gather(write_journal& request);
  void write_gathered();
  caf::result<journal_finished> finish();

  journal_keeper_actor::pointer self_;
  environment env_;
  std::string data_directory_;
  journal_keeper_options options_;
  std::optional<journal> journal_;
  std::vector<waiting> batch_;
};

using journal_keeper = journal_keeper_actor::stateful_impl<journal_keeper_state>;

} // namespace muster
