#define CAF_SUITE disk_worker_test

#include "muster/actors/disk_worker.hpp"

#include "tests/support/actor_fixture.hpp"

#include "muster/store/manifest_place.hpp"
#include "muster/store/sha256.hpp"
#include "muster/store/simulated_environment.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

const std::string manifest = ".dork/agent.json";

/// Does something before each call of one kind, in the middle of a worker's work.
struct intruder final : disk_spectator {
  disk_operation at = disk_operation::rename;
  std::function<void()> act;
  void before(simulated_disk&, const disk_call& call) override {
    if (call.operation == at)
      act();
  }
};

struct fixture : actor_fixture {
  simulated_environment world;
  std::vector<traced_call> trace;
  disk_worker_actor worker = start({});

  fixture() {
    for (int i = 0; i < 20; ++i)
      world.files.put_directory(project(i));
    world.files.set_trace(&trace);
  }

  disk_worker_actor start(const disk_worker_options& options) {
    auto made = keep(disk_worker_actor{spawn_io<disk_worker>(sys, io_threads::shared, world.view(), options)});
    sched.run();
    return made;
  }

  void put(const std::string& path, std::string_view content) {
    const auto directory = path.substr(0, path.rfind('/'));
    if (!world.files.exists(directory))
      world.files.put_directory(directory);
    world.files.put_file(path, content);
  }
  static std::string project(int i) { return "/p" + std::to_string(i); }
  static std::string file(int i) { return project(i) + "/" + manifest; }
  static write_manifest write(int i, std::string bytes, file_version expected = {}, std::uint64_t life = 1) {
    return {epoch{life}, project(i), expected, std::move(bytes)};
  }
  std::size_t count(disk_operation operation) const {
    return static_cast<std::size_t>(
        std::count_if(trace.begin(), trace.end(), [&](const auto& each) { return each.operation == operation; }));
  }
  /// How a change ended: its error, or done.
  std::string_view change(const auto& request) {
    auto answer = get<manifest_changed>(worker, request);
    if (!answer)
      return answer.error().code;
    return answer->error ? answer->error->code : "done";
  }
  static std::string_view end_of(const awaited<manifest_changed>& answer) {
    if (!*answer || !**answer)
      return code_of(answer);
    return (**answer)->error ? (**answer)->error->code : "done";
  }
  /// Writes of one backlog, as many as answered that they are done.
  std::size_t write_backlog(int from, int to) {
    std::vector<awaited<manifest_changed>> answers;
    for (int i = from; i < to; ++i)
      answers.push_back(ask_later<manifest_changed>(worker, write(i, "bytes")));
    sched.run();
    return static_cast<std::size_t>(
        std::count_if(answers.begin(), answers.end(), [](const auto& each) { return end_of(each) == "done"; }));
  }
  manifest_sight look(int i, std::optional<stat_key> known, std::size_t& unchanged) {
    auto answer = get<places_looked_at>(worker, look_at_places{{{{agent_id{"a"}, project(i), known}}}});
    unchanged = answer->unchanged;
    return answer->changed.empty() ? manifest_sight{no_manifest{}} : std::move(answer->changed.at(0).sight);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(disk_worker_tests, fixture)

CAF_TEST(every message of its interface is answered) {
  CAF_CHECK_EQUAL(code_of(get<manifest_read>(worker, read_manifest{project(0)})), "done");
  CAF_CHECK_EQUAL(change(write(0, "one")), "done");
  CAF_CHECK_EQUAL(change(restore_manifest{epoch{1}, project(0), sha256::of("one"), {}}), "done");
  CAF_CHECK_EQUAL(change(retire_manifest{epoch{1}, project(0), {}}), "done");
  CAF_CHECK_EQUAL(code_of(get<places_looked_at>(worker, look_at_places{})), "done");
  CAF_CHECK_EQUAL(code_of(get<head_read>(worker, read_head{project(0)})), "done");
  CAF_CHECK_EQUAL(code_of(get<leftovers_found>(worker, find_leftovers{project(0)})), "done");
  CAF_CHECK_EQUAL(code_of(get<leftover_forgotten>(worker, forget_leftover{project(0), {}})), "leftover-not-recorded");
  CAF_CHECK_EQUAL(code_of(get<directory_located>(worker, locate_directory{"/p0"})), "done");
  CAF_CHECK_EQUAL(code_of(get<everything_done>(worker, report_when_done{})), "done");
  tell_from_outside(worker, write_batch_tick{});
  CAF_CHECK_EQUAL(change(write(1, "one")), "done");
}

CAF_TEST(a backlog of eight writes shares two syncs of the file system) {
  CAF_CHECK_EQUAL(write_backlog(0, 8), 8u);
  CAF_CHECK_EQUAL(count(disk_operation::sync_filesystem), 2u);
  CAF_CHECK_EQUAL(count(disk_operation::sync), 0u);
  CAF_CHECK_EQUAL(world.files.file_content(file(7)), "bytes");
}

CAF_TEST(a backlog of seven syncs each) {
  CAF_CHECK_EQUAL(write_backlog(0, 7), 7u);
  CAF_CHECK_EQUAL(count(disk_operation::sync_filesystem), 0u);
  CAF_CHECK(count(disk_operation::sync) >= 14u);
}

CAF_TEST(writes that are followed share the syncs of those that follow) {
  std::vector<awaited<manifest_changed>> answers;
  for (int i = 0; i < 8; ++i) {
    auto request = write(i, "bytes");
    request.others_follow = i < 7;
    answers.push_back(ask_later<manifest_changed>(worker, request));
    sched.run();
    CAF_CHECK_EQUAL(end_of(answers.front()), i < 7 ? "silence" : "done");
  }
  CAF_CHECK_EQUAL(count(disk_operation::sync_filesystem), 2u);
  auto alone = write(8, "bytes");
  alone.others_follow = true;
  const auto in_vain = ask_later<manifest_changed>(worker, alone);
  sched.run();
  CAF_CHECK_EQUAL(end_of(in_vain), "silence");
  pass(sync_company::most);
  CAF_CHECK_EQUAL(end_of(in_vain), "done");
}

CAF_TEST(a batch is bounded in writes and in bytes) {
  disk_worker_options options;
  options.batch_writes = 8;
  worker = start(options);
  CAF_CHECK_EQUAL(write_backlog(0, 16), 16u);
  CAF_CHECK_EQUAL(count(disk_operation::sync_filesystem), 4u);
  options.batch_writes = 256;
  options.batch_bytes = 10;
  worker = start(options);
  trace.clear();
  CAF_CHECK_EQUAL(write_backlog(16, 20), 4u);
  CAF_CHECK_EQUAL(count(disk_operation::sync_filesystem), 0u);
}

CAF_TEST(what is asked of a project comes after the writes asked before) {
  const auto first = ask_later<manifest_changed>(worker, write(0, "one"));
  const auto second = ask_later<manifest_changed>(worker, write(0, "two", sha256::of("one")));
  const auto sight = ask_later<manifest_read>(worker, read_manifest{project(0)});
  const auto undo =
      ask_later<manifest_changed>(worker, restore_manifest{epoch{1}, project(0), sha256::of("two"), "one"});
  const auto other = ask_later<manifest_changed>(worker, write(1, "one"));
  const auto looked = ask_later<places_looked_at>(worker, look_at_places{{{{{}, project(1), {}}}}});
  const auto third = ask_later<manifest_changed>(worker, write(2, "one"));
  const auto all = ask_later<everything_done>(worker, report_when_done{});
  sched.run();
  CAF_CHECK_EQUAL(end_of(first), "done");
  CAF_CHECK_EQUAL(end_of(second), "done");
  CAF_REQUIRE(*sight && std::holds_alternative<manifest_bytes>((**sight)->sight));
  CAF_CHECK_EQUAL(std::get<manifest_bytes>((**sight)->sight).bytes, "two");
  CAF_CHECK_EQUAL(end_of(undo), "done");
  CAF_CHECK_EQUAL(world.files.file_content(file(0)), "one");
  CAF_REQUIRE(*looked && (**looked)->changed.size() == 1);
  CAF_CHECK(std::holds_alternative<manifest_bytes>((**looked)->changed[0].sight));
  CAF_CHECK_EQUAL(end_of(third), "done");
  CAF_CHECK_EQUAL(code_of(all), "done");
}

CAF_TEST(one write that fails stops no other of its batch) {
  put(file(3), "somebody was here");
  std::vector<awaited<manifest_changed>> answers;
  for (int i = 0; i < 10; ++i)
    answers.push_back(ask_later<manifest_changed>(worker, write(i, "bytes")));
  sched.run();
  for (int i = 0; i < 10; ++i)
    CAF_CHECK_EQUAL(end_of(answers[static_cast<std::size_t>(i)]), i == 3 ? "manifest-changed" : "done");
  CAF_CHECK_EQUAL(world.files.file_content(file(3)), "somebody was here");
}

CAF_TEST(commands of an earlier life are dropped) {
  CAF_CHECK_EQUAL(change(write(0, "new", {}, 2)), "done");
  CAF_CHECK_EQUAL(change(write(1, "old", {}, 1)), "epoch-over");
  CAF_CHECK_EQUAL(change(restore_manifest{epoch{1}, project(0), sha256::of("new"), {}}), "epoch-over");
  CAF_CHECK_EQUAL(change(retire_manifest{epoch{1}, project(0), sha256::of("new")}), "epoch-over");
  CAF_CHECK_EQUAL(world.files.file_content(file(0)), "new");
  CAF_CHECK(!world.files.exists(file(1)));
}

CAF_TEST(what is on a volume that is away is neither undone nor retired) {
  const auto volume = world.files.add_volume({});
  world.files.mount(volume, project(0));
  put(file(0), "mine");
  const auto seen = get<manifest_read>(worker, read_manifest{project(0)});
  CAF_REQUIRE(seen && std::holds_alternative<manifest_bytes>(seen->sight));
  const auto where = std::get<manifest_bytes>(seen->sight).where;
  CAF_REQUIRE(where.has_value());
  const auto mine = sha256::of("mine");
  const restore_manifest first{epoch{1}, project(0), mine, {}, where};
  const restore_manifest later{epoch{1}, project(0), mine, "older", where};
  const retire_manifest retired{epoch{1}, project(0), mine, where};
  const retire_manifest any{epoch{1}, project(0), {}, where};
  world.files.unmount(volume);
  CAF_CHECK_EQUAL(change(first), "volume-away");
  CAF_CHECK_EQUAL(change(later), "volume-away");
  CAF_CHECK_EQUAL(change(retired), "volume-away");
  CAF_CHECK_EQUAL(change(any), "volume-away");
  const auto away = get<manifest_read>(worker, read_manifest{project(0), where});
  CAF_CHECK(away && std::holds_alternative<manifest_obscured>(away->sight));
  const auto unasked = get<manifest_read>(worker, read_manifest{project(0)});
  CAF_CHECK(unasked && std::holds_alternative<no_manifest>(unasked->sight));
  world.files.mount(volume, project(0));
  CAF_CHECK_EQUAL(change(later), "done");
  CAF_CHECK_EQUAL(world.files.file_content(file(0)), "older");
}

CAF_TEST(what is provably gone has nothing to undo) {
  put(file(0), "mine");
  const auto seen = get<manifest_read>(worker, read_manifest{project(0)});
  CAF_REQUIRE(seen && std::holds_alternative<manifest_bytes>(seen->sight));
  const auto where = std::get<manifest_bytes>(seen->sight).where;
  const restore_manifest undo{epoch{1}, project(0), sha256::of("mine"), "older", where};
  world.files.unlink(no_handle, file(0), unlink_kind::file).value();
  CAF_CHECK_EQUAL(change(undo), "manifest-changed");
  CAF_CHECK_EQUAL(change(retire_manifest{epoch{1}, project(0), sha256::of("mine"), where}), "done");
  world.files.rename(no_handle, project(0), no_handle, "/elsewhere", rename_mode::no_replace).value();
  CAF_CHECK_EQUAL(change(undo), "done");
  const auto gone = get<manifest_read>(worker, read_manifest{project(0), where});
  CAF_CHECK(gone && std::holds_alternative<no_manifest>(gone->sight));
}

CAF_TEST(a manifest retires if it is as expected and is set aside if not ) {
  put(file(0), "mine");
  put(file(1), "edited");
  world.files.put_directory(project(2) + "/.dork");
  world.files.put_directory(file(2));
  const retire_manifest wanted{epoch{1}, project(0), sha256::of("mine")};
  CAF_CHECK_EQUAL(change(wanted), "done");
  CAF_CHECK(!world.files.exists(file(0)));
  CAF_CHECK_EQUAL(change(wanted), "done");
  for (int i = 1; i < 3; ++i) {
    const auto answer = get<manifest_changed>(worker, retire_manifest{epoch{1}, project(i), sha256::of("mine")});
    CAF_REQUIRE(answer.has_value());
    CAF_CHECK(!answer->error);
    CAF_CHECK(!answer->aside.empty());
    CAF_CHECK(!world.files.exists(file(i)));
    CAF_CHECK(world.files.exists(project(i) + "/.dork/" + answer->aside));
  }
}

CAF_TEST(a failing disk retires nothing) {
  put(file(0), "mine");
  world.files.set_plan(fault_plan{{{fault::kind::error, 5}, 1, {disk_operation::rename}, true}});
  CAF_CHECK(change(retire_manifest{epoch{1}, project(0), sha256::of("mine")}) != "done");
  world.files.set_plan({});
  CAF_CHECK_EQUAL(world.files.file_content(file(0)), "mine");
}

CAF_TEST(a file that is known costs one call and no answer) {
  put(file(0), "one");
  world.clock.advance(10s);
  std::size_t unchanged = 0;
  const auto first = look(0, {}, unchanged);
  CAF_REQUIRE(std::holds_alternative<manifest_bytes>(first));
  const auto key = std::get<manifest_bytes>(first).key;
  CAF_CHECK(!key.racy);
  const auto calls = world.files.calls();
  (void)look(0, key, unchanged);
  CAF_CHECK_EQUAL(unchanged, 1u);
  CAF_CHECK_EQUAL(world.files.calls(), calls + 1);
}

CAF_TEST(an edit of the same size in the same instant is found) {
  std::size_t unchanged = 0;
  put(file(0), "one");
  const auto first = look(0, {}, unchanged);
  const auto key = std::get<manifest_bytes>(first).key;
  CAF_CHECK(key.racy);
  world.files.aside([](simulated_disk& files) {
    open_how how;
    how.access = open_how::access_mode::read_write;
    const open_file same{files, *files.open(no_handle, file(0), how)};
    (void)files.write_at(same.get(), 0, std::as_bytes(std::span{"two", 3}));
  });
  const auto second = look(0, key, unchanged);
  CAF_REQUIRE(std::holds_alternative<manifest_bytes>(second));
  CAF_CHECK_EQUAL(std::get<manifest_bytes>(second).bytes, "two");
}

CAF_TEST(a key from a clock behind the file is racy) {
  std::size_t unchanged = 0;
  put(file(0), "one");
  world.clock.jump_wall(-1h);
  CAF_CHECK(std::get<manifest_bytes>(look(0, {}, unchanged)).key.racy);
}

CAF_TEST(absence is told from what cannot be read) {
  std::size_t unchanged = 0;
  world.files.put_directory(project(1) + "/.dork");
  world.files.put_directory(file(1));
  CAF_CHECK(std::holds_alternative<no_manifest>(look(0, stat_key{}, unchanged)));
  CAF_CHECK_EQUAL(unchanged, 0u);
  CAF_CHECK(std::holds_alternative<manifest_obscured>(look(1, {}, unchanged)));
}

CAF_TEST(a place that is gone still is told by its number and any other way by what is seen) {
  put(file(1), "of another");
  put(file(2), "again");
  world.clock.advance(10s);
  std::size_t unchanged = 0;
  const auto another = std::get<manifest_bytes>(look(1, {}, unchanged)).key;
  const auto again = std::get<manifest_bytes>(look(2, {}, unchanged)).key;
  const auto ask = [&](std::vector<place_to_look_at> places) {
    return get<places_looked_at>(worker, look_at_places{std::move(places)});
  };
  const agent_id a{"a"};
  const auto still = ask({{a, project(0), {}, absence::no_manifest},
                          {a, "/home/nowhere", {}, absence::no_project},
                          {a, project(1), another, absence::displaced}});
  CAF_REQUIRE(still);
  CAF_CHECK(still->changed.empty());
  CAF_CHECK(still->absent == (std::vector<std::size_t>{0, 1, 2}));
  CAF_CHECK_EQUAL(still->unchanged, 0u);
  const auto other = ask({{a, project(0), {}, absence::no_project},
                          {a, "/home/nowhere", {}, absence::no_manifest},
                          {a, project(2), again, absence::no_manifest},
                          {a, project(2), again, absence::no_project},
                          {a, project(3), another, absence::displaced},
                          {a, project(1), {}, absence::displaced}});
  CAF_REQUIRE(other);
  CAF_CHECK(other->absent.empty());
  CAF_CHECK_EQUAL(other->changed.size(), 6u);
}

CAF_TEST(a look at many places ends in time and leaves the rest) {
  disk_worker_options options;
  options.look_time = 0ns;
  const auto hurried = start(options);
  for (int i = 0; i < 3; ++i)
    put(file(i), "some");
  std::vector<place_to_look_at> places;
  for (int i = 0; i < 4; ++i)
    places.push_back({agent_id{"a"}, project(i), {}});
  const known_places all = std::move(places);
  auto seen = get<places_looked_at>(hurried, look_at_places{all});
  CAF_REQUIRE(seen && seen->changed.size() == 1);
  CAF_CHECK_EQUAL(seen->changed[0].index, 0u);
  CAF_CHECK_EQUAL(seen->left, 3u);
  seen = get<places_looked_at>(hurried, look_at_places{all, {{2, 3}}});
  CAF_REQUIRE(seen && seen->changed.size() == 1);
  CAF_CHECK_EQUAL(seen->changed[0].index, 2u);
  CAF_CHECK_EQUAL(seen->left, 1u);
  seen = get<places_looked_at>(worker, look_at_places{all, {{1, 3}}});
  CAF_REQUIRE(seen && seen->changed.size() == 2);
  CAF_CHECK_EQUAL(seen->changed[1].index, 3u);
  CAF_CHECK_EQUAL(seen->left, 0u);
}

CAF_TEST(only ENOENT and ENOTDIR are absence) {
  for (const int code : {EACCES, EPERM, EIO, ELOOP, ENAMETOOLONG, ENOMEM, ESTALE, ENODEV, EMFILE, ETIMEDOUT, ENXIO}) {
    auto troubled = std::make_unique<simulated_environment>();
    for (const std::string each : {"/home", "/home/p", "/home/p/.dork"})
      troubled->files.put_directory(each);
    fault_rule rule{{fault::kind::error, code}};
    rule.operations = {disk_operation::open, disk_operation::status};
    rule.persistent = true;
    troubled->files.set_plan(fault_plan{rule});
    disk_worker_actor other = keep(disk_worker_actor{sys.spawn<disk_worker>(troubled->view(), disk_worker_options{})});
    for (const auto gone : {absence::none, absence::no_manifest, absence::no_project, absence::displaced}) {
      const auto seen = get<places_looked_at>(other, look_at_places{{{{agent_id{"a"}, "/home/p", stat_key{}, gone}}}});
      CAF_REQUIRE(seen);
      CAF_CHECK(seen->absent.empty() && seen->unchanged == 0);
      CAF_REQUIRE_EQUAL(seen->changed.size(), 1u);
      CAF_CHECK(std::holds_alternative<manifest_obscured>(seen->changed.front().sight));
    }
    caf::anon_send_exit(other, caf::exit_reason::kill);
    sched.run();
  }
}

CAF_TEST(what a life has asked for takes no effect once the next one has begun) {
  disk_worker_options options;
  options.begun = std::make_shared<std::atomic<std::uint64_t>>(1);
  worker = start(options);
  CAF_CHECK_EQUAL(change(write(0, "one")), "done");
  intruder next;
  next.at = disk_operation::create;
  next.act = [&] { options.begun->store(2); };
  world.files.set_spectator(&next);
  CAF_CHECK_EQUAL(change(write(1, "one")), "epoch-over");
  world.files.set_spectator(nullptr);
  CAF_CHECK_EQUAL(count(disk_operation::create), 2u);
  CAF_CHECK(!world.files.exists(file(1)));
  CAF_CHECK_EQUAL(change(restore_manifest{epoch{1}, project(0), sha256::of("one"), {}}), "epoch-over");
  CAF_CHECK_EQUAL(change(write(1, "two", {}, 2)), "done");
}

CAF_TEST(leftovers are read and forgotten when they are as recorded) {
  const auto name = new_temporary_name(world.random);
  put(project(0) + "/.dork/" + name, "left");
  auto found = get<leftovers_found>(worker, find_leftovers{project(0)});
  CAF_REQUIRE(found && found->leftovers.size() == 1);
  CAF_CHECK_EQUAL(found->leftovers[0].bytes, "left");
  auto other = found->leftovers[0];
  other.hash = sha256::of("other");
  CAF_CHECK_EQUAL(code_of(get<leftover_forgotten>(worker, forget_leftover{project(0), other})), "leftover-changed");
  const forget_leftover same{project(0), found->leftovers[0]};
  CAF_CHECK_EQUAL(code_of(get<leftover_forgotten>(worker, same)), "done");
  CAF_CHECK_EQUAL(code_of(get<leftover_forgotten>(worker, same)), "done");
  const auto unreadable = new_temporary_name(world.random);
  world.files.put_directory(project(0) + "/.dork/" + unreadable);
  found = get<leftovers_found>(worker, find_leftovers{project(0)});
  CAF_REQUIRE(found && found->unreadable.size() == 1);
  CAF_CHECK(found->leftovers.empty());
}

CAF_TEST(a hand edit that a write came by is told) {
  put(file(0), "one");
  intruder editor;
  editor.act = [this, done = false]() mutable {
    if (!std::exchange(done, true))
      put(file(0), "edited");
  };
  world.files.set_spectator(&editor);
  const auto answer = get<manifest_changed>(worker, write(0, "two", sha256::of("one")));
  world.files.set_spectator(nullptr);
  CAF_REQUIRE(answer && answer->error && !answer->witnessed.empty());
  CAF_CHECK_EQUAL(std::get<manifest_bytes>(answer->witnessed.back()).bytes, "edited");
  CAF_CHECK_EQUAL(world.files.file_content(file(0)), "edited");
}

CAF_TEST(an exception becomes an answer and ends nobody) {
  intruder thrower;
  thrower.act = [] { throw std::runtime_error("boom"); };
  world.files.set_spectator(&thrower);
  CAF_CHECK_EQUAL(change(write(0, "one")), "disk-worker-exception");
  thrower.at = disk_operation::open;
  CAF_CHECK_EQUAL(code_of(get<manifest_read>(worker, read_manifest{project(0)})), "disk-worker-exception");
  thrower.act = [] { throw 7; };
  CAF_CHECK_EQUAL(code_of(get<manifest_read>(worker, read_manifest{project(0)})), "disk-worker-exception");
  world.files.set_spectator(nullptr);
  CAF_CHECK_EQUAL(change(write(0, "one")), "done");
}

CAF_TEST(after a call that never returns there is silence and no further call) {
  for (const auto kind : {fault::kind::hang, fault::kind::kill_before}) {
    simulated_environment other;
    for (int i = 0; i < 3; ++i)
      other.files.put_directory(project(i));
    other.files.set_plan(fault_plan{{{kind}, 1, {disk_operation::sync}}});
    worker =
        keep(disk_worker_actor{spawn_io<disk_worker>(sys, io_threads::shared, other.view(), disk_worker_options{})});
    const auto stuck = ask_later<manifest_changed>(worker, write(0, "one"));
    const auto behind = ask_later<manifest_read>(worker, read_manifest{project(0)});
    sched.run();
    const auto calls = other.files.calls();
    const auto later = ask_later<manifest_changed>(worker, write(1, "two"));
    const auto report = ask_later<everything_done>(worker, report_when_done{});
    sched.run();
    CAF_CHECK_EQUAL(code_of(stuck), "silence");
    CAF_CHECK_EQUAL(code_of(behind), "silence");
    CAF_CHECK_EQUAL(code_of(later), "silence");
    CAF_CHECK_EQUAL(code_of(report), "silence");
    CAF_CHECK_EQUAL(other.files.calls(), calls);
    caf::anon_send_exit(worker, caf::exit_reason::kill);
    sched.run();
  }
}

CAF_TEST(a directory is located by its device) {
  const auto volume = world.files.add_volume({});
  world.files.put_directory("/mnt");
  world.files.mount(volume, "/mnt");
  const auto root = get<directory_located>(worker, locate_directory{"/"});
  const auto mount = get<directory_located>(worker, locate_directory{"/mnt"});
  CAF_REQUIRE(root && mount && root->device && mount->device);
  CAF_CHECK(*root->device != *mount->device);
  CAF_CHECK(!get<directory_located>(worker, locate_directory{"/none"})->device);
}

CAF_TEST_FIXTURE_SCOPE_END()
