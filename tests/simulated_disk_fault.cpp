#define CAF_SUITE simulated_disk_fault

#include "muster/store/simulated_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>

using namespace muster;

namespace {

using access_mode = open_how::access_mode;

constexpr open_how create{.access = access_mode::read_write, .create = true, .exclusive = true};

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

template <class T>
int code(const os_result<T>& answer) {
  return answer ? 0 : answer.error().code;
}

struct machine {
  machine() : files(world.files) { files.put_directory("/d"); }

  void plan(fault_rule rule) { files.set_plan(fault_plan{rule}); }
  open_file open(std::string_view path, const open_how& how = {}) {
    return {files, files.open(no_handle, path, how).value()};
  }

  simulated_environment world;
  simulated_disk& files;
};

// Opens, writes, syncs, renames: four calls that change something, and one
// that does not. Says how far it came.
int replace(simulated_disk& files) {
  const auto opened = files.open(no_handle, "/d/tmp", create);
  if (!opened)
    return 0;
  const open_file file{files, *opened};
  if (!files.write_at(file.get(), 0, bytes("new")))
    return 1;
  if (!files.sync(file.get()))
    return 2;
  if (!files.rename(no_handle, "/d/tmp", no_handle, "/d/a", rename_mode::replace))
    return 3;
  return 4;
}

// Saves the file by hand before the n-th call.
class editor final : public disk_spectator {
public:
  explicit editor(std::uint64_t at) : at_(at) {}
  void before(simulated_disk& files, const disk_call& call) override {
    if (call.number == at_)
      files.put_file("/d/a", "by hand " + std::to_string(at_));
  }

private:
  std::uint64_t at_;
};

} // namespace

CAF_TEST(the nth call fails before or after its effect) {
  for (auto what : {fault::kind::error, fault::kind::error_but_done})
    for (std::uint64_t nth = 1; nth <= 5; ++nth) {
      machine m;
      m.plan({{what, ENOSPC}, nth});
      const auto reached = replace(m.files);
      const bool done = what == fault::kind::error_but_done;
      CAF_CHECK_EQUAL(reached, static_cast<int>(nth) - 1);
      CAF_CHECK_EQUAL(m.files.plan().fired(), nth <= 4 ? 1u : 0u);
      CAF_CHECK_EQUAL(m.files.exists("/d/a"), nth > 4 || (nth == 4 && done));
      CAF_CHECK_EQUAL(m.files.exists("/d/tmp"), (nth == 1 && done) || nth == 2 || nth == 3 || (nth == 4 && !done));
    }
}

CAF_TEST(a lasting fault fails every call from the nth on) {
  machine m;
  m.plan({.what = {fault::kind::error, EROFS}, .nth = 2, .persistent = true});
  CAF_CHECK_EQUAL(replace(m.files), 1);
  CAF_CHECK_EQUAL(code(m.files.unlink(no_handle, "/d/tmp", unlink_kind::file)), EROFS);
  CAF_CHECK(m.files.status(no_handle, "/d/tmp", false).has_value());
  m.files.set_plan({});
  CAF_CHECK(m.files.unlink(no_handle, "/d/tmp", unlink_kind::file).has_value());
}

