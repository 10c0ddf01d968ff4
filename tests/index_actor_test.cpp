#define CAF_SUITE index_actor_test

#include "muster/actors/index_actor.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/keeper_world.hpp"

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

const agent_id one{"one"};

struct fixture : actor_fixture {
  keeper_world world;
  std::vector<traced_call> trace;
  std::vector<index_actor> started_;
  index_actor index = start();

  fixture() { world.here.world.files.set_trace(&trace); }
  // Databases go before the disk they lie on.
  ~fixture() override {
    world.here.world.files.set_trace(nullptr);
    for (const auto& each : started_)
      caf::anon_send_exit(each, caf::exit_reason::kill);
    started_.clear();
    index = nullptr;
    sched.run();
  }

  /// Folds wait for nobody, unless it is said how long.
  index_actor start(handle feeds, std::chrono::nanoseconds fold_delay = {}) {
    index_actor_options options;
    options.fold_delay = fold_delay;
    options.folds = 3;
    started_.push_back(
        index_actor{spawn_io<index_impl>(sys, io_threads::shared, world.here.env(),
                                         std::string(index_fixture::directory), feeds, world.own(), options)});
    sched.run();
    return started_.back();
  }
  index_actor start() { return start(world.feeds()); }

  [[nodiscard]] std::size_t syncs() const {
    return static_cast<std::size_t>(std::count_if(
        trace.begin(), trace.end(), [](const traced_call& each) { return each.operation == disk_operation::sync; }));
  }
  /// The files that were synced, in order.
  [[nodiscard]] std::string synced() const {
    std::string names;
    for (const auto& each : trace)
      if (each.operation == disk_operation::sync)
        names += each.path.substr(each.path.rfind('/') + 1) + " ";
    return names;
  }
  [[nodiscard]] std::size_t writes() const {
    return static_cast<std::size_t>(std::count_if(
        trace.begin(), trace.end(), [](const traced_call& each) { return each.operation == disk_operation::write; }));
  }
  /// The first write to a log syncs its header too, and its directory.
  void warm_up() {
    CAF_REQUIRE(get<agents_listed>(index, list_agents{}).has_value());
    CAF_REQUIRE(get<commit_folded>(
                    index, folding(world.make(world.agent("zero", "zero", "/p/zero")), held_of("zero", "/p/zero", 1)))
                    .has_value());
  }
  static note_observation seen(const std::string& agent, agent_status status, std::uint64_t life = 1) {
    return seen_of(agent, "/p/" + agent, status, {}, life);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(index_actor_tests, fixture)

CAF_TEST(nothing is opened before the first request) {
  CAF_CHECK(trace.empty());
  CAF_CHECK(get<agents_listed>(index, list_agents{}).has_value());
  CAF_CHECK(!trace.empty());
}

CAF_TEST(a backlog of changes costs one sync) {
  warm_up();
  std::vector<awaited<commit_folded>> answers;
  for (int i = 0; i < 20; ++i) {
    const auto id = "a" + std::to_string(i);
    answers.push_back(ask_later<commit_folded>(
        index, folding(world.make(world.agent(id, id, "/p/" + id)), held_of(id, "/p/" + id, 1))));
  }
  trace.clear();
  sched.run();
  for (const auto& each : answers)
    CAF_CHECK_EQUAL(code_of(each), "done");
  CAF_CHECK_EQUAL(synced(), "local.db-wal ");
  CAF_CHECK_EQUAL(get<agents_listed>(index, list_agents{})->agents.size(), 21u);
}

CAF_TEST(a question is answered after the changes before it) {
  const auto made = world.make(world.agent("one", "alpha", "/p/one"));
  const auto folded = ask_later<commit_folded>(index, folding(made));
  const auto found = ask_later<agent_found>(index, find_agent{one});
  sched.run();
  CAF_CHECK_EQUAL(code_of(folded), "done");
  CAF_REQUIRE_EQUAL(code_of(found), "done");
  CAF_CHECK((**found)->exists);
}

CAF_TEST(a fold waits for others and no longer than it may) {
  index = start(world.feeds(), 10ms);
  auto folded = [&](const std::string& id) {
    return ask_later<commit_folded>(index, folding(world.make(world.agent(id, id, "/p/" + id))));
  };
  const auto first = folded("a");
  pass(9ms);
  const auto second = folded("b");
  sched.run();
  CAF_CHECK_EQUAL(code_of(first), "silence");
  pass(1ms);
  CAF_CHECK_EQUAL(code_of(first), "done");
  CAF_CHECK_EQUAL(code_of(second), "done");
  const auto third = folded("c");
  pass(9ms);
  CAF_CHECK_EQUAL(code_of(third), "silence");
  pass(1ms);
  CAF_CHECK_EQUAL(code_of(third), "done");
}

CAF_TEST(enough folds do not wait and neither does whoever is with another change) {
  index = start(world.feeds(), 10ms);
  std::vector<awaited<commit_folded>> answers;
  for (const auto* id : {"a", "b", "c"})
    answers.push_back(
        ask_later<commit_folded>(index, folding(world.make(world.agent(id, id, std::string("/p/") + id)))));
  sched.run();
  for (const auto& each : answers)
    CAF_CHECK_EQUAL(code_of(each), "done");
  const auto folded = ask_later<commit_folded>(index, folding(world.make(world.agent("one", "alpha", "/p/one"))));
  sched.run();
  CAF_CHECK_EQUAL(code_of(folded), "silence");
  const auto noted = ask_later<observation_noted>(index, seen("a", agent_status::unreachable));
  sched.run();
  CAF_CHECK_EQUAL(code_of(folded), "done");
  CAF_CHECK_EQUAL(code_of(noted), "done");
  const auto gone = ask_later<commit_folded>(index, folding(world.make({world.gone("one")})));
  sched.run();
  CAF_CHECK_EQUAL(code_of(gone), "done");
}

CAF_TEST(a path is told while folds wait that do not concern it and after those that do) {
  index = start(world.feeds(), 10ms);
  const auto folded = ask_later<commit_folded>(index, folding(world.make(world.agent("one", "alpha", "/p/one"))));
  sched.run();
  const auto other = get<path_found>(index, find_path{"/p/two"});
  CAF_CHECK(other && !other->agent);
  CAF_CHECK_EQUAL(code_of(folded), "silence");
  const auto here = get<path_found>(index, find_path{"/p/one"});
  CAF_CHECK(here && here->agent == one);
  CAF_CHECK_EQUAL(code_of(folded), "done");
  const auto moved = ask_later<commit_folded>(index, folding(world.make(world.agent("one", "alpha", "/p/elsewhere"))));
  sched.run();
  CAF_CHECK_EQUAL(code_of(moved), "silence");
  CAF_CHECK(!get<path_found>(index, find_path{"/p/one"})->agent);
  CAF_CHECK_EQUAL(code_of(moved), "done");
}

CAF_TEST(a question does not wait until the disk keeps what it follows) {
  warm_up();
  const auto made = world.make(world.agent("one", "alpha", "/p/one"));
  trace.clear();
  const auto folded = ask_later<commit_folded>(index, folding(made, held_of("one", "/p/one", 1)));
  const auto found = ask_later<agent_found>(index, find_agent{one});
  while (!*found && sched.try_run_once())
    continue;
  CAF_REQUIRE_EQUAL(code_of(found), "done");
  CAF_CHECK((**found)->exists && (**found)->here);
  CAF_CHECK_EQUAL(code_of(folded), "silence");
  sched.run();
  CAF_CHECK_EQUAL(code_of(folded), "done");
  CAF_CHECK_EQUAL(synced(), "local.db-wal ");
}

CAF_TEST(what writes comes after the disk has kept all before it) {
  warm_up();
  const auto made = world.make(world.agent("one", "alpha", "/p/one"));
  const auto folded = ask_later<commit_folded>(index, folding(made, held_of("one", "/p/one", 1)));
  const auto noted = ask_later<heartbeat_noted>(index, note_heartbeat{one, "up"});
  while (!*noted && sched.try_run_once())
    continue;
  CAF_CHECK_EQUAL(code_of(noted), "done");
  CAF_CHECK_EQUAL(code_of(folded), "done");
}

CAF_TEST(what has gathered before others are kept shares their sync) {
  warm_up();
  const auto made = world.make(world.agent("one", "alpha", "/p/one"));
  const auto next = world.make(world.agent("two", "beta", "/p/two"));
  trace.clear();
  const auto folded = ask_later<commit_folded>(index, folding(made, held_of("one", "/p/one", 1)));
  const auto found = ask_later<agent_found>(index, find_agent{one});
  const auto other = ask_later<commit_folded>(index, folding(next, held_of("two", "/p/two", 1)));
  sched.run();
  CAF_CHECK_EQUAL(code_of(folded), "done");
  CAF_CHECK_EQUAL(code_of(found), "done");
  CAF_CHECK_EQUAL(code_of(other), "done");
  CAF_CHECK_EQUAL(synced(), "local.db-wal ");
}

CAF_TEST(what the disk does not keep is told and looked up as it was) {
  warm_up();
  const auto made = world.make(world.agent("one", "alpha", "/p/one"));
  world.here.world.files.set_plan(
      fault_plan({.what = {.what = fault::kind::error, .code = EIO}, .operations = {disk_operation::sync}}));
  const auto folded = ask_later<commit_folded>(index, folding(made, held_of("one", "/p/one", 1)));
  const auto before = ask_later<agent_found>(index, find_agent{one});
  sched.run();
  CAF_REQUIRE_EQUAL(code_of(before), "done");
  CAF_CHECK((**before)->held);
  CAF_CHECK(code_of(folded) != "done" && code_of(folded) != "silence");
  const auto after = get<agent_found>(index, find_agent{one});
  CAF_REQUIRE(after.has_value());
  CAF_CHECK(after->exists && !after->held);
}

CAF_TEST(what the disk does not keep with a heartbeat is told) {
  warm_up();
  CAF_REQUIRE(get<heartbeat_noted>(index, note_heartbeat{agent_id{"zero"}, "up"}).has_value());
  const auto made = world.make(world.agent("one", "alpha", "/p/one"));
  world.here.world.files.set_plan(
      fault_plan({.what = {.what = fault::kind::error, .code = EIO}, .operations = {disk_operation::sync}}));
  const auto folded = ask_later<commit_folded>(index, folding(made, held_of("one", "/p/one", 1)));
  const auto found = ask_later<agent_found>(index, find_agent{one});
  // Both have asked when the turn of the heartbeat comes, which is then between what is carried out and its sync.
  sched.run_once();
  sched.run_once();
  sched.advance_time(1s);
  sched.run();
  CAF_REQUIRE_EQUAL(code_of(found), "done");
  CAF_CHECK((**found)->held);
  CAF_CHECK(code_of(folded) != "done" && code_of(folded) != "silence");
}

CAF_TEST(observations without news write nothing) {
  CAF_REQUIRE(get<commit_folded>(index, folding(world.make(world.agent("one", "alpha", "/p/one")))).has_value());
  CAF_CHECK(get<observation_noted>(index, seen("one", agent_status::unreachable))->changed);
  trace.clear();
  for (int i = 0; i < 5; ++i)
    CAF_CHECK(!get<observation_noted>(index, seen("one", agent_status::unreachable))->changed);
  CAF_CHECK_EQUAL(writes(), 0u);
  CAF_CHECK_EQUAL(syncs(), 0u);
}

CAF_TEST(commands of an earlier life are not obeyed) {
  CAF_CHECK(get<observation_noted>(index, seen("one", agent_status::unreachable, 2)).has_value());
  CAF_CHECK_EQUAL(code_of(get<observation_noted>(index, seen("one", agent_status::active, 1))), "epoch-over");
  CAF_CHECK_EQUAL(code_of(get<row_staged>(index, stage_row{epoch{1}, saga_id{"s"}, one, "/p/one"})), "epoch-over");
  CAF_CHECK_EQUAL(code_of(get<row_unstaged>(index, unstage_row{epoch{1}, saga_id{"s"}})), "epoch-over");
  CAF_CHECK_EQUAL(code_of(get<held_recorded>(index, record_held{epoch{1}, held_of("one", "/p", 1)})), "epoch-over");
  CAF_CHECK_EQUAL(code_of(get<commit_folded>(index, folding(world.make({world.gone("one")})))), "epoch-over");
}

CAF_TEST(what cannot be opened is an answer and the next request tries again) {
  auto& files = world.here.world.files;
  files.set_plan(fault_plan({.what = {.what = fault::kind::error, .code = EIO},
                             .operations = {disk_operation::open, disk_operation::read_entries},
                             .persistent = true}));
  CAF_CHECK(get<agents_listed>(index, list_agents{}).has_error());
  files.set_plan({});
  CAF_CHECK(get<agents_listed>(index, list_agents{}).has_value());
}

CAF_TEST(heartbeats share a write that comes by itself) {
  warm_up();
  for (const char* id : {"one", "two"})
    CAF_REQUIRE(
        get<commit_folded>(index, folding(world.make(world.agent(id, id, std::string("/p/") + id)))).has_value());
  trace.clear();
  for (const char* id : {"one", "two", "one"})
    CAF_CHECK(get<heartbeat_noted>(index, note_heartbeat{agent_id{id}, "up"}).has_value());
  CAF_CHECK_EQUAL(syncs(), 0u);
  pass(2s);
  CAF_CHECK_EQUAL(synced(), "local.db-wal ");
  trace.clear();
  pass(1h);
  CAF_CHECK_EQUAL(syncs(), 0u);
}

CAF_TEST(an end in order keeps what waits and spares the next start the audit) {
  CAF_REQUIRE(get<commit_folded>(index, folding(world.make(world.agent("one", "alpha", "/p/one")))).has_value());
  world.here.world.clock.advance(1h);
  CAF_REQUIRE(get<heartbeat_noted>(index, note_heartbeat{one, "up"}).has_value());
  ask_to_end(index);
  sched.run();
  // The file of this end was written just now; a second one finds it settled.
  world.here.world.clock.advance(1min);
  auto again = start();
  CAF_CHECK(get<agent_described>(again, describe_agent{one})->row.last_seen.has_value());
  ask_to_end(again);
  sched.run();
  const auto reads_of_start = [&] {
    trace.clear();
    auto next = start();
    CAF_CHECK(get<agent_described>(next, describe_agent{one}).has_value());
    const auto reads = std::count_if(trace.begin(), trace.end(),
                                     [](const traced_call& each) { return each.operation == disk_operation::read; });
    ask_to_end(next);
    sched.run();
    return reads;
  };
  const auto trusted = reads_of_start();
  CAF_REQUIRE(world.here.world.files.unlink(no_handle, "/data/closed", unlink_kind::file));
  const auto audited = reads_of_start();
  CAF_CHECK(trusted < audited);
  CAF_MESSAGE(trusted << " reads with the record, " << audited << " without");
}

CAF_TEST(a call that never returns leaves the index silent) {
  world.here.world.files.set_plan(
      fault_plan({.what = {.what = fault::kind::hang}, .operations = operation_set::all()}));
  CAF_CHECK_EQUAL(code_of(get<agents_listed>(index, list_agents{})), "silence");
  CAF_CHECK_EQUAL(code_of(get<observation_noted>(index, seen("one", agent_status::active))), "silence");
}

CAF_TEST_FIXTURE_SCOPE_END()
