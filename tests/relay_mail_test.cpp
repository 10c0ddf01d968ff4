#define CAF_SUITE relay_mail_test

#include "tests/support/actor_fixture.hpp"
#include "tests/support/relay_conformance.hpp"

#include "muster/actors/relay.hpp"
#include "muster/store/simulated_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <map>
#include <string>
#include <vector>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

const std::string alice = "relay.agent.x.alice";
const std::string bob = "relay.agent.x.bob";
const agent_id moving{"01J9Z8Y7X6W5V4T3S2R1Q0P9N7"};
const std::string before = "relay.agent.x." + moving.text;
const std::string after = "relay.agent.y." + moving.text;

using news = std::shared_ptr<std::vector<mail_waiting>>;

struct fixture : actor_fixture {
  fixture() {
    put_home();
    start();
    endpoint(alice, "alice");
    endpoint(bob, "bob");
    CAF_REQUIRE(
        get<relay_done>(post, relay_put_rule{next(), "relay.agent.x.*", "relay.agent.x.*", rule_action::allow, 100}));
  }

  // The machine goes before the actors of the fixture do.
  ~fixture() override { end(); }

  void put_home() {
    world.files.put_directory(home);
    world.files.aside([](disk& files) {
      const auto root = files.open(no_handle, "/", {.directory = true});
      (void)files.sync(*root);
      (void)files.close(*root);
    });
  }
  void end() {
    caf::anon_send_exit(post, caf::exit_reason::kill);
    sched.run();
  }
  void start() {
    if (post)
      end();
    post = keep(relay_actor{sys.spawn<relay>(world.view(), home, options)});
  }
  /// The next one has files of its own.
  void restart_empty() {
    home += "-next";
    put_home();
    start();
  }
  statement_version next() { return {epoch{1}, ++n}; }
  void endpoint(const std::string& subject, const std::string& agent, bool open = true) {
    CAF_REQUIRE(get<relay_done>(post, relay_put_endpoint{next(), subject, "x", agent_id{agent}, open}));
  }
  static relay_send letter(const std::string& text = "hello", const std::string& from = alice,
                           const std::string& to = bob) {
    relay_send result;
    result.from = from;
    result.to = to;
    result.payload = "\"" + text + "\"";
    return result;
  }
  message_id send(const relay_send& what) {
    const auto done = get<relay_sent>(post, what);
    CAF_REQUIRE(done.has_value());
    return done->id;
  }
  std::vector<mail_item> inbox(const std::string& subject = bob) {
    const auto found = get<relay_inbox>(post, relay_read_inbox{subject, {}, 50});
    CAF_REQUIRE(found.has_value());
    return found->messages;
  }
  mail_listener_actor listener(const news& into) {
    return keep(mail_listener_actor{sys.spawn([into]() -> mail_listener_actor::behavior_type {
      return {[into](const mail_waiting& what) { into->push_back(what); }};
    })});
  }
  /// As while its namespace changes.
  void two_endpoints() {
    endpoint(before, moving.text);
    endpoint(after, moving.text);
    CAF_REQUIRE(
        get<relay_done>(post, relay_put_rule{next(), "relay.agent.x.*", "relay.agent.y.*", rule_action::allow, 50}));
  }
  relay_doors doors() {
    return {[this](const auto& m) { return get<relay_done>(post, m); },
            [this](const auto& m) { return get<relay_done>(post, m); },
            [this](const auto& m) { return get<relay_done>(post, m); },
            [this](const auto& m) { return get<relay_done>(post, m); },
            [this] { return get<relay_listed>(post, relay_list{}); },
            [this](const auto& m) { return get<relay_sent>(post, m); },
            [this](const auto& m) { return get<relay_inbox>(post, m); },
            [this](const auto& m) { return get<relay_acked>(post, m); },
            [this](const auto& m) { return get<relay_dead>(post, m); },
            [this] { return get<relay_mail_counted>(post, relay_count_mail{}); }};
  }

