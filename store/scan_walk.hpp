#pragma once

#include "muster/messages/discovery_messages.hpp"
#include "muster/store/scan_terms.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace muster {

struct scan_walk_options {
  unsigned depth = 5;
  /// Directories that wait, and the bytes of their names; more are left out.
  std::size_t waiting = std::size_t{4} * 1024 * 1024;
  std::size_t waiting_bytes = std::size_t{256} * 1024 * 1024;
  /// Of each list of the report.
  std::size_t listed = 65536;
  std::size_t problems = 256;
  /// Directories in one batch.
  std::size_t batch = 256;
};

/// A valid manifest that a scan came by.
struct manifest_met {
  scanned_agent agent;
  std::string scan_root;
  std::chrono::nanoseconds modified{0};
  checkout git = checkout::none;
};

/// Whether a walk that goes breadth first, and through each directory by its sorted
/// entries, comes by `a` before `b`. Both are absolute.
[[nodiscard]] bool is_walked_before(std::string_view a, std::string_view b) noexcept;

/// Decides what a scan lists next, breadth first, and gathers what is found.
///
/// 1. A directory is expanded once, whatever ways lead to it: its device and inode
///    are remembered.
/// 2. What is denied, and what is mounted below a root, is not asked for.
/// 3. What is found does not depend on the order of the answers, but where a bound
///    or the budget cuts it.
/// 4. A batch is answered by `take`, or given up by `abandon`, once.
class scan_walk {
public:
  scan_walk(std::shared_ptr<const scan_terms> terms, std::vector<scan_denial> denied, const scan_walk_options& options);

  /// What to list now, without a pulse; nothing if nothing waits.
  [[nodiscard]] std::optional<list_directories> next();
  void take(directories_listed listed);
  /// The directory of that number has hung. The others of its batch, or all of
  /// them, wait again.
  void abandon(std::uint64_t batch, std::optional<std::uint32_t> hung);
  [[nodiscard]] bool is_over() const noexcept { return queue_.empty() && under_way_.empty(); }

  [[nodiscard]] scan_progress progress() const noexcept;
  void tell(scan_problem problem);
  void truncate() noexcept { report_.truncated = true; }
  void cancel() noexcept { report_.cancelled = true; }

  /// Roots that could not even be opened.
  [[nodiscard]] std::size_t lost_roots() const noexcept { return lost_roots_; }

  /// The manifests met, in the order of a walk.
  [[nodiscard]] std::vector<manifest_met> take_manifests();
  /// Everything else, sorted; there is none afterwards.
  [[nodiscard]] scan_report take_report();

private:
  struct waiting_group {
    std::uint32_t root = 0;
    unsigned depth = 0;
    directory_group group;
  };
  struct batch_under_way {
    std::uint32_t root = 0;
    unsigned depth = 0;
    std::shared_ptr<const std::vector<directory_group>> groups;
  };
  using identity = std::pair<std::uint64_t, std::uint64_t>; ///< device and inode
  struct identity_hash {
    std::size_t operator()(const identity& of) const noexcept {
      return (of.second ^ (of.first << 48) ^ (of.first >> 16)) * 0x9E3779B97F4A7C15U;
    }
  };
  void put_off(waiting_group group);
  void expand(std::uint32_t root, unsigned depth, std::string path, listed_directory& from);
  void leave_out(std::uint32_t root, directory_group& group);
  void take_match(const batch_under_way& of, const std::string& path, directory_match& match);
  void count(const listed_directory& each, unsigned depth) noexcept;
  template <class T>
  void add(std::vector<T>& to, T what);

  std::shared_ptr<const scan_terms> terms_;
  scan_walk_options options_;
  std::map<std::string, scan_denial, std::less<>> denied_;
  std::set<std::string, std::less<>> mounts_;
  std::deque<waiting_group> queue_;
  std::size_t waiting_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::map<std::uint64_t, batch_under_way> under_way_;
  std::size_t in_batches_ = 0;
  std::uint64_t batches_ = 0;
  std::unordered_set<identity, identity_hash> expanded_;

  scan_report report_;
  std::vector<manifest_met> manifests_;
  std::size_t lost_roots_ = 0;
};

} // namespace muster
