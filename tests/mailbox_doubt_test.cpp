#define CAF_SUITE mailbox_doubt_test

#include "tests/support/mailbox_fixture.hpp"

#include <cerrno>
#include <string>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

// What becomes of mail where the disk has said no, or may have more than the system.

CAF_TEST_FIXTURE_SCOPE(mailbox_doubt_tests, mailbox_fixture)

CAF_TEST(a message that cannot be read now keeps its request) {
  const auto one = send(request("one", "r-1"));
  start();
  world.files.set_plan(fault_plan{fault_rule{{fault::kind::error, EIO}, 1, {disk_operation::read}, true}});
  auto& box = open();
  CAF_CHECK_EQUAL(box.problems(), 1u);
  CAF_CHECK(!box.with_request(key_of("r-1")));
  CAF_CHECK(box.doubts_requests());
  (void)all->acknowledge(box_a, {one});
  const auto refused = all->flush();
  CAF_REQUIRE(refused.acks.size() == 1 && refused.acks.front().has_error());
  CAF_CHECK(world.files.exists(path("new/" + mail_file_name(one))));
  // One that stays as it is holds nobody up for long.
  world.clock.advance(10min);
  CAF_CHECK(!box.doubts_requests());
  world.files.set_plan({});
  CAF_CHECK(open().with_request(key_of("r-1")).has_value());
  CAF_CHECK_EQUAL(ack(one), 1u);
  CAF_CHECK(open().with_request(key_of("r-1"))->acknowledged);
}

CAF_TEST(what was read before a sync failed is gone from where it stood when it is acknowledged) {
  const auto one = send("one");
  const auto two = send("two");
  (void)open().read(one, true);
  (void)open().read(two, true);
  (void)open();
  (void)all->acknowledge(box_a, {two});
  // The disk keeps the old names, and the system believes that it has the new ones.
  lose_next_sync();
  CAF_CHECK(all->flush().acks.front().has_error());
  world.files.set_plan({});
  CAF_CHECK_EQUAL(ack(one), 1u);
  CAF_CHECK_EQUAL(ack(two), 1u);
  world.files.aside([](disk& files) {
    const auto root = files.open(no_handle, "/", {.directory = true});
    CAF_REQUIRE(root && files.sync(*root) && files.close(*root));
  });
  all.reset();
  world.power_cycle({});
  start();
  CAF_CHECK(open().messages().empty());
}

CAF_TEST(what was read before a message could not be saved is gone when it is acknowledged) {
  // Where one sync is of all names, one that fails loses those of others, too.
  volume_options disk;
  disk.model = crash_model::ordered;
  mailbox_fixture here{disk};
  const std::string other = "relay.agent.x.b";
  const auto send_to_other = [&] {
    auto what = here.letter("two");
    what.agent = agent_id{"b"};
    (void)here.all->open(other, what.agent);
    (void)here.all->send(other, what);
    return here.all->flush().sends.front().has_value();
  };
  const auto one = here.send("one");
  CAF_CHECK(send_to_other());
  here.save_all();
  (void)here.open().read(one, true);
  here.lose_next_sync();
  CAF_CHECK(!send_to_other());
  here.world.files.set_plan({});
  CAF_CHECK_EQUAL(here.ack(one), 1u);
  here.all.reset();
  here.world.power_cycle({});
  here.start();
  CAF_CHECK(here.open().messages().empty());
}

CAF_TEST(what was read before a sync failed in a process that has ended is gone when it is acknowledged) {
  const auto one = send("one");
  save_all();
  (void)open().read(one, true);
  // That of the directory, which comes after that of the file.
  world.files.set_plan(fault_plan{fault_rule{{fault::kind::sync_loses_data, EIO}, 2, {disk_operation::sync}}});
  (void)open();
  (void)all->send(box_a, letter("two"));
  CAF_CHECK(all->flush().sends.front().has_error());
  CAF_CHECK_EQUAL(world.files.plan().fired(), 1u);
  world.files.set_plan({});
  start();
  CAF_CHECK_EQUAL(ack(one), 1u);
  all.reset();
  world.power_cycle({});
  start();
  CAF_CHECK(!open().messages().contains(one));
}

