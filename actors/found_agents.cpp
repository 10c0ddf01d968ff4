#include "muster/actors/found_agents.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace muster {

namespace {

int rank_of(checkout git) noexcept {
  switch (git) {
    case checkout::main: return 0;
    case checkout::none: return 1;
    case checkout::linked: return 2;
  }
  return 1;
}

/// Whether `a` is taken for the agent's own rather than `b`.
bool comes_before(const found_manifest_file& a, const found_manifest_file& b) noexcept {
  return std::tuple(rank_of(a.git), a.modified, std::string_view(a.path)) <
         std::tuple(rank_of(b.git), b.modified, std::string_view(b.path));
}

/// What tells `winner` from the one that comes next.
chosen_for difference(const found_manifest_file& winner, const found_manifest_file& next) noexcept {
  if (winner.git != next.git)
    return winner.git == checkout::main ? chosen_for::main_tree : chosen_for::not_linked;
  return winner.modified != next.modified ? chosen_for::age : chosen_for::order;
}

} // namespace

std::string_view to_string(chosen_for why) noexcept {
  switch (why) {
    case chosen_for::nothing: return "it is the only one";
    case chosen_for::main_tree: return "it lies in git's main worktree";
    case chosen_for::not_linked: return "the others lie in linked worktrees of git";
    case chosen_for::age: return "its manifest is the oldest";
    case chosen_for::order: return "its path comes first";
  }
  return {};
}

bool found_agents::add(const agent_id& agent, found_manifest_file file) {
  if (!groups_.contains(agent) && groups_.size() >= most_)
    return false;
  auto& [files, more] = groups_[agent];
  if (const auto same = std::ranges::find(files, file.path, &found_manifest_file::path); same != files.end()) {
    if (file.scan_root.size() > same->scan_root.size())
      same->scan_root = std::move(file.scan_root);
    return true;
  }
  files.insert(std::ranges::upper_bound(files, file, comes_before), std::move(file));
  if (files.size() > most_copies_ + 1) {
    files.pop_back();
    ++more;
  }
  return true;
}

std::vector<found_agent> found_agents::take() {
  std::vector<found_agent> result;
  result.reserve(groups_.size());
  for (auto& [agent, found] : std::exchange(groups_, {})) {
    auto& one = result.emplace_back();
    one.agent = agent;
    if (found.files.size() > 1)
      one.why = difference(found.files[0], found.files[1]);
    for (auto other = found.files.begin() + 1; other != found.files.end(); ++other)
      one.others.push_back(std::move(other->path));
    one.more_others = found.more;
    one.first = std::move(found.files.front());
  }
  std::ranges::sort(result, {}, [](const found_agent& each) -> const std::string& { return each.first.path; });
  return result;
}

} // namespace muster
