#include "tests/sim/client_desk.hpp"

#include "muster/messages/actor_failure.hpp"
#include "muster/store/sha256.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace muster::sim {

namespace {

constexpr std::size_t versions_kept = 12;
constexpr std::size_t writers = 6; // of mail, beside the clients

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

/// The project whose directory this is.
std::optional<std::size_t> project_at(const std::string& path, std::size_t projects) {
  for (std::size_t i = 0; i < projects; ++i)
    if (project_path(i) == path)
      return i;
  return {};
}

} // namespace

client_desk::client_desk(const scenario& world, sim_history& history, feed_watch& feed, project_editor& editor,
                         std::vector<std::string>& violations, sim_trace& trace)
    : world_(world),
      history_(history),
      feed_(feed),
      editor_(editor),
      violations_(violations),
      trace_(trace),
      queues_(world[knob::clients] + writers),
      busy_(world[knob::clients] + writers),
      known_(world[knob::projects]),
      letters_(world, violations) {}

void client_desk::add(const scenario_step& step) {
  const auto clients = world_[knob::clients];
  queues_.at(is_mail(step.what) ? clients + step.a % writers : step.a % clients).push_back(step);
}

std::size_t client_desk::queued() const noexcept {
  std::size_t count = 0;
  for (const auto& each : queues_)
    count += each.size();
  return count;
}

std::size_t client_desk::in_flight_but_sweeps() const {
  std::size_t count = 0;
  for (const auto& each : asked_)
    count += std::holds_alternative<sweep_now>(each.message) || std::holds_alternative<scan_now>(each.message)
                 ? 0
                 : each.in_flight;
  return count;
}

void client_desk::open(caf::actor_system* system, const muster_actor& front) {
  system_ = system;
  front_ = front;
  line_ = system ? std::make_shared<line>(line{this}) : nullptr;
  in_flight_ = 0;
  busy_.assign(busy_.size(), false);
  for (auto& each : asked_) {
    each.lost += std::exchange(each.in_flight, 0);
    if (each.lost > 0 && each.how == answer_kind::none_yet)
      each.how = answer_kind::unknown;
  }
}

void client_desk::go_on() {
  if (!system_)
    return;
  for (std::size_t client = 0; client < queues_.size(); ++client)
    while (!busy_[client] && !queues_[client].empty())
      ask_next(client);
}

void client_desk::ask_next(std::size_t client) {
  const auto step = queues_[client].front();
  queues_[client].pop_front();
  if (step.what == verb::repeat) {
    const auto found = by_step_.find(step.b);
    if (found != by_step_.end() && !asked_[found->second].request.empty())
      send(found->second, client);
    return;
  }
  auto one = compose(step);
  if (!one)
    return;
  by_step_[step.id] = asked_.size();
  asked_.push_back(std::move(*one));
  send(asked_.size() - 1, client);
}

bool client_desk::repeat_unsettled() {
  bool any = false;
  for (std::size_t i = 0; i < asked_.size(); ++i)
    if (asked_[i].how == answer_kind::unknown && !asked_[i].request.empty() && asked_[i].in_flight == 0) {
      send(i, i % queues_.size());
      any = true;
    }
  return any;
}

bool client_desk::wanted_removed(const std::string& agent, const std::string& path) const {
  return std::any_of(asked_.begin(), asked_.end(), [&](const asked& one) {
    const auto* removal = std::get_if<unregister_agent>(&one.message);
    return removal && (removal->selector == agent || removal->selector == path ||
                       one.step.b % world_[knob::projects] == project_at(path, known_.size()));
  });
}

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

