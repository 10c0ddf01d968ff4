#include "tests/support/relay_conformance.hpp"

#include <algorithm>
#include <string_view>

namespace muster::test {

namespace {

const std::string alice = "relay.agent.x.alice";
const std::string bob = "relay.agent.x.bob";
const std::string carol = "relay.agent.y.carol";
const std::string of_x = "relay.agent.x.*";
const std::string of_y = "relay.agent.y.*";
const std::string all = "relay.agent.>";

class checker {
public:
  explicit checker(const relay_doors& relay) : relay_(relay) {}

  std::vector<std::string> run() {
    endpoints();
    rules();
    delivery();
    acknowledgement();
    requests();
    chains();
    two_endpoints();
    heirs();
    return std::move(wrong_);
  }

private:
  void claim(bool holds, std::string_view sentence) {
    if (!holds)
      wrong_.emplace_back(sentence);
  }
  statement_version next() { return {epoch{1}, ++n_}; }

  expected<relay_done> put(const std::string& subject, const std::string& agent, bool open = true) {
    return relay_.put_endpoint({next(), subject, "x", agent_id{agent}, open});
  }
  expected<relay_done> drop(const std::string& subject, const std::string& agent, const std::string& heir = {}) {
    return relay_.drop_endpoint({next(), subject, agent_id{agent}, heir});
  }
  expected<relay_done> rule(const std::string& source, const std::string& target, rule_action action, int priority) {
    return relay_.put_rule({next(), source, target, action, priority});
  }
  relay_send letter(const std::string& from, const std::string& to) {
    relay_send result;
    result.from = from;
    result.to = to;
    result.payload = "{\"n\":" + std::to_string(++letters_) + "}";
    return result;
  }
  expected<relay_sent> send(const std::string& from, const std::string& to) { return relay_.send(letter(from, to)); }
  std::vector<mail_item> inbox(const std::string& subject) {
    const auto found = relay_.read({subject, {}, 50});
    return found ? found->messages : std::vector<mail_item>{};
  }
  bool has(const std::string& subject, const message_id& id) {
    return std::ranges::any_of(inbox(subject), [&](const mail_item& each) { return each.id == id; });
  }
  static std::string code(const auto& answer) { return answer ? "done" : std::string{answer.error().code}; }

  void endpoints() {
    const auto early = next();
    claim(put(alice, "alice").has_value(), "an endpoint is taken");
    claim(put(bob, "bob").has_value(), "a second endpoint is taken");
    const auto listed = relay_.list();
    claim(listed && listed->endpoints.size() == 2, "endpoints are listed");
    claim(relay_.drop_endpoint({early, alice, agent_id{"alice"}, {}}).has_value(), "a late statement is done");
    claim(relay_.list() && relay_.list()->endpoints.size() == 2, "a late statement changes nothing");
    const auto earlier = relay_.drop_endpoint({{epoch{0}, 9}, alice, agent_id{"alice"}, {}});
    claim(earlier && earlier->newer == epoch{1}, "a statement of an earlier life hears of the later one");
    claim(!put(alice, "somebody").has_value(), "a subject has one agent");
    claim(!put("relay.agent.x.*", "star").has_value(), "an endpoint has no wildcard");
  }

