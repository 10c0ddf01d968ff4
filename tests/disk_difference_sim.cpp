#define CAF_SUITE disk_difference_sim

#include "muster/store/crash_states.hpp"
#include "muster/store/real_environment.hpp"
#include "muster/store/simulated_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

using namespace muster;

namespace {

using access_mode = open_how::access_mode;

constexpr std::array<std::string_view, 22> paths{"a",   "b",     "d",     "e",         "l",    "d/a", "d/b",    "e/a",
                                                 "d/e", "d/e/a", "l/a",   "a/",        "d/",   "./a", "d/../b", "e/.",
                                                 "m",   "d/l",   "d/e/b", "missing/a", "..//", "d//a"};
constexpr std::array<std::string_view, 4> link_names{"l", "m", "d/l", "e/l"};
constexpr std::array<std::string_view, 6> link_targets{"d", "a", "../a", "l", "e/a", "nowhere"};
constexpr std::size_t max_handles = 6;

// One disk with what a walk of random calls holds on to.
struct side {
  disk& files;
  handle root;
  std::vector<handle> handles = {};
};

template <class T>
std::string answer_of(const os_result<T>& answer) {
  return answer ? "ok" : "errno " + std::to_string(answer.error().code);
}

std::string sized(const os_result<std::size_t>& answer) {
  return answer ? "ok " + std::to_string(*answer) : answer_of(answer);
}

std::string told(const os_result<file_status>& answer) {
  if (!answer)
    return answer_of(answer);
  const bool is_directory = answer->type == file_type::directory;
  return "type " + std::to_string(static_cast<int>(answer->type)) + " mode " + std::to_string(answer->mode) +
         (is_directory ? "" : " links " + std::to_string(answer->links) + " size " + std::to_string(answer->size));
}

std::string listing_of(disk& files, handle directory) {
  std::set<std::string> names;
  std::array<std::byte, 512> buffer;
  for (;;) {
    const auto size = files.read_entries(directory, buffer);
    if (!size)
      return answer_of(size);
    if (*size == 0)
      break;
    listing_reader listing{std::span(buffer).first(*size)};
    for (directory_entry entry; listing.next(entry);)
      names.insert(std::string(entry.name) + std::to_string(static_cast<int>(entry.type)));
  }
  std::string text;
  for (const auto& name : names)
    text += name + " ";
  return text;
}

// A random call, drawn once and made on both sides.
struct call {
  explicit call(splitmix& chance)
      : kind(chance.below(16)),
        path(paths[chance.below(paths.size())]),
        other(paths[chance.below(paths.size())]),
        which(chance.below(max_handles)),
        offset(chance.below(40)),
        size(chance.below(30)),
        bits(chance.next()) {}

  [[nodiscard]] open_how how() const {
    open_how made;
    made.access = static_cast<access_mode>(bits & 3U);
    made.directory = (bits >> 2U & 7U) == 0;
    made.create = (bits >> 5U & 1U) != 0 && !made.directory;
    made.exclusive = made.create && (bits >> 6U & 3U) == 0;
    const bool writes = made.access == access_mode::read_write || made.access == access_mode::append;
    made.truncate = writes && (bits >> 8U & 3U) == 0;
    made.no_follow = (bits >> 10U & 3U) == 0;
    made.beneath = (bits >> 12U & 1U) != 0;
    made.mode = (bits >> 13U & 1U) != 0 ? 0600 : 0666;
    return made;
  }

  [[nodiscard]] handle held(const side& on) const { return which < on.handles.size() ? on.handles[which] : no_handle; }

  std::string make(side& on) const {
    switch (kind) {
      case 0:
      case 1:
      case 2:
      case 3: return open(on);
      case 4: return close(on);
      case 5: return told(on.files.status(on.root, path, (bits & 1U) != 0));
      case 6: return told(on.files.status(held(on)));
      case 7: return read(on);
      case 8: return sized(on.files.write_at(held(on), offset, text()));
      case 9: return answer_of(on.files.truncate(held(on), offset));
      case 10: {
        const auto mode = static_cast<rename_mode>(bits % 3);
        return answer_of(on.files.rename(on.root, path, on.root, other, mode));
      }
      case 11: {
        const auto unlinked = (bits & 1U) != 0 ? unlink_kind::file : unlink_kind::directory;
        return answer_of(on.files.unlink(on.root, path, unlinked));
      }
      case 12: return answer_of(on.files.make_directory(on.root, path, 0755));
      case 13: {
        const auto writers = on.files.has_writers(held(on));
        return writers ? (*writers ? "writers" : "none") : answer_of(writers);
      }
      case 14: return answer_of((bits & 1U) != 0 ? on.files.sync(held(on)) : on.files.try_lock(held(on)));
      default: {
        const auto target = on.files.read_link(on.root, path);
        return target ? *target : answer_of(target);
      }
    }
  }

  std::string open(side& on) const {
    const auto opened = on.files.open(on.root, path, how());
    if (opened && on.handles.size() < max_handles)
      on.handles.push_back(*opened);
    else if (opened)
      on.files.close(*opened).value();
    return answer_of(opened);
  }

  std::string close(side& on) const {
    if (which >= on.handles.size())
      return "none";
    const auto closed = on.handles[which];
    on.handles.erase(on.handles.begin() + static_cast<std::ptrdiff_t>(which));
    return answer_of(on.files.close(closed));
  }

