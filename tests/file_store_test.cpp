#define CAF_SUITE file_store_test

#include "muster/actors/file_store.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/gated_worker.hpp"

#include "muster/store/sha256.hpp"
#include "muster/store/simulated_environment.hpp"

#include <algorithm>
#include <deque>
#include <set>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

/// A machine with a device at /, one at /b and one at /c, two projects on each.
struct fixture : actor_fixture {
  struct started_worker {
    std::shared_ptr<gate> its_gate = std::make_shared<gate>();
    disk_worker_actor handle;
  };

  simulated_environment world;
  std::deque<started_worker> workers; ///< by number, from 1
  bool next_is_shut = false;
  file_store_actor store;

  fixture() {
    for (const auto* mount : {"/b", "/c"}) {
      const auto volume = world.files.add_volume({});
      world.files.put_directory(mount);
      world.files.mount(volume, mount);
    }
    world.files.put_directory("/a");
    for (const std::string project : {"/a/1", "/a/2", "/b/1", "/b/2", "/c/1", "/c/2"}) {
      world.files.put_directory(project);
      world.files.put_directory(project + "/.dork");
      world.files.put_file(project + "/.dork/agent.json", project);
    }
    world.clock.advance(1h);
    start({});
  }
  ~fixture() override { end_all(); }

  void end_all() {
    caf::anon_send_exit(store, caf::exit_reason::kill);
    sched.run();
    for (auto& each : workers)
      each.its_gate->waiting.clear();
    workers.clear();
  }

  void start(const file_store_options& options) {
    if (store)
      end_all();
    disk_worker_source source = [this, its = options.worker](worker_number number) {
      CAF_REQUIRE_EQUAL(static_cast<std::size_t>(number), workers.size() + 1);
      started_worker made;
      made.its_gate->shut = std::exchange(next_is_shut, false);
      const auto behind = keep(disk_worker_actor{spawn_io<disk_worker>(sys, io_threads::shared, world.view(), its)});
      made.handle = disk_worker_actor{sys.spawn<gated_worker>(made.its_gate, behind)};
      return workers.emplace_back(made).handle;
    };
    store = file_store_actor{sys.spawn<file_store>(world.view(), options, source)};
    sched.run();
  }

