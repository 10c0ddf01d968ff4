#define CAF_SUITE mailbox_fault

#include "tests/support/broken_calls.hpp"

#include "muster/store/mail_store.hpp"
#include "muster/store/simulated_environment.hpp"
#include "muster/store/ulid.hpp"

#include <caf/test/unit_test.hpp>

#include <array>
#include <cerrno>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace muster;
using namespace std::chrono_literals;

namespace {

constexpr auto directory = "/data";
const agent_id agent_a{"01ARZ3NDEKTSV4RRFFQ69G5FAV"};
const std::string first_subject = "relay.agent.x." + agent_a.text;
const std::string second_subject = "relay.agent.y." + agent_a.text;
const std::string other_subject = "relay.agent.x.b";
const std::string sender = "relay.human.console";
const agent_id agent_b{"b"};

/// What a sender and a receiver have been told of a message. What is long gone may be sent again.
enum class promise : std::uint8_t { there, not_there, gone, long_gone, unknown };

bool must_be_away(promise what) {
  return what == promise::not_there || what == promise::gone || what == promise::long_gone;
}

/// Messages by their ids.
using promises = std::map<message_id, promise>;

/// Sends, batches, reads, acknowledgements, and two changes of a namespace, the
/// second one back to where something lies.
struct scenario {
  simulated_environment& world;
  promises& seen;
  mail_store all{world.view(), directory, {}};
  ulid_generator ids{world.clock, world.random};
  std::vector<message_id> sent = {};

  mail_item letter(const agent_id& agent) {
    mail_item result;
    result.id = message_id{ids.next()};
    result.subject = agent == agent_a ? first_subject : other_subject;
    result.agent = agent;
    result.from = sender;
    // What agent A gets may be sent again.
    if (agent == agent_a)
      result.request = request_id{result.id.text};
    result.payload = "\"" + std::string(700, 'm') + "\"";
    result.expires = world.clock.wall() + 100h;
    return result;
  }

  void send(const std::vector<std::pair<std::string, agent_id>>& to) {
    std::vector<message_id> staged;
    for (const auto& [subject, agent] : to) {
      if (!all.open(subject, agent))
        continue;
      const auto what = letter(agent);
      seen[what.id] = promise::unknown;
      staged.push_back(what.id);
      (void)all.send(subject, what);
    }
    const auto done = all.flush();
    for (std::size_t i = 0; i < staged.size(); ++i) {
      const auto& how = done.sends[i];
      if (how)
        sent.push_back(staged[i]);
      if (how)
        seen[staged[i]] = promise::there;
      else if (how.error().kind != failure_kind::unknown_outcome)
        seen[staged[i]] = promise::not_there;
    }
  }

  void read(const std::string& subject) {
    if (auto box = all.open(subject, agent_a)) {
      std::vector<message_id> which;
      for (const auto& [id, entry] : (*box)->messages())
        which.push_back(id);
      for (const auto& id : which)
        (void)(*box)->read(id, true);
    }
  }

  void acknowledge(const std::string& subject, std::size_t from, std::size_t count) {
    std::vector<message_id> which;
    for (std::size_t i = from; i < std::min(from + count, sent.size()); ++i)
      if (seen.at(sent[i]) == promise::there)
        which.push_back(sent[i]);
    // Twice: who got no proper answer asks again.
    for (int i = 0; i < 2; ++i) {
      const auto box = all.open(subject, agent_a);
      if (!box)
        return;
      std::vector<message_id> here;
      for (const auto& id : which)
        if ((*box)->knows(id))
          here.push_back(id);
      if (here.empty())
        return;
      for (const auto& id : here)
        seen[id] = promise::unknown;
      (void)all.acknowledge(subject, here);
      const auto done = all.flush();
      if (done.acks.front())
        for (const auto& id : here)
          seen[id] = promise::gone;
    }
  }

