#include "muster/store/set_aside.hpp"

#include "muster/store/full_io.hpp"

#include <cerrno>

namespace muster {

namespace {

constexpr int most_tries = 100;

} // namespace

os_result<std::string> aside_name(environment env, handle directory, std::string_view name, aside_kind kind) {
  const auto stem = std::string(name).append(kind == aside_kind::cut ? ".cut-" : ".damaged-");
  // Milliseconds: two in one of them, or a clock set back, count on.
  auto time = env.clock.wall().count();
  for (int i = 0; i != most_tries; ++i, ++time) {
    auto candidate = stem + std::to_string(time);
    const auto there = env.files.status(directory, candidate, false);
    if (!there)
      return there.error().code == ENOENT ? os_result<std::string>(std::move(candidate)) : there.error();
  }
  return os_error{EEXIST};
}

os_result<std::string> set_aside(environment env, handle directory, std::string_view name, aside_kind kind) {
  auto free_name = aside_name(env, directory, name, kind);
  if (!free_name)
    return free_name;
  if (auto moved = env.files.rename(directory, name, directory, *free_name, rename_mode::no_replace); !moved)
    return moved.error();
  if (auto synced = sync_full(env.files, directory); !synced)
    return synced.error();
  return free_name;
}

} // namespace muster