void client_desk::send(std::size_t index, std::size_t client) {
  auto& one = asked_[index];
  one.repeated = one.in_flight > 0 || one.how != answer_kind::none_yet;
  one.unseen = one.unseen || editor_.is_away();
  ++one.in_flight;
  ++in_flight_;
  busy_[client] = true;
  reopen(one);
  note_question(one);
  trace_.line("ask", client, to_string(one.step.what), one.step.id, one.request.text);
  std::visit(
      [&](const auto& request) {
        using type = std::decay_t<decltype(request)>;
        if constexpr (std::is_same_v<type, unregister_agent>)
          courier<agent_unregistered>(request, index, client);
        else if constexpr (std::is_same_v<type, stamp_heartbeat>)
          courier<heartbeat_stamped>(request, index, client);
        else if constexpr (std::is_same_v<type, sweep_now>)
          courier<sweep_report>(request, index, client);
        else if constexpr (std::is_same_v<type, scan_now>)
          courier<scan_report>(request, index, client);
        else if constexpr (std::is_same_v<type, list_agents>)
          courier<agents_listed>(request, index, client);
        else if constexpr (std::is_same_v<type, show_agent>)
          courier<agent_shown>(request, index, client);
        else if constexpr (std::is_same_v<type, show_log>)
          courier<log_read>(request, index, client);
        else if constexpr (std::is_same_v<type, describe_runtime>)
          courier<runtime_described>(request, index, client);
        else if constexpr (std::is_same_v<type, deny_path>)
          courier<path_denied>(request, index, client);
        else if constexpr (std::is_same_v<type, undeny_path>)
          courier<path_undenied>(request, index, client);
        else if constexpr (std::is_same_v<type, admit_agents>)
          courier<agents_admitted>(request, index, client);
        else if constexpr (std::is_same_v<type, set_rule> || std::is_same_v<type, withdraw_rule>)
          courier<rule_changed>(request, index, client);
        else if constexpr (std::is_same_v<type, send_message>)
          courier<message_sent>(request, index, client);
        else if constexpr (std::is_same_v<type, read_mail>)
          courier<mail_read>(request, index, client);
        else if constexpr (std::is_same_v<type, acknowledge_mail>)
          courier<mail_acknowledged>(request, index, client);
        else
          courier<agent_placed>(request, index, client);
      },
      one.message);
}

void client_desk::clock_jumped() {
  clock_jumped_ = true;
  letters_.clock_jumped();
  for (auto& one : asked_)
    if (one.in_flight > 0 && one.how == answer_kind::done)
      reopen(one);
}

// A done answer is remembered for a day, which a clock that jumps may end, and
// one that changed nothing for the life of a process.
void client_desk::reopen(asked& one) {
  if (!one.change)
    return;
  auto& change = history_.at(*one.change);
  if (one.how != answer_kind::done) {
    change.ended = not_yet;
    change.refused = false;
  } else if (clock_jumped_ || !one.in_feed) {
    (void)history_.begin(one.change->project, change.gist, true, change.what + ", again");
  }
}

// Waits for ever, so that a lost answer is noticed.
template <class Answer, class Request>
void client_desk::courier(const Request& request, std::size_t index, std::size_t client) {
  const std::weak_ptr<line> back = line_;
  const auto front = front_;
  system_->spawn([back, front, request, index, client](caf::event_based_actor* self) {
    self->request(front, caf::infinite, request)
        .then(
            [back, index, client](Answer& answer) {
              if (const auto to = back.lock())
                to->desk->answered<Answer>(index, client, std::move(answer));
            },
            [back, index, client](const caf::error& why) {
              if (const auto to = back.lock())
                to->desk->answered<Answer>(index, client, to_failure(why, {}));
            });
  });
}

template <class Answer>
void client_desk::answered(std::size_t index, std::size_t client, expected<Answer> answer) {
  auto& one = asked_[index];
  if (one.in_flight == 0)
    return violated(one, "I9: it was answered more often than asked");
  --one.in_flight;
  --in_flight_;
  busy_[client] = false;
  if (answer) {
    trace_.line("answered", one.step.id, "done");
    if constexpr (std::is_same_v<Answer, agent_placed>)
      note_outcome(one, &*answer, answer->notes.empty(), nullptr);
    else if constexpr (std::is_same_v<Answer, rule_changed>)
      note_outcome(one, nullptr, answer->notes.empty(), nullptr);
    else
      note_outcome(one, nullptr, true, nullptr);
    note(one, *answer);
    one.how = answer_kind::done;
    one.why.reset();
  } else {
    trace_.line("answered", one.step.id, answer.error().code, answer.error().step);
    const auto why = answer.error();
    note_outcome(one, nullptr, false, &why);
    note_failure(one, why);
  }
}

