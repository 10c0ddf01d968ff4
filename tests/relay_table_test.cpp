#define CAF_SUITE relay_table_test

#include "muster/actors/relay_table.hpp"

#include "muster/actors/relay_bridge.hpp"
#include "muster/actors/relay_plan.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdio>
#include <string>
#include <variant>
#include <vector>

using namespace muster;

namespace {

statement_version version(std::uint64_t n, std::uint64_t life = 1) {
  return {epoch{life}, n};
}

relay_put_endpoint put(std::uint64_t n, bool open = false, const std::string& subject = "relay.agent.a.1",
                       const std::string& agent = "1") {
  return {version(n), subject, "a", agent_id{agent}, open};
}
relay_drop_endpoint drop(std::uint64_t n, const std::string& subject = "relay.agent.a.1",
                         const std::string& agent = "1") {
  return {version(n), subject, agent_id{agent}};
}

template <class T>
std::string_view code_of(const expected<T>& answer) {
  return answer ? std::string_view{"done"} : answer.error().code;
}

} // namespace

CAF_TEST(a late announce does not overtake its retract) {
  relay_table table;
  CAF_CHECK_EQUAL(code_of(table.drop(drop(2))), "done");
  CAF_CHECK_EQUAL(code_of(table.put(put(1))), "done");
  CAF_CHECK(table.list().endpoints.empty());
  CAF_CHECK_EQUAL(code_of(table.put(put(3))), "done");
  CAF_CHECK_EQUAL(table.list().endpoints.size(), 1u);
  CAF_CHECK_EQUAL(code_of(table.drop(drop(2))), "done");
  CAF_CHECK_EQUAL(table.list().endpoints.size(), 1u);
}

CAF_TEST(the statements of a later life are newer) {
  relay_table table;
  (void)table.put({version(1, 2), "s", "a", agent_id{"1"}, true});
  const auto late = table.drop({version(900, 1), "s", agent_id{"1"}});
  CAF_CHECK_EQUAL(table.list().endpoints.size(), 1u);
  CAF_REQUIRE(late.has_value());
  CAF_CHECK(late->newer == epoch{2});
  const auto old = table.drop({version(1, 2), "s", agent_id{"1"}});
  CAF_CHECK(old && old->newer == epoch{});
}

CAF_TEST(statements end the same in whatever order they arrive and however often) {
  // Three endpoints' statements and two rules', all orders of each five.
  struct step {
    bool present;
    bool open;
  };
  const std::vector<step> history = {{true, false}, {true, true}, {false, false}, {true, false}, {false, true}};
  std::size_t orders = 0;
  std::size_t wrong = 0;
  for (std::size_t length = 1; length <= history.size(); ++length) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < length; ++i)
      order.push_back(i);
    do {
      relay_table table;
      for (int round = 0; round < 2; ++round)
        for (const auto i : order) {
          const auto n = static_cast<std::uint64_t>(i + 1);
          if (history[i].present) {
            (void)table.put(put(n, history[i].open));
            (void)table.put(
                relay_put_rule{version(n), "s", "t", history[i].open ? rule_action::allow : rule_action::deny, 10});
          } else {
            (void)table.drop(drop(n));
            (void)table.drop(relay_drop_rule{version(n), "s", "t", 10});
          }
        }
      const auto held = table.list();
      const auto& last = history[length - 1];
      const bool right =
          held.endpoints.size() == std::size_t{last.present} && held.rules.size() == std::size_t{last.present} &&
          (!last.present || (held.endpoints[0].open == last.open && held.endpoints[0].version == version(length)));
      wrong += !right;
      ++orders;
    } while (std::next_permutation(order.begin(), order.end()));
  }
  std::printf("lane relay_table_test: %zu orders\n", orders);
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(an equal version changes nothing) {
  relay_table table;
  (void)table.put(put(1, false));
  (void)table.put(put(1, true));
  CAF_CHECK(!table.list().endpoints.at(0).open);
  CAF_CHECK_EQUAL(code_of(table.drop(drop(1))), "done");
  CAF_CHECK_EQUAL(table.list().endpoints.size(), 1u);
}

CAF_TEST(one subject has one agent) {
  relay_table table;
  (void)table.put(put(1));
  CAF_CHECK_EQUAL(code_of(table.put(put(2, false, "relay.agent.a.1", "2"))), "subject-held");
  CAF_CHECK_EQUAL(code_of(table.put(put(2, false, "relay.agent.a.1", "0"))), "subject-held");
  CAF_CHECK_EQUAL(code_of(table.drop(drop(3, "relay.agent.a.1", "2"))), "done");
  CAF_CHECK_EQUAL(table.list().endpoints.size(), 1u);
  (void)table.drop(drop(3));
  CAF_CHECK_EQUAL(code_of(table.put(put(4, false, "relay.agent.a.1", "3"))), "done");
}

