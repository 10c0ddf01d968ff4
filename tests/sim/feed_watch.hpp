#pragma once

#include "tests/sim/troubled_machine.hpp"

#include "muster/messages/ids.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace muster::sim {

/// What a commit says, as far as an onlooker cares.
struct watched_commit {
  std::string line;
  std::string request;
  struct placed {
    std::string agent;
    std::string path; ///< empty: dropped
  };
  std::vector<placed> places;
  std::vector<std::string> denied; ///< paths
  std::vector<std::string> lifted; ///< likewise
};

/// Reads our own feed's files as bytes, beside muster's own readers, and follows
/// them as they grow.
///
/// I10  What was acknowledged stays, byte for byte, in a sequence without holes.
/// I14  One agent has at most one path, one path at most one agent.
/// I15  An agent is dropped for a reason, which the owner knows.
/// I21  Nobody comes to live where it is denied, and no place is denied where
///      somebody lives.
class feed_watch {
public:
  using reason = std::function<bool(const std::string& agent, const std::string& path)>;
  feed_watch(troubled_machine& machine, sim_trace& trace, reason may_drop)
      : machine_(machine), trace_(trace), may_drop_(std::move(may_drop)) {}

  /// Looks at what has changed.
  void look(std::vector<std::string>& violations);
  /// Not while the disk is broken.
  [[nodiscard]] bool can_look() const noexcept { return !machine_.is_broken(); }
  /// A client was told that this commit stands.
  void acknowledged(sequence seq, std::vector<std::string>& violations);

  [[nodiscard]] const std::map<sequence, watched_commit>& commits() const noexcept { return commits_; }
  [[nodiscard]] const watched_commit* find_request(const std::string& request) const;
  /// Agent -> path, as the sealed commits say.
  [[nodiscard]] const std::map<std::string, std::string>& places() const noexcept { return places_; }
  /// The paths that are denied, likewise.
  [[nodiscard]] const std::set<std::string>& denied() const noexcept { return denied_; }
  /// The last commit that was seen.
  [[nodiscard]] sequence end() const noexcept { return folded_; }
  /// Where an agent was dropped last; empty if it never was.
  [[nodiscard]] std::string dropped_at(const std::string& agent) const;
  /// The text of all sealed commits has this word.
  [[nodiscard]] bool mentions(const std::string& word) const;

private:
  struct segment {
    std::string content;
    std::size_t parsed = 0; ///< up to the end of the last seal
    sequence sealed = 0;
  };
  [[nodiscard]] std::vector<std::string> segment_paths();
  void take(const std::string& path, std::vector<std::string>& violations);
  void take_run(std::map<sequence, watched_commit>& run, std::vector<std::string>& violations);
  void refold(std::vector<std::string>& violations);
  void fold(sequence seq, const watched_commit& what, std::vector<std::string>& violations);

  troubled_machine& machine_;
  sim_trace& trace_;
  reason may_drop_;
  std::map<std::string, segment> segments_;
  std::map<sequence, watched_commit> commits_;
  std::map<std::string, std::string> places_;
  std::map<std::string, std::string> dropped_;
  std::set<std::string> denied_;
  sequence folded_ = 0;
  bool rewritten_ = false; ///< what is folded reads otherwise
  sequence acknowledged_ = 0;
  std::map<sequence, std::string> promised_;
  std::set<sequence> judged_; ///< drops whose reason was asked for
};

} // namespace muster::sim