void client_desk::note(asked& one, const agent_placed& answer) {
  if (one.how == answer_kind::done && one.placed && one.in_feed && !clock_jumped_ &&
      one.placed->version != answer.version)
    violated(one, "I9: repeated, it was answered with commit " + std::to_string(answer.version.seq) + " after " +
                      std::to_string(one.placed->version.seq));
  feed_.acknowledged(answer.version.seq, violations_);
  const bool first = one.how != answer_kind::done;
  one.placed = answer;
  if (!first)
    return;
  // It was done long ago, and the agent lives nowhere any more.
  if (answer.path.empty() && (one.lost > 0 || one.repeated)) {
    if (one.change)
      settle(one, false, false, {});
    return;
  }
  const auto project = project_at(answer.path, known_.size());
  if (!project)
    return violated(one, "the answer names a path that nobody has: " + answer.path);
  auto& known = known_[*project];
  known.agent = answer.agent.text;
  known.content_hash = to_hex(answer.content_hash);
  const bool in_feed = !one.request.empty() && feed_.find_request(one.request.text);
  one.in_feed = in_feed;
  if (!one.token.empty())
    check_acknowledged(one, in_feed);
  if (!one.change)
    return;
  // Without a token it takes what is there, and writes only where nothing is.
  const bool has_written = !answer.adopted && (one.step.what == verb::revert ? in_feed : !one.token.empty());
  settle(one, false, has_written, answer.path);
  if (!has_written)
    return;
  known.versions.push_back({answer.agent.text, answer.version, history_.at(*one.change).gist});
  if (known.versions.size() > versions_kept)
    known.versions.erase(known.versions.begin());
}

// Its token makes it unlike all before, so there must be a commit of its own.
void client_desk::check_acknowledged(const asked& one, bool in_feed) {
  if (!feed_.can_look())
    return;
  if (!feed_.mentions(one.token))
    violated(one, "I1: it is acknowledged and the feed does not say so");
  // A start that does not find the file leaves it to the sweep that does.
  else if (!one.request.empty() && !in_feed &&
           !((one.lost > 0 || one.repeated) && one.change && history_.was_moved_away(one.change->project)))
    violated(one, "I1: it is acknowledged and no commit of the feed carries its request id");
}

void client_desk::note(asked& one, const agent_unregistered& answer) {
  if (one.how == answer_kind::done)
    return;
  feed_.look(violations_);
  if (!one.change)
    return;
  // A manifest that names another agent by now stays, and so does one that nobody
  // could see (decision 9). It is answered at the commit, and the manifest goes
  // afterwards.
  const auto path = feed_.can_look() ? feed_.dropped_at(answer.agent.text) : std::string{};
  const auto project = project_at(path, known_.size());
  const auto bytes = project && feed_.can_look() ? editor_.read(*project) : std::nullopt;
  settle(one, false, !one.unseen && bytes && bytes->find(answer.agent.text) != std::string::npos, path);
  history_.at(*one.change).ended = not_yet;
}

void client_desk::note(asked& one, const agents_listed& answer) {
  std::set<std::string> ids;
  std::set<std::string> paths;
  for (const auto& row : answer.agents) {
    if (!ids.insert(row.id.text).second)
      violated(one, "I14: " + row.id.text + " is listed twice");
    if (!paths.insert(row.path).second)
      violated(one, "I14: " + row.path + " is listed twice");
  }
}

void client_desk::note_failure(asked& one, const failure& why) {
  const bool known_done = one.how == answer_kind::done;
  const bool final =
      why.kind != failure_kind::unknown_outcome && !(why.kind == failure_kind::busy && one.how == answer_kind::unknown);
  if (known_done && one.in_feed && final && why.kind == failure_kind::refused && !clock_jumped_)
    violated(one, "I9: it was done, and repeated it is refused: " + why.message);
  if (known_done)
    return;
  one.why = why;
  if (!final) {
    one.how = answer_kind::unknown;
    return;
  }
  if (one.in_flight > 0 || (one.lost > 0 && one.request.empty()))
    return;
  const bool stands = !one.request.empty() && feed_.find_request(one.request.text);
  if (stands && !clock_jumped_)
    violated(one, "I2: it stands in the feed, and asked again it is refused: " + why.message);
  one.how = stands ? answer_kind::done : answer_kind::refused;
  if (one.change)
    settle(one, !stands, false, {});
}

void client_desk::settle(asked& one, bool refused, bool settles, const std::string& path) {
  if (const auto project = project_at(path, known_.size()))
    one.change = history_.turn_to(*one.change, *project);
  history_.end(*one.change, refused, settles);
}

void client_desk::violated(const asked& one, const std::string& what) {
  violations_.push_back(what + " (" + std::string(to_string(one.step.what)) + " of step " +
                        std::to_string(one.step.id) + ")");
}

} // namespace muster::sim
