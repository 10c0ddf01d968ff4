#include "muster/runner/database_copy.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/sha256.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace muster {

expected<std::unique_ptr<database_copy>> database_copy::make(environment env, handle data, std::string name) {
  std::array<std::byte, 16> chance{};
  env.random.fill(chance);
  const char* place = std::getenv("TMPDIR");
  auto directory = std::string(place && *place == '/' ? place : "/tmp") + "/muster-copy-" +
                   to_hex(sha256::of({reinterpret_cast<const char*>(chance.data()), chance.size()})).substr(0, 24);
  if (auto made = env.files.make_directory(no_handle, directory, 0700); !made)
    return disk_failure("make a directory for a copy of " + name, directory, made.error());
  std::unique_ptr<database_copy> copy(new database_copy(env, std::move(directory), std::move(name)));
  for (const auto& each : {copy->name_, copy->name_ + "-wal"})
    if (auto done = copy->take(data, each); !done)
      return disk_failure("copy " + each, copy->directory_, done.error());
  return copy;
}

database_copy::database_copy(environment env, std::string directory, std::string name)
    : env_(env), directory_(std::move(directory)), name_(std::move(name)) {}

database_copy::~database_copy() {
  // Whatever was made of it there: one that is damaged is set aside.
  if (const auto opened = open_directory(env_.files, no_handle, directory_))
    if (const auto names = list_names(env_.files, opened->get(), 100))
      for (const auto& each : *names)
        (void)env_.files.unlink(opened->get(), each, unlink_kind::file);
  (void)env_.files.unlink(no_handle, directory_, unlink_kind::directory);
}

os_result<void> database_copy::take(handle data, const std::string& name) {
  constexpr std::size_t piece = std::size_t{1} << 20U;
  auto from = open_regular(env_.files, data, name);
  if (!from)
    return from.error().code == ENOENT ? os_result<void>() : from.error();
  auto into = env_.files.open(no_handle, directory_ + "/" + name,
                              {.access = open_how::access_mode::read_write, .create = true, .exclusive = true});
  if (!into)
    return into.error();
  const open_file target(env_.files, *into);
  for (std::uint64_t at = 0;; at += piece) {
    const auto bytes = read_full(env_.files, from->get(), at, piece);
    if (!bytes)
      return bytes.error();
    if (auto written = write_full(env_.files, target.get(), at, *bytes); !written)
      return written;
    if (bytes->size() < piece)
      return {};
  }
}

} // namespace muster
