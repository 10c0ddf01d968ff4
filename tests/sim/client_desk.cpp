#include "tests/sim/client_desk.hpp"

#include "muster/messages/actor_failure.hpp"

#include <algorithm>
#include <utility>

namespace muster::sim {

namespace {

constexpr std::size_t writers = 6; // of mail, beside the clients

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
  if (const auto project = project_at(path, known_.size())) {
    // Done before, it is answered with where its agent lives by now. What was written at a path stands
    // there all the same.
    const bool was_elsewhere = one.was_asked_before() && *project != one.change->project;
    settles = settles && !was_elsewhere;
    if (!was_elsewhere || history_.at(*one.change).roams)
      one.change = history_.turn_to(*one.change, *project);
  }
  history_.end(*one.change, refused, settles);
}

void client_desk::violated(const asked& one, const std::string& what) {
  violations_.push_back(what + " (" + std::string(to_string(one.step.what)) + " of step " +
                        std::to_string(one.step.id) + ")");
}

} // namespace muster::sim
