#pragma once

#include "muster/actors/found_agents.hpp"
#include "muster/messages/interfaces.hpp"
#include "muster/store/project_strategies.hpp"
#include "muster/store/scan_walk.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace muster {

struct scan_options {
  /// A root that no placement need record; empty: none.
  std::string managed_home;
  /// Tried after ours.
  std::vector<project_strategy> strategies;
  scan_walk_options walk;
  listing_limits listing;
  std::size_t workers = 2;
  /// Batches that a worker has at hand, one of them at work.
  std::size_t batches_ahead = 2;
  /// A directory that takes longer, without a single call that returns, is given
  /// up on; and so many workers are left behind in one scan before it ends.
  std::chrono::nanoseconds hang_limit = std::chrono::seconds{5};
  std::size_t left_behind = 8;
  /// Bounds of what may be asked for.
  std::size_t roots = 1024;
  unsigned most_depth = 1024;
  std::chrono::nanoseconds most_budget = std::chrono::minutes{10};
  /// On a question to the index.
  std::chrono::nanoseconds list_limit = std::chrono::seconds{60};
  /// On taking one agent, its saga included; and how many are taken at once.
  std::chrono::nanoseconds take_limit = std::chrono::seconds{90};
  std::size_t in_flight = 16;
  /// Copies of one agent's manifest that are named.
  std::size_t copies = 32;
};

/// Whom a scan asks.
struct scan_neighbours {
  index_actor index;
  caf::actor_addr supervisor;
  /// Starts a worker, which ends when it is told to, or when the scanner has.
  std::function<scan_worker_actor()> worker;
};

/// One scan:
///
///   roots, placements and denials of the index -> batches to the workers, until
///   nothing waits -> of several copies of a manifest the one that counts -> the
///   supervisor takes them -> candidates that were denied meanwhile -> the report
///
/// 1. It ends within its budget, but for the agents that are taken after the walk.
/// 2. A worker that hangs is left behind, with one directory; another takes over.
/// 3. Nothing that is met fails it. Only a list of the index that cannot be had
///    does, and roots of which none can be opened.
/// 4. Once it has ended nothing is told or asked any more.
class scan_run : public std::enable_shared_from_this<scan_run> {
public:
  using pointer = scanner_actor::pointer;
  using finished = std::function<void(expected<scan_report>)>;

  scan_run(pointer self, scan_neighbours whom, const scan_options& options, scan_now asked);

  /// Calls `done` once, perhaps before it returns.
  void start(finished done);
  /// It ends now, with what it has.
  void cancel();

  [[nodiscard]] const std::string& name() const noexcept { return asked_.scan; }
  [[nodiscard]] scan_progress progress() const noexcept;

private:
  struct hand {
    scan_worker_actor worker;
    std::shared_ptr<scan_pulse> pulse = std::make_shared<scan_pulse>();
    std::set<std::uint64_t> batches;
    std::uint64_t steps = 0; ///< as they were seen last
    caf::actor_clock::time_point moved;
    bool left = false; ///< behind
  };
  using hand_ptr = std::shared_ptr<hand>;

  [[nodiscard]] bool is_over() const noexcept { return !done_; }
  template <class Answer, class Handle, class Request, class Then>
  void ask_of(const Handle& whom, std::chrono::nanoseconds limit, Request request, Then then);

  [[nodiscard]] std::optional<failure> check() const;
  void find_roots();
  void learn(std::vector<std::string> roots);
  void walk(std::vector<std::string> roots, known_paths_listed known);
  void hire();
  void hand_out();
  void give(const hand_ptr& to, list_directories batch);
  void take_answer(const hand_ptr& from, std::uint64_t batch, expected<directories_listed> listed);
  void watch_hands();
  void leave_behind(const hand_ptr& which, std::uint64_t batch, const std::string& why);
  void dismiss();
  void end_walk();

  void choose();
  void take_more();
  void take_outcome(const found_agent& which, const found_taken& what);
  void tell_untaken();
  void compare(const known_paths_listed& known);
  void tell(const std::string& path, const failure& why);
  void finish();
  void fail(failure why);

  pointer self_;
  scan_neighbours whom_;
  scan_options options_;
  scan_now asked_;
  finished done_;
  caf::actor_clock::time_point began_;
  caf::disposable budget_;
  caf::disposable watch_;

  std::shared_ptr<const scan_terms> terms_;
  std::optional<scan_walk> walk_;
  std::vector<hand_ptr> hands_;
  std::size_t left_behind_ = 0;
  bool walking_ = false;

  scan_progress last_; ///< of the walk
  scan_report report_;
  std::vector<manifest_met> manifests_;
  std::map<std::string, scanned_agent, std::less<>> met_; ///< and not told yet, by path
  std::deque<found_agent> taking_;
  std::size_t in_flight_ = 0;
};

} // namespace muster