CAF_TEST(a mailbox that could not be saved is made anew by the next process) {
  save_all();
  // Of the mailbox, and of the directory that it is in; those before are of the latter.
  for (std::uint64_t nth = 1; nth <= 4; ++nth) {
    all.reset();
    world.power_cycle({});
    start();
    world.files.set_plan(fault_plan{fault_rule{{fault::kind::sync_loses_data, EIO}, nth, {disk_operation::sync}}});
    if (all->open(box_a, agent_a))
      (void)all->send(box_a, letter("one"));
    const auto sent = all->flush().sends;
    const bool fired = world.files.plan().fired() > 0;
    world.files.set_plan({});
    CAF_CHECK(fired && (sent.empty() || sent.front().has_error()));
    start();
    const auto two = send("two");
    all.reset();
    world.power_cycle({});
    start();
    CAF_CHECK(open().messages().contains(two));
    CAF_CHECK_EQUAL(ack(two), 1u);
    CAF_CHECK(all->tidy(100));
    save_all();
  }
}

CAF_TEST(what a removal that was made again has left beside the message is removed) {
  const auto one = send("one");
  (void)open().read(one, true);
  world.files.put_file(path("new/" + mail_file_name(one)), "");
  start();
  CAF_CHECK(open().messages().contains(one));
  CAF_CHECK_EQUAL(open().problems(), 0u);
  CAF_CHECK(!world.files.exists(path("new/" + mail_file_name(one))));
}

CAF_TEST(an acknowledgement whose sync was lost is made anew by the next one) {
  for (const bool was_read : {false, true}) {
    const auto id = send("one");
    if (was_read)
      (void)open().read(id, true);
    save_all();
    lose_next_sync();
    (void)open();
    (void)all->acknowledge(box_a, {id});
    const auto lost = all->flush();
    CAF_CHECK(!lost.acks.front() && lost.acks.front().error().kind == failure_kind::unknown_outcome);
    CAF_CHECK_EQUAL(world.files.plan().fired(), 1u);
    world.files.set_plan({});
    CAF_CHECK_EQUAL(ack(id), 1u);
    world.power_cycle({});
    start();
    CAF_CHECK(open().messages().empty());
  }
}

CAF_TEST(an acknowledgement whose sync was lost is made anew by a process that knows nothing of it) {
  for (const auto& what : {letter("one"), request("two", "r")}) {
    (void)send(what);
    save_all();
    lose_next_sync();
    (void)open();
    (void)all->acknowledge(box_a, {what.id});
    CAF_CHECK(!all->flush().acks.front());
    world.files.set_plan({});
    start();
    CAF_CHECK(open().messages().empty());
    CAF_CHECK_EQUAL(ack(what.id), 0u);
    world.power_cycle({});
    start();
    CAF_CHECK(open().messages().empty());
    CAF_CHECK_EQUAL(open().dead().size(), 0u);
    CAF_CHECK_EQUAL(open().with_request(key_of("r")).has_value(), !what.request.empty());
  }
}

CAF_TEST(what was acknowledged a moment ago is not looked for again and neither is what is no message) {
  const auto one = send("one");
  CAF_CHECK_EQUAL(ack(one), 1u);
  world.files.set_plan(fault_plan{fault_rule{{fault::kind::error, 5}, 1, {disk_operation::create}, true}});
  CAF_CHECK_EQUAL(ack(one), 0u);
  CAF_CHECK_EQUAL(ack(message_id{"../../../x"}), 0u);
}

CAF_TEST(mail that could not be moved to another subject is neither told nor taken for acknowledged) {
  const std::string agent = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  const auto at = [&](const std::string& space) { return "relay.agent." + space + "." + agent; };
  auto what = letter("one");
  what.agent = agent_id{agent};
  CAF_REQUIRE(all->open(at("x"), what.agent).has_value());
  (void)all->send(at("x"), what);
  CAF_REQUIRE(all->flush().sends.front().has_value());
  std::size_t doubts = 0;
  for (std::size_t n = 1; n < 200; ++n) {
    start();
    CAF_REQUIRE(all->open(at("x"), what.agent).has_value());
    start();
    world.files.set_plan(
        fault_plan{fault_rule{{fault::kind::error, 5}, n, {disk_operation::open, disk_operation::read_entries}}});
    const auto box = all->open(at("y"), what.agent);
    const bool fired = world.files.plan().fired() > 0;
    world.files.set_plan({});
    if (box && !all->has_mail_elsewhere(what.agent)) {
      CAF_CHECK((*box)->messages().contains(what.id));
      CAF_CHECK(!all->doubts_requests_to(what.agent));
    } else if (box) {
      CAF_CHECK(all->doubts_requests_to(what.agent));
      world.clock.advance(11min);
      CAF_CHECK(!all->doubts_requests_to(what.agent));
      ++doubts;
    }
    if (!fired) {
      CAF_CHECK(doubts > 0);
      return;
    }
  }
  CAF_FAIL("the fault fires without end");
}

CAF_TEST_FIXTURE_SCOPE_END()
