#include "muster/store/manifest_place.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/full_io.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace muster {

namespace {

constexpr std::string_view temporary_prefix = ".agent-";
constexpr std::string_view temporary_suffix = ".tmp";
constexpr std::size_t uuid_size = 36;
constexpr char uuid_version = '8';

opened_directory refusal(failure why, bool absent = false) {
  return {{}, std::move(why), absent};
}

failure plain_failure(failure_kind kind, std::string_view code, std::string_view path, std::string_view sentence,
                      int system_errno) {
  return {kind, code, std::string{path}.append(sentence), std::string{path}, "open", {}, system_errno};
}

bool is_symlink(disk& files, handle directory, std::string_view name) {
  const auto found = files.status(directory, name, false);
  return found && found->type == file_type::symlink;
}

opened_directory project_refusal(disk& files, std::string_view project, os_error why) {
  // A symbolic link opened as a directory is ENOTDIR too and proves nothing.
  if ((why.code == ENOTDIR || why.code == ELOOP) && is_symlink(files, no_handle, project))
    return refusal(symlink_failure(files, "project-symlink", no_handle, project, project));
  switch (why.code) {
    case ENOENT:
    case ENOTDIR:
      return refusal(plain_failure(failure_kind::not_found, "project-missing", project,
                                   " is no directory; see whether the project was moved or deleted", why.code),
                     true);
    case ELOOP:
      return refusal(plain_failure(failure_kind::refused, "project-symlink", project,
                                   " lies below symbolic links that lead in a circle; name the real path", why.code));
    case EACCES:
    case EPERM:
      return refusal(plain_failure(failure_kind::failed, "project-denied", project,
                                   " cannot be opened: permission denied; give this user access", why.code));
    case ENAMETOOLONG:
      return refusal(plain_failure(failure_kind::refused, "project-path-too-long", project,
                                   " is too long a path for the system; use a shorter one", why.code));
    default: return refusal(disk_failure("open the project", project, why));
  }
}

opened_directory dork_refusal(disk& files, handle project, const std::string& shown, os_error why) {
  if ((why.code == ENOTDIR || why.code == ELOOP) && is_symlink(files, project, dork_name))
    return refusal(symlink_failure(files, "dork-symlink", project, dork_name, shown));
  switch (why.code) {
    case ENOENT:
      return refusal(plain_failure(failure_kind::not_found, "dork-missing", shown,
                                   " does not exist; register the project", ENOENT),
                     true);
    case ENOTDIR:
      return refusal(plain_failure(failure_kind::refused, "dork-not-a-directory", shown,
                                   " is not a directory; move it away and try again", ENOTDIR),
                     true);
    case EACCES:
    case EPERM: {
      const bool in_project = !files.status(project, dork_name, false);
      return refusal(plain_failure(failure_kind::failed, in_project ? "project-denied" : "dork-denied",
                                   in_project ? std::string_view{shown}.substr(0, shown.rfind('/')) : shown,
                                   in_project ? " cannot be searched: permission denied; give this user access"
                                              : " cannot be opened: permission denied; give this user access",
                                   why.code));
    }
    default: return refusal(disk_failure("open the directory", shown, why));
  }
}

} // namespace

std::string dork_path(std::string_view project) {
  return std::string{project}.append("/").append(dork_name);
}

std::string path_in_dork(std::string_view project, std::string_view name) {
  // One for each place of a sweep, so in one piece.
  std::string path;
  path.reserve(project.size() + dork_name.size() + name.size() + 2);
  return path.append(project).append("/").append(dork_name).append("/").append(name);
}

failure symlink_failure(disk& files, std::string_view code, handle directory, std::string_view name,
                        std::string_view shown) {
  auto message = std::string{shown} + " is a symbolic link";
  if (const auto target = files.read_link(directory, name))
    message.append(" (to ").append(*target).append(")");
  message.append(code == "project-symlink" ? "; name the directory it leads to"
                                           : "; nothing was followed, put a real one in its place");
  return {failure_kind::refused, code, std::move(message), std::string{shown}, "open", {}, ELOOP};
}

opened_directory open_project(disk& files, std::string_view project, directory_use use) {
  if (project.empty() || project.front() != '/' || project.find('\0') != std::string_view::npos)
    return refusal(plain_failure(failure_kind::refused, "project-path-invalid", project,
                                 " is not an absolute path; name the project by its whole path", EINVAL));
  open_how how;
  how.access = use == directory_use::sync ? open_how::access_mode::read : open_how::access_mode::path_only;
  how.directory = true;
  how.no_follow = true;
  const auto opened = uninterrupted([&] { return files.open(no_handle, project, how); });
  if (!opened)
    return project_refusal(files, project, opened.error());
  return {open_file{files, *opened}};
}

opened_directory open_dork(disk& files, handle project, std::string_view project_path) {
  open_how how;
  how.directory = true;
  how.beneath = true;
  const auto opened = uninterrupted([&] { return files.open(project, dork_name, how); });
  if (!opened)
    return dork_refusal(files, project, dork_path(project_path), opened.error());
  return {open_file{files, *opened}};
}

std::string new_temporary_name(entropy& random) {
  std::array<std::byte, 16> bits;
  random.fill(bits);
  std::string name{temporary_prefix};
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      name.push_back('-');
    auto value = std::to_integer<unsigned>(bits[i]);
    if (i == 6)
      value = 0x80U | (value & 0x0fU);
    if (i == 8)
      value = 0x80U | (value & 0x3fU);
    constexpr std::string_view digits = "0123456789abcdef";
    name.push_back(digits[value >> 4U]);
    name.push_back(digits[value & 15U]);
  }
  return name.append(temporary_suffix);
}

bool is_temporary_name(std::string_view name) noexcept {
  if (name.size() != temporary_prefix.size() + uuid_size + temporary_suffix.size() ||
      !name.starts_with(temporary_prefix) || !name.ends_with(temporary_suffix))
    return false;
  const auto uuid = name.substr(temporary_prefix.size(), uuid_size);
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    const char c = uuid[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
      return false;
  }
  return uuid[14] == uuid_version;
}

std::string set_aside_name(std::chrono::milliseconds wall, unsigned n) {
  using namespace std::chrono;
  const auto at = floor<seconds>(sys_time<milliseconds>{wall});
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "agent.json.set-aside-%04d%02u%02uT%02d%02d%02dZ-%u",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()), n);
  return text.data();
}

} // namespace muster
