#include "tests/sim/client_desk.hpp"

#include <string>
#include <utility>

// What clients ask for, made of the numbers of a step.

namespace muster::sim {

namespace {

bool has(const scenario_step& step, std::uint64_t bit) {
  return (step.c & bit) != 0;
}

std::string project_name(std::uint64_t number) {
  return "agent-" + std::to_string(number);
}

/// The namespace of a project that names none: its directory's name.
std::string space_of(std::size_t project) {
  const auto path = project_path(project);
  return path.substr(path.rfind('/') + 1);
}

} // namespace

std::optional<asked> client_desk::compose(const scenario_step& step) {
  asked one{.step = step, .request = {}, .message = list_agents{}, .change = {}, .token = {}, .why = {}, .placed = {}};
  if (has(step, ask_bits::with_request_id))
    one.request.text = "r-" + std::to_string(step.id);
  const auto project = step.b % known_.size();
  const auto target = (step.c >> ask_bits::number_from) % known_.size();
  switch (step.what) {
    case verb::register_it: compose_register(one, project); break;
    case verb::update:
    case verb::enter_space: compose_update(one, project); break;
    case verb::send_mail:
    case verb::read_mail:
    case verb::ack_mail:
      if (!compose_mail(one, project))
        return {};
      break;
    case verb::revert:
      if (!compose_revert(one, project))
        return {};
      break;
    case verb::move: {
      const auto selector = selector_of(step, project);
      (void)editor_.relocate(project, target);
      one.message = move_agent{one.request, selector, project_path(target)};
      break;
    }
    case verb::unregister:
    case verb::unregister_keeping:
    case verb::unregister_everywhere: compose_unregister(one, project); break;
    case verb::heartbeat: one.message = stamp_heartbeat{selector_of(step, project), "sim"}; break;
    case verb::sweep: one.message = sweep_now{has(step, ask_bits::more_fields)}; break;
    case verb::show: one.message = show_agent{selector_of(step, project), has(step, ask_bits::more_fields)}; break;
    case verb::log: one.message = show_log{}; break;
    case verb::deny_path: one.message = deny_path{one.request, project_path(project), "noise", "sim", {}}; break;
    case verb::undeny_path: one.message = undeny_path{one.request, project_path(project)}; break;
    case verb::admit:
      one.message = has(step, ask_bits::more_fields) ? admit_agents{one.request, {}, std::string(shared_namespace)}
                                                     : admit_agents{one.request, selector_of(step, project), {}};
      break;
    case verb::allow_rule:
    case verb::deny_rule:
    case verb::withdraw_rule: compose_rule(one, project); break;
    case verb::describe:
      // An onlooker's scan: whatever it meets, it ends and changes nothing.
      if (has(step, ask_bits::more_fields)) {
        scan_now look;
        look.roots = {"/"};
        look.only_look = true;
        one.message = look;
      } else {
        one.message = describe_runtime{};
      }
      break;
    default: break;
  }
  return one;
}

std::string client_desk::selector_of(const scenario_step& step, std::size_t project) const {
  if (has(step, ask_bits::by_id) && !known_[project].agent.empty())
    return known_[project].agent;
  return project_path(project);
}

// Without fields it takes whatever is there, so that manifests get adopted.
void client_desk::compose_register(asked& into, std::size_t project) {
  register_agent wanted;
  wanted.request = into.request;
  wanted.path = project_path(project);
  wanted.by = "sim";
  if (world_[knob::scans] != 0)
    wanted.scan_root = home_volume;
  if (has(into.step, ask_bits::more_fields)) {
    into.token = token_of(into.step.id);
    wanted.description = "registered " + into.token;
    wanted.name = project_name(into.step.c >> ask_bits::number_from);
    wanted.capabilities = {"count", "sort"};
  }
  into.change = history_.begin(project, into.token.empty() ? "plain" : into.token, false,
                               "register of step " + std::to_string(into.step.id));
  into.message = std::move(wanted);
}

void client_desk::compose_update(asked& into, std::size_t project) {
  update_agent wanted;
  wanted.request = into.request;
  wanted.selector = selector_of(into.step, project);
  into.token = token_of(into.step.id);
  wanted.assignments.push_back({{"description"}, "\"updated " + into.token + "\""});
  if (has(into.step, ask_bits::more_fields)) {
    wanted.assignments.push_back({{"behavior", "responseMode"}, "\"silent\""});
    wanted.add_capabilities.push_back("c" + std::to_string(into.step.id));
  }
  if (into.step.what == verb::enter_space)
    wanted.assignments.push_back(
        {{"namespace"}, "\"" + space_of((into.step.c >> ask_bits::number_from) % known_.size()) + "\""});
  if (has(into.step, ask_bits::if_hash) && !known_[project].content_hash.empty())
    wanted.if_hash = known_[project].content_hash;
  into.change = history_.begin(project, into.token, true, "update of step " + std::to_string(into.step.id));
  into.message = std::move(wanted);
}

bool client_desk::compose_revert(asked& into, std::size_t project) {
  const auto& versions = known_[project].versions;
  if (versions.empty())
    return false;
  const auto& chosen = versions[(into.step.c >> ask_bits::number_from) % versions.size()];
  into.message = revert_agent{into.request, chosen.agent, chosen.at};
  into.change = history_.begin(project, chosen.gist, true, "revert of step " + std::to_string(into.step.id));
  return true;
}

void client_desk::compose_unregister(asked& into, std::size_t project) {
  unregister_agent wanted;
  wanted.request = into.request;
  wanted.selector = selector_of(into.step, project);
  wanted.keep_manifest = into.step.what == verb::unregister_keeping;
  wanted.everywhere = into.step.what == verb::unregister_everywhere;
  if (!wanted.keep_manifest)
    into.change = history_.begin(project, {}, true, "unregister of step " + std::to_string(into.step.id));
  into.message = std::move(wanted);
}

// A rule of a namespace with itself is the switch.
void client_desk::compose_rule(asked& into, std::size_t project) const {
  const auto other = static_cast<std::size_t>(into.step.c >> ask_bits::number_from) % (known_.size() + 1);
  const bool is_switch = other == project || other == known_.size();
  const auto source = is_switch ? std::string(every_namespace) : space_of(project);
  const auto target = is_switch ? std::string(every_namespace) : space_of(other);
  if (into.step.what == verb::withdraw_rule)
    into.message = withdraw_rule{into.request, source, target};
  else
    into.message = set_rule{into.request, source, target,
                            into.step.what == verb::allow_rule ? rule_action::allow : rule_action::deny};
}

} // namespace muster::sim
