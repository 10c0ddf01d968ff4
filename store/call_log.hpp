#pragma once

#include "muster/store/environment.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster {

/// So many messages of one sender within one minute.
struct sender_calls {
  std::chrono::minutes minute{0}; ///< since the epoch
  std::string sender;
  std::uint32_t count = 0;
};

struct call_log_options {
  std::size_t bytes = std::size_t{1} << 20; ///< beyond it the file is written anew
  std::size_t unsaved = 16'384;             ///< entries that wait; the oldest go
};

/// Who has sent how much within the last hour, in a file of the data directory:
/// what a budget allows does not begin anew with each process.
///
/// 1. Nothing is synced for it. A power cut may forget calls, and one who cannot
///    be counted is not stopped.
/// 2. A line that cannot be ours is left out, and goes when the file is written
///    anew.
class call_log {
public:
  static constexpr std::string_view file_name = "calls";
  static constexpr std::string_view new_file_name = "calls.new";

  /// `home` is the data directory, absolute.
  call_log(const environment& env, std::string home, const call_log_options& options = {})
      : env_(env), home_(std::move(home)), options_(options) {}

  /// What the file tells, the oldest first. Nothing at all if that cannot be read
  /// now: until then nothing is saved.
  [[nodiscard]] std::optional<std::vector<sender_calls>> recall();
  /// One more, in the file with the next `save`.
  void note(const std::string& sender);
  void save();

private:
  using counts = std::map<std::pair<std::chrono::minutes, std::string>, std::uint32_t>;

  [[nodiscard]] std::chrono::minutes now() const;
  void read_lines(std::string_view text, counts& into) const;
  [[nodiscard]] static std::string to_lines(const counts& what);
  os_result<void> write_anew();

  environment env_;
  std::string home_;
  call_log_options options_;
  open_file file_;
  std::uint64_t size_ = 0;
  bool known_ = false;
  counts unsaved_;
};

} // namespace muster
