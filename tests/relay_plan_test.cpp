#define CAF_SUITE relay_plan_test

#include "muster/actors/relay_plan.hpp"

#include "muster/actors/relay_table.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace muster;

namespace {

const relay_plan plan{"relay.agent."};

statement_version version(std::uint64_t n) {
  return {epoch{1}, n};
}

std::string show(const relay_call& call) {
  struct printer {
    std::string operator()(const relay_put_endpoint& m) const {
      return "+" + m.subject + (m.open ? " open" : " closed");
    }
    std::string operator()(const relay_drop_endpoint& m) const { return "-" + m.subject; }
    std::string operator()(const relay_put_rule& m) const {
      return std::string{m.action == rule_action::deny ? "+deny " : "+allow "} + m.source + " " + m.target + " " +
             std::to_string(m.priority);
    }
    std::string operator()(const relay_drop_rule& m) const {
      return "-rule " + m.source + " " + m.target + " " + std::to_string(m.priority);
    }
  };
  return std::visit(printer{}, call);
}

std::string show(const relay_stages& stages) {
  std::string result;
  for (const auto& stage : stages) {
    for (const auto& call : stage)
      result += show(call) + "; ";
    result += "| ";
  }
  return result;
}

state_endpoint statement(endpoint_state state) {
  return {version(5), agent_id{"1"}, {"relay.agent.a.1", "a"}, state};
}

compare_relay desire(std::uint64_t n) {
  compare_relay desired;
  desired.version = version(n);
  desired.endpoints.push_back({agent_id{"1"}, {"relay.agent.a.1", "a"}, endpoint_state::open});
  return desired;
}

/// Makes all calls on a table.
void perform(relay_table& table, const relay_stages& stages) {
  for (const auto& stage : stages)
    for (const auto& call : stage)
      std::visit(
          [&](const auto& m) {
            if constexpr (requires { table.put(m); })
              (void)table.put(m);
            else
              (void)table.drop(m);
          },
          call);
}

} // namespace

CAF_TEST([GP12] what denies comes before what allows and both before the endpoint) {
  CAF_CHECK_EQUAL(show(plan.state(statement(endpoint_state::closed))),
                  "+deny relay.agent.a.* relay.agent.> 10; | +allow relay.agent.a.* relay.agent.a.* 100; | "
                  "+relay.agent.a.1 closed; | ");
  CAF_CHECK_EQUAL(show(plan.state(statement(endpoint_state::open)).back().back()), "+relay.agent.a.1 open");
}

CAF_TEST(an endpoint that goes leaves the rules of its namespace) {
  CAF_CHECK_EQUAL(show(plan.state(statement(endpoint_state::gone))), "-relay.agent.a.1; | ");
}

CAF_TEST(an agent that is not admitted is denied before it has an endpoint and until it has been admitted) {
  auto stranger = statement(endpoint_state::closed);
  stranger.reach = agent_reach::none;
  CAF_CHECK_EQUAL(show(plan.state(stranger)),
                  "+deny relay.agent.a.1 relay.agent.> 300; +deny relay.agent.a.* relay.agent.> 10; | "
                  "+allow relay.agent.a.* relay.agent.a.* 100; | +relay.agent.a.1 closed; | ");
  auto admitted = statement(endpoint_state::open);
  admitted.reach_changes = true;
  const auto stages = show(plan.state(admitted));
  CAF_CHECK(stages.starts_with("+deny relay.agent.a.* relay.agent.> 10; | -rule relay.agent.a.1 relay.agent.> 200;"));
  CAF_CHECK(stages.ends_with("+relay.agent.a.1 open; | -rule relay.agent.a.1 relay.agent.> 300; | "));
  stranger.state = endpoint_state::gone;
  CAF_CHECK_EQUAL(show(plan.state(stranger)), "-relay.agent.a.1; | -rule relay.agent.a.1 relay.agent.> 300; | ");
}

CAF_TEST(a rule is put or dropped by itself) {
  CAF_CHECK_EQUAL(show(plan.state(state_rule{version(5), "a", "b", rule_action::allow})),
                  "+allow relay.agent.a.* relay.agent.b.* 50; | ");
  CAF_CHECK_EQUAL(show(plan.state(state_rule{version(5), "*", "*", rule_action::deny})),
                  "+deny relay.agent.> relay.agent.> 50; | ");
  CAF_CHECK_EQUAL(show(plan.state(state_rule{version(5), "a", "b", std::nullopt})),
                  "-rule relay.agent.a.* relay.agent.b.* 50; | ");
}

CAF_TEST(a namespace that is empty loses what allows before what denies) {
  CAF_CHECK_EQUAL(show(plan.retract({version(5), "a"})),
                  "-rule relay.agent.a.* relay.agent.a.* 100; | -rule relay.agent.a.* relay.agent.> 10; | ");
}

CAF_TEST(rules of single agents are compared like all others) {
  relay_table table;
  auto desired = desire(5);
  desired.endpoints[0].reach = agent_reach::everywhere;
  perform(table, plan.compare(desired, {}));
  CAF_CHECK_EQUAL(table.list().rules.size(), 4u);
  CAF_CHECK(plan.compare(desired, table.list()).empty());
  desired.version = version(6);
  desired.endpoints[0].reach = agent_reach::none;
  CAF_CHECK_EQUAL(show(plan.compare(desired, table.list())),
                  "+deny relay.agent.a.1 relay.agent.> 300; | -rule relay.agent.> relay.agent.a.1 200; "
                  "-rule relay.agent.a.1 relay.agent.> 200; | ");
}

