#define CAF_SUITE simulated_disk_test

#include "muster/store/crash_states.hpp"
#include "muster/store/simulated_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>
#include <set>

using namespace muster;

namespace {

using access_mode = open_how::access_mode;
using fate = effect_fate::kind;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// A machine whose only directory, /d, is durable.
struct machine {
  explicit machine(crash_model model = crash_model::weak_posix) : world(1, {.model = model}), files(world.files) {
    files.put_directory("/d");
    sync("/");
  }
  machine(const machine& other) : world(other.world), files(world.files) {}

  void sync(std::string_view path) {
    const open_file file{files, files.open(no_handle, path, {}).value()};
    files.sync(file.get()).value();
  }
  void write(std::string_view path, std::string_view content, std::uint64_t offset = 0) {
    const open_file file{files,
                         files.open(no_handle, path, {.access = access_mode::read_write, .create = true}).value()};
    CAF_REQUIRE_EQUAL(files.write_at(file.get(), offset, bytes(content)).value(), content.size());
  }
  void rename(std::string_view from, std::string_view to, rename_mode mode) {
    files.rename(no_handle, from, no_handle, to, mode).value();
  }
  void crash_losing_all() { files.crash({}); }
  std::string content(std::string_view path) { return files.exists(path) ? files.file_content(path) : "(missing)"; }

  simulated_environment world;
  simulated_disk& files;
};

// What /d/a and /d/b hold in all the states that a crash may leave.
std::set<std::string> outcomes(const machine& before, std::size_t bound = 5000) {
  std::set<std::string> found;
  crash_states states{before.files.pending(), bound, 7};
  for (crash_choice choice; states.next(choice);) {
    machine after = before;
    after.files.crash(choice);
    found.insert(after.content("/d/a") + "|" + after.content("/d/b"));
  }
  return found;
}

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

} // namespace

CAF_TEST(without a sync of the file the content may be lost and the name kept) {
  machine m;
  m.write("/d/a", "new");
  m.sync("/d");
  CAF_CHECK_EQUAL(joined(outcomes(m)), "new|(missing) |(missing)");
  m.sync("/d/a");
  CAF_CHECK_EQUAL(joined(outcomes(m)), "new|(missing)");
}

CAF_TEST(without a sync of the directory the name may be lost) {
  machine m;
  m.write("/d/a", "new");
  m.sync("/d/a");
  CAF_CHECK_EQUAL(joined(outcomes(m)), "(missing)|(missing) new|(missing)");
  m.sync("/d");
  CAF_CHECK_EQUAL(joined(outcomes(m)), "new|(missing)");
  CAF_CHECK(m.files.pending().empty());
}

CAF_TEST(a sync of the file system saves everything) {
  machine m;
  m.write("/d/a", "new");
  m.write("/d/b", "too");
  const open_file any{m.files, m.files.open(no_handle, "/", {}).value()};
  m.files.sync_filesystem(any.get()).value();
  CAF_CHECK_EQUAL(joined(outcomes(m)), "new|too");
}

CAF_TEST(an exchange is kept or lost as one) {
  machine m;
  m.write("/d/a", "A");
  m.write("/d/b", "B");
  for (const auto* path : {"/d/a", "/d/b", "/d"})
    m.sync(path);
  m.rename("/d/a", "/d/b", rename_mode::exchange);
  CAF_CHECK_EQUAL(joined(outcomes(m)), "A|B B|A");
  m.rename("/d/a", "/d/b", rename_mode::replace);
  CAF_CHECK_EQUAL(joined(outcomes(m)), "(missing)|B A|B B|A");
}

CAF_TEST(a sync of one directory saves a rename between two as a whole) {
  machine m;
  m.files.put_directory("/e");
  m.write("/e/x", "x");
  for (const auto* path : {"/e/x", "/e", "/"})
    m.sync(path);
  m.rename("/e/x", "/d/a", rename_mode::replace);
  m.sync("/d");
  m.crash_losing_all();
  CAF_CHECK_EQUAL(m.content("/d/a"), "x");
  CAF_CHECK(!m.files.exists("/e/x"));
}

