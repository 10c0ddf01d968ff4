#define CAF_SUITE call_log_test

#include "muster/store/call_log.hpp"

#include "tests/support/manifest_lab.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <string>

#include <sys/stat.h>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

const std::string alice = "relay.agent.x.alice";
const std::string bob = "relay.agent.x.bob";

std::chrono::minutes this_minute(const environment& env) {
  return std::chrono::floor<std::chrono::minutes>(env.clock.wall());
}

std::string line(std::chrono::minutes minute, int count, const std::string& sender) {
  return std::to_string(minute.count()) + " " + std::to_string(count) + " " + sender + "\n";
}

/// A process that sends and ends.
void send(const environment& env, const std::string& home, const std::string& sender, int times) {
  call_log log{env, home};
  CAF_REQUIRE(log.recall().has_value());
  for (int i = 0; i < times; ++i)
    log.note(sender);
  log.save();
}

std::uint64_t total(const std::optional<std::vector<sender_calls>>& found, const std::string& sender) {
  std::uint64_t result = 0;
  for (const auto& each : found.value_or(std::vector<sender_calls>{}))
    result += each.sender == sender ? each.count : 0;
  return result;
}

std::uint64_t told(const environment& env, const std::string& home, const std::string& sender) {
  return total(call_log{env, home}.recall(), sender);
}

} // namespace

CAF_TEST(what one process has counted the next one knows) {
  on_each_disk([](const manifest_lab& lab) {
    CAF_CHECK_EQUAL(told(lab.env, lab.root, alice), 0u);
    CAF_CHECK(lab.names("").empty());
    send(lab.env, lab.root, alice, 2);
    send(lab.env, lab.root, bob, 1);
    send(lab.env, lab.root, alice, 3);
    CAF_CHECK_EQUAL(told(lab.env, lab.root, alice), 5u);
    CAF_CHECK_EQUAL(told(lab.env, lab.root, bob), 1u);
    CAF_CHECK_EQUAL(lab.names("").size(), 1u);
    CAF_CHECK_EQUAL(lab.status("calls")->mode, 0600u);
  });
}

CAF_TEST(what is older than an hour is forgotten and a clock that was ahead counts as now) {
  simulated_environment world;
  world.files.put_directory("/lab");
  const manifest_lab lab{world.view(), "/lab", "simulated"};
  const auto now = this_minute(lab.env);
  lab.put("calls", line(now - 61min, 1, alice) + line(now - 60min, 2, alice) + line(now + 30min, 4, alice) +
                       line(now + 62min, 8, alice));
  const auto found = call_log{lab.env, lab.root}.recall();
  CAF_REQUIRE(found.has_value());
  CAF_REQUIRE_EQUAL(found->size(), 2u);
  CAF_CHECK_EQUAL(found->front().minute.count(), (now - 60min).count());
  CAF_CHECK_EQUAL(found->front().count, 2u);
  CAF_CHECK_EQUAL(found->back().minute.count(), now.count());
  CAF_CHECK_EQUAL(found->back().count, 4u);
}

CAF_TEST(lines that are none of ours are left out and the others count) {
  simulated_environment world;
  world.files.put_directory("/lab");
  const manifest_lab lab{world.view(), "/lab", "simulated"};
  const auto now = std::to_string(this_minute(lab.env).count());
  const auto good = now + " 7 " + alice + "\n";
  const std::string nul{"\0\0\0\n", 4};
  for (const auto& bad : {std::string{"\n"}, now + "\n", now + " 1\n", now + " 1 \n", now + " 0 " + alice + "\n",
                          now + " -1 " + alice + "\n", now + " 4294967296 " + alice + "\n",
                          "99999999999999999999 1 " + alice + "\n", now + " 1 a b\n", now + "  1 " + alice + "\n",
                          now + " 1 relay.*\n", now + " 1 " + std::string(2000, 'a') + "\n", nul}) {
    lab.put("calls", bad + good + bad);
    CAF_CHECK_EQUAL(told(lab.env, lab.root, alice), 7u);
  }
  lab.put("calls", good + now + " 9 " + alice);
  CAF_CHECK_EQUAL(told(lab.env, lab.root, alice), 7u);
  send(lab.env, lab.root, alice, 1);
  CAF_CHECK_EQUAL(told(lab.env, lab.root, alice), 8u);
  CAF_CHECK_EQUAL(lab.get("calls").value_or("").find(" 9 "), std::string::npos);
  // Sums do not begin anew.
  lab.put("calls", now + " 4294967295 " + alice + "\n" + good);
  CAF_CHECK_EQUAL(told(lab.env, lab.root, alice), 4294967295u);
}

