#pragma once

#include "muster/messages/discovery_messages.hpp"
#include "muster/store/manifest_options.hpp"
#include "muster/store/project_strategies.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace muster {

struct listing_limits {
  /// Entries of one directory that are looked at, and the bytes of the names
  /// that come of them; what is over that is a problem of the directory.
  std::size_t entries = std::size_t{4} * 1024 * 1024;
  std::size_t name_bytes = std::size_t{64} * 1024 * 1024;
};

/// What one scan looks for and knows before it looks. Nobody changes it, and all
/// its workers share it.
class scan_terms {
public:
  /// `strategies` pass `check_strategies`; `roots` are absolute, without slashes
  /// at their ends.
  scan_terms(std::vector<std::string> roots, std::vector<scanned_agent> placed,
             std::vector<project_strategy> strategies, bool follow_mounts, const listing_limits& limits = {})
      : roots_(std::move(roots)),
        placed_(std::move(placed)),
        strategies_(std::move(strategies)),
        markers_(strategies_),
        follow_mounts_(follow_mounts),
        limits_(limits) {
    by_path_.reserve(placed_.size());
    for (std::uint32_t which = 0; which < placed_.size(); ++which)
      by_path_.emplace(placed_[which].path, which);
  }
  scan_terms(const scan_terms&) = delete;
  scan_terms& operator=(const scan_terms&) = delete;

  [[nodiscard]] const std::vector<std::string>& roots() const noexcept { return roots_; }
  [[nodiscard]] const std::vector<scanned_agent>& placed() const noexcept { return placed_; }
  [[nodiscard]] const std::vector<project_strategy>& strategies() const noexcept { return strategies_; }
  [[nodiscard]] const marker_table& markers() const noexcept { return markers_; }
  [[nodiscard]] bool follow_mounts() const noexcept { return follow_mounts_; }
  [[nodiscard]] const listing_limits& limits() const noexcept { return limits_; }

  /// The placement at a path, if there is one.
  [[nodiscard]] std::optional<std::uint32_t> placed_at(const std::string& path) const {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? std::nullopt : std::optional(found->second);
  }

private:
  std::vector<std::string> roots_;
  std::vector<scanned_agent> placed_;
  std::vector<project_strategy> strategies_;
  marker_table markers_;
  bool follow_mounts_;
  listing_limits limits_;
  std::unordered_map<std::string_view, std::uint32_t> by_path_; ///< into `placed_`
};

/// `parent` and `name` with a slash between them, where there is something.
[[nodiscard]] inline std::string joined(std::string_view parent, std::string_view name) {
  std::string result;
  result.reserve(parent.size() + 1 + name.size());
  result += parent;
  if (!parent.empty() && parent.back() != '/' && !name.empty())
    result += '/';
  return result += name;
}

} // namespace muster
