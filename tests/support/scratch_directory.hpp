#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace muster::test {

/// A directory of its own for one test, gone afterwards.
class scratch_directory {
public:
  scratch_directory() {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/muster-test-XXXXXX";
    if (const char* made = ::mkdtemp(pattern.data()))
      path_ = made;
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  ~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

} // namespace muster::test