CAF_TEST(what lies in its place is not followed and not waited for) {
  const scratch_folder scratch;
  const auto place = scratch.path() + "/calls";
  real_environment machine;
  const auto env = machine.view();
  std::filesystem::create_symlink(scratch.path() + "/elsewhere", place);
  send(env, scratch.path(), alice, 1);
  CAF_CHECK(!std::filesystem::exists(scratch.path() + "/elsewhere"));
  CAF_CHECK_EQUAL(told(env, scratch.path(), alice), 1u);
  std::filesystem::remove(place);
  CAF_REQUIRE_EQUAL(::mkfifo(place.c_str(), 0600), 0);
  send(env, scratch.path(), alice, 2);
  CAF_CHECK_EQUAL(told(env, scratch.path(), alice), 2u);
  std::filesystem::remove(place);
  std::filesystem::create_directory(place);
  send(env, scratch.path(), alice, 3);
  CAF_CHECK_EQUAL(told(env, scratch.path(), alice), 0u);
  CAF_CHECK(std::filesystem::is_directory(place));
  CAF_CHECK(!std::filesystem::exists(place + ".new"));
}

CAF_TEST(a file that has become long is written anew with the newest) {
  simulated_environment world;
  world.files.put_directory("/lab");
  const manifest_lab lab{world.view(), "/lab", "simulated"};
  const call_log_options options{.bytes = 1000};
  call_log log{lab.env, lab.root, options};
  CAF_REQUIRE(log.recall().has_value());
  for (int i = 0; i < 200; ++i) {
    log.note("relay.agent.x.sender-" + std::to_string(i));
    log.save();
    world.clock.advance(1s);
    CAF_CHECK_LESS_OR_EQUAL(lab.get("calls").value_or("").size(), options.bytes);
  }
  const auto found = call_log(lab.env, lab.root, options).recall();
  CAF_CHECK_EQUAL(total(found, "relay.agent.x.sender-199"), 1u);
  CAF_CHECK_EQUAL(total(found, "relay.agent.x.sender-0"), 0u);
  // One that is longer is none of ours.
  lab.put("calls", std::string(2000, 'a'));
  CAF_CHECK_EQUAL(total(call_log(lab.env, lab.root, options).recall(), alice), 0u);
}

CAF_TEST(whichever call fails no call is counted twice and the next save has them all) {
  for (const auto what : {fault::kind::error, fault::kind::error_but_done, fault::kind::short_transfer})
    for (const bool there : {false, true}) {
      bool fired = true;
      for (std::uint64_t nth = 1; fired; ++nth) {
        CAF_MESSAGE("fault " << static_cast<int>(what) << " of call " << nth << (there ? " beside a file" : ""));
        simulated_environment world;
        world.files.put_directory("/lab");
        const manifest_lab lab{world.view(), "/lab", "simulated"};
        const unsigned before = there ? 5 : 0;
        if (there)
          send(lab.env, lab.root, alice, 5);
        world.files.set_plan(fault_plan{fault_rule{.what = {what}, .nth = nth, .operations = operation_set::all()}});
        call_log log{lab.env, lab.root};
        auto known = log.recall();
        log.note(alice);
        log.save();
        fired = world.files.plan().fired() > 0;
        world.files.set_plan({});
        CAF_CHECK_LESS_OR_EQUAL(told(lab.env, lab.root, alice), before + 1);
        if (!known)
          known = log.recall();
        CAF_CHECK_EQUAL(total(known, alice), before);
        log.note(alice);
        log.save();
        CAF_CHECK_EQUAL(told(lab.env, lab.root, alice), before + 2);
      }
    }
}