CAF_TEST(an older change does not undo a newer one that was saved) {
  machine m;
  m.files.put_directory("/e");
  m.sync("/");
  m.write("/e/x", "x");
  m.rename("/e/x", "/d/a", rename_mode::replace);
  m.sync("/d/a");
  m.sync("/d");
  crash_states states{m.files.pending(), 100, 1};
  for (crash_choice choice; states.next(choice);) {
    machine after = m;
    after.files.crash(choice);
    CAF_CHECK_EQUAL(after.content("/d/a"), "x");
    CAF_CHECK(!after.files.exists("/e/x"));
  }
}

CAF_TEST(a long write is torn at sectors and a short one is not ) {
  machine m;
  m.write("/d/a", std::string(1200, 'o'));
  m.sync("/d/a");
  m.sync("/d");
  m.write("/d/a", std::string(500, 'n'), 600);
  const auto pending = m.files.pending();
  CAF_REQUIRE_EQUAL(pending.size(), 1u);
  CAF_CHECK_EQUAL(pending[0].sectors, 2u);
  const auto torn = [&](effect_fate one) {
    machine after = m;
    after.files.crash({one});
    return after.content("/d/a");
  };
  const auto old = std::string(600, 'o');
  CAF_CHECK_EQUAL(torn({fate::head, 1}), old + std::string(424, 'n') + std::string(176, 'o'));
  CAF_CHECK_EQUAL(torn({fate::tail, 1}), old + std::string(424, 'o') + std::string(76, 'n') + std::string(100, 'o'));
  CAF_CHECK_EQUAL(outcomes(m).size(), 4u);
  m.sync("/d/a");
  m.write("/d/a", std::string(424, 's'), 600);
  CAF_CHECK_EQUAL(m.files.pending()[0].sectors, 1u);
}

CAF_TEST(writes are lost by themselves in the weak model and from the end in the ordered one) {
  for (auto model : {crash_model::weak_posix, crash_model::ordered}) {
    machine m{model};
    m.write("/d/a", "..");
    m.sync("/d/a");
    m.sync("/d");
    m.write("/d/a", "1", 0);
    m.write("/d/a", "2", 1);
    const auto* wanted = model == crash_model::ordered ? "..|(missing) 1.|(missing) 12|(missing)"
                                                       : "..|(missing) .2|(missing) 1.|(missing) 12|(missing)";
    CAF_CHECK_EQUAL(joined(outcomes(m)), wanted);
  }
}

CAF_TEST(the ordered model keeps a prefix of the entries and takes content along with a rename over a file) {
  machine m{crash_model::ordered};
  m.write("/d/a", "old");
  m.sync("/d/a");
  m.write("/d/tmp", "new");
  m.rename("/d/tmp", "/d/a", rename_mode::replace);
  CAF_CHECK_EQUAL(joined(outcomes(m)), "new|(missing) old|(missing)");
  m.write("/d/b", "b");
  CAF_CHECK_EQUAL(joined(outcomes(m)), "new| new|(missing) new|b old|(missing)");
  m.sync("/d/b");
  CAF_CHECK_EQUAL(joined(outcomes(m)), "new|b");
}

CAF_TEST(the weak model may show a rename without the content) {
  machine m;
  m.write("/d/a", "old");
  m.sync("/d/a");
  m.sync("/d");
  m.write("/d/tmp", "new");
  m.rename("/d/tmp", "/d/a", rename_mode::replace);
  CAF_CHECK_EQUAL(joined(outcomes(m)), "new|(missing) old|(missing) |(missing)");
}

CAF_TEST(an unlink and a new directory may be forgotten) {
  machine m;
  m.write("/d/a", "old");
  m.sync("/d/a");
  m.sync("/d");
  m.files.unlink(no_handle, "/d/a", unlink_kind::file).value();
  m.files.put_directory("/d/b");
  m.write("/d/b/inner", "x");
  m.sync("/d/b/inner");
  m.sync("/d/b");
  machine lost = m;
  lost.crash_losing_all();
  CAF_CHECK_EQUAL(lost.content("/d/a"), "old");
  CAF_CHECK(!lost.files.exists("/d/b"));
  m.sync("/d");
  m.crash_losing_all();
  CAF_CHECK(!m.files.exists("/d/a"));
  CAF_CHECK_EQUAL(m.content("/d/b/inner"), "x");
}

