#define CAF_SUITE mail_delivery_test

#include "muster/actors/mail_delivery.hpp"

#include <caf/test/unit_test.hpp>

#include <limits>
#include <string>

using namespace muster;
using namespace std::chrono_literals;

namespace {

const std::string alice = "relay.agent.x.alice";
const std::string bob = "relay.agent.x.bob";
const std::string carol = "relay.agent.x.carol";

struct fixture {
  mail_delivery decides;
  access_rule rule{"relay.agent.x.*", "relay.agent.x.*", 100, rule_action::allow};
  delivery_facts facts = facts_of(true);

  delivery_facts facts_of(bool allowed) {
    delivery_facts result;
    result.verdict = {allowed, &rule};
    result.target = held_endpoint{agent_id{"bob"}, true};
    result.wall = 1000s;
    result.boot = 500s;
    return result;
  }

  static relay_send letter(const std::string& from = alice, const std::string& to = bob) {
    relay_send result;
    result.from = from;
    result.to = to;
    result.payload = "\"hello\"";
    return result;
  }

  std::string code(const relay_send& what) {
    const auto made = decides.admit(what, facts);
    return made ? "taken" : std::string{made.error().code};
  }

  /// `to` answers `what`, which lies in its mailbox, and sends that to `next`.
  expected<mail_item> answer(const mail_item& what, const std::string& next) {
    auto reply = letter(what.subject, next);
    reply.cause = message_id{"01ARZ3NDEKTSV4RRFFQ69G5FAV"};
    facts.cause = what;
    return decides.admit(reply, facts);
  }
};

} // namespace

CAF_TEST(counts what happened within the stretch of time and not much longer) {
  rate_window window{60s};
  for (int i = 0; i < 10; ++i)
    window.add(1000s);
  CAF_CHECK_EQUAL(window.count(1000s), 10u);
  CAF_CHECK_EQUAL(window.count(1059s), 10u);
  CAF_CHECK_EQUAL(window.count(1060s), 10u);
  CAF_CHECK_EQUAL(window.count(1061s), 0u);
  window.add(5000s);
  CAF_CHECK_EQUAL(window.count(5000s), 1u);
}

CAF_TEST_FIXTURE_SCOPE(mail_delivery_tests, fixture)

CAF_TEST(a message that is allowed lies in the mailbox as the sender is known) {
  auto what = letter();
  what.request = request_id{"r"};
  const auto made = decides.admit(what, facts);
  CAF_REQUIRE(made.has_value());
  CAF_CHECK_EQUAL(made->from, alice);
  CAF_CHECK_EQUAL(made->subject, bob);
  CAF_CHECK(made->agent == agent_id{"bob"});
  CAF_CHECK_EQUAL(made->hops_left, 4u);
  CAF_CHECK(made->sent == 1000s && made->expires == 1000s + 24h * 7);
  CAF_CHECK(made->before.empty());
}

CAF_TEST(a rule that denies comes before the question whether there is such an endpoint) {
  facts = facts_of(false);
  facts.target.reset();
  CAF_CHECK_EQUAL(code(letter()), "access-denied");
  facts.verdict.allowed = true;
  CAF_CHECK_EQUAL(code(letter()), "no-endpoint");
  facts = facts_of(false);
  facts.verdict.by = nullptr;
  CAF_CHECK_EQUAL(code(letter()), "access-denied");
}

CAF_TEST(the console reaches every agent) {
  facts = facts_of(false);
  CAF_CHECK_EQUAL(code(letter(std::string{console_subject})), "taken");
  CAF_CHECK_EQUAL(code(letter("relay.human.console.x")), "access-denied");
}