  std::string read(side& on) const {
    std::string into(size, '\0');
    const auto got = on.files.read_at(held(on), offset, std::as_writable_bytes(std::span(into)));
    return sized(got) + into;
  }

  [[nodiscard]] std::span<const std::byte> text() const {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    return std::as_bytes(std::span(letters.substr(0, size)));
  }

  std::uint64_t kind;
  std::string_view path;
  std::string_view other;
  std::size_t which;
  std::uint64_t offset;
  std::size_t size;
  std::uint64_t bits;
};

std::string describe(const call& made) {
  return "kind " + std::to_string(made.kind) + " " + std::string(made.path) + " " + std::string(made.other) +
         " handle " + std::to_string(made.which) + " bits " + std::to_string(made.bits);
}

// Makes the same calls on both and says where the answers first differ.
std::string compare(std::uint64_t seed, openat2_use use, std::size_t& calls) {
  std::string scratch = std::filesystem::temp_directory_path() / "muster-difference-XXXXXX";
  CAF_REQUIRE(::mkdtemp(scratch.data()) != nullptr);
  CAF_REQUIRE_EQUAL(::chmod(scratch.c_str(), 0755), 0);
  real_disk real{use};
  simulated_environment machine{seed, {.model = seed % 2 == 0 ? crash_model::weak_posix : crash_model::ordered}};
  auto& simulated = machine.files;
  simulated.put_directory("/top");
  std::filesystem::create_directory(scratch + "/top");
  side left{real, real.open(no_handle, scratch + "/top", {.directory = true}).value()};
  side right{simulated, simulated.open(no_handle, "/top", {.directory = true}).value()};
  splitmix chance{seed};
  std::string difference;
  for (int step = 0; step < 120 && difference.empty(); ++step, ++calls) {
    const call drawn{chance};
    if (drawn.bits % 19 == 0) {
      const auto name = std::string(link_names[drawn.which % link_names.size()]);
      const auto target = std::string(link_targets[drawn.offset % link_targets.size()]);
      if (::symlinkat(target.c_str(), static_cast<int>(left.root), name.c_str()) == 0)
        simulated.put_symlink("/top/" + name, target);
      continue;
    }
    const auto wanted = drawn.make(left);
    const auto got = drawn.make(right);
    if (wanted != got)
      difference = "seed " + std::to_string(seed) + " step " + std::to_string(step) + ": " + describe(drawn) +
                   ": real " + wanted + ", simulated " + got;
  }
  for (const auto* at : {".", "d", "e"}) {
    const auto list = [&](side& on) {
      const auto opened = on.files.open(on.root, at, {.directory = true});
      if (!opened)
        return answer_of(opened);
      const open_file closer{on.files, *opened};
      return listing_of(on.files, *opened);
    };
    if (difference.empty() && list(left) != list(right))
      difference = "seed " + std::to_string(seed) + ": listings of " + at + " differ";
  }
  for (auto* on : {&left, &right}) {
    for (auto held : on->handles)
      on->files.close(held).value();
    on->files.close(on->root).value();
  }
  if (difference.empty() && simulated.open_handles() != 0)
    difference = "seed " + std::to_string(seed) + ": handles are left";
  std::error_code ignored;
  std::filesystem::remove_all(scratch, ignored);
  return difference;
}

} // namespace

CAF_TEST(random calls have the same answers on the real and on the simulated disk) {
  const auto umask_before = ::umask(022);
  std::size_t calls = 0;
  std::string differences;
  std::size_t seeds = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed, ++seeds)
    for (auto use : {openat2_use::if_present, openat2_use::never}) {
      const auto difference = compare(seed, use, calls);
      differences += difference.empty() ? "" : difference + "\n";
    }
  ::umask(umask_before);
  std::printf("lane disk_difference_sim: %zu seeds on two real disks, %zu calls\n", seeds, calls);
  CAF_CHECK_EQUAL(differences, "");
}

CAF_TEST(a crash that keeps everything changes nothing and so does one after a sync of all) {
  std::size_t wrong = 0;
  std::size_t states = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    simulated_environment machine{seed, {.model = seed % 2 == 0 ? crash_model::weak_posix : crash_model::ordered}};
    auto& files = machine.files;
    files.put_directory("/top");
    side only{files, files.open(no_handle, "/top", {.directory = true}).value()};
    splitmix chance{seed};
    for (int step = 0; step < 100; ++step)
      (void)call{chance}.make(only);
    const auto before = files.fingerprint();
    simulated_environment kept{machine};
    kept.files.crash(crash_choice(kept.files.pending().size(), {effect_fate::kind::kept, 0}));
    wrong += kept.files.fingerprint() == before ? 0U : 1U;
    // Every state is one that can be crashed again without a change.
    crash_states some{files.pending(), 40, seed};
    for (crash_choice choice; some.next(choice); ++states) {
      simulated_environment after{machine};
      after.files.crash(choice);
      const auto once = after.files.fingerprint();
      wrong += after.files.pending().empty() ? 0U : 1U;
      after.files.crash({});
      wrong += after.files.fingerprint() == once ? 0U : 1U;
    }
    files.sync_filesystem(only.root).value();
    wrong += files.pending().empty() ? 0U : 1U;
    files.crash({});
    wrong += files.fingerprint() == before ? 0U : 1U;
  }
  std::printf("lane disk_difference_sim: 500 seeds, %zu crash states\n", states);
  CAF_CHECK_EQUAL(wrong, 0u);
}
