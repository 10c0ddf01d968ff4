#include "muster/store/database_files.hpp"

#include "muster/store/full_io.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace muster {

namespace {

// The database itself first: what is left of one without it is known by that.
constexpr std::array suffixes{"", "-wal", "-shm", "-journal"};
constexpr std::string_view aside_infix = ".set-aside-";
constexpr int most_tries = 100;
constexpr std::size_t most_names = 100'000;

std::string_view directory_of(std::string_view path) noexcept {
  return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
}

os_result<void> sync_directory(const environment& env, std::string_view path) {
  auto directory = open_directory(env.files, no_handle, directory_of(path));
  if (!directory)
    return directory.error();
  return sync_full(env.files, directory->get());
}

os_result<std::string> free_aside_path(const environment& env, const std::string& path) {
  auto time = env.clock.wall().count();
  for (int i = 0; i != most_tries; ++i, ++time) {
    auto candidate = std::string(path).append(aside_infix).append(std::to_string(time));
    const auto there = env.files.status(no_handle, candidate, false);
    if (!there)
      return there.error().code == ENOENT ? os_result<std::string>(std::move(candidate)) : there.error();
  }
  return os_error{EEXIST};
}

/// Best effort: what cannot be listed or removed stays.
void remove_oldest_aside(const environment& env, const std::string& path) {
  auto directory = open_directory(env.files, no_handle, directory_of(path));
  if (!directory)
    return;
  auto names = list_names(env.files, directory->get(), most_names);
  if (!names)
    return;
  const auto prefix = path.substr(path.rfind('/') + 1).append(aside_infix);
  std::erase_if(*names, [&](const std::string& name) {
    return !name.starts_with(prefix) || name.find('-', prefix.size()) != std::string::npos;
  });
  if (names->size() <= max_set_aside)
    return;
  // Of one length until the year 2286, so that sorted by name is by age.
  names->resize(names->size() - max_set_aside);
  for (const auto& name : *names)
    for (const auto* suffix : suffixes)
      (void)env.files.unlink(directory->get(), name + suffix, unlink_kind::file);
}

} // namespace

os_result<std::string> set_database_aside(const environment& env, const std::string& path) {
  auto aside = free_aside_path(env, path);
  if (!aside)
    return aside;
  for (const auto* suffix : suffixes) {
    auto moved = env.files.rename(no_handle, path + suffix, no_handle, *aside + suffix, rename_mode::no_replace);
    if (!moved && moved.error().code != ENOENT)
      return moved.error();
  }
  if (auto synced = sync_directory(env, path); !synced)
    return synced.error();
  remove_oldest_aside(env, path);
  return aside;
}

os_result<void> remove_database(const environment& env, const std::string& path) {
  bool removed = false;
  for (const auto* suffix : suffixes) {
    auto gone = env.files.unlink(no_handle, path + suffix, unlink_kind::file);
    if (!gone && gone.error().code != ENOENT)
      return gone.error();
    removed = removed || gone.has_value();
  }
  return removed ? sync_directory(env, path) : os_result<void>();
}

os_result<void> publish_database(const environment& env, const std::string& from, const std::string& to) {
  {
    auto file = open_regular(env.files, no_handle, from, open_how::access_mode::read_write);
    if (!file)
      return file.error();
    if (auto synced = sync_full(env.files, file->get()); !synced)
      return synced;
  }
  if (auto moved = env.files.rename(no_handle, from, no_handle, to, rename_mode::no_replace); !moved)
    return moved;
  return sync_directory(env, to);
}

os_result<database_presence> look_at_database(const environment& env, const std::string& path) {
  bool beside = false;
  for (const auto* suffix : suffixes) {
    auto status = env.files.status(no_handle, path + suffix, false);
    if (!status && status.error().code != ENOENT)
      return status.error();
    if (!status)
      continue;
    if (*suffix != '\0')
      beside = true;
    else if (status->type != file_type::regular || status->size != 0)
      return database_presence::present;
    else if (auto others = env.files.status(no_handle, path + "-wal", false); !others)
      return database_presence::empty;
  }
  return beside ? database_presence::remains : database_presence::none;
}

} // namespace muster