CAF_TEST(refuses what is no message) {
  auto what = letter();
  what.payload = "hello";
  CAF_CHECK_EQUAL(code(what), "message-invalid");
  what.payload = "\"" + std::string(300'000, 'x') + "\"";
  CAF_CHECK_EQUAL(code(what), "message-too-large");
  CAF_CHECK_EQUAL(code(letter(alice, "relay.agent.>")), "subject-invalid");
  CAF_CHECK_EQUAL(code(letter("", bob)), "subject-invalid");
}

CAF_TEST(a full mailbox is busy and nothing is counted for that) {
  facts.mailbox_full = true;
  for (int i = 0; i < 200; ++i)
    CAF_CHECK_EQUAL(code(letter()), "mailbox-full");
  facts.mailbox_full = false;
  CAF_CHECK_EQUAL(code(letter()), "taken");
}

CAF_TEST(a sender has as many messages in an hour as its manifest says) {
  auto what = letter();
  what.budget.calls_per_hour = 3;
  for (int i = 0; i < 3; ++i)
    CAF_CHECK_EQUAL(code(what), "taken");
  CAF_CHECK_EQUAL(code(what), "budget-exhausted");
  CAF_CHECK_EQUAL(code(letter(bob, carol)), "taken");
  facts.boot += 30min;
  CAF_CHECK_EQUAL(code(what), "budget-exhausted");
  facts.boot += 32min;
  CAF_CHECK_EQUAL(code(what), "taken");
  what.budget.calls_per_hour = 0;
  CAF_CHECK_EQUAL(code(what), "budget-exhausted");
}

CAF_TEST(an agent has one budget in whatever namespace it is) {
  const std::string agent = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  facts.wall = 100h;
  decides.recall({{100h, "relay.agent.w." + agent, 1}}, facts.wall, facts.boot);
  auto here = letter("relay.agent.x." + agent);
  auto there = letter("relay.agent.y." + agent);
  here.budget.calls_per_hour = there.budget.calls_per_hour = 2;
  CAF_CHECK_EQUAL(code(here), "taken");
  CAF_CHECK_EQUAL(code(there), "budget-exhausted");
  CAF_CHECK_EQUAL(code(letter("relay.agent.y.01ARZ3NDEKTSV4RRFFQ69G5FAW")), "taken");
}

CAF_TEST(what was sent before the process began counts until its hour is over) {
  using namespace std::chrono;
  facts.wall = 100h;
  // The machine has run for less than that.
  facts.boot = 1min;
  decides.recall({{minutes{99 * 60 + 10}, alice, 2}, {minutes{99 * 60 + 50}, alice, 1}}, facts.wall, facts.boot);
  auto what = letter();
  what.budget.calls_per_hour = 3;
  CAF_CHECK_EQUAL(code(what), "budget-exhausted");
  CAF_CHECK_EQUAL(code(letter(bob, carol)), "taken");
  facts.boot += 9min;
  CAF_CHECK_EQUAL(code(what), "budget-exhausted");
  facts.boot += 3min;
  CAF_CHECK_EQUAL(code(what), "taken");
  CAF_CHECK_EQUAL(code(what), "taken");
  CAF_CHECK_EQUAL(code(what), "budget-exhausted");
}

CAF_TEST(a count that no hour can have does not begin anew) {
  facts.wall = 100h;
  decides.recall({{100h, alice, std::numeric_limits<std::uint32_t>::max()}, {100h, alice, 1}}, facts.wall, facts.boot);
  CAF_CHECK_EQUAL(code(letter()), "budget-exhausted");
}

CAF_TEST(a sender that sends too fast is told to send slower) {
  decides = mail_delivery{{.rates = {{"", 2}, {"relay.agent.", 3}}}};
  for (int i = 0; i < 3; ++i)
    CAF_CHECK_EQUAL(code(letter()), "taken");
  CAF_CHECK_EQUAL(code(letter()), "rate-limited");
  for (int i = 0; i < 2; ++i)
    CAF_CHECK_EQUAL(code(letter(std::string{console_subject})), "taken");
  CAF_CHECK_EQUAL(code(letter(std::string{console_subject})), "rate-limited");
  facts.boot += 62s;
  CAF_CHECK_EQUAL(code(letter()), "taken");
}

CAF_TEST(senders beyond the bound are refused until others have been silent for an hour) {
  decides = mail_delivery{{.senders = 2}};
  CAF_CHECK_EQUAL(code(letter("relay.agent.x.1")), "taken");
  CAF_CHECK_EQUAL(code(letter("relay.agent.x.2")), "taken");
  CAF_CHECK_EQUAL(code(letter("relay.agent.x.3")), "too-many-senders");
  facts.boot += 62min;
  CAF_CHECK_EQUAL(code(letter("relay.agent.x.3")), "taken");
}

CAF_TEST(a message and all that answers it has the hops of a budget and no more) {
  auto message = decides.admit(letter(), facts);
  CAF_REQUIRE(message.has_value());
  for (unsigned hops = 2; hops <= 5; ++hops) {
    message = answer(*message, hops % 2 ? bob : alice);
    CAF_REQUIRE(message.has_value());
    CAF_CHECK_EQUAL(message->hops_left, 5 - hops);
  }
  const auto refused = answer(*message, alice);
  CAF_CHECK(!refused && refused.error().code == "hop-limit");
}

CAF_TEST(budgets shrink to the smaller one of those who pass a message on) {
  auto what = letter();
  what.budget.hops = 2;
  const auto first = decides.admit(what, facts);
  const auto second = answer(*first, carol);
  CAF_REQUIRE(second.has_value());
  CAF_CHECK_EQUAL(second->hops_left, 0u);
  what.budget.hops = 0;
  CAF_CHECK_EQUAL(code(what), "hop-limit");
}

CAF_TEST(a message does not come back to somebody it went through but as an answer) {
  const auto first = decides.admit(letter(alice, bob), facts);
  const auto second = answer(*first, carol);
  CAF_REQUIRE(second.has_value());
  CAF_CHECK_EQUAL(second->before.size(), 1u);
  const auto circle = answer(*second, alice);
  CAF_CHECK(!circle && circle.error().code == "cycle-detected");
  CAF_CHECK(answer(*second, bob).has_value());
}

CAF_TEST(somebody whom a message went through is known in another namespace) {
  const std::string before = "relay.agent.x.01ARZ3NDEKTSV4RRFFQ69G5FAV";
  const std::string now = "relay.agent.y.01ARZ3NDEKTSV4RRFFQ69G5FAV";
  const auto first = decides.admit(letter(before, bob), facts);
  const auto passed_on = answer(*first, carol);
  const auto circle = answer(*passed_on, now);
  CAF_CHECK(!circle && circle.error().code == "cycle-detected");
  const auto back = answer(*first, before);
  const auto again = answer(*back, bob);
  CAF_CHECK(answer(*again, now).has_value());
}

CAF_TEST(an answer lives no longer than what it answers) {
  auto what = letter();
  what.time_to_live = 10s;
  const auto first = decides.admit(what, facts);
  CAF_CHECK(first->expires == 1010s);
  CAF_CHECK(answer(*first, alice)->expires == 1010s);
  facts.wall = 1010s;
  const auto late = answer(*first, alice);
  CAF_CHECK(!late && late.error().code == "ttl-expired");
  facts.wall = 1000s;
  what.time_to_live = 24h * 365;
  CAF_CHECK(decides.admit(what, facts)->expires == 1000s + 24h * 30);
}

CAF_TEST(an answer to what its sender does not have is refused) {
  auto what = letter();
  what.cause = message_id{"01ARZ3NDEKTSV4RRFFQ69G5FAV"};
  CAF_CHECK_EQUAL(code(what), "no-such-message");
}

CAF_TEST_FIXTURE_SCOPE_END()
