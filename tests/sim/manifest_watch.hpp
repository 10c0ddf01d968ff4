#pragma once

#include "tests/sim/feed_watch.hpp"
#include "tests/sim/project_editor.hpp"
#include "tests/sim/sim_history.hpp"
#include "tests/sim/troubled_machine.hpp"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster::sim {

/// Looks at the manifest files, as bytes, after everything that changes them.
///
/// I1-I3, I5  A file holds what somebody wrote and nobody has overwritten since.
/// I6         What a hand wrote and muster took away is in the feed, or kept
///            beside the manifest.
/// I7         No temporary file of ours stays.
/// I16        Nothing else in a project is touched.
class manifest_watch {
public:
  manifest_watch(troubled_machine& machine, const sim_history& history, project_editor& editor)
      : machine_(machine), history_(history), editor_(editor), seen_(history.projects()) {}

  /// Muster may have changed something.
  void look(std::vector<std::string>& violations);
  /// A hand has changed something: what stands there now is no deed of muster's.
  void look_after_edit();
  /// When everything is settled.
  void judge(const feed_watch& feed, std::vector<std::string>& violations);

private:
  struct taken_away {
    std::size_t project;
    std::string token;
  };
  void judge_surroundings(std::size_t project, const feed_watch& feed, std::vector<std::string>& violations);
  [[nodiscard]] bool newest_edit_is_aside(std::size_t project);
  [[nodiscard]] bool is_kept_aside(std::size_t project, const std::string& token);

  troubled_machine& machine_;
  const sim_history& history_;
  project_editor& editor_;
  std::vector<std::optional<std::string>> seen_;
  std::vector<taken_away> taken_away_;
};

} // namespace muster::sim
