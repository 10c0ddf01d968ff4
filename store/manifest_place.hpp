#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/manifest_options.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace muster {

inline constexpr std::string_view dork_name = ".dork";
inline constexpr std::string_view manifest_name = "agent.json";

/// `<project>/.dork`, for messages.
[[nodiscard]] std::string dork_path(std::string_view project);
/// `<project>/.dork/<name>`, for messages.
[[nodiscard]] std::string path_in_dork(std::string_view project, std::string_view name);

/// A directory that was opened, or why not. `absent` is told apart because only
/// ENOENT and ENOTDIR prove it.
struct opened_directory {
  open_file directory = {};
  std::optional<failure> why = {};
  bool absent = false;
};

enum class directory_use : bool {
  look, ///< paths below it are opened
  sync, ///< its entries are made durable or listed too; needs read permission
};

/// Opens a project directory by its absolute path. A symbolic link there is
/// refused ("project-symlink"): roots are resolved once, when they are
/// registered.
[[nodiscard]] opened_directory open_project(disk& files, std::string_view project, directory_use use);

/// Opens the `.dork` of an open project. A symbolic link is refused
/// ("dork-symlink"), anything else that is no directory is `absent` with
/// "dork-not-a-directory".
[[nodiscard]] opened_directory open_dork(disk& files, handle project, std::string_view project_path);

/// The failure for a path where a symbolic link stands. Tells where it leads.
[[nodiscard]] failure symlink_failure(disk& files, std::string_view code, handle directory, std::string_view name,
                                      std::string_view shown);

/// A name of ours for a temporary file beside a manifest: `.agent-<uuid>.tmp`.
/// The UUID is of version 8, whose bits say that it is nobody's random one, so
/// that a temporary file of another program is never taken for ours.
[[nodiscard]] std::string new_temporary_name(entropy& random);
[[nodiscard]] bool is_temporary_name(std::string_view name) noexcept;

/// `agent.json.set-aside-<UTC time>-<n>`.
[[nodiscard]] std::string set_aside_name(std::chrono::milliseconds wall, unsigned n);

} // namespace muster
