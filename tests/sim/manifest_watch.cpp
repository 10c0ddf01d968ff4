#include "tests/sim/manifest_watch.hpp"

#include <algorithm>

namespace muster::sim {

void manifest_watch::look(std::vector<std::string>& violations) {
  if (machine_.is_broken() || machine_.is_away())
    return;
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    auto now = editor_.read(i);
    if (now == seen_[i])
      continue;
    if (seen_[i] && history_.was_written_by_hand(i, *seen_[i]))
      for (const auto& token : tokens_in(*seen_[i]))
        taken_away_.push_back({i, token});
    seen_[i] = std::move(now);
    // An exchange that was looked at half-way has been turned back.
    if (seen_[i])
      for (const auto& token : tokens_in(*seen_[i]))
        std::erase_if(taken_away_, [&](const auto& each) { return each.project == i && each.token == token; });
    const auto gist = seen_[i] ? gist_of(*seen_[i]) : std::string{};
    if (const auto objection = history_.objection(i, gist, false); objection && !newest_edit_is_aside(i))
      violations.push_back("I5: in project " + std::to_string(i) + " " + *objection);
  }
}

void manifest_watch::look_after_edit() {
  if (machine_.is_broken() || machine_.is_away())
    return;
  for (std::size_t i = 0; i < seen_.size(); ++i)
    seen_[i] = editor_.read(i);
}

void manifest_watch::judge(const feed_watch& feed, std::vector<std::string>& violations) {
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const auto now = editor_.read(i);
    if (const auto objection = history_.objection(i, now ? gist_of(*now) : std::string{}, true))
      violations.push_back("I1: in the end, in project " + std::to_string(i) + ", " + *objection);
    judge_surroundings(i, feed, violations);
  }
  for (const auto& each : taken_away_)
    if (!feed.mentions(each.token) && !is_kept_aside(each.project, each.token))
      violations.push_back("I6: " + each.token + ", written by hand into project " + std::to_string(each.project) +
                           ", is lost");
}

// What a power cut or a move brings, or the disk did not let go of, where nobody is
// registered any more is looked at when somebody is.
void manifest_watch::judge_surroundings(std::size_t project, const feed_watch& feed,
                                        std::vector<std::string>& violations) {
  const auto path = project_path(project);
  const auto& places = feed.places();
  const bool is_registered =
      std::any_of(places.begin(), places.end(), [&](const auto& each) { return each.second == path; });
  const bool went_wrong = machine_.has_lost_power() || machine_.has_refused() || history_.was_moved_into(project) ||
                          history_.was_moved_away(project);
  const bool may_be_left = !is_registered && went_wrong;
  for (const auto& name : machine_.names_in(path + "/.dork"))
    if (name.substr(0, 7) == ".agent-" && !may_be_left)
      violations.push_back("I7: " + path + "/.dork/" + name + " is left");
  for (const auto& name : machine_.names_in(path))
    if (name != "README" && name != ".dork" && name != ".git")
      violations.push_back("I16: " + path + "/" + name + " is none of ours");
}

// The disk would not put back what an exchange took away: it waits beside the
// manifest for whoever looks for leftovers.
bool manifest_watch::newest_edit_is_aside(std::size_t project) {
  const auto& all = history_.of(project);
  const auto newest = std::find_if(all.rbegin(), all.rend(), [](const change& one) { return one.by_hand; });
  if (newest == all.rend() || !(machine_.has_refused() || machine_.has_lost_power()))
    return false;
  const auto tokens = tokens_in(newest->gist);
  return !tokens.empty() && is_kept_aside(project, tokens.front());
}

bool manifest_watch::is_kept_aside(std::size_t project, const std::string& token) {
  const auto in_directory = [&](std::size_t which) {
    const auto dork = project_path(which) + "/.dork/";
    const auto names = machine_.names_in(project_path(which) + "/.dork");
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return machine_.machine.files.file_content(dork + name).find(token) != std::string::npos;
    });
  };
  // The directory may have been moved since.
  for (std::size_t i = 0; i < seen_.size(); ++i)
    if (in_directory((project + i) % seen_.size()))
      return true;
  return false;
}

} // namespace muster::sim
