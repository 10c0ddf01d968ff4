#define CAF_SUITE supervisor_test

#include "muster/supervisor/supervisor.hpp"

#include "tests/support/muster_world.hpp"

#include <caf/test/unit_test.hpp>

namespace muster::test {

namespace {

using namespace std::chrono_literals;

update_agent renaming(const agent_id& agent, const std::string& to, const std::string& request = {}) {
  update_agent result;
  result.request = request_id{request};
  result.selector = agent.text;
  result.assignments = {{{"name"}, "\"" + to + "\""}};
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(supervisor_tests, muster_world)

CAF_TEST([AR15] registers an agent from the manifest to the roster and the relay) {
  start();
  const auto path = project("work");
  const auto placed = place(path, "first");
  if (!placed)
    CAF_FAIL(placed.error().message);
  CAF_CHECK(has_manifest(path));
  const auto rows = roster();
  CAF_REQUIRE_EQUAL(rows.size(), 1u);
  CAF_CHECK(rows.front().id == placed->agent);
  CAF_CHECK_EQUAL(rows.front().name, "first");
  CAF_CHECK_EQUAL(rows.front().subject, placed->subject);
  CAF_CHECK_EQUAL(placed->version.seq, 1u);
  const auto known = described();
  CAF_CHECK_EQUAL(known.sagas_in_flight, 0u);
  CAF_CHECK_EQUAL(known.sagas_owing, 0u);
  CAF_CHECK(stop());
  CAF_CHECK_EQUAL(machine.files.file_content("/home/data/journal"), "");
}

CAF_TEST([AR13][MC45] updates and reverts and moves and unregisters) {
  start();
  const auto path = project("work");
  const auto placed = place(path, "first");
  CAF_REQUIRE(placed);
  const auto renamed = ask_for<agent_placed>(renaming(placed->agent, "second"));
  if (!renamed)
    CAF_FAIL(renamed.error().message);
  CAF_CHECK_EQUAL(roster().front().name, "second");
  revert_agent back;
  back.selector = "second";
  back.version = placed->version;
  const auto reverted = ask_for<agent_placed>(back);
  if (!reverted)
    CAF_FAIL(reverted.error().message);
  CAF_CHECK_EQUAL(roster().front().name, "first");
  machine.files.aside([](auto& files) {
    CAF_CHECK(files.rename(no_handle, "/home/work", no_handle, "/home/moved", rename_mode::no_replace));
  });
  move_agent move;
  move.selector = "first";
  move.path = "/home/moved";
  const auto moved = ask_for<agent_placed>(move);
  if (!moved)
    CAF_FAIL(moved.error().message);
  CAF_CHECK_EQUAL(roster().front().path, "/home/moved");
  unregister_agent gone;
  gone.selector = "first";
  const auto unregistered = ask_for<agent_unregistered>(gone);
  if (!unregistered)
    CAF_FAIL(unregistered.error().message);
  CAF_CHECK(roster().empty());
  CAF_CHECK(!has_manifest("/home/moved"));
}

CAF_TEST(an edit that an update overwrites is in the history) {
  start();
  const auto path = project("work");
  const auto placed = place(path, "first");
  CAF_REQUIRE(placed);
  edit(path, "first", "by hand");
  CAF_REQUIRE(ask_for<agent_placed>(renaming(placed->agent, "second")));
  CAF_CHECK_EQUAL(roster().front().name, "second");
  const auto log = ask_for<log_read>(show_log{placed->agent.text, {}, {}, 10});
  CAF_REQUIRE(log);
  CAF_REQUIRE_EQUAL(log->commits.size(), 3u);
  const auto* found = std::get_if<agent_put>(&log->commits[1].ops.front());
  CAF_REQUIRE(found);
  CAF_CHECK_EQUAL(found->fields.front().value.value_or(""), "\"by hand\"");
}

CAF_TEST(a life after a crash knows what was acknowledged) {
  start();
  const auto placed = place(project("work"), "first");
  CAF_REQUIRE(placed);
  kill();
  machine.restart_process();
  start();
  const auto rows = roster();
  CAF_REQUIRE_EQUAL(rows.size(), 1u);
  CAF_CHECK(rows.front().id == placed->agent);
}

CAF_TEST(a repeated request is answered the same and adds nothing) {
  start();
  const auto path = project("work");
  const auto placed = place(path, "first", "r1");
  CAF_REQUIRE(placed);
  const auto again = place(path, "first", "r1");
  if (!again)
    CAF_FAIL(again.error().message);
  CAF_CHECK(again->agent == placed->agent);
  CAF_CHECK(again->version == placed->version);
  CAF_CHECK(again->content_hash == placed->content_hash);
  kill();
  machine.restart_process();
  start();
  const auto later = place(path, "first", "r1");
  if (!later)
    CAF_FAIL(later.error().message);
  CAF_CHECK(later->version == placed->version);
  CAF_CHECK_EQUAL(code_of(place(path, "other", "r1")), "request-id-reused");
}

CAF_TEST(what was done more than a day before it is repeated is not done again) {
  start();
  const auto placed = place(project("work"), "first");
  CAF_REQUIRE(placed);
  const auto renamed = ask_for<agent_placed>(renaming(placed->agent, "second", "r"));
  CAF_REQUIRE(renamed);
  // Its close waits for another write, so the next life looks for its commit.
  kill();
  machine.restart_process();
  machine.clock.advance(25h);
  start();
  CAF_REQUIRE(ask_for<agent_placed>(renaming(placed->agent, "third")));
  const auto again = ask_for<agent_placed>(renaming(placed->agent, "second", "r"));
  CAF_REQUIRE(again);
  CAF_CHECK(again->version == renamed->version);
  CAF_CHECK_EQUAL(roster().front().name, "third");
}

CAF_TEST(a request that was done without a commit is not done again) {
  start();
  const auto path = project("work");
  const auto placed = place(path, "first");
  CAF_REQUIRE(placed);
  // A model that is none means the same as no model.
  edit(path, "\"runtime\"", "\"model\": 5,\n  \"runtime\"");
  CAF_REQUIRE(ask_for<sweep_report>(sweep_now{}));
  update_agent without;
  without.request = request_id{"r"};
  without.selector = placed->agent.text;
  without.assignments = {{{"model"}, std::nullopt}};
  const auto done = ask_for<agent_placed>(without);
  CAF_REQUIRE(done);
  CAF_CHECK_EQUAL(done->version.seq, placed->version.seq);
  CAF_CHECK_EQUAL(manifest(path).find("model"), std::string::npos);
  update_agent with;
  with.selector = placed->agent.text;
  with.assignments = {{{"model"}, "\"opus\""}};
  CAF_REQUIRE(ask_for<agent_placed>(with));
  const auto again = ask_for<agent_placed>(without);
  CAF_REQUIRE(again);
  CAF_CHECK(again->version == done->version);
  CAF_CHECK_NOT_EQUAL(manifest(path).find("opus"), std::string::npos);
}

CAF_TEST([GP03] many at once on one path give it to one and name it to the others) {
  start();
  const auto path = project("work");
  std::vector<awaited<agent_placed>> answers;
  for (int i = 0; i < 20; ++i)
    answers.push_back(ask_later<agent_placed>(muster, registration(path, "agent-" + std::to_string(i))));
  for (int i = 0; i < 20; ++i)
    pass(1s);
  std::size_t done = 0;
  for (const auto& each : answers)
    done += *each && **each ? 1 : 0;
  CAF_CHECK_EQUAL(done, 1u);
  CAF_CHECK_EQUAL(roster().size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