CAF_TEST(an empty relay is told everything) {
  auto desired = desire(5);
  desired.rules.push_back({"a", "b", rule_action::allow, {}});
  desired.rules.push_back({"*", "*", rule_action::deny, {}});
  CAF_CHECK_EQUAL(show(plan.compare(desired, {})),
                  "+deny relay.agent.> relay.agent.> 50; +deny relay.agent.a.* relay.agent.> 10; | "
                  "+allow relay.agent.a.* relay.agent.a.* 100; +allow relay.agent.a.* relay.agent.b.* 50; | "
                  "+relay.agent.a.1 open; | ");
}

CAF_TEST(a relay that holds all of it is told nothing) {
  relay_table table;
  perform(table, plan.compare(desire(5), {}));
  CAF_CHECK(plan.compare(desire(6), table.list()).empty());
}

CAF_TEST(what differs is asserted) {
  relay_table table;
  perform(table, plan.compare(desire(5), {}));
  auto desired = desire(6);
  desired.endpoints[0].state = endpoint_state::closed;
  CAF_CHECK_EQUAL(show(plan.compare(desired, table.list())), "+relay.agent.a.1 closed; | ");
}

CAF_TEST(what is foreign below the prefix goes and denials go last) {
  relay_table table;
  perform(table, plan.compare(desire(5), {}));
  const compare_relay nothing{version(6), {}, {}};
  CAF_CHECK_EQUAL(show(plan.compare(nothing, table.list())),
                  "-relay.agent.a.1; -rule relay.agent.a.* relay.agent.a.* 100; | "
                  "-rule relay.agent.a.* relay.agent.> 10; | ");
  perform(table, plan.compare(nothing, table.list()));
  CAF_CHECK(table.list().endpoints.empty());
  CAF_CHECK(table.list().rules.empty());
}

CAF_TEST(what belongs to others is left alone) {
  relay_listed held;
  held.endpoints.push_back({version(1), "relay.system.console", "", agent_id{"c"}, true});
  held.endpoints.push_back({version(1), "relay.agents.x.1", "x", agent_id{"x"}, true});
  held.rules.push_back({version(1), "relay.agent.s.*", "relay.agent.>", rule_action::allow, 200});
  held.rules.push_back({version(1), "relay.human.*", "relay.agent.>", rule_action::deny, 10});
  held.rules.push_back({version(1), "relay.agent.>", "relay.human.>", rule_action::deny, 50});
  CAF_CHECK(plan.compare({version(6), {}, {}}, held).empty());
}

CAF_TEST(what is newer than the comparison is left alone) {
  relay_table table;
  perform(table, plan.state(statement(endpoint_state::open)));
  CAF_CHECK(plan.compare({version(4), {}, {}}, table.list()).empty());
  auto desired = desire(4);
  desired.endpoints[0].state = endpoint_state::closed;
  CAF_CHECK(plan.compare(desired, table.list()).empty());
}

CAF_TEST(what a change under way has stated is not retired) {
  relay_table table;
  auto stated = statement(endpoint_state::closed);
  stated.reach = agent_reach::none;
  perform(table, plan.state(stated));
  compare_relay nothing{version(6), {}, {}};
  nothing.under_way.push_back({agent_id{"1"}, {"relay.agent.a.1", "a"}});
  CAF_CHECK_EQUAL(show(plan.compare(nothing, table.list())), "");
  // Nor is it asserted, where it is not there.
  CAF_CHECK_EQUAL(show(plan.compare(nothing, {})), "");
  // Another agent's at that subject is nobody's.
  nothing.under_way[0].agent = agent_id{"2"};
  CAF_CHECK_EQUAL(show(plan.compare(nothing, table.list())), "-relay.agent.a.1; | ");
}

CAF_TEST(what a change under way has stated is as the index says once it says something) {
  relay_table table;
  perform(table, plan.state(statement(endpoint_state::closed)));
  auto desired = desire(6);
  desired.under_way.push_back({agent_id{"1"}, {"relay.agent.a.1", "a"}});
  CAF_CHECK_EQUAL(show(plan.compare(desired, table.list())), "+relay.agent.a.1 open; | ");
}

CAF_TEST(an endpoint that is to be gone is not asserted) {
  auto desired = desire(5);
  desired.endpoints[0].state = endpoint_state::gone;
  CAF_CHECK(plan.compare(desired, {}).empty());
}

CAF_TEST(at no call may more pass than before or after) {
  // A namespace loses an allowance and gains another; whoever stops half-way has
  // every denial of both sides and no allowance that is to go.
  relay_table table;
  auto before = desire(5);
  before.rules.push_back({"a", "b", rule_action::allow, {}});
  before.rules.push_back({"a", "c", rule_action::deny, {}});
  perform(table, plan.compare(before, {}));
  auto after = desire(6);
  after.rules.push_back({"a", "b", rule_action::deny, {}});
  after.rules.push_back({"a", "c", rule_action::allow, {}});
  const auto shown = show(plan.compare(after, table.list()));
  CAF_CHECK_EQUAL(shown, "+deny relay.agent.a.* relay.agent.b.* 50; | +allow relay.agent.a.* relay.agent.c.* 50; | ");
}
