#pragma once

#include "muster/messages/failure.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

namespace muster {

/// Names one worker; never given twice. A worker is started when its number is
/// first handed out.
enum class worker_number : std::uint32_t {};

/// Names one thing a worker was asked for; ascending.
enum class disk_job : std::uint64_t {};

/// What a job does, and so what may be said of one that does not end.
enum class job_kind : std::uint8_t {
  look,   ///< changes nothing
  change, ///< may happen yet
  locate, ///< tells the device of a directory
  report, ///< ends when all jobs before it have
};

struct device_table_options {
  /// Workers in all. When those for devices are used up, devices share.
  std::size_t workers = 16;
  /// Of these, those kept to look where unknown directories lie.
  std::size_t scouts = 4;
  /// Jobs one worker has at once.
  std::size_t jobs = 1024;
  /// A worker that shows no sign of life for so long is held up by its device.
  std::chrono::nanoseconds hang_limit = std::chrono::seconds{5};
  /// Known places of directories, and for how long one is believed that nothing
  /// has confirmed; between half of that and all of it.
  std::size_t routes = 524288;
  std::chrono::nanoseconds route_life = std::chrono::minutes{10};
  /// The same where nothing was found: something may be mounted there. Not at
  /// once, as it is mostly what is to be made there that is asked for next.
  std::chrono::nanoseconds doubtful_life = std::chrono::seconds{1};
  std::size_t devices = 1024;
  /// A worker that died is replaced at once; the next ones of the same device
  /// after a pause that doubles, up to the second. One that has lived for
  /// `calm` starts the count anew.
  std::chrono::nanoseconds first_pause = std::chrono::milliseconds{100};
  std::chrono::nanoseconds longest_pause = std::chrono::seconds{30};
  std::chrono::nanoseconds calm = std::chrono::minutes{1};
};

/// Which worker serves which project, and which of them hang. Event in,
/// what-to-do out; time is handed in and never goes back.
///
/// 1. One device's hang is never another's: the others leave the worker that
///    hangs, and directories that nobody knows yet are looked for by scouts, one
///    component of the path at a time.
/// 2. A project with a change under way stays with the worker that has it, so
///    that what is asked next comes after it.
/// 3. A worker does its jobs in the order they were begun.
class device_table {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit device_table(const device_table_options& options) : options_(options) {}

  /// Ask this worker.
  struct at_worker {
    worker_number worker{};
    std::uint64_t device = 0;
    /// It has not been confirmed for a while that the project lies there. No part
    /// of what is compared.
    bool unconfirmed = false;
    friend bool operator==(const at_worker& a, const at_worker& b) noexcept {
      return std::tie(a.worker, a.device) == std::tie(b.worker, b.device);
    }
    friend auto operator<=>(const at_worker& a, const at_worker& b) noexcept {
      return std::tie(a.worker, a.device) <=> std::tie(b.worker, b.device);
    }
  };
  /// Ask the scout for the device of `path` (a job begun here), then again.
  struct by_scout {
    worker_number scout{};
    disk_job job{};
    std::string path;
  };
  /// Ask again when `path` is located.
  struct after {
    std::string path;
  };
  using route = std::variant<at_worker, by_scout, after, failure>;

  /// Where to ask about a project, an absolute path.
  [[nodiscard]] route find(std::string_view project, time_point now);
  /// The same where `path` on the way to it cannot be looked at: its parent
  /// answers for it.
  [[nodiscard]] route find_above(std::string_view path, time_point now);

  /// A job is handed to a worker. Busy if it has too many, hangs by now, or died.
  [[nodiscard]] expected<disk_job> begin(const at_worker& where, job_kind kind, std::string_view project,
                                         time_point now);
  /// It has ended, however. One that is unknown has ended before.
  void end(worker_number worker, disk_job job, time_point now);
  /// It has shown a sign of life.
  void lives(worker_number worker, time_point now);
  /// A scout has answered.
  void located(worker_number scout, disk_job job, std::string_view path, std::optional<std::uint64_t> device,
               time_point now);
  /// The project was not found where it was looked for: soon it is looked for
  /// anew.
  void doubt(std::string_view project, time_point now);
  /// It was found where it was looked for: that is believed from now on.
  void confirm(std::string_view project, std::uint64_t device);