  void run() {
    all.claim(first_subject, agent_a);
    all.claim(other_subject, agent_b);
    send({{first_subject, agent_a}});
    send({{first_subject, agent_a}});
    send({{first_subject, agent_a},
          {other_subject, agent_b},
          {first_subject, agent_a},
          {first_subject, agent_a},
          {other_subject, agent_b}});
    read(first_subject);
    acknowledge(first_subject, 0, 1);
    // The new endpoint gets mail before the old one goes.
    all.claim(second_subject, agent_a);
    all.disown(first_subject, agent_a);
    send({{second_subject, agent_a}});
    acknowledge(second_subject, 1, 1);
    send({{other_subject, agent_b}, {second_subject, agent_a}});
    all.claim(first_subject, agent_a);
    send({{first_subject, agent_a}});
    all.disown(second_subject, agent_a);
    read(first_subject);
    send({{first_subject, agent_a}});
    acknowledge(first_subject, 2, 3);
    (void)all.tidy(100);
  }
};

/// Mail that was read, in a mailbox of which a sync has failed, so that it is moved
/// file by file; it is acknowledged from where it is then. Nothing later saves the
/// mailbox that it has left.
struct moved_mail : scenario {
  void run() {
    move();
    read(first_subject);
    acknowledge(first_subject, 0, 2);
  }

  void move() {
    all.claim(second_subject, agent_a);
    send({{second_subject, agent_a}, {second_subject, agent_a}});
    read(second_subject);
    if (const auto box = all.open(second_subject, agent_a))
      (*box)->doubt();
    all.claim(first_subject, agent_a);
    all.disown(second_subject, agent_a);
  }
};

/// Mail that was read and acknowledged, whose mailbox is moved or goes after that. Who was
/// not told that it is done asks again, of the mailbox that there is then.
struct acknowledged_mail : scenario {
  void acknowledge_all(const std::string& subject) {
    if (!all.open(subject, agent_a) || all.has_mail_elsewhere(agent_a))
      return;
    for (const auto& id : sent)
      seen[id] = promise::unknown;
    (void)all.acknowledge(subject, sent);
    if (all.flush().acks.front())
      for (const auto& id : sent)
        seen[id] = promise::gone;
  }

  void acknowledge_first() {
    all.claim(second_subject, agent_a);
    send({{second_subject, agent_a}, {second_subject, agent_a}});
    read(second_subject);
    acknowledge_all(second_subject);
  }
};

struct acknowledged_and_moved : acknowledged_mail {
  void run() {
    acknowledge_first();
    all.claim(first_subject, agent_a);
    all.disown(second_subject, agent_a);
    acknowledge_all(first_subject);
  }
};

struct acknowledged_and_tidied : acknowledged_mail {
  void run() {
    acknowledge_first();
    world.clock.advance(25h);
    (void)all.tidy(100);
    acknowledge_all(second_subject);
    for (auto& [id, what] : seen)
      what = what == promise::gone ? promise::long_gone : what;
  }
};

using tally = test::call_tally;

/// What is gone, sent again, is no new message.
bool remembers(const mailbox& box, const promises& seen) {
  for (const auto& [id, what] : seen)
    if (what == promise::gone) {
      const auto known = box.with_request(request_key(sender, request_id{id.text}));
      if (!known || known->id != id || !known->acknowledged)
        return false;
    }
  return true;
}

/// A message that was read may stand under both names after a power cut: it is told once, and counted.
enum class leftovers : bool { none, counted };

/// Starts on what is there and compares, twice.
void check(simulated_environment& world, const promises& seen, tally& count, leftovers allowed = leftovers::none) {
  for (int again = 0; again < 2; ++again) {
    mail_store all{world.view(), directory, {}};
    all.claim(first_subject, agent_a);
    all.claim(other_subject, agent_b);
    std::map<message_id, int> found;
    std::size_t unclean = 0;
    bool remembered = true;
    const auto names = all.names();
    if (!names) {
      ++count.wrong;
      return;
    }
    for (const auto& [subject, agent] :
         std::array{std::pair{first_subject, agent_a}, std::pair{other_subject, agent_b}}) {
      auto box = all.open(subject, agent);
      if (!box) {
        ++count.wrong;
        return;
      }
      remembered = remembered && (agent != agent_a || remembers(**box, seen));
      unclean += (*box)->problems() + (*box)->dead().size();
      std::vector<message_id> which;
      for (const auto& [id, entry] : (*box)->messages())
        which.push_back(id);
      for (const auto& id : which)
        found[id] += (*box)->read(id, true) ? 1 : 100;
    }
    bool good = (unclean == 0 || allowed == leftovers::counted) && remembered;
    for (const auto& [id, what] : seen) {
      const auto times = found.contains(id) ? found.at(id) : 0;
      good = good && times <= 1 && (what != promise::there || times == 1) && (!must_be_away(what) || times == 0);
    }
    for (const auto& [id, times] : found)
      good = good && seen.contains(id);
    if (!good) {
      ++count.wrong;
      return;
    }
  }
}

void check_crashes(const simulated_environment& world, const promises& seen, std::uint64_t seed, tally& count,
                   leftovers allowed = leftovers::none) {
  test::each_crash(world, seed, count, [&](simulated_environment& after) { check(after, seen, count, allowed); });
}

template <class Scenario = scenario, class After>
std::size_t each_call(const volume_options& volume, fault what, bool persistent, tally& count, After after) {
  return test::each_broken_call<Scenario, promises>(
      directory, volume, what, persistent, count,
      [&](simulated_environment& world, const promises& seen, const test::broken_call& how) {
        after(world, seen, how.nth);
        // Without a fault everything is known.
        for (const auto& [id, known] : seen)
          count.wrong += !how.fired && (known == promise::unknown || known == promise::not_there) ? 1 : 0;
      });
}

} // namespace

