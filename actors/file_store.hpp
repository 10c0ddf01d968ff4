#pragma once

#include "muster/actors/device_table.hpp"
#include "muster/actors/disk_worker.hpp"
#include "muster/actors/epoch_fence.hpp"
#include "muster/actors/look_gathering.hpp"
#include "muster/messages/gathered_mail.hpp"
#include "muster/messages/interfaces.hpp"
#include "muster/messages/time_limits.hpp"
#include "muster/store/environment.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster {

struct file_store_options {
  device_table_options devices;
  disk_worker_options worker;
  /// On a request to a worker, which outlasts its device's `hang_limit`.
  std::chrono::nanoseconds request_limit = std::chrono::seconds{30};
  /// On a worker that hangs to report; then it is asked again.
  std::chrono::nanoseconds report_limit = std::chrono::minutes{10};
  /// Places in one look, and those of them that a worker is given at a time.
  std::size_t places = 4096;
  std::size_t look_batch = 512;
  /// Places of one look that are located at once.
  std::size_t look_window = 256;
  /// Requests that wait until a directory is located.
  std::size_t waiting = 16384;
  /// The longest path of a project, in bytes.
  std::size_t path_bytes = 4095;
  io_threads threads = io_threads::own;
};

/// Starts the worker of that number. Tests put others in its place.
using disk_worker_source = std::function<disk_worker_actor(worker_number)>;

/// Routes each request to the worker of its device; what it decides, it decides
/// by a `device_table`. It never blocks.
///
/// 1. Each request is answered once, within `request_limit` after it reached a
///    worker and `hang_limit` for each component of a path that is not known.
/// 2. A request for a device that hangs is answered busy ("device-hung") at
///    once. One that hangs with it is answered when that is noticed: busy if it
///    changes nothing, of unknown outcome if it may.
/// 3. Its workers end with it.
class file_store_state {
public:
  static inline const char* name = "muster.file_store";

  file_store_state(file_store_actor::pointer self, const environment& env, const file_store_options& options,
                   disk_worker_source source = {});

  file_store_actor::behavior_type make_behavior();

private:
  using reached = expected<device_table::at_worker>;
  using continuation = std::function<void(const reached&)>;
  struct waiter {
    std::string project;
    continuation then;
  };
  struct looking {
    looking(look_gathering parts, caf::typed_response_promise<places_looked_at> answer)
        : gathering(std::move(parts)), promise(std::move(answer)) {}
    look_gathering gathering;
    caf::typed_response_promise<places_looked_at> promise;
    look_gathering::place_number next = 0; ///< the place to route next
    std::size_t routing = 0;               ///< places that are being routed
    bool in_loop = false;                  ///< of `route_places`
  };

  template <class Answer, class Request>
  caf::result<Answer> change(Request& request);
  template <class Answer, class Request>
  caf::result<Answer> serve(Request& request, job_kind kind);
  caf::result<manifest_read> read(read_manifest& request);
  /// Hands it to whoever is reached, unless it is answered by then.
  template <class Answer, class Request>
  continuation handing(Request& request, job_kind kind, caf::typed_response_promise<Answer> promise);
  template <class Answer, class Request>
  void hand_to(const device_table::at_worker& where, job_kind kind, Request& request,
               caf::typed_response_promise<Answer> promise);
  caf::result<places_looked_at> look(look_at_places& request);
  void route_places(const std::shared_ptr<looking>& look);
  void go_on(const std::shared_ptr<looking>& look);
  void send_batch(const std::shared_ptr<looking>& look, look_gathering::batch next);
  void note_routes(const looking& look, const look_gathering::batch& part, const places_looked_at& answer);

  void reach(std::string project, continuation then);
  device_table::route route_to(std::string_view project, device_table::time_point now);
  void follow(device_table::route route, std::string project, continuation then);
  void wait_for(const std::string& path, std::string project, continuation then);
  void ask_scout(const device_table::by_scout& search);
  void ask_scout_to_read(const device_table::by_scout& search, const read_manifest& question,
                         caf::typed_response_promise<manifest_read> promise);
  void search_failed(const device_table::by_scout& search, const caf::error& error);
  void resume(const std::string& path, bool missing);
  void fail_waiting(const std::string& path, const failure& why);

  /// True if the asker still waits for that job.
  bool ended(worker_number worker, disk_job job);
  /// The same for a job that was answered with an error, or not at all.
  bool failed(worker_number worker, disk_job job, const caf::error& why);
  void ask_to_report(worker_number worker);
  void hold_up(const device_table::hang& hang);
  void arm_check();
  void doubt_absent(const std::string& project, const manifest_sight& sight);
  void worker_died(worker_number worker);
  const disk_worker_actor& worker(worker_number number);
  [[nodiscard]] device_table::time_point now() { return self_->clock().now(); }

  file_store_actor::pointer self_;
  time_limits limits_;
  gathered_mail mail_; ///< to the workers
  file_store_options options_;
  disk_worker_source source_;
  device_table table_;
  epoch_fence fence_;
  /// Shared with what ends them.
  std::shared_ptr<std::map<worker_number, disk_worker_actor>> workers_ =
      std::make_shared<std::map<worker_number, disk_worker_actor>>();
  std::map<std::string, std::vector<waiter>, std::less<>> waiting_;
  std::size_t waiters_ = 0;
  /// Jobs whose askers wait, and how to tell them that it was in vain.
  std::map<disk_job, std::function<void(const failure&)>> open_;
  bool check_armed_ = false;
};

using file_store = file_store_actor::stateful_impl<file_store_state>;

} // namespace muster