CAF_TEST(rules of other priorities are other rules) {
  relay_table table;
  (void)table.put(relay_put_rule{version(1), "s", "t", rule_action::deny, 10});
  (void)table.put(relay_put_rule{version(2), "s", "t", rule_action::allow, 50});
  (void)table.drop(relay_drop_rule{version(3), "s", "t", 10});
  CAF_REQUIRE_EQUAL(table.list().rules.size(), 1u);
  CAF_CHECK_EQUAL(table.list().rules[0].priority, 50);
}

CAF_TEST(a subject is words with dots between) {
  relay_table_options options;
  options.subject_bytes = 8;
  relay_table table{options};
  for (const auto* bad : {"", ".", ".a", "a.", "a..b", "a b", "a\n", "a.*", "a.>", "\x7f", "\xc3\xa4", "123456789"})
    CAF_CHECK_EQUAL(code_of(table.put(put(1, false, bad))), "subject-invalid");
  CAF_CHECK_EQUAL(code_of(table.put(put(1, false, "12345678"))), "done");
  CAF_CHECK_EQUAL(code_of(table.put(relay_put_rule{version(1), "123456789", "t", rule_action::deny, 1})),
                  "subject-invalid");
  CAF_CHECK_EQUAL(code_of(table.put(relay_put_rule{version(1), "s", "123456789", rule_action::deny, 1})),
                  "subject-invalid");
}

CAF_TEST(there is a bound on what is held) {
  relay_table_options options;
  options.endpoints = 1;
  options.rules = 1;
  relay_table table{options};
  (void)table.put(put(1, false, "a"));
  CAF_CHECK_EQUAL(code_of(table.put(put(2, false, "b"))), "relay-full");
  CAF_CHECK_EQUAL(code_of(table.put(put(3, true, "a"))), "done");
  (void)table.put(relay_put_rule{version(1), "s", "t", rule_action::deny, 1});
  CAF_CHECK_EQUAL(code_of(table.put(relay_put_rule{version(2), "s", "u", rule_action::deny, 1})), "relay-full");
}

CAF_TEST(there is room for agents that each have a namespace of their own) {
  const relay_plan plan{"relay.agent."};
  const relay_table_options options;
  relay_table table{options};
  const auto state = [&](std::size_t number) {
    const auto name = "n" + std::to_string(number);
    const state_endpoint statement{
        version(1), agent_id{"1"}, {"relay.agent." + name + ".1", name}, endpoint_state::closed};
    std::string_view first = "done";
    for (const auto& stage : plan.state(statement))
      for (const auto& call : stage) {
        const auto* endpoint = std::get_if<relay_put_endpoint>(&call);
        const auto* rule = std::get_if<relay_put_rule>(&call);
        const auto code = endpoint ? code_of(table.put(*endpoint)) : code_of(table.put(*rule));
        first = first == "done" ? code : first;
      }
    return first;
  };
  std::size_t refused = 0;
  for (std::size_t number = 0; number < options.endpoints; ++number)
    refused += state(number) == "done" ? 0 : 1;
  CAF_CHECK_EQUAL(refused, 0u);
  CAF_CHECK_EQUAL(state(options.endpoints), "relay-full");
  const auto held = table.list();
  CAF_CHECK_EQUAL(held.endpoints.size(), options.endpoints);
  CAF_CHECK_EQUAL(held.rules.size(), options.rules);
  CAF_CHECK_LESS_OR_EQUAL(held.rules.size(), relay_bridge_options{}.listed);
}

CAF_TEST(beyond what it remembers nothing as old is taken) {
  statement_map<int, int> map{10, 2};
  for (int key = 1; key <= 4; ++key)
    (void)map.drop(key, version(static_cast<std::uint64_t>(10 * key)));
  CAF_CHECK_EQUAL(map.dropped(), 2u);
  CAF_CHECK(map.put(1, version(5), 0) == statement_fate::too_old);
  CAF_CHECK(map.put(1, version(20), 0) == statement_fate::too_old);
  CAF_CHECK(map.drop(7, version(20)) == statement_fate::late);
  CAF_CHECK(map.put(1, version(21), 0) == statement_fate::taken);
  CAF_CHECK(map.put(3, version(30), 0) == statement_fate::late);
  CAF_CHECK(map.put(3, version(31), 0) == statement_fate::taken);
  CAF_CHECK(map.drop(4, version(41)) == statement_fate::taken);
  CAF_CHECK(map.put(4, version(41), 0) == statement_fate::late);
  CAF_CHECK_EQUAL(map.entries().size(), 2u);
}
