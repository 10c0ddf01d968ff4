#pragma once

#include "muster/actors/change_company.hpp"
#include "muster/actors/epoch_fence.hpp"
#include "muster/actors/index_keeper.hpp"
#include "muster/actors/work_guard.hpp"
#include "muster/messages/interfaces.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace muster {

struct index_actor_options {
  index_keeper_options keeper;
  /// Changes that share one transaction.
  std::size_t batch = 256;
  /// How long changes wait for others (change_company.hpp), and how many folds of
  /// agents that come to a place need not: whoever asks about what they change has
  /// them made first.
  std::chrono::nanoseconds fold_delay = std::chrono::milliseconds{10};
  std::size_t folds = 16;
  /// How long a heartbeat may wait for others.
  std::chrono::nanoseconds heartbeat_delay = std::chrono::seconds{1};
};

/// Owns an `index_keeper` and blocks while it works.
///
/// 1. Changes gather while there is mail, or others are to be expected, for
///    `fold_delay` at most, then are made in one transaction a database; what has gathered before `local.db` is
///    synced is made first, and shares that. Whatever else is asked is answered after all
///    changes asked before that concern it; but for the rows of sagas in flight, as a saga has its id and path to
///    itself until its own change is made. What only looks does not wait until the disk has kept them: the feed has.
/// 2. Nothing is opened before the first request; what cannot be opened is its
///    answer, and the next one tries again.
/// 3. Ends in order on any exit but `kill`: what waits is written and answered.
/// 4. Whoever watches is told what has changed once it is on disk.
/// 5. Nothing is thrown across a handler. A call of the simulated disk that
///    never returns leaves the actor silent, as a real one does.
class index_actor_state {
public:
  static inline const char* name = "muster.index";

  /// `directory` is the data directory, absolute; `feeds` its feeds.
  index_actor_state(index_actor::pointer self, const environment& env, const std::string& directory, handle feeds,
                    const instance_id& own, const index_actor_options& options)
      : self_(self), options_(options), keeper_(env, directory, feeds, own, options.keeper) {}

  index_actor::behavior_type make_behavior();

private:
  struct gathered_change {
    index_change what;
    caf::response_promise promise;
  };

  /// Once what has gathered is folded and on disk; once it is folded; as it is.
  template <class Answer, class Request>
  caf::result<Answer> answer_when_kept(const Request& request);
  template <class Answer, class Request>
  caf::result<Answer> answer_when_folded(const Request& request);
  template <class Answer, class Request>
  caf::result<Answer> answer_at_once(const Request& request);
  template <class Answer, class Request>
  caf::result<Answer> fenced(const Request& request);
  template <class Answer, class Request>
  caf::result<Answer> gather(Request& request);
  template <class Answer, class Request, class Concerns>
  caf::result<Answer> find(const Request& request, Concerns concerns);
  caf::result<heartbeat_noted> beat(const note_heartbeat& request);
  void carry_out_behind_mail();
  void carry_out_later();
  void make_gathered();
  void carry_out_gathered();
  std::optional<failure> carry_out(std::vector<gathered_change> what);
  void keep_unless_joined();
  void keep_made();
  void deliver_made(const std::optional<failure>& why);
  caf::result<roster_watched> watch_for(const watch_roster& request);
  void unwatch(const unwatch_roster& request);
  void tell_changes();
  void finish(const caf::exit_msg& why);

  index_actor::pointer self_;
  index_actor_options options_;
  index_keeper keeper_;
  epoch_fence fence_;
  std::vector<gathered_change> gathered_;
  change_company company_{options_.fold_delay, options_.folds};
  /// Carried out, and not kept yet.
  std::vector<gathered_change> done_;
  changes_made made_;
  std::uint64_t kept_ = 0;  ///< how often
  bool timer_runs_ = false; ///< of the heartbeats
  caf::weak_actor_ptr watcher_;
  std::uint64_t watch_ = 0; ///< its number
  work_guard guard_{"index-exception", "the index"};
  /// What was asked since a call never returned. The askers bound how much that
  /// is.
  std::vector<caf::response_promise> unanswered_;
};

using index_impl = index_actor::stateful_impl<index_actor_state>;

} // namespace muster
