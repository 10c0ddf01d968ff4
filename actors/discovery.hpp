#pragma once

#include "muster/actors/found_agents.hpp"
#include "muster/actors/sweep_tally.hpp"
#include "muster/messages/interfaces.hpp"

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
#include <utility>
#include <vector>

namespace muster {

struct discovery_options {
  /// A scan root that no placement need record; empty: none.
  std::string managed_home;
  /// On a question to the index.
  std::chrono::nanoseconds list_limit = std::chrono::seconds{60};
  /// On a page of a walk, and on reading a manifest.
  std::chrono::nanoseconds look_limit = std::chrono::seconds{60};
  /// On taking one agent, its saga included.
  std::chrono::nanoseconds take_limit = std::chrono::seconds{90};
  /// Manifests that are read, and agents that are taken, at once.
  std::size_t in_flight = 16;
  /// Agents that one sweep takes up; those over it are left to the next.
  std::size_t agents = 65536;
  /// Copies of one agent's manifest that are named.
  std::size_t copies = 32;
};

/// What is to be known from one sweep to the next. Losing it costs looking at all
/// that is known once more.
struct discovery_memory {
  std::uint64_t released = 0; ///< up to which the walked roots were told
  std::set<std::string> walked;
};

/// The search of one sweep for what nobody has registered:
///
///   scan roots -> a page of each walk -> which paths are nobody's -> their
///   manifests -> which of several copies counts -> the supervisor takes them ->
///   the copies are noted
///
/// 1. Nothing here fails a sweep. What cannot be looked at or taken is a problem,
///    stops nothing, and is looked for again by the next one.
/// 2. Which copy counts is decided when all roots were walked.
/// 3. A copy that was noted stays so until its manifest is provably gone or
///    another agent's; it is looked for even where nobody walks any more.
/// 4. After `stop` nothing is told or asked any more.
class discovery : public std::enable_shared_from_this<discovery> {
public:
  using pointer = reconciler_actor::pointer;

  discovery(pointer self, index_actor index, file_store_actor files, caf::actor_addr supervisor,
            const discovery_options& options, discovery_memory& memory, sweep_tally& tally)
      : self_(self),
        index_(std::move(index)),
        files_(std::move(files)),
        supervisor_(std::move(supervisor)),
        options_(options),
        memory_(memory),
        tally_(tally),
        found_(options.agents, options.copies) {}

  /// Calls `done` once, unless it is stopped before.
  void start(std::function<void()> done);
  void stop() { done_ = {}; }
  [[nodiscard]] bool is_over() const noexcept { return !done_; }

private:
  /// Copies of one agent's manifest, as they are to be noted.
  struct copied_agent {
    std::string home;
    std::vector<std::string> paths;
  };
  struct page {
    std::optional<std::string> next;
    std::vector<std::string> settled;
    std::deque<found_project> strangers;
    std::size_t reading = 0;
  };

  /// Asks, unless it is over; `then` is told, unless it is over by then.
  template <class Answer, class Handle, class Request, class Then>
  void ask_of(const Handle& whom, std::chrono::nanoseconds limit, Request request, Then then);

  void take_roots(scan_roots_listed listed);
  void walk_next();
  void walk(walk_root request);
  void take_page(root_walked walked);
  void sift(std::vector<found_project> found);
  void read_more();
  void take_sight(const found_project& where, const manifest_sight& sight);
  void end_page();
  void look_for_copies();
  void look_for_copy();
  void take_agents();
  void take_more();
  void take_outcome(const found_agent& which, const found_taken& what);
  [[nodiscard]] bool is_no_copy(const noted_copy& which) const;
  void note_copies_of_all();
  void note(const agent_id& agent, const std::string& home, const std::vector<std::string>& paths);
  void finish();
  [[nodiscard]] const std::string& root() const { return roots_[root_]; }

  pointer self_;
  index_actor index_;
  file_store_actor files_;
  caf::actor_addr supervisor_;
  discovery_options options_;
  discovery_memory& memory_;
  sweep_tally& tally_;
  std::function<void()> done_;

  std::vector<std::string> roots_;
  std::size_t root_ = 0; ///< that is walked
  std::vector<std::string> released_;
  bool afresh_ = false;
  std::set<std::string> walked_;
  page page_;
  bool told_truncated_ = false;

  std::map<std::string, agent_id> seen_; ///< paths whose manifests were read, and whose those are, if of anybody
  std::deque<noted_copy> unseen_;
  found_agents found_;
  std::size_t too_many_ = 0;
  std::deque<found_agent> taking_;
  std::size_t in_flight_ = 0;

  std::vector<noted_copy> noted_;
  std::map<agent_id, copied_agent> copies_;
  std::set<agent_id> undecided_; ///< what was noted of them stands, but for what is no copy any more
  std::set<std::pair<agent_id, std::string>> no_copies_;
  std::vector<noted_copy> kept_; ///< those that stand and were not found
  std::size_t noting_ = 0;
};

} // namespace muster