  /// A worker that hangs since now.
  struct hang {
    struct stuck_job {
      disk_job job{};
      job_kind kind = job_kind::look;
      std::string path;
    };
    worker_number worker{};
    /// The jobs whose askers wait in vain.
    std::vector<stuck_job> stuck;
    /// Paths that another scout has to look for.
    std::vector<std::string> relocate;
    /// The path that the scout hangs at, empty for others.
    std::string path;
  };
  [[nodiscard]] std::vector<hang> check(time_point now);
  /// When there is something to check next.
  [[nodiscard]] std::optional<time_point> next_check() const;

  /// To be asked to report when all before is done: the answer of a job will
  /// not be seen any more. Nothing if it is asked already or not there.
  [[nodiscard]] std::optional<disk_job> begin_report(worker_number worker, time_point now);

  /// The answer to a report will not be seen any more either.
  void lose_report(worker_number worker, disk_job job);

  /// The worker has ended, with all its jobs.
  void died(worker_number worker, time_point now);

  [[nodiscard]] bool is_hung(std::uint64_t device) const;
  [[nodiscard]] std::size_t workers() const noexcept { return workers_.size(); }

private:
  struct job {
    job_kind kind = job_kind::look;
    std::uint64_t device = 0;
    std::string path;
  };
  struct worker {
    std::map<disk_job, job> jobs;
    time_point born;
    time_point last_sign;
    bool scout = false;
    bool hung = false;
  };
  struct restarts {
    unsigned deaths = 0;
    time_point not_before;
  };
  struct device {
    std::optional<worker_number> served_by;
    bool hung = false;
    restarts restarted;
  };
  struct known_route {
    std::uint64_t device = 0;
    std::uint64_t confirmed = 0;          ///< in which half of a route's life
    time_point until = time_point::max(); ///< when it is in doubt
  };
  struct path_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view path) const noexcept { return std::hash<std::string_view>{}(path); }
  };
  using known_routes = boost::unordered_flat_map<std::string, known_route, path_hash, std::equal_to<>>;
  struct search {
    worker_number scout{};
    disk_job job{};
  };
  struct change_under_way {
    worker_number worker{};
    std::uint64_t device = 0;
    std::size_t count = 0;
  };

  [[nodiscard]] bool is_believed(const known_route& which, time_point now) const;
  route on_device(std::uint64_t number, std::string_view project, time_point now);
  route search_for(std::string_view path, std::optional<std::uint64_t> parent, std::string_view project,
                   time_point now);
  std::optional<worker_number> worker_for_device(time_point now);
  std::optional<worker_number> scout_for_search(time_point now);
  std::optional<worker_number> least_loaded() const;
  worker_number start(bool scout, time_point now);
  disk_job add(worker_number number, worker& to, job what, time_point now);
  void erase(worker& from, std::map<disk_job, job>::iterator which);
  hang hold_up(worker_number number, worker& which);
  void forget_old_routes(time_point now);
  void count_death(restarts& of, time_point born, time_point now) const;
  [[nodiscard]] std::size_t scouts() const;

  device_table_options options_;
  std::map<worker_number, worker> workers_;
  std::map<std::uint64_t, device> devices_;
  known_routes routes_;
  std::uint64_t half_life_ = 0; ///< that is now
  std::map<std::string, search, std::less<>> searches_;
  std::map<std::string, change_under_way, std::less<>> changes_;
  restarts scouts_restarted_;
  std::optional<time_point> routes_since_;
  std::uint32_t last_worker_ = 0;
  std::uint64_t last_job_ = 0;
};

} // namespace muster
