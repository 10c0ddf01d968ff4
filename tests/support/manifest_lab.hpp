#pragma once

#include "muster/store/environment.hpp"
#include "muster/store/real_environment.hpp"
#include "muster/store/simulated_environment.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::test {

/// A directory below which a test makes projects through `disk` alone, so that
/// the same test runs on the real and on the simulated disk.
class manifest_lab {
public:
  manifest_lab(environment env, std::string root, std::string kind)
      : env(env), root(std::move(root)), kind(std::move(kind)) {}

  [[nodiscard]] std::string path(std::string_view below) const { return root + "/" + std::string{below}; }
  void make_directory(std::string_view below, std::uint32_t mode = 0755) const;
  /// Writes the file anew in place.
  void put(std::string_view below, std::string_view bytes) const;
  /// Writes another file and renames it over the name, as most editors do.
  void save(std::string_view below, std::string_view bytes) const;
  void remove(std::string_view below) const;
  void set_mode(std::string_view below, std::uint32_t mode) const;
  [[nodiscard]] std::optional<std::string> get(std::string_view below) const;
  [[nodiscard]] std::optional<file_status> status(std::string_view below) const;
  [[nodiscard]] std::vector<std::string> names(std::string_view below) const;
  /// A project with a `.dork` and, if given, a manifest. Its path.
  std::string make_project(std::string_view name, std::optional<std::string_view> manifest) const;

  environment env;
  std::string root;
  std::string kind; ///< "real" or "simulated"
};

/// A directory in the real file system that goes with its owner.
class scratch_folder {
public:
  enum class medium { disk, memory };
  /// In memory if there is such a file system, where thousands are wanted and
  /// no power is cut.
  explicit scratch_folder(medium wanted = medium::disk);
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder();
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

/// Runs a test on the simulated disk and on the real one.
void on_each_disk(const std::function<void(const manifest_lab&)>& test);

} // namespace muster::test