  void rules() {
    claim(!send(alice, bob).has_value(), "nothing is delivered that no rule allows");
    claim(rule(of_x, all, rule_action::deny, 10).has_value(), "a rule is taken");
    claim(!send(alice, bob).has_value(), "a rule that denies is obeyed");
    claim(rule(of_x, of_x, rule_action::allow, 100).has_value(), "a rule that allows is taken");
    claim(send(alice, bob).has_value(), "a rule of a higher priority decides");
    claim(put(carol, "carol").has_value(), "an endpoint of another namespace is taken");
    const auto there = send(alice, carol);
    const auto nowhere = send(alice, "relay.agent.y.nobody");
    claim(!there && !nowhere && code(there) == code(nowhere),
          "a sender that may not reach a subject does not learn whether it exists");
    claim(rule(of_x, of_y, rule_action::allow, 50).has_value() && send(alice, carol).has_value(),
          "namespaces reach each other where a rule says so");
    claim(!send(carol, alice).has_value(), "a rule between namespaces goes one way");
    claim(rule(of_x, "relay.agent.>", rule_action::deny, 50).has_value() && !send(alice, carol).has_value(),
          "a rule that denies wins among equals");
    claim(relay_.drop_rule({next(), of_x, all, 50}).has_value() && send(alice, carol).has_value(),
          "a rule that is dropped is obeyed no more");
    claim(relay_.drop_rule({next(), of_x, of_y, 50}).has_value() && !send(alice, carol).has_value(),
          "what was allowed is taken back");
    claim(send(std::string{console_subject}, carol).has_value(), "the console reaches every agent");
    claim(!send(std::string{console_subject}, "relay.agent.y.nobody").has_value(), "what has no endpoint gets no mail");
  }

  void delivery() {
    empty(bob);
    const auto first = send(alice, bob);
    const auto second = send(alice, bob);
    claim(first && second && first->id != second->id, "each message has an id of its own");
    claim(first && !first->held, "an open endpoint holds nothing back");
    const auto found = inbox(bob);
    claim(found.size() == 2 && found[0].id == first->id && found[1].id == second->id,
          "messages are told in the order in which they came");
    claim(found.size() == 2 && found[0].from == alice && found[0].subject == bob && found[0].agent == agent_id{"bob"},
          "a message says who sent it and whose it is");
    const auto again = inbox(bob);
    claim(again.size() == 2 && again[0].read, "what was read and not acknowledged is told again, and says so");
    const auto page = relay_.read({bob, {}, 1});
    claim(page && page->messages.size() == 1 && page->more, "a page says that there is more");
    const auto rest = relay_.read({bob, first ? first->id : message_id{}, 50});
    claim(rest && rest->messages.size() == 1 && !rest->more, "a page begins after the message that is named");
    claim(put(bob, "bob", false).has_value(), "an endpoint is closed");
    const auto held = send(alice, bob);
    claim(held && held->held, "mail to a closed endpoint is held, and the sender is told");
    claim(put(bob, "bob", true).has_value() && held && has(bob, held->id), "what was held is there when it opens");
    auto odd = letter(alice, bob);
    odd.payload = "no json";
    claim(!relay_.send(odd).has_value(), "a payload is JSON");
  }

  void acknowledgement() {
    const auto sent = send(alice, bob);
    if (!sent)
      return claim(false, "a message is taken");
    claim(has(bob, sent->id), "a message is told");
    const auto gone = relay_.ack({bob, {sent->id}});
    claim(gone && gone->gone == 1, "a message is acknowledged");
    claim(!has(bob, sent->id), "a message that was acknowledged is never told again");
    const auto again = relay_.ack({bob, {sent->id}});
    claim(again && again->gone == 0, "an acknowledgement may be repeated");
    empty(bob);
    const auto counted = relay_.count();
    claim(counted && std::ranges::none_of(counted->mailboxes, [](const auto& each) { return each.subject == bob; }),
          "an empty mailbox has nothing waiting");
    (void)send(alice, bob);
    const auto waits = relay_.count();
    claim(waits && std::ranges::any_of(waits->mailboxes,
                                       [](const auto& each) { return each.subject == bob && each.unread == 1; }),
          "what is unread is counted");
  }

  void requests() {
    empty(bob);
    auto asked = letter(alice, bob);
    asked.request = request_id{"request-1"};
    const auto first = relay_.send(asked);
    const auto second = relay_.send(asked);
    claim(first && second && first->id == second->id, "a request that is repeated is the same message");
    claim(inbox(bob).size() == 1, "a request that is repeated makes no second message");
    auto other = letter(alice, bob);
    other.request = asked.request;
    claim(!relay_.send(other).has_value(), "a request id is good for one message");
  }

