#define CAF_SUITE relay_bridge_test

#include "muster/actors/relay_bridge.hpp"

#include "tests/support/actor_fixture.hpp"

#include "muster/actors/relay.hpp"

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

/// What a relay is made to do, and what it was asked.
struct relay_script {
  enum class mood { answers, silent, refuses_endpoints, refuses_denials, fails };
  mood now = mood::answers;
  std::size_t calls = 0;
  std::vector<caf::response_promise> held;
};

/// A relay in the place of a host's: behind the script stands a real one.
struct scripted_relay_state {
  static inline const char* name = "test.relay";
  relay_actor::pointer self;
  std::shared_ptr<relay_script> script;
  relay_actor behind;

  scripted_relay_state(relay_actor::pointer self, std::shared_ptr<relay_script> script, relay_actor behind)
      : self(self), script(std::move(script)), behind(std::move(behind)) {}

  template <class Answer, class Message>
  caf::result<Answer> pass_on(const Message& message) {
    constexpr bool endpoint = std::is_same_v<Message, relay_put_endpoint>;
    bool denial = false;
    if constexpr (std::is_same_v<Message, relay_put_rule>)
      denial = message.action == rule_action::deny;
    ++script->calls;
    switch (script->now) {
      case relay_script::mood::silent:
        script->held.push_back(self->make_response_promise());
        return script->held.back();
      case relay_script::mood::refuses_endpoints:
        if (endpoint)
          return to_error({failure_kind::refused, "relay-says-no", "no"});
        break;
      case relay_script::mood::refuses_denials:
        if (denial)
          return to_error({failure_kind::refused, "relay-says-no", "no"});
        break;
      case relay_script::mood::fails: return to_error({failure_kind::failed, "relay-ill", "ill"});
      case relay_script::mood::answers: break;
    }
    return self->delegate(behind, message);
  }

  relay_actor::behavior_type make_behavior() {
    return {
        [this](const relay_put_endpoint& m) { return pass_on<relay_done>(m); },
        [this](const relay_drop_endpoint& m) { return pass_on<relay_done>(m); },
        [this](const relay_put_rule& m) { return pass_on<relay_done>(m); },
        [this](const relay_drop_rule& m) { return pass_on<relay_done>(m); },
        [this](const relay_list& m) { return pass_on<relay_listed>(m); },
        [this](const relay_send& m) { return pass_on<relay_sent>(m); },
        [this](const relay_read_inbox& m) { return pass_on<relay_inbox>(m); },
        [this](const relay_ack& m) { return pass_on<relay_acked>(m); },
        [this](const relay_list_dead& m) { return pass_on<relay_dead>(m); },
        [this](const relay_count_mail& m) { return pass_on<relay_mail_counted>(m); },
        [this](const relay_subscribe& m) { return pass_on<relay_done>(m); },
    };
  }
};

struct fixture : actor_fixture {
  std::shared_ptr<relay_script> script = std::make_shared<relay_script>();
  relay_actor real = keep(relay_actor{sys.spawn<relay>()});
  relay_actor host = keep(relay_actor{sys.spawn<relay_actor::stateful_impl<scripted_relay_state>>(script, real)});
  relay_bridge_actor bridge = start({});

  relay_bridge_actor start(const relay_bridge_options& options) {
    auto made = keep(relay_bridge_actor{sys.spawn<relay_bridge>(host, options)});
    sched.run();
    return made;
  }
  ~fixture() override { script->held.clear(); }

