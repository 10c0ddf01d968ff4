#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// Keeps what scans find apart from what is being denied.
///
/// 1. What is planned for a path while that, or one above it, is being denied
///    does not come about: the plan tells the moment it began at.
/// 2. A denial learns which paths at or below its own a scan is at work on, and
///    waits for those.
/// 3. Holds nothing once nobody is at work.
class scan_gate {
public:
  /// A scan is at work on a path.
  void enter(const std::string& path) { inside_.insert(path); }
  void leave(const std::string& path);
  [[nodiscard]] std::vector<std::string> inside(std::string_view path) const;

  /// A path is being denied.
  void close(const std::string& path);
  void reopen(const std::string& path);

  /// What comes later is later than this.
  [[nodiscard]] std::uint64_t moment() const noexcept { return moment_; }
  /// The path, or one above it, is being denied, or was after that moment.
  [[nodiscard]] bool was_closed(std::string_view path, std::uint64_t since) const;

private:
  struct closing {
    std::size_t at_work = 0;
    std::uint64_t last = 0; ///< the moment it ended
  };
  void forget_the_past();

  std::multiset<std::string> inside_;
  std::map<std::string, closing, std::less<>> closed_;
  std::uint64_t moment_ = 1;
};

} // namespace muster
