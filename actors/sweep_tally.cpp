#include "muster/actors/sweep_tally.hpp"

#include "muster/store/absence_wording.hpp"
#include "muster/store/displacement.hpp"
#include "muster/store/shell_word.hpp"

#include <utility>

namespace muster {

namespace {

struct counted {
  std::size_t sweep_report::*counter;
  std::string_view kind;    ///< of the problem, if it is one
  std::string_view message; ///< where the place has none of its own
};

counted count_of(observation what) noexcept {
  switch (what) {
    case observation::unchanged: return {&sweep_report::unchanged, {}, {}};
    case observation::synced:
    case observation::written: return {&sweep_report::synced, {}, {}};
    case observation::resurrected: return {&sweep_report::resurrected, {}, {}};
    case observation::moved: return {&sweep_report::moved, {}, {}};
    case observation::removed: return {&sweep_report::removed, {}, {}};
    case observation::missing:
      return {&sweep_report::missing, "manifest-missing", "the directory is there, and its manifest is not"};
    case observation::invalid:
      return {&sweep_report::invalid, "manifest-invalid",
              "the manifest is not valid; `muster manifest check` says why, and the last good content stands"};
    case observation::unreadable:
      return {&sweep_report::unreadable, "unreadable", "it cannot be told what the manifest says"};
    case observation::unreachable: return {&sweep_report::unreachable, "unreachable", "the directory is not there"};
    case observation::refused:
      return {&sweep_report::refused, "refused", "it could not be taken now; the next sweep looks again"};
  }
  return {&sweep_report::errors, "failed", {}};
}

/// As what the first sweep that saw it gone has counted it.
observation seen_as(absence gone) noexcept {
  switch (gone) {
    case absence::no_manifest: return observation::missing;
    case absence::no_project: return observation::unreachable;
    case absence::displaced: return observation::refused;
    case absence::none: break;
  }
  return observation::unchanged;
}

std::string with_outlook(std::string message, std::optional<std::chrono::nanoseconds> grace_left) {
  return grace_left ? message.append("; ").append(removal_outlook(*grace_left)) : message;
}
/// Not at its place, as far as that place tells.
bool is_gone(const place_observed& what) noexcept {
  return what.what == observation::unreachable || what.what == observation::missing ||
         what.what == observation::refused;
}

constexpr std::size_t most_gone = 65536;

} // namespace

void sweep_tally::observed(const agent_id& agent, const std::string& path, const place_observed& what) {
  const auto count = count_of(what.what);
  ++(report_.*count.counter);
  if (is_gone(what) && gone_.size() < most_gone)
    gone_.insert_or_assign(agent, count.counter);
  if (what.what == observation::removed)
    end_outlook(agent);
  for (const auto& each : what.problems)
    add({agent, each.path.empty() ? path : each.path, each.kind, each.message});
  if (what.problems.empty() && !count.kind.empty())
    add({agent, path, std::string(count.kind), with_outlook(std::string(count.message), what.grace_left)});
}

// What was told of it when it was looked at has come true by now.
void sweep_tally::end_outlook(const agent_id& agent) {
  for (auto& each : report_.problems)
    if (each.agent == agent) {
      each.kind = "removed";
      each.message = "it was gone for as long as sweep.grace says and is no longer listed; its history stays, and "
                     "registering it again brings it back";
    }
}

void sweep_tally::absent(const place_to_look_at& place, std::optional<std::chrono::nanoseconds> grace_left) {
  if (!grace_left)
    return unchanged(1);
  const auto what = seen_as(place.gone);
  const auto count = count_of(what);
  ++(report_.*count.counter);
  if (gone_.size() < most_gone)
    gone_.insert_or_assign(place.agent, count.counter);
  // Whether one that is displaced is removed depends on where its manifest is.
  if (what == observation::refused)
    return add({place.agent, place.project, std::string(displaced_problem),
                "the manifest there is of another agent; `muster list` says whose, and what becomes of this one"});
  add({place.agent, place.project, std::string(count.kind), with_outlook(std::string(count.message), grace_left)});
}

void sweep_tally::braked(const braked_device& which) {
  add({{}, which.path, "removals-braked", brake_sentence(which)});
}

void sweep_tally::failed(const agent_id& agent, const std::string& path, const failure& why) {
  const bool at_work = why.code == "claims-taken" || why.code == "path-claimed";
  ++(at_work ? report_.refused : report_.errors);
  add({agent, why.path.empty() ? path : why.path, std::string(at_work ? "refused" : to_string(why.kind)), why.message});
}

void sweep_tally::failed(std::string_view kind, const failure& why) {
  ++report_.errors;
  add({agent_id{why.agent}, why.path, std::string(kind), why.message});
}

void sweep_tally::found(const std::string& path, const found_taken& what) {
  switch (what.what) {
    case found_outcome::nothing: return;
    case found_outcome::discovered: ++report_.discovered; return;
    case found_outcome::unadmitted:
      ++report_.discovered;
      return add({what.agent, path, "unadmitted",
                  "it was found in a namespace that is in use, so none of its rules apply to it: type `muster admit " +
                      shell_word(what.agent.text) + "` to let it in"});
    case found_outcome::moved: ++report_.moved; return take_back(what.agent);
    case found_outcome::duplicate: return;
    case found_outcome::waiting:
      return not_taken(&sweep_report::refused, {what.agent, path, "waiting",
                                                "its agent lives at " + what.home +
                                                    ", and it cannot be told whether that still holds it; the "
                                                    "next sweep looks again"});
    case found_outcome::held:
      return not_taken(&sweep_report::refused, {what.agent, path, "path-held",
                                                "the directory is the place of another agent; `muster list` shows it"});
  }
}

void sweep_tally::copied(const agent_id& agent, const std::string& path, const std::string& message) {
  not_taken(&sweep_report::refused, {agent, path, std::string(duplicate_problem), message});
}

void sweep_tally::not_taken(sweep_report_counter counter, sweep_problem problem) {
  ++(report_.*counter);
  add(std::move(problem));
}

void sweep_tally::take_back(const agent_id& agent) {
  const auto counted = gone_.extract(agent);
  if (!counted)
    return;
  --(report_.*counted.mapped());
  std::erase_if(report_.problems, [&](const sweep_problem& each) { return each.agent == agent; });
}

void sweep_tally::owed(const owed_settled& what) {
  if (what.left > 0)
    add({{},
         {},
         "owed",
         std::to_string(what.left) + (what.left == 1 ? " change is" : " changes are") +
             " not ended yet; 'muster status' says why, and the next sweep tries again"});
}

sweep_report sweep_tally::finish(std::chrono::milliseconds took) && {
  report_.took = took;
  return std::move(report_);
}

void sweep_tally::add(sweep_problem problem) {
  if (report_.problems.size() < listed_)
    report_.problems.push_back(std::move(problem));
}

} // namespace muster
