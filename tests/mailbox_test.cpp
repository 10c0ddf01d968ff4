#define CAF_SUITE mailbox_test

#include "tests/support/mailbox_fixture.hpp"

#include <string>
#include <vector>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

CAF_TEST(a message file says what it was made of and nothing else is taken for one) {
  mailbox_fixture here;
  auto what = here.letter("caf\xc3\xa9 \\\" \\u0000");
  what.before = {"relay.agent.x.c", "relay.human.console"};
  what.cause = message_id{"01ARZ3NDEKTSV4RRFFQ69G5FAV"};
  what.hops_left = 4;
  what.request = request_id{"r 1"};
  const auto bytes = encode_mail(what);
  CAF_CHECK(decode_mail(bytes, {}) == what);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    wrong += decode_mail(bytes.substr(0, i), {}).has_value();
    auto other = bytes;
    other[i] = '\x01';
    wrong += decode_mail(other, {}).has_value();
  }
  wrong += decode_mail(bytes + "\n", {}).has_value() + decode_mail(bytes + bytes, {}).has_value();
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK(!decode_mail(bytes, {.payload_bytes = 3, .text_bytes = 4096, .before = 64}));
  CAF_CHECK(!decode_mail(bytes, {.payload_bytes = 300, .text_bytes = 4096, .before = 1}));
  what.payload = "no json";
  CAF_CHECK(!decode_mail(encode_mail(what), {}));
}