  void chains() {
    empty(bob);
    empty(alice);
    auto first = letter(alice, bob);
    first.budget.hops = 2;
    const auto sent = relay_.send(first);
    auto answer = letter(bob, alice);
    answer.cause = sent ? sent->id : message_id{};
    const auto answered = relay_.send(answer);
    claim(answered.has_value(), "a message is answered");
    auto further = letter(alice, bob);
    further.cause = answered ? answered->id : message_id{};
    claim(!relay_.send(further).has_value(), "what a message sets off ends with the hops of its budget");
    auto foreign = letter(bob, alice);
    foreign.cause = answered ? answered->id : message_id{};
    claim(!relay_.send(foreign).has_value(), "nobody answers a message that is not in its mailbox");
  }

  void two_endpoints() {
    // Mail is an agent's by the id in its subject, so this one has one.
    const std::string id = "01J9Z8Y7X6W5V4T3S2R1Q0P9N7";
    const auto here = "relay.agent.x." + id;
    const auto there = "relay.agent.y." + id;
    const std::string console{console_subject};
    auto asked = letter(console, here);
    asked.request = request_id{"request-2"};
    claim(put(here, id).has_value(), "an endpoint of an agent with a ULID is taken");
    const auto first = relay_.send(asked);
    claim(first && put(there, id).has_value(), "an agent has a second endpoint while its namespace changes");
    const auto second = send(console, there);
    if (!first || !second)
      return claim(false, "an agent gets mail under each of its endpoints");
    claim(has(there, first->id) && has(there, second->id) && has(here, first->id) && has(here, second->id),
          "all mail of an agent that has two endpoints is found under either");
    asked.to = there;
    const auto again = relay_.send(asked);
    claim(again && again->id == first->id, "what was asked of one endpoint of an agent is not asked anew of the other");
    const auto gone = relay_.ack({there, {first->id}});
    claim(gone && gone->gone == 1 && !has(here, first->id) && !has(there, first->id),
          "what is acknowledged under one endpoint of an agent is told under neither");
    asked.to = here;
    const auto late = relay_.send(asked);
    claim(late && late->id == first->id && late->acknowledged,
          "what was acknowledged under one endpoint of an agent is not asked anew of the other");
    claim(drop(here, id, there).has_value() && has(there, second->id), "what one endpoint had the other one keeps");
    claim(drop(there, id).has_value(), "the last endpoint of an agent is removed");
  }

  void heirs() {
    empty(bob);
    const auto sent = send(alice, bob);
    const std::string moved = "relay.agent.y.bob";
    claim(put(moved, "bob", false).has_value(), "an agent has two endpoints while it changes its namespace");
    claim(drop(bob, "bob", moved).has_value() && put(moved, "bob", true).has_value(), "an endpoint goes to its heir");
    claim(sent && has(moved, sent->id), "mail goes where its agent goes");
    claim(drop(moved, "bob").has_value(), "an endpoint is removed");
    const auto dead = relay_.dead({100});
    claim(dead && sent &&
              std::ranges::any_of(dead->letters, [&](const auto& each) { return each.message.id == sent->id; }),
          "the mail of an endpoint that is removed is among the dead");
    claim(!relay_.read({moved, {}, 50}).has_value(), "what has no endpoint has no inbox");
  }

  void empty(const std::string& subject) {
    std::vector<message_id> ids;
    for (const auto& each : inbox(subject))
      ids.push_back(each.id);
    claim(relay_.ack({subject, ids}).has_value(), "messages are acknowledged together");
  }

  const relay_doors& relay_;
  std::vector<std::string> wrong_;
  std::uint64_t n_ = 0;
  int letters_ = 0;
};

} // namespace

std::vector<std::string> relay_violations(const relay_doors& relay) {
  return checker{relay}.run();
}

} // namespace muster::test
