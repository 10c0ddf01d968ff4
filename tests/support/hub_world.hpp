#pragma once

#include "muster/actors/event_hub.hpp"
#include "muster/store/simulated_environment.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Last, because it defines macros with common names.
#include "tests/support/hearing_listener.hpp"

namespace muster::test {

inline const instance_id here{"here"};

/// An index that is told what to say.
struct index_script {
  std::vector<watched_row> rows;
  roster_watcher watcher;
  std::uint64_t watch = 0;
  std::size_t watches = 0;
  std::size_t unwatches = 0;
  std::vector<std::string> heartbeats;
  bool is_silent = false;
  std::function<void()> before_answer;
};
using shared_script = std::shared_ptr<index_script>;

inline roster_source::behavior_type index_double(roster_source::pointer self, shared_script what) {
  ignore_stray_errors(self);
  return {
      [self, what](const watch_roster& m) -> caf::result<roster_watched> {
        what->watcher = m.watcher;
        what->watch = m.watch;
        ++what->watches;
        if (what->is_silent)
          return self->make_response_promise<roster_watched>();
        roster_watched result{m.watch, what->rows, {}, {}};
        if (what->before_answer)
          what->before_answer();
        return result;
      },
      [what](const unwatch_roster&) { ++what->unwatches; },
      [what](const note_heartbeat& m) -> caf::result<heartbeat_noted> {
        what->heartbeats.push_back(m.agent.text + " " + m.event);
        return heartbeat_noted{};
      },
  };
}

/// An event hub over an index that says what it is told to.
struct hub_world : actor_fixture {
  simulated_environment machine;
  event_hub_options options;
  shared_script script = std::make_shared<index_script>();
  roster_source index;
  event_hub_actor hub;
  std::uint64_t lives = 0;

  void start() {
    hub = keep(event_hub_actor{sys.spawn<event_hub>(machine.view(), options)});
    begin_index();
  }
  void begin_index(bool next_life = true) {
    index = keep(roster_source{sys.spawn(index_double, script)});
    lives += next_life ? 1 : 0;
    caf::anon_send(hub, index_began{epoch{lives}, index});
    sched.run();
  }
  void end_index() {
    caf::anon_send_exit(index, caf::exit_reason::kill);
    index = roster_source{};
    sched.run();
  }

  struct someone {
    event_listener actor;
    shared_hearing heard = std::make_shared<hearing>();
  };
  someone listener() {
    someone result;
    result.actor = keep(event_listener{sys.spawn(listener_double, result.heard)});
    return result;
  }
  expected<events_subscribed> subscribe(const someone& who, std::optional<event_position> after = {},
                                        std::size_t at_once = 64) {
    return get<events_subscribed>(hub, subscribe_events{who.actor, std::move(after), true, at_once});
  }
  someone subscribed() {
    auto who = listener();
    CAF_REQUIRE(subscribe(who));
    return who;
  }

  static watched_row row(const std::string& agent) {
    watched_row result;
    result.row.id = agent_id{agent};
    result.row.path = "/p/" + agent;
    result.row.instance = here;
    result.content = 1;
    return result;
  }
  roster_changed change_of(std::vector<watched_agent> agents) const {
    roster_changed result;
    result.watch = script->watch;
    result.agents = std::move(agents);
    return result;
  }
  void change(roster_changed what) {
    caf::anon_send(hub, std::move(what));
    sched.run();
  }
  void add(const std::string& agent) {
    script->rows.push_back(row(agent));
    change(change_of({{agent_id{agent}, {row(agent)}, {here, 1}}}));
  }
  void beat(const std::string& agent) {
    caf::anon_send(hub, agent_seen{script->watch, agent_id{agent}, machine.clock.wall()});
    sched.run();
  }
  void time_passes(std::chrono::milliseconds time) {
    for (; time > std::chrono::milliseconds{0}; time -= std::chrono::seconds{1}) {
      machine.clock.advance(std::chrono::seconds{1});
      pass(std::chrono::seconds{1});
    }
  }
  expected<events_read> read(std::optional<event_position> after, std::chrono::milliseconds wait = {}) {
    return get<events_read>(hub, read_events{std::move(after), 256, wait});
  }
};

} // namespace muster::test
