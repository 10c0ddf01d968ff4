#pragma once

#include "muster/actors/found_agents.hpp"
#include "muster/actors/scan_crew.hpp"
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
  scan_crew_options crew;
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
/// 2. Nothing that is met fails it. Only a list of the index that cannot be had
///    does, and roots of which none can be opened.
/// 3. Once it has ended nothing is told or asked any more.
class scan_run : public std::enable_shared_from_this<scan_run> {
public:
  using pointer = scanner_actor::pointer;
  using finished = std::function<void(expected<scan_report>)>;

  scan_run(pointer self, scan_neighbours whom, const scan_options& options, scan_now asked);

  /// Calls `done` once, perhaps before it returns.
  void start(finished done);
  /// It ends now, with what it has.
  void cancel();
  [[nodiscard]] bool is_over() const noexcept { return !done_; }

  [[nodiscard]] const std::string& name() const noexcept { return asked_.scan; }
  [[nodiscard]] scan_progress progress() const noexcept;

private:
  template <class Answer, class Handle, class Request, class Then>
  void ask_of(const Handle& whom, std::chrono::nanoseconds limit, Request request, Then then);

  [[nodiscard]] std::optional<failure> check() const;
  void find_roots();
  void learn(std::vector<std::string> roots);
  void walk(std::vector<std::string> roots, known_paths_listed known);
  void dismiss();
  void end_walk();

  void choose();
  void take_more();
  void take_outcome(const found_agent& which, const found_taken& what);
  void take_vacated(const std::string& home);
  [[nodiscard]] scanned_agent taken_agent(const found_agent& which, const found_taken& what);
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

  std::shared_ptr<const scan_terms> terms_;
  std::optional<scan_walk> walk_;
  std::shared_ptr<scan_crew> crew_; ///< while the walk lasts

  scan_progress last_; ///< of the walk
  scan_report report_;
  std::vector<manifest_met> manifests_;
  std::map<std::string, scanned_agent, std::less<>> met_; ///< and not told yet, by path
  std::deque<found_agent> taking_;
  std::size_t in_flight_ = 0;
};

} // namespace muster
