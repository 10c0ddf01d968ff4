#pragma once

#include "muster/store/environment.hpp"
#include "muster/store/splitmix.hpp"

#include <optional>
#include <vector>

namespace muster {

/// What a call of `disk` does. `create` is an open that may create or
/// truncate; every other open is `open`.
enum class disk_operation : std::uint8_t {
  open,
  create,
  close,
  status,
  filesystem,
  read_link,
  read,
  write,
  append,
  truncate,
  change_mode,
  sync,
  sync_filesystem,
  rename,
  unlink,
  make_directory,
  read_entries,
  try_lock,
  has_writers,
};

[[nodiscard]] std::string_view to_string(disk_operation operation) noexcept;

/// A set of operations.
class operation_set {
public:
  constexpr operation_set(std::initializer_list<disk_operation> members) noexcept {
    for (auto member : members)
      bits_ |= bit(member);
  }
  [[nodiscard]] static constexpr operation_set all() noexcept {
    operation_set every{};
    every.bits_ = ~std::uint32_t{0};
    return every;
  }
  [[nodiscard]] constexpr bool contains(disk_operation operation) const noexcept {
    return (bits_ & bit(operation)) != 0;
  }

private:
  static constexpr std::uint32_t bit(disk_operation operation) noexcept {
    return std::uint32_t{1} << static_cast<unsigned>(operation);
  }
  std::uint32_t bits_ = 0;
};

/// The operations that change what is on the disk or make it durable.
inline constexpr operation_set mutating_operations{
    disk_operation::create, disk_operation::write,           disk_operation::append,      disk_operation::truncate,
    disk_operation::sync,   disk_operation::sync_filesystem, disk_operation::change_mode, disk_operation::rename,
    disk_operation::unlink, disk_operation::make_directory};

/// One call as spectators see it. Paths are absolute, as the handles they start
/// from were opened; the views live as long as the call.
struct disk_call {
  std::uint64_t number = 0; ///< from 1, over all counted calls
  disk_operation operation = disk_operation::open;
  handle on = no_handle;
  std::string_view path = {};
  handle to_directory = no_handle;
  std::string_view to = {}; ///< the target of a rename
};

/// What goes wrong with a call.
struct fault {
  enum class kind : std::uint8_t {
    error,           ///< fails with `code`, nothing was done
    error_but_done,  ///< fails with `code`, and was done
    short_transfer,  ///< moves half of the bytes; EINTR where nothing can be short
    delay,           ///< takes `length`, then goes on
    hang,            ///< never returns: throws `call_hung`, nothing was done
    kill_before,     ///< the process ends before the call: throws `process_killed`
    kill_after,      ///< the process ends after the call
    sync_loses_data, ///< a sync fails with `code`, drops what it should have saved and
                     ///< believes it saved; other calls fail with `code`
  };
  kind what = kind::error;
  int code = 5; ///< EIO
  std::chrono::nanoseconds length{0};
};

/// Says which calls go wrong. Among the calls of `operations`, counted from 1
/// since the plan was set: the `nth` alone, or from there on when `persistent`.
/// With `per_million` set, each one from the `nth` on by that chance.
struct fault_rule {
  fault what;
  std::uint64_t nth = 1;
  operation_set operations = mutating_operations;
  bool persistent = false;
  std::uint32_t per_million = 0;
};

/// A list of rules; the first that fires decides.
class fault_plan {
public:
  fault_plan() = default;
  explicit fault_plan(fault_rule only) { add(only); }
  explicit fault_plan(std::uint64_t seed) : chance_(seed) {}

  fault_plan& add(fault_rule rule) {
    rules_.push_back({rule, 0});
    return *this;
  }

  /// Counts the call and says what goes wrong with it.
  std::optional<fault> decide(disk_operation operation) noexcept;

  /// How often any rule has fired. 0 after a run says that the run made fewer
  /// calls than the plan waited for.
  [[nodiscard]] std::uint64_t fired() const noexcept { return fired_; }

private:
  struct counted_rule {
    fault_rule rule;
    std::uint64_t seen;
  };
  std::vector<counted_rule> rules_;
  splitmix chance_{0};
  std::uint64_t fired_ = 0;
};

/// Thrown out of the call at which a plan ends the process. Only a harness
/// catches it. Until `restart` or `crash` the disk does nothing more, so that
/// what runs while the stack unwinds leaves no trace.
struct process_killed {
  std::uint64_t call = 0;
};

/// Thrown out of a call that would never return.
struct call_hung {
  std::uint64_t call = 0;
};

} // namespace muster
