#pragma once

#include "muster/messages/digest.hpp"
#include "muster/messages/failure.hpp"
#include "muster/messages/saga.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/manifest_options.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace muster {

/// There is provably no manifest: ENOENT or ENOTDIR and nothing else. A symbolic
/// link in the place of the project is no proof.
struct manifest_absent {
  int system_errno = 0;
  bool project_gone = false;                ///< there is not even the project directory
  std::optional<directory_mark> where = {}; ///< as of `manifest_present`
};

/// A regular file within the limit, read whole while it did not change.
struct manifest_present {
  std::string bytes;
  file_status status;
  sha256_digest hash{};
  /// Somebody has it open for writing. Looked for only where that is said.
  bool being_written = false;
  /// The project directory. Learnt by `probe_manifest` only.
  std::optional<directory_mark> where = {};
};

/// Something is there, or may be, and it cannot be told what it says.
struct manifest_unreadable {
  failure why;
  /// Of what is there, where it could be learnt.
  std::optional<file_status> status = {};
  std::optional<directory_mark> where = {}; ///< as of `manifest_present`
};

using manifest_probe = std::variant<manifest_absent, manifest_present, manifest_unreadable>;

/// True if the probe found exactly that.
[[nodiscard]] bool is_version(const manifest_probe& found, const file_version& version) noexcept;

enum class writer_check : bool { no, yes };

/// Reads one file that the project directory, or its `.dork`, holds. `shown`
/// is its whole path for messages. A file that changes under the reading is
/// read again, `options.reads` times in all.
[[nodiscard]] manifest_probe read_manifest_file(disk& files, const manifest_folder_options& options, handle directory,
                                                std::string_view name, std::string_view shown, writer_check writers);

/// Reads `.dork/agent.json` of a project. Opens the project once; nothing is
/// followed, nothing blocks, nothing outside is read.
[[nodiscard]] manifest_probe probe_manifest(disk& files, const manifest_folder_options& options,
                                            std::string_view project);

} // namespace muster
