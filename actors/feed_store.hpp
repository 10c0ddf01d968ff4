#pragma once

#include "muster/actors/epoch_fence.hpp"
#include "muster/actors/feed_answers.hpp"
#include "muster/actors/sync_company.hpp"
#include "muster/actors/work_guard.hpp"
#include "muster/messages/interfaces.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/own_feed.hpp"
#include "muster/store/signing_key.hpp"

#include <cstddef>
#include <vector>

namespace muster {

struct feed_store_options {
  own_feed_options own;
  feed_answer_limits answers;
  /// Commits that share one seal and one sync, and their bytes. The bytes are at
  /// most what a run takes, less one commit.
  std::size_t batch_commits = 512;
  std::size_t batch_bytes = std::size_t{4} * 1024 * 1024;
};

/// Appends to our own feed, reads all of them, and blocks while that lasts.
///
/// 1. Commits gather while there is mail, or others are said to follow, then one
///    seal and one sync make them durable, then all are answered. What is refused is answered at once and
///    holds up no other.
/// 2. If nobody can tell whether a batch is on disk, each of it is answered so,
///    and the feed is recovered before the next request: `find_commit` tells the
///    truth or fails.
/// 3. The feed is recovered at the first message that uses it, which examining it
///    does not. One that cannot be written is still read.
/// 4. When a backlog is done the mark is settled; after that nothing is written.
/// 5. Nothing is thrown across a handler. A call of the simulated disk that
///    never returns leaves the actor silent, as a real one does.
///
/// The feeds' directory stays open, and the key lives, as long as the actor.
class feed_store_state {
public:
  static inline const char* name = "muster.feed_store";

  feed_store_state(feed_store_actor::pointer self, const environment& env, handle feeds, const instance_id& own,
                   const signing_key& key, const feed_store_options& options);

  feed_store_actor::behavior_type make_behavior();

private:
  struct gathered {
    commit what;
    caf::typed_response_promise<commit_appended> promise;
  };

  caf::result<commit_appended> append(append_commit& request);
  [[nodiscard]] bool gathers(const saga_id& saga, const request_id& request) const;
  void flush();
  void tick();
  [[nodiscard]] expected<commit_found> find(const find_commit& request);
  [[nodiscard]] expected<feeds_described> describe();

  /// Answers with what `work` gives, or not at all once a call has not returned.
  template <class Answer, class Work>
  caf::result<Answer> look(Work work);
  /// The same once our own feed is recovered.
  template <class Answer, class Work>
  caf::result<Answer> perform(Work work);
  /// Runs `work`; if that was cut short, nothing staged is known any more.
  template <class Work>
  std::optional<failure> attempt(Work work);

  feed_store_actor::pointer self_;
  environment env_;
  handle feeds_;
  instance_id own_id_;
  feed_store_options options_;
  work_guard guard_{"feed-store-exception", "the feed store"};
  epoch_fence fence_;
  own_feed own_;
  feed_pages pages_;
  std::vector<gathered> gathered_;
  sync_company company_; ///< of those
  /// Asked since a call did not return. The asker bounds how much that is.
  std::vector<caf::response_promise> unanswered_;
};

using feed_store = feed_store_actor::stateful_impl<feed_store_state>;

} // namespace muster