  static state_endpoint statement(std::uint64_t n, endpoint_state state, const std::string& agent = "1",
                                  std::uint64_t life = 1) {
    return {{epoch{life}, n}, agent_id{agent}, {"relay.agent.a." + agent, "a"}, state};
  }
  static compare_relay desire(std::uint64_t n, std::size_t agents) {
    compare_relay desired;
    desired.version = {epoch{1}, n};
    for (std::size_t i = 0; i < agents; ++i)
      desired.endpoints.push_back({agent_id{std::to_string(i)}, {"relay.agent.a." + std::to_string(i), "a"}});
    return desired;
  }
  relay_listed held() { return *get<relay_listed>(real, relay_list{}); }
  std::string_view state(const state_endpoint& what) { return code_of(get<endpoint_stated>(bridge, what)); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(relay_bridge_tests, fixture)

CAF_TEST(a statement brings the rules and the endpoint) {
  CAF_CHECK_EQUAL(state(statement(1, endpoint_state::closed)), "done");
  CAF_CHECK_EQUAL(held().rules.size(), 2u);
  CAF_REQUIRE_EQUAL(held().endpoints.size(), 1u);
  CAF_CHECK(!held().endpoints[0].open);
  CAF_CHECK_EQUAL(state(statement(2, endpoint_state::open)), "done");
  CAF_CHECK(held().endpoints.at(0).open);
  CAF_CHECK_EQUAL(state(statement(3, endpoint_state::gone)), "done");
  CAF_CHECK(held().endpoints.empty());
}

CAF_TEST(a statement that comes late changes nothing and asks nothing) {
  CAF_CHECK_EQUAL(state(statement(5, endpoint_state::gone)), "done");
  const auto calls = script->calls;
  CAF_CHECK_EQUAL(state(statement(4, endpoint_state::open)), "done");
  CAF_CHECK_EQUAL(script->calls, calls);
  CAF_CHECK(held().endpoints.empty());
}

CAF_TEST(a statement repeated is told again so that a forgetful relay hears it) {
  CAF_CHECK_EQUAL(state(statement(5, endpoint_state::open)), "done");
  const auto calls = script->calls;
  CAF_CHECK_EQUAL(state(statement(5, endpoint_state::open)), "done");
  CAF_CHECK_EQUAL(script->calls, calls + 3);
  CAF_CHECK_EQUAL(held().endpoints.size(), 1u);
}

CAF_TEST(what a later life that was not noted has said does not outlive it) {
  using enum endpoint_state;
  CAF_REQUIRE_EQUAL(state(statement(1, open, "0", 9)), "done");
  CAF_REQUIRE_EQUAL(state(statement(2, open, "1", 9)), "done");
  CAF_REQUIRE_EQUAL(state(statement(3, gone, "1", 9)), "done");
  // The next process has been given a lesser number.
  bridge = start({});
  CAF_CHECK_EQUAL(state(statement(1, open, "1", 5)), "done");
  CAF_REQUIRE_EQUAL(held().endpoints.size(), 2u);
  CAF_CHECK_EQUAL(state(statement(2, gone, "1", 5)), "done");
  CAF_CHECK_EQUAL(held().endpoints.size(), 1u);
  CAF_CHECK_EQUAL(state(statement(1, open, "1", 5)), "done");
  CAF_CHECK_EQUAL(held().endpoints.size(), 1u);
}

CAF_TEST(a comparison that finds a later life is asked for anew and holds then) {
  CAF_REQUIRE_EQUAL(state(statement(1, endpoint_state::open, "0", 9)), "done");
  CAF_REQUIRE_EQUAL(state(statement(2, endpoint_state::open, "7", 9)), "done");
  bridge = start({});
  CAF_CHECK_EQUAL(code_of(get<relay_compared>(bridge, desire(1, 2))), relay_ahead_code);
  CAF_CHECK_EQUAL(code_of(get<relay_compared>(bridge, desire(2, 2))), "done");
  CAF_REQUIRE_EQUAL(held().endpoints.size(), 2u);
  CAF_CHECK_EQUAL(held().endpoints[1].agent, agent_id{"1"});
}

CAF_TEST(a comparison is asked for anew where only what is gone tells of a later life) {
  for (std::uint64_t n = 1; n < 4; ++n)
    CAF_REQUIRE_EQUAL(state(statement(n, n < 3 ? endpoint_state::open : endpoint_state::gone, "1", 9)), "done");
  CAF_REQUIRE_EQUAL(code_of(get<namespace_retracted>(bridge, retract_namespace{{epoch{9}, 4}, "a"})), "done");
  CAF_REQUIRE(held().rules.empty());
  bridge = start({});
  CAF_CHECK_EQUAL(code_of(get<relay_compared>(bridge, desire(1, 2))), relay_ahead_code);
  CAF_CHECK_EQUAL(code_of(get<relay_compared>(bridge, desire(2, 2))), "done");
  CAF_CHECK_EQUAL(held().endpoints.size(), 2u);
}

CAF_TEST(a statement of an earlier life is fenced off) {
  CAF_CHECK_EQUAL(state(statement(1, endpoint_state::open, "1", 2)), "done");
  CAF_CHECK_EQUAL(state(statement(9, endpoint_state::gone, "1", 1)), "epoch-over");
  CAF_CHECK_EQUAL(code_of(get<relay_compared>(bridge, desire(9, 0))), "epoch-over");
  CAF_CHECK_EQUAL(held().endpoints.size(), 1u);
}

CAF_TEST(a silent relay is asked three times and then called unreachable) {
  script->now = relay_script::mood::silent;
  const auto answer = ask_later<endpoint_stated>(bridge, statement(1, endpoint_state::open));
  sched.run();
  CAF_CHECK_EQUAL(script->calls, 1u);
  pass(2s);
  pass(100ms);
  CAF_CHECK_EQUAL(script->calls, 2u);
  pass(2s);
  pass(200ms - 1ns);
  CAF_CHECK_EQUAL(script->calls, 2u);
  pass(1ns);
  CAF_CHECK_EQUAL(script->calls, 3u);
  CAF_CHECK_EQUAL(code_of(answer), "silence");
  pass(2s);
  CAF_CHECK_EQUAL(code_of(answer), "relay-silent");
  CAF_CHECK((**answer).error().kind == failure_kind::unreachable);
  pass(60s);
  CAF_CHECK_EQUAL(script->calls, 3u);
}

CAF_TEST(a relay that recovers between two attempts is not noticed) {
  script->now = relay_script::mood::fails;
  const auto answer = ask_later<endpoint_stated>(bridge, statement(1, endpoint_state::open));
  sched.run();
  script->now = relay_script::mood::answers;
  pass(100ms);
  CAF_CHECK_EQUAL(code_of(answer), "done");
  CAF_CHECK_EQUAL(held().endpoints.size(), 1u);
}

CAF_TEST(a failure of the relay keeps its own words) {
  script->now = relay_script::mood::fails;
  const auto answer = ask_later<endpoint_stated>(bridge, statement(1, endpoint_state::open));
  sched.run();
  pass(100ms);
  pass(200ms);
  CAF_CHECK_EQUAL(code_of(answer), "relay-ill");
}

CAF_TEST(a refusal is not repeated) {
  script->now = relay_script::mood::refuses_endpoints;
  CAF_CHECK_EQUAL(state(statement(1, endpoint_state::open)), "relay-says-no");
  CAF_CHECK_EQUAL(script->calls, 3u);
}

CAF_TEST([GP12] without its denial an endpoint is not stated) {
  script->now = relay_script::mood::refuses_denials;
  CAF_CHECK_EQUAL(state(statement(1, endpoint_state::open)), "relay-says-no");
  CAF_CHECK_EQUAL(code_of(get<relay_compared>(bridge, desire(2, 3))), "relay-says-no");
  CAF_CHECK(held().endpoints.empty());
}

CAF_TEST(at most four calls are under way and each request is answered within its limit) {
  script->now = relay_script::mood::silent;
  std::vector<awaited<endpoint_stated>> answers;
  for (int agent = 0; agent < 20; ++agent)
    answers.push_back(ask_later<endpoint_stated>(bridge, statement(1, endpoint_state::open, std::to_string(agent))));
  sched.run();
  CAF_CHECK_EQUAL(script->held.size(), 4u);
  for (int second = 0; second < 10; ++second)
    pass(1s);
  CAF_CHECK(
      std::all_of(answers.begin(), answers.end(), [](const auto& each) { return code_of(each) == "relay-silent"; }));
}

CAF_TEST(requests beyond the bound are busy) {
  relay_bridge_options options;
  options.requests = 2;
  bridge = start(options);
  script->now = relay_script::mood::silent;
  const auto first = ask_later<endpoint_stated>(bridge, statement(1, endpoint_state::open, "1"));
  const auto second = ask_later<relay_compared>(bridge, desire(2, 1));
  sched.run();
  CAF_CHECK_EQUAL(state(statement(1, endpoint_state::open, "3")), "relay-queue-full");
  pass(10s);
  pass(120s);
  CAF_CHECK_EQUAL(code_of(first), "relay-silent");
  CAF_CHECK_EQUAL(code_of(second), "relay-silent");
  script->now = relay_script::mood::answers;
  CAF_CHECK_EQUAL(state(statement(1, endpoint_state::open, "3")), "done");
}

CAF_TEST(a comparison asserts what is missing and retires what is foreign) {
  auto done = get<relay_compared>(bridge, desire(1, 10));
  CAF_REQUIRE(done.has_value());
  CAF_CHECK_EQUAL(done->asserted, 12u);
  CAF_CHECK_EQUAL(done->retired, 0u);
  done = get<relay_compared>(bridge, desire(2, 10));
  CAF_CHECK_EQUAL(done->asserted + done->retired, 0u);
  done = get<relay_compared>(bridge, desire(3, 4));
  CAF_CHECK_EQUAL(done->asserted, 0u);
  CAF_CHECK_EQUAL(done->retired, 6u);
  CAF_CHECK_EQUAL(held().endpoints.size(), 4u);
  done = get<relay_compared>(bridge, desire(4, 0));
  CAF_CHECK_EQUAL(done->retired, 6u);
  CAF_CHECK(held().rules.empty());
}

CAF_TEST(an endpoint that is refused is told and stops no other) {
  auto desired = desire(1, 3);
  desired.endpoints[1].endpoint.subject = "relay.agent.a.*";
  const auto done = get<relay_compared>(bridge, desired);
  CAF_REQUIRE(done.has_value());
  CAF_CHECK_EQUAL(done->asserted, 4u);
  CAF_REQUIRE_EQUAL(done->refused.size(), 1u);
  CAF_CHECK_EQUAL(done->refused[0].code, "subject-invalid");
}

CAF_TEST(a statement made while a comparison runs is not undone by it) {
  CAF_CHECK_EQUAL(state(statement(1, endpoint_state::open, "old")), "done");
  const auto compared = ask_later<relay_compared>(bridge, desire(2, 0));
  const auto stated = ask_later<endpoint_stated>(bridge, statement(3, endpoint_state::open, "new"));
  sched.run();
  CAF_CHECK_EQUAL(code_of(compared), "done");
  CAF_CHECK_EQUAL(code_of(stated), "done");
  CAF_REQUIRE_EQUAL(held().endpoints.size(), 1u);
  CAF_CHECK_EQUAL(held().endpoints[0].agent.text, "new");
}

CAF_TEST(rules that the relay has just taken are not told again) {
  CAF_CHECK_EQUAL(state(statement(1, endpoint_state::closed, "1")), "done");
  auto calls = script->calls;
  CAF_CHECK_EQUAL(state(statement(2, endpoint_state::open, "1")), "done");
  CAF_CHECK_EQUAL(state(statement(3, endpoint_state::open, "2")), "done");
  CAF_CHECK_EQUAL(script->calls, calls + 2);
  pass(1s);
  calls = script->calls;
  CAF_CHECK_EQUAL(state(statement(4, endpoint_state::open, "3")), "done");
  CAF_CHECK_EQUAL(script->calls, calls + 3);
}

CAF_TEST(after a failed call rules are told again) {
  CAF_CHECK_EQUAL(state(statement(1, endpoint_state::closed)), "done");
  script->now = relay_script::mood::refuses_endpoints;
  CAF_CHECK_EQUAL(state(statement(2, endpoint_state::open)), "relay-says-no");
  script->now = relay_script::mood::answers;
  const auto calls = script->calls;
  CAF_CHECK_EQUAL(state(statement(3, endpoint_state::open)), "done");
  CAF_CHECK_EQUAL(script->calls, calls + 3);
}

CAF_TEST(after a comparison rules are told again) {
  CAF_CHECK_EQUAL(state(statement(1, endpoint_state::closed)), "done");
  CAF_CHECK_EQUAL(code_of(get<relay_compared>(bridge, desire(2, 0))), "done");
  CAF_CHECK(held().rules.empty());
  CAF_CHECK_EQUAL(state(statement(3, endpoint_state::open)), "done");
  CAF_CHECK_EQUAL(held().rules.size(), 2u);
}

CAF_TEST(a comparison retires no rule that a newer statement counts on) {
  CAF_CHECK_EQUAL(state(statement(1, endpoint_state::closed, "1")), "done");
  CAF_CHECK_EQUAL(state(statement(3, endpoint_state::open, "2")), "done");
  // Drawn before that statement, and knows nothing of it.
  CAF_CHECK_EQUAL(code_of(get<relay_compared>(bridge, desire(2, 0))), "done");
  CAF_CHECK_EQUAL(held().rules.size(), 2u);
  CAF_CHECK_EQUAL(held().endpoints.size(), 1u);
  CAF_CHECK_EQUAL(code_of(get<relay_compared>(bridge, desire(4, 0))), "done");
  CAF_CHECK(held().rules.empty());
}

CAF_TEST(rules that came too late to count are told again) {
  CAF_CHECK_EQUAL(code_of(get<relay_compared>(bridge, desire(5, 0))), "done");
  CAF_CHECK_EQUAL(state(statement(4, endpoint_state::closed, "1")), "done");
  const auto calls = script->calls;
  CAF_CHECK_EQUAL(state(statement(6, endpoint_state::open, "2")), "done");
  CAF_CHECK_EQUAL(script->calls, calls + 3);
  CAF_CHECK_EQUAL(held().rules.size(), 2u);
}

CAF_TEST(a rule is told as often as it is stated and in whatever order the newest holds) {
  const auto tell = [&](std::uint64_t n, std::optional<rule_action> action) {
    return code_of(get<rule_stated>(bridge, state_rule{{epoch{1}, n}, "a", "b", action}));
  };
  const auto holds = [&] {
    const auto rules = held().rules;
    return rules.empty() ? "nothing" : rules.front().action == rule_action::deny ? "deny" : "allow";
  };
  CAF_CHECK_EQUAL(tell(1, rule_action::allow), "done");
  CAF_CHECK_EQUAL(tell(2, std::nullopt), "done");
  CAF_CHECK_EQUAL(holds(), std::string("nothing"));
  CAF_CHECK_EQUAL(tell(3, rule_action::allow), "done");
  CAF_CHECK_EQUAL(holds(), std::string("allow"));
  CAF_CHECK_EQUAL(tell(5, rule_action::deny), "done");
  CAF_CHECK_EQUAL(tell(4, rule_action::allow), "done");
  CAF_CHECK_EQUAL(holds(), std::string("deny"));
  script->now = relay_script::mood::refuses_denials;
  CAF_CHECK_EQUAL(tell(6, rule_action::deny), "relay-says-no");
}

CAF_TEST(a namespace is retracted unless a newer statement counts on its rules) {
  const auto retract = [&](std::uint64_t n) {
    return code_of(get<namespace_retracted>(bridge, retract_namespace{{epoch{1}, n}, "a"}));
  };
  CAF_CHECK_EQUAL(state(statement(1, endpoint_state::open, "1")), "done");
  CAF_CHECK_EQUAL(state(statement(3, endpoint_state::open, "2")), "done");
  CAF_CHECK_EQUAL(retract(2), "done");
  CAF_CHECK_EQUAL(held().rules.size(), 2u);
  CAF_CHECK_EQUAL(retract(4), "done");
  CAF_CHECK(held().rules.empty());
  // They are gone, so whoever comes has to bring them, however soon that is.
  CAF_CHECK_EQUAL(state(statement(5, endpoint_state::open, "3")), "done");
  CAF_CHECK_EQUAL(held().rules.size(), 2u);
}

CAF_TEST(the denial of an agent that is not admitted comes back as often as it is stated) {
  auto stranger = statement(1, endpoint_state::closed);
  stranger.reach = agent_reach::none;
  auto admitted = statement(2, endpoint_state::open);
  admitted.reach_changes = true;
  CAF_CHECK_EQUAL(state(stranger), "done");
  CAF_CHECK_EQUAL(held().rules.size(), 3u);
  CAF_CHECK_EQUAL(state(admitted), "done");
  CAF_CHECK_EQUAL(held().rules.size(), 2u);
  stranger.version.n = 3;
  CAF_CHECK_EQUAL(state(stranger), "done");
  CAF_CHECK_EQUAL(held().rules.size(), 3u);
}

CAF_TEST(a relay that lists too much is not used) {
  relay_bridge_options options;
  options.listed = 2;
  (void)get<relay_compared>(bridge, desire(1, 3));
  bridge = start(options);
  CAF_CHECK_EQUAL(code_of(get<relay_compared>(bridge, desire(2, 0))), "relay-lists-too-much");
  CAF_CHECK_EQUAL(held().endpoints.size(), 3u);
}

CAF_TEST(a relay that has ended is unreachable) {
  caf::anon_send_exit(host, caf::exit_reason::kill);
  sched.run();
  const auto answer = ask_later<endpoint_stated>(bridge, statement(1, endpoint_state::open));
  sched.run();
  pass(100ms);
  pass(200ms);
  CAF_CHECK_EQUAL(code_of(answer), "relay-silent");
}

CAF_TEST_FIXTURE_SCOPE_END()
