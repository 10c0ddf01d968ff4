// A host that keeps a roster of its own: it subscribes, is told the roster, and
// from then on puts into it what each event says. Here it makes the events itself:
// it registers the directories, has each agent heard of, and unregisters it.
//
//   watch_events DATA PROJECT...     absolute paths

#include <chrono>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <muster/messages/actor_failure.hpp>
#include <muster/store/real_environment.hpp>
#include <muster/supervisor/runtime.hpp>

namespace {

using namespace std::chrono_literals;

class roster_watcher {
public:
  roster_watcher(muster::event_listener::pointer self, muster::muster_actor muster, std::vector<std::string> projects)
      : self_(self), muster_(std::move(muster)), projects_(std::move(projects)) {}

  muster::event_listener::behavior_type make_behavior() {
    ask(muster::subscribe_events{muster::event_listener{self_}},
        [](const muster::events_subscribed&) { std::cout << "listening\n"; });
    // To return is to ask for more: the next message comes then, however many
    // events that will be by then.
    return {[this](const muster::events_told& told) {
      if (told.over)
        return self_->quit();
      // First of all, and again if we were so slow that events are gone.
      if (told.roster)
        take_roster(*told.roster);
      for (const auto& event : told.events)
        hear(event);
    }};
  }

private:
  // Every request ends in an answer or an error, within a time that we choose.
  template <class Request, class OnAnswer>
  void ask(Request request, OnAnswer on_answer) {
    self_->request(muster_, 10s, std::move(request)).then(std::move(on_answer), [this](const caf::error& error) {
      std::cerr << "refused: " << muster::to_failure(error, "ask").message << '\n';
      self_->quit(error);
    });
  }

  void take_roster(const std::vector<muster::roster_row>& all) {
    roster_.clear();
    for (const auto& agent : all)
      roster_.insert_or_assign(agent.id, agent);
    std::cout << "the roster has " << roster_.size() << " agents\n";
    for (const auto& path : std::exchange(projects_, {}))
      register_one(path);
  }

  void register_one(const std::string& path) {
    muster::register_agent request;
    request.path = path;
    request.name = path.substr(path.rfind('/') + 1);
    request.runtime = "claude-code";
    ++expected_;
    ask(std::move(request), [](const muster::agent_placed&) {});
  }

  void hear(const muster::lifecycle_event& event) {
    std::cout << event.number << ' ' << to_string(event.what) << ' ' << event.row.name << " at " << event.row.path
              << ", " << to_string(event.row.health) << '\n';
    if (event.what == muster::event_kind::removed)
      roster_.erase(event.row.id);
    else if (!event.row.id.empty())
      roster_.insert_or_assign(event.row.id, event.row);
    act_on(event);
  }

  void act_on(const muster::lifecycle_event& event) {
    const auto& agent = event.row.id;
    if (event.what == muster::event_kind::registered)
      ask(muster::stamp_heartbeat{agent.text, "hello"}, [](const muster::heartbeat_stamped&) {});
    if (event.what == muster::event_kind::health_changed)
      ask(muster::unregister_agent{{}, agent.text}, [](const muster::agent_unregistered&) {});
    if (event.what == muster::event_kind::removed && --expected_ == 0) {
      std::cout << "the roster has " << roster_.size() << " agents\n";
      self_->quit(); // an example ends; a host listens on
    }
  }

  muster::event_listener::pointer self_;
  muster::muster_actor muster_;
  std::vector<std::string> projects_;
  std::map<muster::agent_id, muster::roster_row> roster_;
  std::size_t expected_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: watch_events DATA PROJECT...\n";
    return 2;
  }
  muster::register_message_types();
  muster::real_environment machine; // outlives the actor system
  caf::actor_system_config config;
  caf::actor_system system{config};

  muster::runtime_options options;
  options.data_directory = argv[1];
  auto runtime = muster::runtime::start(system, machine.view(), options);
  if (!runtime) {
    std::cerr << runtime.error().message << '\n';
    return muster::exit_code(runtime.error().kind);
  }

  caf::scoped_actor self{system};
  bool failed = false;
  self->monitor(system.spawn<muster::event_listener::stateful_impl<roster_watcher>>(
      runtime->handle(), std::vector<std::string>(argv + 2, argv + argc)));
  self->receive([&failed](const caf::down_msg& down) { failed = static_cast<bool>(down.reason); });

  if (const auto stopped = runtime->stop(); !stopped) {
    std::cerr << stopped.error().message << '\n';
    return muster::exit_code(stopped.error().kind);
  }
  return failed ? 1 : 0;
}