CAF_TEST(names of files are read back and a subject that makes no name is hashed) {
  const message_id id{"01ARZ3NDEKTSV4RRFFQ69G5FAV"};
  CAF_CHECK(message_of_file(mail_file_name(id)) == id);
  for (const auto* other :
       {"x.json", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAV.json.json", ".json", ""})
    CAF_CHECK(!message_of_file(other));
  const auto dead = dead_of_file(dead_file_name({id, "time-to-live", 17ms}));
  CAF_REQUIRE(dead.has_value());
  CAF_CHECK(dead->id == id && dead->reason == "time-to-live" && dead->at == 17ms);
  CAF_CHECK(!dead_of_file("01ARZ3NDEKTSV4RRFFQ69G5FAV.whatever.17.json"));
  CAF_CHECK(!dead_of_file("01ARZ3NDEKTSV4RRFFQ69G5FAV.time-to-live.json"));
  CAF_CHECK(!dead_of_file("01ARZ3NDEKTSV4RRFFQ69G5FAV.time-to-live.99999999999999999999.json"));
  const done_file done{id, request_key("a", request_id{"r"}), payload_key("1"), 17ms};
  const auto name = done_file_name(done);
  const auto again = done_of_file(name);
  CAF_REQUIRE(again.has_value());
  CAF_CHECK(again->id == id && again->request == done.request && again->payload == done.payload && again->at == 17ms);
  std::size_t taken = 0;
  for (std::size_t i = 0; i < name.size() - 1; ++i)
    taken += done_of_file(name.substr(0, i)).has_value() + done_of_file(name.substr(i + 1)).has_value();
  taken += done_of_file(name + ".1").has_value() + done_of_file(name + ".").has_value();
  CAF_CHECK_EQUAL(taken, 1u); // a digit less at the end
  CAF_CHECK_EQUAL(mailbox_directory("relay.agent.x.a"), "relay.agent.x.a");
  for (const auto& odd :
       {std::string{"relay.a/b"}, std::string{"sha256-"}, std::string(201, 'a'), std::string{"a\x7f"}}) {
    CAF_CHECK(mailbox_directory(odd).starts_with("sha256-"));
    CAF_CHECK_EQUAL(mailbox_directory(odd).size(), 71u);
  }
}

CAF_TEST_FIXTURE_SCOPE(mailbox_tests, mailbox_fixture)

CAF_TEST(a message lies in new and when it was read in cur until it is acknowledged) {
  const auto id = send("one");
  CAF_CHECK(world.files.exists(path("new/" + mail_file_name(id))));
  const auto read = open().read(id, true);
  CAF_REQUIRE(read.has_value());
  CAF_CHECK_EQUAL(read->payload, "\"one\"");
  CAF_CHECK(!read->read);
  CAF_CHECK(world.files.exists(path("cur/" + mail_file_name(id))));
  CAF_CHECK(open().read(id, true)->read);
  CAF_CHECK_EQUAL(ack(id), 1u);
  CAF_CHECK(!world.files.exists(path("cur/" + mail_file_name(id))));
  CAF_CHECK_EQUAL(ack(id), 0u);
}

CAF_TEST(after a start everything is as it was and what was never taken is gone) {
  const auto one = send("one");
  const auto two = send("two");
  (void)open().read(one, true);
  world.files.put_file(path("tmp/" + mail_file_name(message_id{ids.next()})), "half a mess");
  start();
  auto& box = open();
  CAF_CHECK_EQUAL(box.messages().size(), 2u);
  CAF_CHECK(box.messages().at(one).read && !box.messages().at(two).read);
  CAF_CHECK_EQUAL(box.problems(), 0u);
  const auto left = world.files.aside([&](disk& files) {
    const auto tmp = files.open(no_handle, path("tmp"), {.directory = true});
    std::array<std::byte, 4096> buffer{};
    directory_entry entry;
    return listing_reader{std::span(buffer).first(*files.read_entries(*tmp, buffer))}.next(entry);
  });
  CAF_CHECK(!left);
}

CAF_TEST(a file that cannot be understood is dead and one of somebody else is counted and stays) {
  const auto good = send("good");
  const message_id bad{ids.next()};
  world.files.put_file(path("new/" + mail_file_name(bad)), "{\"agent\":");
  world.files.put_file(path("new/README"), "hello");
  world.files.put_file(path("cur/" + mail_file_name(message_id{ids.next()})), encode_mail(letter("named otherwise")));
  start();
  auto& box = open();
  CAF_CHECK_EQUAL(box.messages().size(), 1u);
  CAF_CHECK(box.messages().contains(good));
  CAF_CHECK_EQUAL(box.problems(), 1u);
  CAF_CHECK_EQUAL(box.dead().size(), 2u);
  CAF_CHECK(world.files.exists(path("new/README")));
  std::size_t total = 0;
  const auto dead = all->dead(10, total);
  CAF_REQUIRE(dead.has_value());
  CAF_CHECK_EQUAL(total, 2u);
  CAF_CHECK_EQUAL(dead->front().reason, "unreadable");
}

CAF_TEST(what has lived too long is dead and after a day it is gone with its mailbox) {
  (void)send("one");
  CAF_CHECK(all->tidy(100).has_value());
  CAF_CHECK_EQUAL(open().messages().size(), 1u);
  world.clock.advance(2h);
  CAF_CHECK(all->tidy(100).has_value());
  std::size_t total = 0;
  const auto dead = all->dead(10, total);
  CAF_REQUIRE(dead.has_value() && dead->size() == 1);
  CAF_CHECK_EQUAL(dead->front().reason, "time-to-live");
  CAF_CHECK_EQUAL(dead->front().message.payload, "\"one\"");
  CAF_CHECK(open().messages().empty());
  world.clock.advance(23h);
  CAF_CHECK(all->tidy(100).has_value());
  CAF_CHECK(world.files.exists("/data/relay/" + box_a));
  world.clock.advance(2h);
  CAF_CHECK(all->tidy(100).has_value());
  CAF_CHECK(!world.files.exists("/data/relay/" + box_a));
  CAF_CHECK(all->is_idle());
}

CAF_TEST(mail follows its agent to another subject whether something lies there or not) {
  const auto one = send("one");
  (void)open().read(one, true);
  const auto two = send("two");
  all->disown(box_a, agent_a);
  auto& moved = open(moved_a);
  CAF_CHECK_EQUAL(moved.messages().size(), 2u);
  CAF_CHECK(moved.messages().at(one).read && !moved.messages().at(two).read);
  CAF_CHECK(!world.files.exists("/data/relay/" + box_a));
  const auto three = send("three");
  all->disown(moved_a, agent_a);
  auto& back = open();
  CAF_CHECK_EQUAL(back.messages().size(), 3u);
  CAF_CHECK(back.read(three, false).has_value() && back.read(two, false).has_value());
  CAF_CHECK(!world.files.exists("/data/relay/" + moved_a));
}

CAF_TEST(after a start mail of a subject that is no endpoint is found by its agent) {
  const auto one = send("one");
  start();
  all->claim("relay.agent.y.other", agent_id{"other"});
  CAF_CHECK(open(moved_a).messages().contains(one));
  start();
  all->claim(moved_a, agent_a);
  CAF_CHECK(open(box_a).messages().empty());
  CAF_CHECK(open(moved_a).messages().contains(one));
}

CAF_TEST(the mail of an endpoint that is removed is dead) {
  (void)send("one");
  CAF_CHECK(all->bury_all(box_a, "endpoint-removed").has_value());
  CAF_CHECK(open().messages().empty());
  CAF_CHECK_EQUAL(open().dead().size(), 1u);
  CAF_CHECK(all->bury_all("relay.agent.x.nobody", "endpoint-removed").has_value());
}

CAF_TEST(many messages share two syncs and one of them that fails stops no other) {
  for (int i = 0; i < 3; ++i)
    (void)send("warm");
  std::vector<traced_call> trace;
  world.files.set_trace(&trace);
  world.files.set_plan(fault_plan{fault_rule{{fault::kind::error, 28}, 5, {disk_operation::create}}});
  (void)open();
  for (int i = 0; i < 64; ++i)
    (void)all->send(box_a, letter(std::to_string(i)));
  const auto done = all->flush();
  std::size_t failed = 0;
  for (const auto& each : done.sends)
    failed += !each.has_value();
  CAF_CHECK_EQUAL(failed, 1u);
  CAF_CHECK_EQUAL(open().messages().size(), 66u);
  world.files.set_trace(nullptr);
  std::size_t syncs = 0;
  for (const auto& each : trace)
    syncs += each.operation == disk_operation::sync || each.operation == disk_operation::sync_filesystem;
  CAF_CHECK_EQUAL(syncs, 2u);
}

CAF_TEST(a request is found after a start while its message is there and when that was acknowledged) {
  const auto what = request("one", "r1");
  (void)send(what);
  for (const bool acknowledged : {false, true}) {
    start();
    const auto found = open().with_request(key_of("r1"));
    CAF_REQUIRE(found.has_value());
    CAF_CHECK(found->id == what.id && found->payload == payload_key("\"one\""));
    CAF_CHECK_EQUAL(found->acknowledged, acknowledged);
    CAF_CHECK(!open().with_request(key_of("r2")));
    if (!acknowledged)
      CAF_CHECK_EQUAL(ack(what.id), 1u);
  }
  CAF_CHECK(open().messages().empty());
  CAF_CHECK_EQUAL(ack(what.id), 0u);
}

CAF_TEST(of what was acknowledged only a name is left and without a request nothing) {
  const auto what = request("one", "r1");
  (void)send(what);
  const auto plain = send("two");
  (void)open().read(what.id, true);
  CAF_CHECK_EQUAL(ack(plain), 1u);
  CAF_CHECK_EQUAL(ack(what.id), 1u);
  const auto record =
      path("done/" + done_file_name({what.id, key_of("r1"), payload_key(what.payload), world.clock.wall()}));
  CAF_REQUIRE(world.files.exists(record));
  CAF_CHECK(world.files.file_content(record).empty());
  CAF_CHECK_EQUAL(open().problems(), 0u);
}

CAF_TEST(a request is forgotten after a day or when there are too many of them) {
  mail_store_options options;
  options.box.done = 3;
  start(options);
  for (int i = 0; i < 5; ++i) {
    const auto what = request("one", std::to_string(i));
    (void)send(what);
    CAF_CHECK_EQUAL(ack(what.id), 1u);
  }
  for (const bool again : {false, true}) {
    if (again)
      start(options);
    for (int i = 0; i < 5; ++i)
      CAF_CHECK_EQUAL(open().with_request(key_of(std::to_string(i))).has_value(), i >= 2);
  }
  world.clock.advance(23h);
  CAF_CHECK(all->tidy(100).has_value());
  CAF_CHECK(open().with_request(key_of("4")).has_value());
  world.clock.advance(2h);
  CAF_CHECK(all->tidy(100).has_value());
  CAF_CHECK(!world.files.exists("/data/relay/" + box_a));
  CAF_CHECK(!open().with_request(key_of("4")));
}

CAF_TEST(requests follow their agent whether something lies there or not and over a start) {
  const agent_id agent{"01ARZ3NDEKTSV4RRFFQ69G5FAV"};
  const auto at = [&](const std::string& space) { return "relay.agent." + space + "." + agent.text; };
  const auto remembers = [&](const std::string& space, const std::string& which) {
    const auto box = all->open(at(space), agent);
    return box && (*box)->with_request(key_of(which)) && (*box)->with_request(key_of(which))->acknowledged;
  };
  const auto send_and_ack = [&](const std::string& space, const std::string& which) {
    auto what = request("one", which);
    what.agent = agent;
    (void)all->open(at(space), agent);
    (void)all->send(at(space), what);
    CAF_CHECK(all->flush().sends.front().has_value());
    (void)all->acknowledge(at(space), {what.id});
    CAF_CHECK(all->flush().acks.front().has_value());
  };
  send_and_ack("x", "r1");
  all->disown(at("x"), agent);
  CAF_CHECK(remembers("y", "r1"));
  send_and_ack("x", "r2");
  all->disown(at("y"), agent);
  CAF_CHECK(remembers("x", "r1") && remembers("x", "r2"));
  start();
  CAF_CHECK(remembers("z", "r1") && remembers("z", "r2"));
  CAF_CHECK(!world.files.exists("/data/relay/" + at("x")));
}

CAF_TEST(a sender is the same one in another namespace) {
  const std::string agent = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  const request_id id{"r"};
  CAF_CHECK_EQUAL(request_key("relay.agent.x." + agent, id), request_key("relay.agent.y." + agent, id));
  CAF_CHECK(request_key("relay.agent.x.b", id) != request_key("relay.agent.y.b", id));
  CAF_CHECK(request_key("relay.agent.x.b", id) != request_key("relay.agent.x.b", request_id{"s"}));
  CAF_CHECK(request_key("relay.agent.x.b", {}).empty());
}

CAF_TEST(a mailbox is full by number and by bytes) {
  mail_store_options options;
  options.box.messages = 2;
  start(options);
  (void)send("one");
  CAF_CHECK(!open().is_full());
  const auto two = send("two");
  CAF_CHECK(open().is_full());
  CAF_CHECK_EQUAL(ack(two), 1u);
  CAF_CHECK(!open().is_full());
  options.box.bytes = 10;
  start(options);
  CAF_CHECK(open().is_full());
}

CAF_TEST(few directories stay open however many mailboxes there are) {
  mail_store_options options;
  options.open = 4;
  start(options);
  for (int i = 0; i < 40; ++i) {
    auto what = letter("one");
    what.agent = agent_id{std::to_string(i)};
    (void)all->open("relay.agent.x." + what.agent.text, what.agent);
    (void)all->send("relay.agent.x." + what.agent.text, what);
    CAF_CHECK(all->flush().sends.front().has_value());
  }
  CAF_CHECK(world.files.open_handles() <= 10);
}

CAF_TEST_FIXTURE_SCOPE_END()