CAF_TEST(no crash leaves a directory under two names) {
  machine m;
  m.files.put_directory("/d/x");
  m.write("/d/x/inner", "x");
  for (const auto* path : {"/d/x/inner", "/d/x", "/d"})
    m.sync(path);
  m.rename("/d/x", "/d/y", rename_mode::replace);
  m.rename("/d/y", "/d/z", rename_mode::replace);
  crash_states states{m.files.pending(), 100, 1};
  std::size_t once = 0;
  std::size_t crashes = 0;
  for (crash_choice choice; states.next(choice); ++crashes) {
    machine after = m;
    after.files.crash(choice);
    std::size_t names = 0;
    for (const auto* path : {"/d/x/inner", "/d/y/inner", "/d/z/inner"})
      names += after.content(path) == "x" ? 1U : 0U;
    once += names == 1 ? 1U : 0U;
  }
  CAF_CHECK_EQUAL(once, crashes);
  CAF_CHECK(crashes > 4);
}

CAF_TEST(a crash ends all handles and locks and a restart keeps the page cache) {
  machine m;
  m.write("/d/a", "unsynced");
  const auto held = m.files.open(no_handle, "/d/a", {}).value();
  m.files.try_lock(held).value();
  CAF_CHECK_EQUAL(m.files.open_handles(), 1u);
  const auto pid = m.world.self.pid;
  m.world.restart_process();
  CAF_CHECK(m.world.self.pid != pid);
  CAF_CHECK_EQUAL(m.files.open_handles(), 0u);
  CAF_CHECK_EQUAL(m.content("/d/a"), "unsynced");
  const open_file again{m.files, m.files.open(no_handle, "/d/a", {}).value()};
  CAF_CHECK(m.files.try_lock(again.get()).has_value());
  const auto boot_id = m.world.self.boot_id;
  m.world.power_cycle({});
  CAF_CHECK(m.world.self.boot_id != boot_id);
  CAF_CHECK_EQUAL(m.content("/d/a"), "(missing)");
  CAF_CHECK_EQUAL(m.files.sync(again.get()).error().code, EBADF);
}

CAF_TEST(a snapshot goes its own way) {
  machine m;
  m.write("/d/a", "one");
  m.sync("/d/a");
  const machine before = m;
  m.write("/d/a", "two");
  m.files.unlink(no_handle, "/d/a", unlink_kind::file).value();
  machine after = before;
  CAF_CHECK_EQUAL(after.content("/d/a"), "one");
  CAF_CHECK(after.files.fingerprint() == before.files.fingerprint());
  CAF_CHECK(after.files.fingerprint() != m.files.fingerprint());
  after.world.clock.advance(std::chrono::hours{1});
  CAF_CHECK(after.world.clock.boot() > m.world.clock.boot());
}

CAF_TEST(the states of a crash are none and all and each alone and dropped and every subset) {
  const std::vector<pending_effect> three(3);
  std::set<std::string> seen;
  crash_states states{three, 100, 1};
  std::size_t listed = 0;
  for (crash_choice choice; states.next(choice); ++listed) {
    std::string text;
    for (const auto& one : choice)
      text += one.what == fate::kept ? '1' : '0';
    seen.insert(text);
  }
  CAF_CHECK_EQUAL(seen.size(), 8u);
  CAF_CHECK_EQUAL(listed, 16u);
  const std::vector<pending_effect> many(40);
  crash_states drawn{many, 500, 1};
  std::set<std::vector<bool>> different;
  for (crash_choice choice; drawn.next(choice);) {
    std::vector<bool> kept;
    for (const auto& one : choice)
      kept.push_back(one.what == fate::kept);
    different.insert(kept);
  }
  CAF_CHECK_EQUAL(different.size(), 500u);
  crash_states nothing{{}, 100, 1};
  crash_choice choice;
  CAF_CHECK(nothing.next(choice));
  CAF_CHECK(!nothing.next(choice));
}

CAF_TEST(what nothing leads to any more is used again) {
  machine m;
  for (int round = 0; round < 5000; ++round) {
    m.write("/d/tmp", "content");
    m.rename("/d/tmp", "/d/a", rename_mode::replace);
    m.sync("/d/a");
    m.sync("/d");
  }
  CAF_CHECK(m.files.status(no_handle, "/d/a", false).value().inode < 200);
  const auto free_before = m.files.filesystem(m.files.open(no_handle, "/", {}).value()).value().free_bytes;
  m.crash_losing_all();
  CAF_CHECK_EQUAL(m.content("/d/a"), "content");
  CAF_CHECK_EQUAL(m.files.filesystem(m.files.open(no_handle, "/", {}).value()).value().free_bytes, free_before);
}
