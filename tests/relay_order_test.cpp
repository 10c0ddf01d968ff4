#define CAF_SUITE relay_order_test

#include "muster/actors/relay_plan.hpp"
#include "muster/actors/relay_table.hpp"
#include "muster/store/splitmix.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

using namespace muster;

namespace {

const relay_plan plan{"relay.agent."};
const std::vector<std::string> names{"a", "b", "c"};
constexpr std::size_t agents = 5;

/// Whether a pattern of a relay takes in a subject.
bool fits(const std::string& pattern, const std::string& subject) {
  if (pattern.ends_with(">"))
    return subject.starts_with(pattern.substr(0, pattern.size() - 1));
  if (!pattern.ends_with("*"))
    return pattern == subject;
  const auto stem = pattern.substr(0, pattern.size() - 1);
  return subject.starts_with(stem) && subject.find('.', stem.size()) == std::string::npos;
}

/// The weightiest rule that fits, a denial before an allowance. `otherwise` is what
/// a relay does where none fits; a host's may be more generous than ours.
bool may_pass(const relay_listed& held, const std::string& from, const std::string& to, bool otherwise) {
  int best = -1;
  bool allowed = otherwise;
  for (const auto& rule : held.rules)
    if (fits(rule.source, from) && fits(rule.target, to)) {
      const bool allows = rule.action == rule_action::allow;
      if (rule.priority > best || (rule.priority == best && !allows)) {
        best = rule.priority;
        allowed = allows;
      }
    }
  return allowed;
}

std::string subject_of_agent(std::size_t agent, const std::string& name) {
  return "relay.agent." + name + "." + std::to_string(agent);
}

/// Every way that mail may go: from the subject of an agent to an open endpoint.
std::vector<bool> ways(const relay_table& table, bool otherwise) {
  const auto held = table.list();
  std::vector<bool> result;
  for (std::size_t from = 0; from < agents; ++from)
    for (const auto& from_name : names)
      for (std::size_t to = 0; to < agents; ++to)
        for (const auto& to_name : names) {
          const auto target = subject_of_agent(to, to_name);
          const bool open = std::ranges::any_of(
              held.endpoints, [&](const auto& endpoint) { return endpoint.subject == target && endpoint.open; });
          result.push_back(open && may_pass(held, subject_of_agent(from, from_name), target, otherwise));
        }
  return result;
}

compare_relay draw(splitmix& chance, std::uint64_t n) {
  compare_relay desired;
  desired.version = {epoch{1}, n};
  for (std::size_t agent = 0; agent < agents; ++agent) {
    if (chance.below(4) == 0)
      continue;
    const auto& name = names[chance.below(names.size())];
    const auto reach = chance.below(4) == 0   ? agent_reach::none
                       : chance.below(5) == 0 ? agent_reach::everywhere
                                              : agent_reach::by_rules;
    const auto state =
        reach == agent_reach::none || chance.below(4) == 0 ? endpoint_state::closed : endpoint_state::open;
    desired.endpoints.push_back({agent_id{std::to_string(agent)}, {subject_of_agent(agent, name), name}, state, reach});
  }
  const auto say = [&](const std::string& source, const std::string& target) {
    if (const auto what = chance.below(3); what > 0)
      desired.rules.push_back({source, target, what == 1 ? rule_action::allow : rule_action::deny, {}});
  };
  for (const auto& source : names)
    for (const auto& target : names)
      if (source != target)
        say(source, target);
  say("*", "*");
  return desired;
}

void perform(relay_table& table, const relay_call& call) {
  std::visit(
      [&](const auto& m) {
        if constexpr (requires { table.put(m); })
          (void)table.put(m);
        else
          (void)table.drop(m);
      },
      call);
}

void perform_all(relay_table& table, const relay_stages& stages) {
  for (const auto& stage : stages)
    for (const auto& call : stage)
      perform(table, call);
}

std::size_t exceeding(const std::vector<bool>& now, const std::vector<bool>& before, const std::vector<bool>& after) {
  std::size_t more = 0;
  for (std::size_t i = 0; i < now.size(); ++i)
    more += now[i] && !before[i] && !after[i] ? 1 : 0;
  return more;
}

} // namespace

CAF_TEST(at no instant of a comparison more may pass than before or after) {
  splitmix chance{20261121};
  std::size_t instants = 0;
  std::size_t more = 0;
  for (std::uint64_t run = 0; run < 150; ++run) {
    const auto first = plan.compare(draw(chance, 1), {});
    relay_table table;
    perform_all(table, first);
    const auto stages = plan.compare(draw(chance, 2), table.list());
    for (const bool otherwise : {false, true}) {
      relay_table now;
      relay_table last;
      for (auto* each : {&now, &last})
        perform_all(*each, first);
      perform_all(last, stages);
      const auto before = ways(table, otherwise);
      const auto after = ways(last, otherwise);
      for (auto stage : stages) {
        for (std::size_t i = stage.size(); i > 1; --i)
          std::swap(stage[i - 1], stage[chance.below(i)]);
        for (const auto& call : stage) {
          perform(now, call);
          ++instants;
          more += exceeding(ways(now, otherwise), before, after);
        }
      }
    }
  }
  CAF_CHECK_EQUAL(more, 0u);
  std::printf("lane relay_order_test: %zu instants\n", instants);
}
