#include "muster/supervisor/admission_desk.hpp"

#include "muster/store/namespace_rules.hpp"
#include "muster/supervisor/request_hash.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

/// Of one request; a claim on each and on its path has to fit.
constexpr std::size_t most_at_once = 256;

expected<admit_agents> checked(const admit_agents& asked) {
  auto result = asked;
  if (asked.selector.empty() == asked.namespace_name.empty())
    return failure{failure_kind::usage, "admit-what",
                   "either one agent is admitted or all that wait in a namespace: name one of the two"};
  if (asked.selector.empty()) {
    auto name = usable_namespace(asked.namespace_name);
    if (!name)
      return std::move(name).error();
    result.namespace_name = std::move(*name);
  }
  return result;
}

} // namespace

void admission_desk::admit(const admit_agents& asked, const taker& then) {
  auto request = checked(asked);
  if (!request)
    return then(request.error());
  const auto which = std::make_shared<run>(run{std::move(*request)});
  auto hash = asked.request.empty() ? std::string{} : hash_of(asked);
  changes_.take({asked.request,
                 std::move(hash),
                 [this, which](const plan_taker& take) { gather(which, take); },
                 {asked.selector},
                 claim_conflict::wait,
                 [which](const commit& made) {
                   for (const auto& each : made.ops)
                     if (const auto* put = std::get_if<place_put>(&each))
                       which->made.push_back(*put);
                 }},
                [this, which, then](const change_answer& answer) { end(which, answer, then); });
}

void admission_desk::gather(const run_ptr& which, const plan_taker& then) {
  which->known = {.agents = {}, .named = !which->asked.selector.empty()};
  which->more = false;
  if (which->known.named) {
    look_up<agent_resolved>(core_, core_.by.index, resolve_agent{which->asked.selector},
                            [this, which, then](expected<agent_resolved> meant) {
                              if (!meant)
                                return then(meant.error());
                              which->waiting = {std::move(meant->agent)};
                              look_at_next(which, then);
                            });
    return;
  }
  look_up<unadmitted_found>(core_, core_.by.index, find_unadmitted{which->asked.namespace_name, most_at_once},
                            [this, which, then](expected<unadmitted_found> found) {
                              if (!found)
                                return then(found.error());
                              std::ranges::sort(found->agents, std::greater{});
                              which->waiting = std::move(found->agents);
                              which->more = found->more;
                              look_at_next(which, then);
                            });
}

void admission_desk::look_at_next(const run_ptr& which, const plan_taker& then) {
  if (which->waiting.empty())
    return then(plan_admission(which->known, core_.ground));
  auto agent = std::move(which->waiting.back());
  which->waiting.pop_back();
  look_up<agent_found>(core_, core_.by.index, find_agent{agent},
                       [this, which, agent, then](expected<agent_found> found) {
                         if (!found)
                           return then(found.error());
                         // It may have gone elsewhere since it was listed.
                         const auto& here = found->here;
                         if (which->known.named || (here && here->namespace_name == which->asked.namespace_name))
                           which->known.agents.push_back({agent, std::move(*found)});
                         look_at_next(which, then);
                       });
}

/// What the commit says, and the content as it is.
void admission_desk::end(const run_ptr& which, const change_answer& answer, const taker& then) {
  if (!answer)
    return then(answer.error());
  which->answer.more = which->more;
  which->version = answer->version;
  // Nothing had to be done, so the one that was named is in already.
  if (which->made.empty() && !answer->agent.empty())
    which->answer.agents.push_back(*answer);
  std::ranges::reverse(which->made);
  tell_next(which, then);
}

void admission_desk::tell_next(const run_ptr& which, const taker& then) {
  if (which->made.empty())
    return then(which->answer);
  auto place = std::move(which->made.back());
  which->made.pop_back();
  look_up<agent_found>(core_, core_.by.index, find_agent{place.agent},
                       [this, which, place, then](const expected<agent_found>& now) {
                         agent_placed placed;
                         placed.agent = place.agent;
                         placed.path = place.path;
                         placed.namespace_name = place.namespace_name;
                         placed.subject = subject_of(core_.ground.relay_prefix, place.namespace_name, place.agent);
                         placed.version = which->version;
                         if (now)
                           placed.content_hash = now->content_hash;
                         which->answer.agents.push_back(std::move(placed));
                         tell_next(which, then);
                       });
}

} // namespace muster