CAF_TEST(a rule is for its operations and a chance for its share) {
  machine m;
  m.plan({.what = {fault::kind::error, EIO}, .nth = 2, .operations = {disk_operation::status}});
  CAF_CHECK(m.files.status(no_handle, "/d", false).has_value());
  CAF_CHECK_EQUAL(replace(m.files), 4);
  CAF_CHECK_EQUAL(code(m.files.status(no_handle, "/d", false)), EIO);
  fault_plan chance{42};
  chance.add({.what = {}, .operations = operation_set::all(), .per_million = 250'000});
  m.files.set_plan(chance);
  std::size_t failed = 0;
  for (int round = 0; round < 10'000; ++round)
    failed += m.files.status(no_handle, "/d", false) ? 0U : 1U;
  CAF_CHECK(failed > 2300 && failed < 2700);
  CAF_CHECK_EQUAL(m.files.plan().fired(), failed);
}

CAF_TEST(a kill before or after the nth call leaves what was done until then) {
  for (auto what : {fault::kind::kill_before, fault::kind::kill_after})
    for (std::uint64_t nth = 1; nth <= 4; ++nth) {
      machine m;
      m.plan({{what}, nth});
      bool killed = false;
      try {
        replace(m.files);
      } catch (const process_killed&) {
        killed = true;
      }
      CAF_CHECK(killed);
      const auto done = nth - (what == fault::kind::kill_before ? 1 : 0);
      CAF_CHECK_EQUAL(code(m.files.unlink(no_handle, "/d/tmp", unlink_kind::file)), EIO);
      CAF_CHECK_EQUAL(m.files.exists("/d/tmp"), done >= 1 && done < 4);
      CAF_CHECK_EQUAL(m.files.exists("/d/a"), done == 4);
      m.world.restart_process();
      m.files.set_plan({});
      CAF_CHECK_EQUAL(m.files.open_handles(), 0u);
      CAF_CHECK(m.files.status(no_handle, "/d", false).has_value());
    }
}

CAF_TEST(a short transfer moves half and one byte is an interruption) {
  machine m;
  const auto file = m.open("/d/a", create);
  m.plan({.what = {fault::kind::short_transfer}, .operations = operation_set::all(), .persistent = true});
  CAF_CHECK_EQUAL(m.files.write_at(file.get(), 0, bytes("12345")).value(), 2u);
  CAF_CHECK_EQUAL(code(m.files.write_at(file.get(), 2, bytes("3"))), EINTR);
  std::array<std::byte, 10> into;
  CAF_CHECK_EQUAL(m.files.read_at(file.get(), 0, into).value(), 1u);
  CAF_CHECK_EQUAL(m.files.read_at(file.get(), 2, into).value(), 0u);
  CAF_CHECK_EQUAL(code(m.files.sync(file.get())), EINTR);
  m.files.set_plan({});
  CAF_CHECK_EQUAL(m.files.file_content("/d/a"), "12");
}

CAF_TEST(a delay moves both clocks and a hang is thrown) {
  machine m;
  const auto before = m.world.clock.boot();
  m.plan({.what = {.what = fault::kind::delay, .length = std::chrono::seconds{2}}, .nth = 3});
  CAF_CHECK_EQUAL(replace(m.files), 4);
  CAF_CHECK(m.world.clock.boot() - before == std::chrono::seconds{2});
  m.plan({{fault::kind::hang}, 1});
  std::uint64_t at = 0;
  try {
    (void)m.files.unlink(no_handle, "/d/a", unlink_kind::file);
  } catch (const call_hung& hung) {
    at = hung.call;
  }
  CAF_CHECK(at > 0);
  CAF_CHECK(m.files.exists("/d/a"));
}

CAF_TEST(a sync that fails loses the data though the next one succeeds) {
  for (bool whole : {false, true}) {
    machine m;
    m.files.put_file("/d/a", "old");
    const auto top = m.open("/");
    m.files.sync_filesystem(top.get()).value();
    const auto file = m.open("/d/a", {.access = access_mode::read_write});
    m.files.write_at(file.get(), 0, bytes("new")).value();
    m.plan({{fault::kind::sync_loses_data, EIO}, 1});
    const auto sync = [&] { return whole ? m.files.sync_filesystem(file.get()) : m.files.sync(file.get()); };
    CAF_CHECK_EQUAL(code(sync()), EIO);
    CAF_CHECK_EQUAL(code(sync()), 0);
    CAF_CHECK_EQUAL(m.files.file_content("/d/a"), "new");
    m.files.crash({});
    CAF_CHECK_EQUAL(m.files.file_content("/d/a"), "old");
  }
}

CAF_TEST(an editor acts between any two calls and is neither counted nor failed) {
  for (std::uint64_t at = 1; at <= 5; ++at) {
    machine m;
    editor hand{at};
    m.files.set_spectator(&hand);
    m.plan({.what = {fault::kind::error, EIO}, .nth = 5, .operations = operation_set::all()});
    CAF_CHECK_EQUAL(replace(m.files), 4);
    CAF_CHECK_EQUAL(m.files.calls(), 5u);
    CAF_CHECK_EQUAL(m.files.file_content("/d/a"), at == 5 ? "by hand 5" : "new");
  }
}

CAF_TEST(a trace tells each call with its answer) {
  machine m;
  std::vector<traced_call> trace;
  m.files.set_trace(&trace);
  m.plan({{fault::kind::error, ENOSPC}, 2});
  replace(m.files);
  CAF_REQUIRE_EQUAL(trace.size(), 3u);
  CAF_CHECK(trace[1].path == "/d/tmp" && trace[2].path == "/d/tmp");
  CAF_CHECK(trace[0].operation == disk_operation::create && trace[0].path == "/d/tmp" && trace[0].error == 0);
  CAF_CHECK(trace[1].operation == disk_operation::write && trace[1].error == ENOSPC && trace[1].number == 2);
  CAF_CHECK_EQUAL(to_string(trace[2].operation), "close");
  const auto directory = m.open("/d");
  trace.clear();
  m.files.rename(directory.get(), "tmp", directory.get(), "a", rename_mode::exchange).has_value();
  CAF_REQUIRE_EQUAL(trace.size(), 1u);
  CAF_CHECK(trace[0].path == "/d/tmp" && trace[0].to == "/d/a" && trace[0].error == ENOENT);
}

CAF_TEST(a mount vanishes and returns with the same or another content) {
  machine m;
  const auto usb = m.files.add_volume({});
  const auto other = m.files.add_volume({});
  m.files.mount(usb, "/d");
  m.files.put_file("/d/a", "on usb");
  const auto root = m.files.status(no_handle, "/", true).value();
  const auto inside = m.files.status(no_handle, "/d/a", true).value();
  CAF_CHECK(root.device != inside.device);
  CAF_CHECK_EQUAL(m.files.status(no_handle, "/d/..", true).value().inode, root.inode);
  CAF_CHECK_EQUAL(code(m.files.unlink(no_handle, "/d", unlink_kind::directory)), EBUSY);
  CAF_CHECK_EQUAL(code(m.files.rename(no_handle, "/d/a", no_handle, "/a", rename_mode::replace)), EXDEV);
  const auto held = m.open("/d/a");
  m.files.unmount(usb);
  CAF_CHECK_EQUAL(code(m.files.status(no_handle, "/d/a", true)), ENOENT);
  CAF_CHECK_EQUAL(m.files.status(held.get()).value().size, 6u);
  m.files.mount(other, "/d");
  CAF_CHECK_EQUAL(code(m.files.status(no_handle, "/d/a", true)), ENOENT);
  m.files.put_file("/d/a", "other");
  m.files.unmount(other);
  m.files.mount(usb, "/d");
  CAF_CHECK_EQUAL(m.files.file_content("/d/a"), "on usb");
  for (int broken : {ENOTCONN, EIO, ESTALE}) {
    m.files.options(usb).broken = broken;
    CAF_CHECK_EQUAL(code(m.files.status(no_handle, "/d", true)), broken);
    CAF_CHECK_EQUAL(code(m.files.status(no_handle, "/d/a", true)), broken);
    CAF_CHECK_EQUAL(code(m.files.status(held.get())), broken);
    CAF_CHECK(m.files.status(no_handle, "/", true).has_value());
  }
  m.files.options(usb).broken = 0;
  CAF_CHECK(m.files.status(held.get()).has_value());
}

CAF_TEST(a full disk takes what fits and gives space back) {
  machine m;
  const auto file = m.open("/d/a", create);
  m.files.options(0).capacity = 3 * 256 + 1000;
  CAF_CHECK_EQUAL(m.files.write_at(file.get(), 0, bytes(std::string(1500, 'x'))).value(), 1000u);
  CAF_CHECK_EQUAL(code(m.files.write_at(file.get(), 1000, bytes("x"))), ENOSPC);
  CAF_CHECK_EQUAL(m.files.write_at(file.get(), 10, bytes("y")).value(), 1u);
  CAF_CHECK_EQUAL(code(m.files.open(no_handle, "/d/b", create)), ENOSPC);
  CAF_CHECK_EQUAL(code(m.files.make_directory(no_handle, "/d/b", 0700)), ENOSPC);
  CAF_CHECK_EQUAL(m.files.filesystem(file.get()).value().free_bytes, 0u);
  m.files.truncate(file.get(), 100).value();
  CAF_CHECK(m.files.open(no_handle, "/d/b", create).has_value());
  m.files.options(0).max_file_size = 1000;
  CAF_CHECK_EQUAL(code(m.files.write_at(file.get(), 1000, bytes("x"))), EFBIG);
  CAF_CHECK_EQUAL(code(m.files.truncate(file.get(), 1001)), EFBIG);
}

CAF_TEST(the space of an unlinked file is free when its last handle closes) {
  machine m;
  auto file = m.open("/d/a", create);
  m.files.write_at(file.get(), 0, bytes(std::string(1000, 'x'))).value();
  const auto top = m.open("/");
  const auto free_bytes = [&] { return m.files.filesystem(top.get()).value().free_bytes; };
  const auto before = free_bytes();
  m.files.unlink(no_handle, "/d/a", unlink_kind::file).value();
  CAF_CHECK_EQUAL(free_bytes(), before);
  file.close().value();
  CAF_CHECK_EQUAL(free_bytes(), before + 1256);
}

CAF_TEST(a read only volume refuses changes and allows reading) {
  machine m;
  m.files.put_file("/d/a", "x");
  const auto file = m.open("/d/a", {.access = access_mode::read_write});
  m.files.options(0).read_only = true;
  CAF_CHECK_EQUAL(code(m.files.open(no_handle, "/d/b", create)), EROFS);
  CAF_CHECK_EQUAL(code(m.files.open(no_handle, "/d/a", {.access = access_mode::append})), EROFS);
  CAF_CHECK_EQUAL(code(m.files.write_at(file.get(), 0, bytes("y"))), EROFS);
  CAF_CHECK_EQUAL(code(m.files.truncate(file.get(), 0)), EROFS);
  CAF_CHECK_EQUAL(code(m.files.change_mode(file.get(), 0600)), EROFS);
  CAF_CHECK_EQUAL(code(m.files.make_directory(no_handle, "/d/b", 0700)), EROFS);
  CAF_CHECK_EQUAL(code(m.files.unlink(no_handle, "/d/a", unlink_kind::file)), EROFS);
  CAF_CHECK_EQUAL(code(m.files.rename(no_handle, "/d/a", no_handle, "/d/b", rename_mode::replace)), EROFS);
  CAF_CHECK(m.open("/d/a").get() != no_handle);
  CAF_CHECK(m.files.filesystem(file.get()).value().read_only);
}

CAF_TEST(permission bits hold for a user and not for root) {
  machine m;
  m.files.put_file("/d/a", "x");
  m.files.set_user({1000, 1000, 0077});
  CAF_CHECK(m.open("/d/a").get() != no_handle);
  CAF_CHECK_EQUAL(code(m.files.open(no_handle, "/d/a", {.access = access_mode::read_write})), EACCES);
  CAF_CHECK_EQUAL(code(m.files.open(no_handle, "/d/b", create)), EACCES);
  CAF_CHECK_EQUAL(code(m.files.unlink(no_handle, "/d/a", unlink_kind::file)), EACCES);
  CAF_CHECK_EQUAL(code(m.files.has_writers(m.open("/d/a").get())), EACCES);
  CAF_CHECK_EQUAL(code(m.files.change_mode(m.open("/d/a").get(), 0777)), EPERM);
  m.files.set_user({});
  const auto directory = m.open("/d");
  m.files.change_mode(directory.get(), 0700).value();
  m.files.set_user({1000, 1000, 0077});
  CAF_CHECK_EQUAL(code(m.files.status(no_handle, "/d/a", false)), EACCES);
  CAF_CHECK_EQUAL(code(m.files.open(no_handle, "/d", {})), EACCES);
}

CAF_TEST(a volume may lack exchange and leases) {
  machine m;
  m.files.put_file("/d/a", "A");
  m.files.put_file("/d/b", "B");
  m.files.options(0).can_exchange = false;
  m.files.options(0).can_lease = false;
  const auto exchange = [&](std::string_view to) {
    return code(m.files.rename(no_handle, "/d/a", no_handle, to, rename_mode::exchange));
  };
  CAF_CHECK_EQUAL(exchange("/d/missing"), ENOENT);
  CAF_CHECK_EQUAL(exchange("/d/b"), EINVAL);
  CAF_CHECK_EQUAL(code(m.files.has_writers(m.open("/d/a").get())), EINVAL);
}

CAF_TEST(handles are counted and bounded and their numbers do not come again) {
  machine m;
  m.files.put_file("/d/a", "x");
  m.files.set_max_handles(3);
  std::vector<handle> held;
  for (int opened = 0; opened < 3; ++opened)
    held.push_back(m.files.open(no_handle, "/d/a", {}).value());
  CAF_CHECK_EQUAL(code(m.files.open(no_handle, "/d/a", {})), EMFILE);
  CAF_CHECK_EQUAL(code(m.files.open(no_handle, "/d/b", create)), EMFILE);
  CAF_CHECK(!m.files.exists("/d/b"));
  m.files.put_file("/d/c", "an editor has handles of its own");
  CAF_CHECK_EQUAL(m.files.open_handles(), 3u);
  m.files.close(held[1]).value();
  const auto again = m.files.open(no_handle, "/d/a", {}).value();
  CAF_CHECK(again != held[1]);
  CAF_CHECK_EQUAL(code(m.files.sync(held[1])), EBADF);
}

CAF_TEST(time stamps follow the clock at the granularity of the volume) {
  machine m;
  m.files.options(0).timestamp_granularity = std::chrono::seconds{2};
  m.world.clock.set_wall(std::chrono::milliseconds{5'300});
  m.files.put_file("/d/a", "x");
  CAF_CHECK(m.files.status(no_handle, "/d/a", false).value().mtime == std::chrono::seconds{4});
  CAF_CHECK(m.files.status(no_handle, "/d", false).value().mtime == std::chrono::seconds{4});
  m.world.clock.advance(std::chrono::milliseconds{700});
  m.files.change_mode(m.open("/d/a").get(), 0600).value();
  const auto changed = m.files.status(no_handle, "/d/a", false).value();
  CAF_CHECK(changed.mtime == std::chrono::seconds{4} && changed.ctime == std::chrono::seconds{6});
}

CAF_TEST(the same seed gives the same bytes) {
  std::array<std::byte, 50> first{};
  std::array<std::byte, 50> second{};
  std::array<std::byte, 50> third{};
  simulated_environment{5}.random.fill(first);
  simulated_environment{5}.random.fill(second);
  simulated_environment{6}.random.fill(third);
  CAF_CHECK(first == second);
  CAF_CHECK(first != third);
}
