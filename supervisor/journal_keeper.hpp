#pragma once

#include "muster/actors/sync_company.hpp"
#include "muster/actors/work_guard.hpp"
#include "muster/messages/interfaces.hpp"
#include "muster/store/environment.hpp"
#include "muster/supervisor/journal.hpp"

#include <cstddef>
#include <optional>
#include <span>
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
/// 1. Records gather while there is mail, or others are said to follow, then are
///    one line with one sync.
/// 2. Those of one asker are written in the order in which it sent them.
/// 3. One record that the journal refuses does not take its neighbours along.
/// 4. A journal that cannot be read is tried again with each request.
/// 5. Nothing is thrown across a handler. A call of the simulated disk that
///    never returns leaves the actor silent, as a real one does.
class journal_keeper_state {
public:
  static inline const char* name = "muster.journal_keeper";

  journal_keeper_state(journal_keeper_actor::pointer self, const environment& env, std::string data_directory,
                       instance_id own, const journal_keeper_options& options)
      : self_(self), env_(env), data_directory_(std::move(data_directory)), own_(std::move(own)), options_(options) {}

  journal_keeper_actor::behavior_type make_behavior();

private:
  struct waiting {
    journal_record record;
    caf::typed_response_promise<journal_written> promise;
  };

  /// What `work` says of the open journal; nothing once a call has not returned.
  template <class Answer, class Work>
  std::optional<expected<Answer>> attempt(Work work);
  template <class Answer, class Work>
  expected<Answer> with_journal(Work work);
  /// The same as an answer, after all that has gathered.
  template <class Answer, class Work>
  caf::result<Answer> perform(Work work);
  caf::result<journal_written> gather(const write_intent& request);
  caf::result<journal_written> gather(journal_record record, bool others_follow);
  void write_gathered();
  std::optional<expected<journal_written>> write(std::span<const journal_record> records);

  journal_keeper_actor::pointer self_;
  environment env_;
  std::string data_directory_;
  instance_id own_;
  journal_keeper_options options_;
  std::optional<journal> journal_;
  std::vector<waiting> batch_;
  sync_company company_; ///< of the batch
  work_guard guard_{"journal-exception", "the journal"};
  /// Asked since a call did not return. The supervisor bounds how much that is.
  std::vector<caf::response_promise> unanswered_;
  std::vector<waiting> unanswered_records_;
};

using journal_keeper = journal_keeper_actor::stateful_impl<journal_keeper_state>;

} // namespace muster
