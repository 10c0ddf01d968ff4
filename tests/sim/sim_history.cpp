#include "tests/sim/sim_history.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

namespace muster::sim {

namespace {

constexpr std::size_t contents_kept = 16;

bool is_digit(char each) {
  return each >= '0' && each <= '9';
}

} // namespace

std::string token_of(std::uint64_t number) {
  return "[t" + std::to_string(number) + "]";
}

std::vector<std::string> tokens_in(std::string_view text) {
  std::vector<std::string> found;
  for (auto at = text.find("[t"); at != std::string_view::npos; at = text.find("[t", at + 1)) {
    auto end = at + 2;
    while (end < text.size() && is_digit(text[end]))
      ++end;
    if (end > at + 2 && end < text.size() && text[end] == ']')
      found.emplace_back(text.substr(at, end + 1 - at));
  }
  return found;
}

std::string gist_of(std::string_view bytes) {
  boost::json::error_code failed;
  const auto value = boost::json::parse(boost::json::string_view{bytes.data(), bytes.size()}, failed);
  if (failed || !value.is_object()) {
    const auto tokens = tokens_in(bytes);
    return "broken" + (tokens.empty() ? std::string{} : tokens.front());
  }
  const auto* description = value.get_object().if_contains("description");
  if (!description || !description->is_string())
    return "plain";
  const auto tokens = tokens_in({description->get_string().data(), description->get_string().size()});
  return tokens.empty() ? "plain" : tokens.front();
}

sim_history::sim_history(std::size_t projects) : changes_(projects), contents_(projects), by_hand_(projects) {
  for (auto& each : changes_)
    each.push_back({.gist = "", .ended = 0, .by_hand = true, .settles = true, .what = "nothing is there"});
}

sim_history::reference sim_history::begin(std::size_t project, std::string gist, bool roams, std::string what) {
  auto& all = changes_.at(project);
  all.push_back({.gist = std::move(gist), .begun = next_moment(), .roams = roams, .what = std::move(what)});
  const reference made{project, all.size() - 1};
  if (roams)
    roaming_.push_back(made);
  return made;
}

sim_history::reference sim_history::turn_to(reference which, std::size_t project) {
  at(which).roams = false;
  if (project == which.project)
    return which;
  changes_.at(project).push_back(at(which));
  at(which).refused = true;
  return {project, changes_.at(project).size() - 1};
}

void sim_history::end(reference which, bool refused, bool settles) {
  auto& changed = at(which);
  changed.ended = next_moment();
  changed.refused = refused;
  changed.settles = settles;
}

void sim_history::edited(std::size_t project, const std::optional<std::string>& bytes, bool settles, std::string what) {
  const auto when = next_moment();
  changes_.at(project).push_back({.gist = bytes ? gist_of(*bytes) : std::string{},
                                  .begun = when,
                                  .ended = when,
                                  .by_hand = true,
                                  .settles = settles,
                                  .what = std::move(what)});
  if (!bytes)
    return;
  by_hand_.at(project).insert(*bytes);
  for (auto& token : tokens_in(*bytes))
    spread_.insert(std::move(token));
  note_content(project, *bytes);
}

bool sim_history::is_being_tried(std::size_t project, const std::string& gist) const {
  return std::ranges::any_of(changes_.at(project),
                             [&](const change& one) { return one.ended == not_yet && one.gist == gist; });
}

void sim_history::may_be_taken_back(std::size_t project, const std::string& bytes, std::string what) {
  const auto when = next_moment();
  by_hand_.at(project).erase(bytes);
  changes_.at(project).push_back({.gist = {}, .begun = when, .ended = when, .what = std::move(what)});
}

void sim_history::moved_back(std::size_t project, const std::string& bytes) {
  const auto when = next_moment();
  changes_.at(project).push_back(
      {.gist = gist_of(bytes), .begun = when, .ended = when, .by_hand = true, .what = "moved back"});
}

const change* sim_history::find_what_hides(const change& one, std::size_t in, bool settled) const {
  const auto& all = changes_.at(in);
  // Muster brings an old content that was put back up to date: to what it has
  // seen last, whatever hands did in between.
  moment put_back = 0;
  for (const auto& each : all)
    if (each.by_hand && !each.settles)
      put_back = each.begun;
  const auto hides = [&](const change& other) {
    // A removal is answered before it is done, and done again after a crash.
    const bool is_done = settled || other.by_hand || !other.gist.empty();
    if (was_moved_away(in) && !other.by_hand && other.gist.empty())
      return false;
    if (other.by_hand && other.ended < put_back)
      return false;
    if (edits_clash_ && other.by_hand && !other.gist.empty())
      return false;
    return other.settles && !other.refused && is_done && other.gist != one.gist && other.begun > one.ended;
  };
  const auto over = std::find_if(all.begin(), all.end(), hides);
  return over == all.end() ? nullptr : &*over;
}

std::optional<std::string> sim_history::objection(std::size_t project, const std::string& gist, bool settled) const {
  const change* hidden_by = nullptr;
  bool was_refused = false;
  const auto stands = [&](const change& one, std::size_t in) {
    if (one.gist != gist)
      return false;
    // An undo that finds nothing has nothing to undo, and what a hand took away comes back.
    if (one.refused && settled && !was_moved_away(in)) {
      was_refused = true;
      return false;
    }
    const auto* hider = find_what_hides(one, in, settled);
    hidden_by = hider ? hider : hidden_by;
    return hider == nullptr;
  };
  const auto roams_and_stands = [&](reference which) {
    const auto& one = changes_[which.project][which.index];
    return one.roams && which.project != project && stands(one, project);
  };
  const auto came_along = [&] {
    const auto sources = moved_into_.find(project);
    return sources != moved_into_.end() &&
           std::any_of(sources->second.begin(), sources->second.end(), [&](std::size_t from) {
             return std::any_of(changes_[from].begin(), changes_[from].end(), [&](const change& one) {
               return one.gist == gist && !one.gist.empty() && !one.refused;
             });
           });
  };
  const auto stands_in = [&](std::size_t which) {
    return std::ranges::any_of(changes_[which], [&](const change& one) { return stands(one, which); });
  };
  const auto stands_where_its_agent_lives = [&] {
    if (!copied_into_.contains(project) || gist.empty())
      return false;
    for (std::size_t other = 0; other < changes_.size(); ++other)
      if (other != project && stands_in(other))
        return true;
    return false;
  };
  if (stands_in(project) || std::any_of(roaming_.begin(), roaming_.end(), roams_and_stands) || came_along() ||
      stands_where_its_agent_lives())
    return {};
  const auto shown = gist.empty() ? std::string{"no manifest"} : "'" + gist + "'";
  if (hidden_by)
    return shown + " is older than '" + hidden_by->what + "'";
  return shown + (was_refused ? " was refused" : " was written by nobody");
}

bool sim_history::was_written_by_hand(std::size_t project, const std::string& bytes) const {
  return by_hand_.at(project).contains(bytes);
}

void sim_history::note_content(std::size_t project, const std::string& bytes) {
  auto& all = contents_.at(project);
  all.push_back(bytes);
  if (all.size() > contents_kept)
    all.erase(all.begin());
}

} // namespace muster::sim
