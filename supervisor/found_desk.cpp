#include "muster/supervisor/found_desk.hpp"

#include "muster/supervisor/fact_gathering.hpp"

#include <utility>

namespace muster {

namespace {

/// The place of an agent that was nowhere here before.
const placement* new_place(const expected<planned>& how) {
  const auto* change = how ? std::get_if<planned_change>(&*how) : nullptr;
  if (!change || change->intent.place_before || !change->intent.place_after)
    return nullptr;
  return &*change->intent.place_after;
}

found_outcome outcome_of_plan(const expected<planned>& how) {
  if (const auto* place = new_place(how))
    return place->admitted ? found_outcome::discovered : found_outcome::unadmitted;
  if (how && std::holds_alternative<planned_change>(*how))
    return found_outcome::moved;
  return found_outcome::nothing;
}

} // namespace

expected<found_taken> outcome_of(const change_answer& answer, found_taken planned) {
  if (answer)
    return planned;
  const auto& code = answer.error().code;
  if (code == "agent-copied")
    planned.what = found_outcome::duplicate;
  else if (code == "incumbent-unreadable")
    planned.what = found_outcome::waiting;
  else if (code == "path-held")
    planned.what = found_outcome::held;
  else if (code == "project-not-found" || code == "manifest-absent")
    planned.what = found_outcome::nothing;
  else
    return answer.error();
  return planned;
}

void found_desk::take(const take_found& found, const taker& then) {
  const auto which = std::make_shared<run>(run{found, {}});
  change_request request;
  request.plan = [this, which](const plan_taker& take) { plan(which, take); };
  request.names = {found.path};
  request.when_taken = claim_conflict::refuse;
  // Whoever denies the directory waits for what is still under way there.
  request.over = [this, which] {
    which->over = true;
    entries_.leave(which->found.path);
    gate_.leave(which->found.path);
  };
  gate_.enter(found.path);
  changes_.take(std::move(request),
                [which, then](const change_answer& answer) { then(outcome_of(answer, which->outcome)); });
}

void found_desk::plan(const run_ptr& which, const plan_taker& then) {
  which->planned_at = gate_.moment();
  const auto whose = denials_asked::also_above;
  gather_registration(core_, which->found.path, {}, whose, [this, which, then](expected<registration_facts> known) {
    if (!known)
      return then(known.error());
    which->outcome.agent = agent_in(known->sight).value_or(agent_id{});
    which->outcome.home = known->agent.here ? known->agent.here->path : std::string();
    auto how = plan_discovery(which->found, *known, core_.ground);
    if (const auto* place = new_place(how))
      return look_at_namespace(which, place->namespace_name, std::move(*known), then);
    planned_as(which, std::move(how), then);
  });
}

/// To know whether it is in use is work, and it matters only here.
void found_desk::look_at_namespace(const run_ptr& which, const std::string& name, registration_facts known,
                                   const plan_taker& then) {
  // Whoever is there now may be folded, and gone from here, when the answer comes.
  known.namespace_in_use = entries_.is_entered(name, which->found.path);
  look_up<namespace_found>(
      core_, core_.by.index, find_namespace{name, which->outcome.agent},
      [this, which, name, known = std::move(known), then](const expected<namespace_found>& answer) mutable {
        if (!answer)
          return then(answer.error());
        known.namespace_in_use =
            known.namespace_in_use || answer->in_use || entries_.is_entered(name, which->found.path);
        planned_as(which, plan_discovery(which->found, known, core_.ground), then);
      });
}

void found_desk::planned_as(const run_ptr& which, expected<planned> how, const plan_taker& then) {
  if (how && std::holds_alternative<planned_change>(*how) && gate_.was_closed(which->found.path, which->planned_at))
    how = nothing_new{};
  which->outcome.what = outcome_of_plan(how);
  // A plan may come when nobody waits for it any more.
  if (const auto* place = new_place(how); place && !which->over)
    entries_.enter(which->found.path, place->namespace_name);
  then(std::move(how));
}

} // namespace muster
