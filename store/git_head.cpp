#include "muster/store/git_head.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/manifest_place.hpp"
#include "muster/store/sha256.hpp"

#include <cerrno>
#include <optional>
#include <vector>

namespace muster {

namespace {

constexpr std::size_t most_bytes = 4096;
constexpr std::string_view git_name = ".git";
constexpr std::string_view leads_to = "gitdir: ";
constexpr std::string_view symbolic = "ref: ";
constexpr std::string_view refs = "refs/";
constexpr std::string_view worktrees = "worktrees";

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

/// A small regular file below an open directory, through no link.
os_result<std::string> read_below(disk& files, handle directory, std::string_view path) {
  open_how how;
  how.beneath = true;
  how.no_follow = true;
  const auto opened = uninterrupted([&] { return files.open(directory, path, how); });
  if (!opened)
    return opened.error();
  const open_file file{files, *opened};
  const auto status = files.status(file.get());
  if (!status)
    return status.error();
  if (status->type != file_type::regular || status->size > most_bytes)
    return os_error{EINVAL};
  return read_full(files, file.get(), 0, most_bytes);
}

/// The components of an absolute path, with what dots mean to a text. Nothing:
/// it leads above the root.
std::optional<std::vector<std::string_view>> components(std::string_view path) {
  std::vector<std::string_view> result;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto name = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (name == "..") {
      if (result.empty())
        return std::nullopt;
      result.pop_back();
    } else if (!name.empty() && name != ".") {
      result.push_back(name);
    }
  }
  return result;
}

std::string joined(const std::vector<std::string_view>& names, std::size_t count) {
  std::string path;
  for (std::size_t i = 0; i < count; ++i)
    path.append(i == 0 ? "" : "/").append(names[i]);
  return path;
}

open_file open_git_directory(disk& files, handle from, const std::string& path) {
  open_how how;
  how.access = open_how::access_mode::path_only;
  how.directory = true;
  how.no_follow = true;
  how.beneath = from != no_handle;
  const auto opened = uninterrupted([&] { return files.open(from, path, how); });
  return opened ? open_file{files, *opened} : open_file{};
}

/// Where `HEAD` is, and where branches are.
struct git_directories {
  open_file own;
  open_file common; ///< empty: the same
};

std::optional<git_directories> follow_worktree(disk& files, const std::string& project, std::string_view link) {
  if (!link.starts_with(leads_to) || link.find('\0') != std::string_view::npos)
    return std::nullopt;
  link.remove_prefix(leads_to.size());
  const auto whole = link.starts_with('/') ? std::string(link) : project + "/" + std::string(link);
  const auto names = components(whole);
  if (!names || names->empty())
    return std::nullopt;
  // From the root, so that no component may be a link.
  const auto root = open_git_directory(files, no_handle, "/");
  if (!root)
    return std::nullopt;
  git_directories result{open_git_directory(files, root.get(), joined(*names, names->size())), {}};
  if (!result.own)
    return std::nullopt;
  if (names->size() > 2 && (*names)[names->size() - 2] == worktrees)
    result.common = open_git_directory(files, root.get(), joined(*names, names->size() - 2));
  return result;
}

std::string hash_of(std::string_view text) {
  return to_hex(sha256::of(text));
}

} // namespace

std::string git_head(const environment& env, const std::string& project) {
  auto& files = env.files;
  const auto opened = open_project(files, project, directory_use::look);
  if (opened.why)
    return {};
  git_directories where;
  if (const auto link = read_below(files, opened.directory.get(), git_name)) {
    auto followed = follow_worktree(files, project, first_line(*link));
    if (!followed)
      return {};
    where = std::move(*followed);
  } else {
    where.own = open_git_directory(files, opened.directory.get(), std::string(git_name));
    if (!where.own)
      return {};
  }
  const auto head = read_below(files, where.own.get(), "HEAD");
  if (!head || head->empty())
    return {};
  const auto line = first_line(*head);
  auto result = hash_of(line) + ":";
  const auto branch = line.starts_with(symbolic) ? line.substr(symbolic.size()) : std::string_view();
  // A name with dots for components is refused by the opening itself.
  if (branch.starts_with(refs) && branch.find('\0') == std::string_view::npos)
    if (const auto at = read_below(files, (where.common ? where.common : where.own).get(), branch))
      result += hash_of(first_line(*at));
  return result;
}

bool is_other_head(std::string_view was, std::string_view is) noexcept {
  if (was.empty() || is.empty())
    return false;
  const auto part = [](std::string_view head, bool branch) {
    const auto colon = head.find(':');
    if (colon == std::string_view::npos)
      return branch ? std::string_view() : head;
    return branch ? head.substr(colon + 1) : head.substr(0, colon);
  };
  if (part(was, false) != part(is, false))
    return true;
  return !part(was, true).empty() && !part(is, true).empty() && part(was, true) != part(is, true);
}

} // namespace muster
