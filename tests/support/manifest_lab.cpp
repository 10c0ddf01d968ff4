#include "tests/support/manifest_lab.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <stdlib.h>
#include <unistd.h>

namespace muster::test {

namespace {

open_file open_path(disk& files, const std::string& path, const open_how& how) {
  return {files, files.open(no_handle, path, how).value()};
}

} // namespace

void manifest_lab::make_directory(std::string_view below, std::uint32_t mode) const {
  env.files.make_directory(no_handle, path(below), mode).value();
}

void manifest_lab::put(std::string_view below, std::string_view bytes) const {
  open_how how;
  how.access = open_how::access_mode::read_write;
  how.create = how.truncate = true;
  how.mode = 0644;
  const auto file = open_path(env.files, path(below), how);
  (void)env.files.write_at(file.get(), 0, std::as_bytes(std::span{bytes})).value();
}

void manifest_lab::save(std::string_view below, std::string_view bytes) const {
  const auto swap = std::string{below} + ".swp";
  put(swap, bytes);
  env.files.rename(no_handle, path(swap), no_handle, path(below), rename_mode::replace).value();
}

void manifest_lab::remove(std::string_view below) const {
  env.files.unlink(no_handle, path(below), unlink_kind::file).value();
}

void manifest_lab::set_mode(std::string_view below, std::uint32_t mode) const {
  const auto file = open_path(env.files, path(below), {});
  env.files.change_mode(file.get(), mode).value();
}

std::optional<std::string> manifest_lab::get(std::string_view below) const {
  const auto found = env.files.open(no_handle, path(below), {});
  if (!found)
    return {};
  const open_file file{env.files, *found};
  std::string bytes(env.files.status(file.get()).value().size, '\0');
  bytes.resize(env.files.read_at(file.get(), 0, std::as_writable_bytes(std::span{bytes})).value());
  return bytes;
}

std::optional<file_status> manifest_lab::status(std::string_view below) const {
  const auto found = env.files.status(no_handle, path(below), false);
  return found ? std::optional{*found} : std::nullopt;
}

std::vector<std::string> manifest_lab::names(std::string_view below) const {
  open_how how;
  how.directory = true;
  const auto directory = open_path(env.files, path(below), how);
  std::vector<std::string> result;
  std::array<std::byte, 4096> buffer;
  for (auto size = env.files.read_entries(directory.get(), buffer).value(); size > 0;
       size = env.files.read_entries(directory.get(), buffer).value()) {
    listing_reader listing{std::span{buffer}.first(size)};
    for (directory_entry entry; listing.next(entry);)
      result.emplace_back(entry.name);
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::string manifest_lab::make_project(std::string_view name, std::optional<std::string_view> manifest) const {
  const std::string project{name};
  make_directory(project);
  make_directory(project + "/.dork");
  if (manifest)
    put(project + "/.dork/agent.json", *manifest);
  return path(project);
}

scratch_folder::scratch_folder(medium wanted) {
  const bool in_memory = wanted == medium::memory && ::access("/dev/shm", W_OK) == 0;
  path_ =
      (in_memory ? std::filesystem::path{"/dev/shm"} : std::filesystem::temp_directory_path()) / "muster-folder-XXXXXX";
  if (!::mkdtemp(path_.data())) {
    std::perror("mkdtemp");
    std::abort();
  }
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void on_each_disk(const std::function<void(const manifest_lab&)>& test) {
  simulated_environment simulated;
  simulated.files.put_directory("/lab");
  test({simulated.view(), "/lab", "simulated"});
  const scratch_folder scratch;
  real_environment real;
  test({real.view(), scratch.path(), "real"});
}

} // namespace muster::test
