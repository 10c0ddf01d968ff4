#pragma once

#include "muster/actors/epoch_fence.hpp"
#include "muster/actors/sync_company.hpp"
#include "muster/actors/work_guard.hpp"
#include "muster/actors/write_batch.hpp"
#include "muster/messages/interfaces.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/manifest_batch.hpp"
#include "muster/store/manifest_folder.hpp"
#include "muster/store/scan_forest.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace muster {

struct disk_worker_options {
  manifest_folder_options folder;
  scan_forest_options scans;
  /// Writes that share one sync, and their bytes. At most `folder.batch`.
  std::size_t batch_writes = 256;
  std::size_t batch_bytes = std::size_t{8} * 1024 * 1024;
  /// A file changed so shortly before a look is read again at the next one.
  /// Coarser than the time stamps of any file system.
  std::chrono::nanoseconds racy_window = std::chrono::seconds{2};
  /// A look at many places ends after so long, for others to get in between, and
  /// leaves the rest.
  std::chrono::nanoseconds look_time = std::chrono::milliseconds{20};
  /// What was asked by a life before it is not begun any more.
  newest_life begun = {};
};

/// Makes the calls to the disk for the projects routed to it, in the order it
/// was asked, and blocks while they last.
///
/// 1. Writes are made ready as they come, gather while there is mail or others
///    are said to follow, and then take effect with one sync together.
/// 2. What is asked of a project comes after every write of it asked before.
/// 3. Nothing of a life takes effect that is begun after the next life was.
/// 4. Nothing is thrown across a handler. A call of the simulated disk that
///    never returns leaves the worker silent, as a real one does.
class disk_worker_state {
public:
  static inline const char* name = "muster.disk_worker";

  disk_worker_state(disk_worker_actor::pointer self, const environment& env, const disk_worker_options& options)
      : self_(self),
        env_(env),
        options_(options),
        fence_(options.begun),
        batch_(options.batch_writes, options.batch_bytes),
        forest_(options.scans) {}

  disk_worker_actor::behavior_type make_behavior();

private:
  using changed_promise = caf::typed_response_promise<manifest_changed>;

  caf::result<manifest_changed> gather(write_manifest& request);
  void make_ready(const write_manifest& request);
  void write_gathered();
  void answer_gathered(const std::optional<failure>& why, std::vector<manifest_outcome> outcomes);

  [[nodiscard]] manifest_read read(const read_manifest& request);
  [[nodiscard]] manifest_changed restore(const restore_manifest& request);
  [[nodiscard]] std::optional<failure> is_away(const std::string& project, const std::optional<directory_mark>& where);
  [[nodiscard]] manifest_outcome unless_away(manifest_outcome outcome, const std::string& project,
                                             const std::optional<directory_mark>& where);
  [[nodiscard]] manifest_changed retire(const retire_manifest& request);
  [[nodiscard]] places_looked_at look(const look_at_places& request);
  void look_at(const place_to_look_at& place, std::size_t index, places_looked_at& answer);
  [[nodiscard]] expected<leftovers_found> find(const find_leftovers& request);
  [[nodiscard]] expected<leftover_forgotten> forget(const forget_leftover& request);
  [[nodiscard]] expected<path_resolved> resolve(const resolve_path& request);
  [[nodiscard]] directory_located locate(const locate_directory& request);

  template <class Request>
  caf::result<manifest_changed> change(const Request& request,
                                       manifest_changed (disk_worker_state::*work)(const Request&));
  /// Answers with what `work` gives, or not at all once a call has not returned.
  template <class Answer, class Work>
  caf::result<Answer> perform(Work work);
  [[nodiscard]] manifest_folder folder_of(const std::string& project) { return {env_, project, options_.folder}; }
  void await_writes(const std::string& project);
  [[nodiscard]] std::chrono::nanoseconds now() { return env_.clock.wall(); }

  disk_worker_actor::pointer self_;
  environment env_;
  disk_worker_options options_;
  epoch_fence fence_;
  write_batch<changed_promise> batch_;
  epoch batch_life_;                    ///< of who asked for what is in it
  std::optional<manifest_batch> ready_; ///< what is in the batch
  sync_company company_;                ///< of the batch
  scan_forest forest_;
  work_guard guard_{"disk-worker-exception", "the disk worker"};
  /// Asked since a call did not return. The asker bounds how much that is.
  std::vector<caf::response_promise> unanswered_;
  std::vector<write_batch<changed_promise>::entry> unanswered_writes_;
};

using disk_worker = disk_worker_actor::stateful_impl<disk_worker_state>;

} // namespace muster