CAF_TEST(killed before or after any call no message is lost that was taken and none comes back) {
  tally count;
  std::size_t calls = 0;
  for (const auto model : {crash_model::weak_posix, crash_model::ordered})
    for (const auto kind : {fault::kind::kill_before, fault::kind::kill_after})
      calls += each_call({.model = model}, {kind}, false, count,
                         [&](simulated_environment& world, const promises& seen, std::uint64_t nth) {
                           check_crashes(world, seen, nth, count);
                           world.restart_process();
                           check(world, seen, count);
                         });
  std::printf("lane mailbox_fault: killed at %zu calls, %zu crash states, %zu distinct\n", calls, count.states,
              count.distinct.size());
  CAF_CHECK_EQUAL(count.wrong, 0u);
}

CAF_TEST(whatever call fails in whatever way the mail is what was answered) {
  tally count;
  std::size_t calls = 0;
  for (const auto& what : {fault{fault::kind::error, EIO}, fault{fault::kind::error, ENOSPC},
                           fault{fault::kind::error, EINTR}, fault{fault::kind::error_but_done, EIO},
                           fault{fault::kind::short_transfer}, fault{fault::kind::sync_loses_data, EIO}})
    for (const bool persistent : {false, true}) {
      if (persistent && what.what == fault::kind::short_transfer)
        continue;
      const auto before = count.wrong;
      const auto judge = [&](leftovers allowed) {
        return [&, allowed](simulated_environment& world, const promises& seen, std::uint64_t nth) {
          const auto was = count.wrong;
          check_crashes(world, seen, nth, count, allowed);
          world.restart_process();
          check(world, seen, count, allowed);
          if (count.wrong != was)
            std::printf("fault %d code %d persistent %d at call %llu\n", static_cast<int>(what.what), what.code,
                        persistent, static_cast<unsigned long long>(nth));
        };
      };
      calls += each_call({}, what, persistent, count, judge(leftovers::none));
      calls += each_call<moved_mail>({}, what, persistent, count, judge(leftovers::counted));
      calls += each_call<acknowledged_and_moved>({}, what, persistent, count, judge(leftovers::counted));
      calls += each_call<acknowledged_and_tidied>({}, what, persistent, count, judge(leftovers::counted));
      CAF_CHECK_EQUAL(count.wrong, before);
    }
  std::printf("lane mailbox_fault: failed at %zu calls, %zu crash states, %zu distinct\n", calls, count.states,
              count.distinct.size());
}

CAF_TEST(mail that has moved is not acknowledged before it is saved that it has left) {
  tally count;
  std::size_t unknown = 0;
  bool fired = true;
  for (std::uint64_t nth = 1; fired; ++nth) {
    simulated_environment world{nth};
    test::put_saved_directory(world, directory);
    promises seen;
    moved_mail run{world, seen};
    run.move();
    world.files.set_plan(fault_plan{fault_rule{{fault::kind::error, EIO}, nth, {disk_operation::sync}, true}});
    const auto box = run.all.open(first_subject, agent_a);
    fired = world.files.plan().fired() > 0;
    world.files.set_plan({});
    CAF_REQUIRE(box);
    std::vector<message_id> here;
    for (const auto& id : run.sent)
      if ((*box)->knows(id))
        here.push_back(id);
    (void)run.all.acknowledge(first_subject, here);
    const bool done = run.all.flush().acks.front().has_value();
    unknown += !done;
    for (const auto& id : here)
      seen[id] = done ? promise::gone : promise::unknown;
    check_crashes(world, seen, nth, count, leftovers::counted);
  }
  CAF_CHECK(unknown > 0);
  CAF_CHECK_EQUAL(count.wrong, 0u);
}