  /// The worker that was started last.
  started_worker& newest() { return workers.back(); }
  void open(started_worker& which) {
    which.its_gate->shut = false;
    tell_from_outside(which.handle, write_batch_tick{});
    sched.run();
  }
  /// Reads a project; what is there, or the code of why not.
  std::string read(const std::string& project) {
    return shown(ask_later<manifest_read>(store, read_manifest{project}));
  }
  /// The same of one that its device's worker has read before.
  std::string read_again(const std::string& project) {
    (void)read(project);
    return read(project);
  }
  std::string shown(const awaited<manifest_read>& answer) {
    sched.run();
    if (!*answer || !**answer)
      return std::string{code_of(answer)};
    const auto& sight = (**answer)->sight;
    const auto* bytes = std::get_if<manifest_bytes>(&sight);
    return bytes ? bytes->bytes : std::holds_alternative<no_manifest>(sight) ? "none" : "obscured";
  }
  static write_manifest write(const std::string& project, const std::string& bytes, std::uint64_t life = 1) {
    return {epoch{life}, project, sha256::of(project), bytes};
  }
  static look_at_places look_at(const std::vector<std::string>& projects) {
    std::vector<place_to_look_at> places;
    for (const auto& project : projects)
      places.push_back({agent_id{project}, project, {}});
    return {std::move(places)};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(file_store_tests, fixture)

CAF_TEST(every message of its interface reaches a worker) {
  CAF_CHECK_EQUAL(read("/a/1"), "/a/1");
  CAF_CHECK_EQUAL(code_of(get<manifest_changed>(store, write("/a/1", "new"))), "done");
  CAF_CHECK_EQUAL(read("/a/1"), "new");
  const restore_manifest undo{epoch{1}, "/a/1", sha256::of("new"), "/a/1"};
  CAF_CHECK_EQUAL(code_of(get<manifest_changed>(store, undo)), "done");
  CAF_CHECK_EQUAL(read("/a/1"), "/a/1");
  CAF_CHECK_EQUAL(code_of(get<manifest_changed>(store, retire_manifest{epoch{1}, "/a/1", sha256::of("/a/1")})), "done");
  CAF_CHECK_EQUAL(read("/a/1"), "none");
  CAF_CHECK_EQUAL(code_of(get<places_looked_at>(store, look_at({"/a/1"}))), "done");
  CAF_CHECK_EQUAL(code_of(get<head_read>(store, read_head{"/a/1"})), "done");
  CAF_CHECK_EQUAL(code_of(get<leftovers_found>(store, find_leftovers{"/a/1"})), "done");
  CAF_CHECK_EQUAL(code_of(get<leftover_forgotten>(store, forget_leftover{"/a/1", {}})), "leftover-not-recorded");
}

CAF_TEST(each device has its worker and the router makes no call itself) {
  std::vector<traced_call> trace;
  world.files.set_trace(&trace);
  const auto answer = ask_later<manifest_read>(store, read_manifest{"/b/1"});
  CAF_CHECK(trace.empty());
  CAF_CHECK_EQUAL(shown(answer), "/b/1");
  CAF_CHECK_EQUAL(read("/b/1"), "/b/1");
  CAF_CHECK_EQUAL(workers.size(), 2u);
  CAF_CHECK_EQUAL(read_again("/b/2"), "/b/2");
  CAF_CHECK_EQUAL(workers.size(), 2u);
  CAF_CHECK_EQUAL(read_again("/c/1"), "/c/1");
  CAF_CHECK_EQUAL(read_again("/a/1"), "/a/1");
  CAF_CHECK_EQUAL(workers.size(), 4u);
}

CAF_TEST(a directory that nobody knows is read by the scout that looks where it lies) {
  CAF_CHECK_EQUAL(read("/b"), "none");
  const auto known = workers.size();
  for (const std::string project : {"/b/1", "/b/2", "/b/3"})
    CAF_CHECK_EQUAL(read(project), world.files.exists(project) ? project : "none");
  CAF_CHECK_EQUAL(workers.size(), known);
}

CAF_TEST(a scout that reads asks for the proof of an absence like any worker) {
  const auto volume = world.files.add_volume({});
  world.files.put_directory("/d");
  world.files.mount(volume, "/d");
  world.files.put_directory("/d/1");
  const auto seen = get<manifest_read>(store, read_manifest{"/d/1"});
  CAF_REQUIRE(seen && std::holds_alternative<no_manifest>(seen->sight));
  const auto where = std::get<no_manifest>(seen->sight).where;
  CAF_REQUIRE(where.has_value());
  world.files.unmount(volume);
  start({});
  CAF_CHECK_EQUAL(read("/d"), "none");
  CAF_CHECK_EQUAL(shown(ask_later<manifest_read>(store, read_manifest{"/d/1", where})), "obscured");
}

CAF_TEST(a scout that hangs where it reads holds up only that path) {
  file_store_options options;
  options.threads = io_threads::shared;
  const auto plain = keep(file_store_actor{sys.spawn<file_store>(world.view(), options)});
  CAF_CHECK_EQUAL(code_of(get<manifest_read>(plain, read_manifest{"/a/1"})), "done");
  CAF_CHECK_EQUAL(code_of(get<manifest_read>(plain, read_manifest{"/b/1"})), "done");
  world.files.set_plan(fault_plan{{{fault::kind::hang}, 1, {disk_operation::open}}});
  const auto reading = ask_later<manifest_read>(plain, read_manifest{"/b/2"});
  const auto behind = ask_later<manifest_read>(plain, read_manifest{"/a/2"});
  pass(5s);
  CAF_CHECK_EQUAL(code_of(reading), "device-hung");
  CAF_CHECK_EQUAL(shown(behind), "/a/2");
  CAF_CHECK_EQUAL(code_of(get<manifest_read>(plain, read_manifest{"/b/1"})), "done");
}

CAF_TEST(a hung device is busy at once and no other notices) {
  CAF_CHECK_EQUAL(read("/b/1"), "/b/1");
  CAF_CHECK_EQUAL(read("/a/1"), "/a/1");
  auto& slow = workers[1];
  slow.its_gate->shut = true;
  const auto reading = ask_later<manifest_read>(store, read_manifest{"/b/1"});
  const auto writing = ask_later<manifest_changed>(store, write("/b/2", "late"));
  pass(5s - 1ns);
  CAF_CHECK_EQUAL(code_of(reading), "silence");
  CAF_CHECK_EQUAL(read("/a/1"), "/a/1");
  pass(1ns);
  CAF_REQUIRE_EQUAL(code_of(reading), "device-hung");
  CAF_CHECK((**reading).error().kind == failure_kind::busy);
  CAF_REQUIRE_EQUAL(code_of(writing), "device-hung");
  CAF_CHECK((**writing).error().kind == failure_kind::unknown_outcome);
  CAF_CHECK_EQUAL(read("/b/1"), "device-hung");
  CAF_CHECK_EQUAL(code_of(get<manifest_changed>(store, write("/b/1", "new"))), "device-hung");
  CAF_CHECK_EQUAL(read("/a/1"), "/a/1");
  CAF_CHECK_EQUAL(read("/c/1"), "/c/1");
  pass(1h);
  CAF_CHECK_EQUAL(read("/b/2"), "device-hung");
  CAF_CHECK_EQUAL(read("/a/2"), "/a/2");
  open(slow);
  CAF_CHECK_EQUAL(read("/b/1"), "/b/1");
  CAF_CHECK_EQUAL(read("/b/2"), "late");
}

CAF_TEST(a call of the simulated disk that never returns isolates its device) {
  file_store_options options;
  options.threads = io_threads::shared;
  const auto plain = keep(file_store_actor{sys.spawn<file_store>(world.view(), options)});
  CAF_CHECK_EQUAL(code_of(get<manifest_read>(plain, read_manifest{"/a/1"})), "done");
  CAF_CHECK_EQUAL(code_of(get<manifest_read>(plain, read_manifest{"/b/1"})), "done");
  world.files.set_plan(fault_plan{{{fault::kind::hang}, 1, {disk_operation::sync}}});
  const auto writing = ask_later<manifest_changed>(plain, write("/b/1", "new"));
  sched.run();
  pass(5s);
  CAF_CHECK_EQUAL(code_of(writing), "device-hung");
  CAF_CHECK_EQUAL(code_of(get<manifest_read>(plain, read_manifest{"/b/2"})), "device-hung");
  CAF_CHECK_EQUAL(code_of(get<manifest_read>(plain, read_manifest{"/a/1"})), "done");
}

CAF_TEST(a device that is slow and answers is not hung) {
  (void)read_again("/b/1");
  auto& slow = newest();
  for (int i = 0; i < 5; ++i) {
    slow.its_gate->shut = true;
    const auto reading = ask_later<manifest_read>(store, read_manifest{"/b/1"});
    pass(4s);
    open(slow);
    CAF_CHECK_EQUAL(shown(reading), "/b/1");
  }
}

CAF_TEST(a request that outlasts its limit is answered and its worker is not trusted to be done) {
  file_store_options options;
  options.request_limit = 2s;
  start(options);
  (void)read_again("/b/2");
  (void)read_again("/b/1");
  auto& slow = newest();
  slow.its_gate->shut = true;
  const auto writing = ask_later<manifest_changed>(store, write("/b/1", "late"));
  const auto reading = ask_later<manifest_read>(store, read_manifest{"/b/2"});
  pass(2s);
  CAF_REQUIRE(*writing && !**writing);
  CAF_CHECK((**writing).error().kind == failure_kind::unknown_outcome);
  CAF_REQUIRE(*reading && !**reading);
  CAF_CHECK((**reading).error().kind == failure_kind::busy);
  pass(3s);
  CAF_CHECK_EQUAL(read("/b/2"), "device-hung");
  open(slow);
  CAF_CHECK_EQUAL(read("/b/1"), "late");
}

CAF_TEST(a path that cannot be located holds only itself up) {
  CAF_CHECK_EQUAL(read("/a/1"), "/a/1");
  auto& scout = workers[0];
  scout.its_gate->shut = true;
  const auto stuck = ask_later<manifest_read>(store, read_manifest{"/b/1"});
  const auto behind = ask_later<manifest_read>(store, read_manifest{"/c/1"});
  pass(5s);
  CAF_CHECK_EQUAL(code_of(stuck), "device-hung");
  CAF_CHECK_EQUAL(shown(behind), "/c/1");
  CAF_CHECK_EQUAL(read("/b/2"), "device-hung");
  CAF_CHECK_EQUAL(read("/a/2"), "/a/2");
  open(workers[0]);
  CAF_CHECK_EQUAL(read("/b/2"), "/b/2");
}

CAF_TEST(a worker that died is replaced at once and then after a pause) {
  CAF_CHECK_EQUAL(read("/b/1"), "/b/1");
  const auto kill_newest = [this] {
    caf::anon_send_exit(newest().handle, caf::exit_reason::kill);
    sched.run();
  };
  kill_newest();
  CAF_CHECK_EQUAL(read("/b/1"), "/b/1");
  CAF_CHECK_EQUAL(workers.size(), 3u);
  kill_newest();
  CAF_CHECK_EQUAL(read("/b/1"), "disk-worker-restarting");
  CAF_CHECK_EQUAL(read("/a/1"), "/a/1");
  pass(100ms);
  CAF_CHECK_EQUAL(read("/b/1"), "/b/1");
}

CAF_TEST(those who waited for a worker that died are told) {
  (void)read_again("/b/1");
  auto& doomed = newest();
  doomed.its_gate->shut = true;
  const auto reading = ask_later<manifest_read>(store, read_manifest{"/b/1"});
  const auto writing = ask_later<manifest_changed>(store, write("/b/2", "new"));
  const auto looking = ask_later<places_looked_at>(store, look_at({"/a/1", "/b/1"}));
  sched.run();
  caf::anon_send_exit(doomed.handle, caf::exit_reason::kill);
  doomed.its_gate->waiting.clear();
  sched.run();
  CAF_REQUIRE(*reading && !**reading);
  CAF_CHECK((**reading).error().kind == failure_kind::busy);
  CAF_REQUIRE(*writing && !**writing);
  CAF_CHECK((**writing).error().kind == failure_kind::unknown_outcome);
  CAF_REQUIRE(*looking && **looking && (**looking)->changed.size() == 2);
  CAF_CHECK(std::holds_alternative<manifest_obscured>((**looking)->changed[1].sight));
  CAF_CHECK_EQUAL(read("/b/2"), "/b/2");
}

CAF_TEST(a scout that died fails what waited for it and nothing else) {
  next_is_shut = true;
  const auto waiting = ask_later<manifest_read>(store, read_manifest{"/a/1"});
  sched.run();
  caf::anon_send_exit(newest().handle, caf::exit_reason::kill);
  newest().its_gate->waiting.clear();
  sched.run();
  CAF_REQUIRE(*waiting && !**waiting);
  CAF_CHECK((**waiting).error().kind == failure_kind::busy);
  CAF_CHECK_EQUAL(read("/a/1"), "/a/1");
}

CAF_TEST(what a worker leaves of a look is asked for again) {
  file_store_options options;
  options.worker.look_time = 0ns;
  start(options);
  const std::vector<std::string> projects = {"/a/1", "/b/1", "/a/2", "/none", "/b/2", "/a/1"};
  const auto answer = get<places_looked_at>(store, look_at(projects));
  CAF_REQUIRE(answer && answer->changed.size() == projects.size());
  for (std::size_t i = 0; i < projects.size(); ++i)
    CAF_CHECK_EQUAL(answer->changed[i].index, i);
  CAF_CHECK_EQUAL(answer->left, 0u);
}

CAF_TEST(one look goes to every device and is put together in order) {
  file_store_options options;
  options.look_batch = 1;
  start(options);
  const std::vector<std::string> projects = {"/c/1", "/a/1", "/b/1", "/none", "/a/2", "/b/2", "/c/2"};
  auto answer = get<places_looked_at>(store, look_at(projects));
  CAF_REQUIRE(answer && answer->changed.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) {
    CAF_CHECK_EQUAL(answer->changed[i].index, i);
    const auto* bytes = std::get_if<manifest_bytes>(&answer->changed[i].sight);
    CAF_CHECK_EQUAL(bytes ? bytes->bytes : "/none", projects[i]);
  }
  std::vector<place_to_look_at> known;
  for (std::size_t i = 0; i < 7; ++i) {
    known.push_back({agent_id{projects[i]}, projects[i], {}});
    if (const auto* bytes = std::get_if<manifest_bytes>(&answer->changed[i].sight))
      known.back().known = bytes->key;
  }
  answer = get<places_looked_at>(store, look_at_places{std::move(known)});
  CAF_REQUIRE(answer && answer->changed.size() == 1);
  CAF_CHECK_EQUAL(answer->unchanged, 6u);
  CAF_CHECK_EQUAL(answer->changed[0].index, 3u);
}

CAF_TEST(a look at more unknown places than a worker takes obscures none) {
  file_store_options options;
  options.devices.jobs = 40;
  options.look_window = 30;
  options.look_batch = 7;
  start(options);
  std::vector<std::string> projects;
  for (int i = 0; i < 1000; ++i) {
    projects.push_back((i % 2 == 0 ? "/a/x" : "/b/x") + std::to_string(i));
    if (i % 3 != 0)
      world.files.put_directory(projects.back());
  }
  for (int round = 0; round < 2; ++round) {
    const auto answer = get<places_looked_at>(store, look_at(projects));
    CAF_REQUIRE(answer && answer->changed.size() == projects.size());
    CAF_CHECK(std::all_of(answer->changed.begin(), answer->changed.end(),
                          [](const auto& each) { return std::holds_alternative<no_manifest>(each.sight); }));
  }
}

CAF_TEST(a look at a hung device obscures its places and no others) {
  (void)read_again("/b/1");
  newest().its_gate->shut = true;
  const auto looking = ask_later<places_looked_at>(store, look_at({"/b/1", "/a/1", "/b/2", "relative"}));
  pass(5s);
  CAF_REQUIRE(*looking && **looking && (**looking)->changed.size() == 4);
  const auto& changed = (**looking)->changed;
  CAF_CHECK_EQUAL(std::get<manifest_obscured>(changed[0].sight).why.code, "device-hung");
  CAF_CHECK(std::holds_alternative<manifest_bytes>(changed[1].sight));
  CAF_CHECK_EQUAL(std::get<manifest_obscured>(changed[2].sight).why.code, "device-hung");
  CAF_CHECK_EQUAL(std::get<manifest_obscured>(changed[3].sight).why.code, "project-path");
  const auto again = get<places_looked_at>(store, look_at({"/b/1", "/a/1"}));
  CAF_REQUIRE(again && again->changed.size() == 2);
  CAF_CHECK(std::holds_alternative<manifest_obscured>(again->changed[0].sight));
}

CAF_TEST(a device that is mounted over a project later is found by a request a second later) {
  world.files.put_directory("/d");
  CAF_CHECK_EQUAL(read("/d"), "none");
  const auto started = workers.size();
  world.files.mount(world.files.add_volume({}), "/d");
  pass(1s);
  CAF_CHECK_EQUAL(read_again("/d"), "none");
  CAF_CHECK_EQUAL(workers.size(), started + 1);
}

CAF_TEST(queues are bounded) {
  file_store_options options;
  options.devices.jobs = 2;
  options.waiting = 2;
  options.places = 3;
  start(options);
  CAF_CHECK_EQUAL(code_of(get<places_looked_at>(store, look_at({"/a", "/b", "/c", "/d"}))), "too-many-places");
  CAF_CHECK_EQUAL(code_of(get<places_looked_at>(store, look_at({}))), "done");
  next_is_shut = true;
  std::vector<awaited<manifest_read>> answers;
  for (const auto* project : {"/a/1", "/a/2", "/b/1"})
    answers.push_back(ask_later<manifest_read>(store, read_manifest{project}));
  sched.run();
  CAF_CHECK_EQUAL(code_of(answers[2]), "disk-queue-full");
  open(newest());
  CAF_CHECK_EQUAL(shown(answers[0]), "/a/1");
  newest().its_gate->shut = true;
  answers.clear();
  for (int i = 0; i < 3; ++i)
    answers.push_back(ask_later<manifest_read>(store, read_manifest{"/a/1"}));
  sched.run();
  CAF_CHECK_EQUAL(code_of(answers[1]), "silence");
  CAF_CHECK_EQUAL(code_of(answers[2]), "disk-queue-full");
}

CAF_TEST(what is no path of a project is refused) {
  for (const auto& bad :
       {std::string{}, std::string{"relative"}, std::string{"/a\0b", 4}, "/" + std::string(5000, 'x')})
    CAF_CHECK_EQUAL(read(bad), "project-path");
  CAF_CHECK(workers.empty());
}

CAF_TEST(commands of an earlier life do not reach a worker) {
  CAF_CHECK_EQUAL(code_of(get<manifest_changed>(store, write("/a/1", "new", 2))), "done");
  CAF_CHECK_EQUAL(code_of(get<manifest_changed>(store, write("/a/2", "old", 1))), "epoch-over");
  CAF_CHECK_EQUAL(read("/a/2"), "/a/2");
}

CAF_TEST(what was said to a hung worker happens before what is said later) {
  (void)read_again("/b/1");
  auto& slow = newest();
  slow.its_gate->shut = true;
  const auto writing = ask_later<manifest_changed>(store, write("/b/1", "unknown"));
  pass(5s);
  CAF_CHECK_EQUAL(code_of(writing), "device-hung");
  open(slow);
  const restore_manifest undo{epoch{1}, "/b/1", sha256::of("unknown"), "/b/1"};
  CAF_CHECK_EQUAL(code_of(get<manifest_changed>(store, undo)), "done");
  CAF_CHECK_EQUAL(read("/b/1"), "/b/1");
}

CAF_TEST(workers end with their store and an idle one has no timer) {
  (void)read("/a/1");
  (void)read_again("/b/1");
  pass(1h);
  CAF_CHECK(sched.clock().schedule.empty());
  std::set<caf::actor_addr> ended;
  for (const auto& each : workers)
    caf::actor_cast<caf::abstract_actor*>(each.handle)
        ->attach_functor([&ended, address = each.handle.address()](const caf::error&) { ended.insert(address); });
  caf::anon_send_exit(store, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(ended.size(), workers.size());
}

CAF_TEST_FIXTURE_SCOPE_END()
