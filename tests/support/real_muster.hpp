#pragma once

#include "tests/support/manifest_lab.hpp"
#include "tests/support/run_process.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::test {

/// What a command with --json came to.
struct real_answer {
  int exit = -1;
  int signal = 0;
  boost::json::value document; ///< null if there was none
  std::string text;            ///< of standard output and of standard error
};

/// The binary of this build with a data directory and projects of its own, all
/// below one directory, in memory if there is such a file system.
class real_muster {
public:
  explicit real_muster(scratch_folder::medium medium = scratch_folder::medium::memory);

  /// What tests may let fail; the rest of the scratch place is theirs.
  [[nodiscard]] const std::string& root() const noexcept { return root_; }
  [[nodiscard]] const std::string& scratch() const noexcept { return scratch_.path(); }
  [[nodiscard]] const std::string& data() const noexcept { return data_; }
  void use_data(std::string path) { data_ = std::move(path); }
  [[nodiscard]] std::string project(std::string_view name) const { return root_ + "/" + std::string{name}; }
  [[nodiscard]] std::string manifest(std::string_view name) const { return project(name) + "/.dork/agent.json"; }

  /// The arguments of `muster --data DATA --json ARGUMENTS`.
  [[nodiscard]] std::vector<std::string> line(const std::vector<std::string>& arguments) const;
  [[nodiscard]] real_answer run(const std::vector<std::string>& arguments,
                                const std::vector<std::string>& environment = {}) const;
  /// The same; if it does not end with 0 the whole test process does.
  boost::json::value must(const std::vector<std::string>& arguments) const;

  /// An empty project directory.
  void make_project(std::string_view name) const;
  /// A project with this manifest.
  void make_manifest(std::string_view name, std::string_view bytes) const;

  /// Keeps everything below `root` aside, and puts it back as it was: the key
  /// of the identity with its inode, to which the identity is bound.
  void save() const;
  void restore() const;

private:
  scratch_folder scratch_;
  std::string root_;
  std::string data_;
};

/// A manifest as somebody wrote it by hand.
std::string hand_written_manifest(std::string_view id, std::string_view name, std::string_view description);

std::optional<std::string> bytes_of(const std::string& path);
void put_bytes(const std::string& path, std::string_view bytes);

/// A member of an object, or null.
const boost::json::value& member(const boost::json::value& object, std::string_view name);
/// The text of a member; empty if there is none.
std::string text_of(const boost::json::value& object, std::string_view name);
/// The row of `list --json` whose path is this, or null.
const boost::json::value& row_at(const boost::json::value& list, std::string_view path);

/// What our changes must never leave: temporary files, set-aside manifests.
std::vector<std::string> leftovers_below(const std::string& root);

} // namespace muster::test