  simulated_environment world;
  relay_options options;
  std::string home = "/data";
  relay_actor post;
  std::uint64_t n = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(relay_mail_tests, fixture)

CAF_TEST(the embedded relay is what a relay has to be) {
  start();
  const auto wrong = relay_violations(doors());
  for (const auto& each : wrong)
    CAF_FAIL(each);
  CAF_CHECK(wrong.empty());
}

CAF_TEST(a relay with a mailbox for each subject of an agent is found out) {
  using violations = std::vector<std::string>;
  std::map<message_id, std::string> sent_to;
  auto planted = doors();
  planted.send = [&, send = planted.send](const relay_send& m) {
    auto sent = send(m);
    if (sent)
      sent_to.try_emplace(sent->id, m.to);
    return sent;
  };
  planted.drop_endpoint = [&, drop = planted.drop_endpoint](const relay_drop_endpoint& m) {
    for (auto& [id, subject] : sent_to)
      if (subject == m.subject && !m.heir.empty())
        subject = m.heir;
    return drop(m);
  };
  const auto elsewhere = [&](const message_id& id, const std::string& subject) {
    const auto found = sent_to.find(id);
    return found != sent_to.end() && found->second != subject;
  };

  auto reads = planted;
  reads.read = [&, read = planted.read](const relay_read_inbox& m) {
    auto found = read(m);
    if (found)
      std::erase_if(found->messages, [&](const mail_item& each) { return elsewhere(each.id, m.subject); });
    return found;
  };
  start();
  CAF_CHECK_EQUAL(relay_violations(reads),
                  violations{"all mail of an agent that has two endpoints is found under either"});

  auto acknowledges = planted;
  acknowledges.ack = [&, ack = planted.ack](relay_ack m) {
    std::erase_if(m.messages, [&](const message_id& each) { return elsewhere(each, m.subject); });
    return ack(m);
  };
  restart_empty();
  CAF_CHECK_EQUAL(relay_violations(acknowledges),
                  (violations{"what is acknowledged under one endpoint of an agent is told under neither",
                              "what was acknowledged under one endpoint of an agent is not asked anew of the other"}));

  auto asks = planted;
  asks.send = [&, send = planted.send](relay_send m) {
    if (!m.request.empty())
      m.request.text += "@" + m.to;
    return send(m);
  };
  restart_empty();
  CAF_CHECK_EQUAL(relay_violations(asks),
                  violations{"what was asked of one endpoint of an agent is not asked anew of the other"});
}

CAF_TEST(a relay without files takes endpoints and no mail) {
  post = keep(relay_actor{sys.spawn<relay>()});
  endpoint(bob, "bob");
  CAF_CHECK_EQUAL(get<relay_sent>(post, letter()).error().code, "no-mail");
  CAF_CHECK_EQUAL(get<relay_inbox>(post, relay_read_inbox{bob, {}, 1}).error().code, "no-mail");
}

CAF_TEST(mail that was taken is there after the power was gone) {
  const auto id = send(letter());
  world.power_cycle({});
  start();
  endpoint(bob, "bob");
  const auto found = inbox();
  CAF_REQUIRE(found.size() == 1);
  CAF_CHECK(found.front().id == id);
  CAF_REQUIRE(get<relay_acked>(post, relay_ack{bob, {id}}));
  world.power_cycle({});
  start();
  endpoint(bob, "bob");
  CAF_CHECK(inbox().empty());
}

CAF_TEST(a backlog is made durable by two syncs and each sender is answered) {
  (void)send(letter());
  std::vector<traced_call> trace;
  world.files.set_trace(&trace);
  std::vector<awaited<relay_sent>> sent;
  for (int i = 0; i < 64; ++i)
    sent.push_back(ask_later<relay_sent>(post, letter(std::to_string(i))));
  sched.run();
  std::size_t answered = 0;
  for (const auto& each : sent)
    answered += *each && (*each)->has_value();
  CAF_CHECK_EQUAL(answered, 64u);
  world.files.set_trace(nullptr);
  std::size_t syncs = 0;
  for (const auto& each : trace)
    syncs += each.operation == disk_operation::sync || each.operation == disk_operation::sync_filesystem;
  CAF_CHECK_EQUAL(syncs, 2u);
  CAF_CHECK_EQUAL(inbox().size(), 50u);
}

CAF_TEST(a request that is repeated while it is under way is one message) {
  auto what = letter();
  what.request = request_id{"r"};
  const auto first = ask_later<relay_sent>(post, what);
  const auto second = ask_later<relay_sent>(post, what);
  sched.run();
  CAF_REQUIRE(*first && **first && *second && **second);
  CAF_CHECK((*first)->value().id == (*second)->value().id);
  CAF_CHECK_EQUAL(inbox().size(), 1u);
  CAF_REQUIRE(get<relay_acked>(post, relay_ack{bob, {(*first)->value().id}}));
  CAF_CHECK(send(what) == (*first)->value().id);
  CAF_CHECK(inbox().empty());
}

CAF_TEST(a request whose message was acknowledged makes none after the power was gone) {
  auto what = letter();
  what.request = request_id{"r"};
  const auto id = send(what);
  CAF_REQUIRE(get<relay_acked>(post, relay_ack{bob, {id}}));
  world.power_cycle({});
  start();
  endpoint(alice, "alice");
  endpoint(bob, "bob");
  CAF_REQUIRE(
      get<relay_done>(post, relay_put_rule{next(), "relay.agent.x.*", "relay.agent.x.*", rule_action::allow, 100}));
  auto told = std::make_shared<std::vector<mail_waiting>>();
  CAF_REQUIRE(get<relay_done>(post, relay_subscribe{">", listener(told)}));
  const auto again = get<relay_sent>(post, what);
  CAF_REQUIRE(again.has_value());
  CAF_CHECK(again->id == id && again->acknowledged && !again->held);
  CAF_CHECK(inbox().empty());
  CAF_CHECK(told->empty());
  what.payload = "\"other\"";
  CAF_CHECK_EQUAL(get<relay_sent>(post, what).error().code, "request-id-reused");
}

CAF_TEST(a request that was done is done whatever is allowed since) {
  auto what = letter();
  what.request = request_id{"r"};
  const auto id = send(what);
  CAF_REQUIRE(
      get<relay_done>(post, relay_put_rule{next(), "relay.agent.x.alice", "relay.agent.>", rule_action::deny, 200}));
  CAF_CHECK(send(what) == id);
  what.payload = "\"other\"";
  CAF_CHECK_EQUAL(get<relay_sent>(post, what).error().code, "access-denied");
  what.request = request_id{"s"};
  CAF_CHECK_EQUAL(get<relay_sent>(post, what).error().code, "access-denied");
  CAF_CHECK_EQUAL(inbox().size(), 1u);
}

CAF_TEST(while a mailbox cannot be opened a request is neither done nor not done) {
  auto what = letter();
  what.request = request_id{"r"};
  const auto id = send(what);
  start();
  endpoint(bob, "bob");
  CAF_REQUIRE(
      get<relay_done>(post, relay_put_rule{next(), "relay.agent.x.*", "relay.agent.x.*", rule_action::allow, 100}));
  world.files.set_plan(fault_plan{fault_rule{{fault::kind::error, 5}, 1, {disk_operation::open}, true}});
  const auto unknown = get<relay_sent>(post, what);
  CAF_REQUIRE(!unknown.has_value());
  CAF_CHECK(unknown.error().kind == failure_kind::unknown_outcome);
  const auto failed = get<relay_sent>(post, letter());
  CAF_CHECK(!failed && failed.error().kind == failure_kind::failed);
  world.files.set_plan({});
  CAF_CHECK(send(what) == id);
}

CAF_TEST(a request is the same message after a start as long as that is there) {
  auto what = letter();
  what.request = request_id{"r"};
  const auto id = send(what);
  start();
  endpoint(alice, "alice");
  endpoint(bob, "bob");
  CAF_REQUIRE(
      get<relay_done>(post, relay_put_rule{next(), "relay.agent.x.*", "relay.agent.x.*", rule_action::allow, 100}));
  CAF_CHECK(send(what) == id);
  what.payload = "\"other\"";
  CAF_CHECK_EQUAL(get<relay_sent>(post, what).error().code, "request-id-reused");
}

CAF_TEST(mail of an agent is told and acknowledged under either subject while it has two) {
  two_endpoints();
  auto what = letter("first", alice, before);
  what.request = request_id{"r"};
  const auto first = send(what);
  const auto second = send(letter("second", alice, before));
  what.to = after;
  CAF_CHECK(send(what) == first);
  const auto acked = get<relay_acked>(post, relay_ack{after, {second}});
  CAF_REQUIRE(acked.has_value());
  CAF_CHECK_EQUAL(acked->gone, 1u);
  CAF_CHECK_EQUAL(inbox(before).size(), 1u);
  CAF_REQUIRE(get<relay_done>(post, relay_drop_endpoint{next(), before, moving, after}));
  start();
  endpoint(after, moving.text);
  const auto left = inbox(after);
  CAF_REQUIRE_EQUAL(left.size(), 1u);
  CAF_CHECK(left.front().id == first);
}

CAF_TEST(a request that is repeated under the other subject while it is under way is one message) {
  two_endpoints();
  auto what = letter("first", alice, before);
  what.request = request_id{"r"};
  const auto first = ask_later<relay_sent>(post, what);
  what.to = after;
  const auto second = ask_later<relay_sent>(post, what);
  sched.run();
  CAF_REQUIRE(*first && **first && *second && **second);
  CAF_CHECK((*first)->value().id == (*second)->value().id);
  CAF_CHECK_EQUAL(inbox(after).size(), 1u);
}

CAF_TEST(a full mailbox pushes back until something is acknowledged) {
  options.post.store.box.messages = 3;
  start();
  endpoint(alice, "alice");
  endpoint(bob, "bob");
  CAF_REQUIRE(
      get<relay_done>(post, relay_put_rule{next(), "relay.agent.x.*", "relay.agent.x.*", rule_action::allow, 100}));
  std::vector<awaited<relay_sent>> sent;
  for (int i = 0; i < 5; ++i)
    sent.push_back(ask_later<relay_sent>(post, letter()));
  sched.run();
  std::size_t taken = 0;
  for (const auto& each : sent)
    taken += (*each)->has_value();
  CAF_CHECK_EQUAL(taken, 3u);
  CAF_CHECK_EQUAL(get<relay_sent>(post, letter()).error().code, "mailbox-full");
  CAF_REQUIRE(get<relay_acked>(post, relay_ack{bob, {inbox().front().id}}));
  (void)send(letter());
}

CAF_TEST(a listener is told once until somebody has read the mailbox) {
  const auto told = std::make_shared<std::vector<mail_waiting>>();
  CAF_REQUIRE(get<relay_done>(post, relay_subscribe{"relay.agent.*.bob", listener(told)}));
  const auto first = send(letter());
  (void)send(letter());
  CAF_REQUIRE(told->size() == 1);
  CAF_CHECK(told->front().subject == bob && told->front().newest == first);
  (void)inbox();
  (void)send(letter());
  CAF_CHECK_EQUAL(told->size(), 2u);
  (void)send(letter("hello", bob, alice));
  CAF_CHECK_EQUAL(told->size(), 2u);
}

CAF_TEST(a listener that comes late is told what waits and one that has ended is forgotten) {
  const auto id = send(letter());
  const auto told = std::make_shared<std::vector<mail_waiting>>();
  const auto who = listener(told);
  CAF_REQUIRE(get<relay_done>(post, relay_subscribe{"relay.agent.>", who}));
  CAF_REQUIRE(told->size() == 1);
  CAF_CHECK(told->front().newest == id);
  caf::anon_send_exit(who, caf::exit_reason::kill);
  sched.run();
  (void)inbox();
  (void)send(letter());
  CAF_CHECK_EQUAL(told->size(), 1u);
  CAF_CHECK_EQUAL(get<relay_done>(post, relay_subscribe{"a..b", listener(told)}).error().code, "subject-invalid");
}

CAF_TEST(held mail and mail for the silent wakes nobody before its time) {
  const auto told = std::make_shared<std::vector<mail_waiting>>();
  CAF_REQUIRE(get<relay_done>(post, relay_subscribe{"relay.agent.>", listener(told)}));
  auto quiet = letter();
  quiet.wakes = false;
  (void)send(quiet);
  CAF_CHECK(told->empty());
  (void)inbox();
  endpoint(bob, "bob", false);
  CAF_CHECK(get<relay_sent>(post, letter())->held);
  CAF_CHECK(told->empty());
  endpoint(bob, "bob", true);
  CAF_CHECK_EQUAL(told->size(), 1u);
}

CAF_TEST(what has lived too long is told no more and is dead after a while) {
  auto what = letter();
  what.time_to_live = 1min;
  (void)send(what);
  world.clock.advance(2min);
  CAF_CHECK(inbox().empty());
  pass(6min);
  const auto dead = get<relay_dead>(post, relay_list_dead{10});
  CAF_REQUIRE(dead && dead->letters.size() == 1);
  CAF_CHECK_EQUAL(dead->letters.front().reason, "time-to-live");
}

CAF_TEST(no message passes a rule that came before it) {
  std::vector<awaited<relay_sent>> sent;
  const auto before = ask_later<relay_sent>(post, letter());
  const auto denied = ask_later<relay_done>(
      post, relay_put_rule{next(), "relay.agent.x.alice", "relay.agent.>", rule_action::deny, 200});
  const auto after = ask_later<relay_sent>(post, letter());
  sched.run();
  CAF_CHECK((*before)->has_value());
  CAF_CHECK((*denied)->has_value());
  CAF_REQUIRE(!(*after)->has_value());
  CAF_CHECK((*after)->error().message.starts_with("Access denied: " + alice + " -> " + bob + " by the rule"));
}

CAF_TEST(what somebody left among the mailboxes is counted and stops nothing) {
  (void)send(letter());
  world.files.put_file("/data/relay/README", "hello");
  world.files.put_file("/data/relay/" + bob + "/new/note", "hello");
  start();
  endpoint(bob, "bob");
  CAF_CHECK_EQUAL(inbox().size(), 1u);
  const auto counted = get<relay_mail_counted>(post, relay_count_mail{});
  CAF_REQUIRE(counted.has_value());
  CAF_CHECK_EQUAL(counted->problems, 2u);
  CAF_CHECK_EQUAL(counted->mailboxes.size(), 1u);
  CAF_CHECK(get<relay_dead>(post, relay_list_dead{10}).has_value());
}

CAF_TEST(a disk that fails is told and what comes later is taken) {
  (void)send(letter());
  world.files.set_plan(fault_plan{fault_rule{.what = {fault::kind::error, 28}, .persistent = true}});
  const auto refused = get<relay_sent>(post, letter("no space"));
  world.files.set_plan({});
  CAF_CHECK(!refused && refused.error().kind == failure_kind::failed);
  (void)send(letter("space"));
  CAF_CHECK_EQUAL(inbox().size(), 2u);
}

CAF_TEST(a disk that hangs leaves rules and endpoints answered) {
  (void)send(letter());
  world.files.set_plan(fault_plan{fault_rule{{fault::kind::hang}, 1}});
  CAF_CHECK_EQUAL(get<relay_sent>(post, letter()).error().code, "silence");
  endpoint("relay.agent.x.carol", "carol");
  CAF_CHECK(get<relay_listed>(post, relay_list{}).has_value());
  CAF_CHECK_EQUAL(get<relay_inbox>(post, relay_read_inbox{bob, {}, 1}).error().code, "silence");
}

CAF_TEST_FIXTURE_SCOPE_END()
