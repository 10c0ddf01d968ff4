#pragma once

#include "muster/store/environment.hpp"
#include "muster/store/manifest_options.hpp"
#include "muster/store/manifest_outcome.hpp"
#include "muster/store/manifest_replacement.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <vector>

namespace muster {

/// One replace of a batch. The views must outlive the batch.
struct manifest_batch_item {
  std::string_view project;
  file_version expected;
  std::string_view bytes;
};

/// Replaces the manifests of many projects, each as `manifest_folder::replace`
/// would, with one outcome each; one that fails stops none of the others. Many
/// on one device share two syncs of its file system. A project may occur once
/// only: a second time is refused as "manifest-batch-repeats".
///
/// 1. `add` looks at what is there and writes the temporary file, so that this
///    is done while others are still on their way. It syncs and publishes
///    nothing, but where `options.batch_window` are ready before it.
/// 2. `finish` makes all that was added durable, with the outcomes in the order
///    in which they were added, and ends the batch.
class manifest_batch {
public:
  /// `options` must outlive it.
  manifest_batch(const environment& env, const manifest_folder_options& options) : env_(env), options_(options) {}

  void add(const manifest_batch_item& item);
  [[nodiscard]] std::vector<manifest_outcome> finish();

private:
  /// A replace under way, or why it was refused.
  struct entry {
    std::unique_ptr<manifest_replacement> made;
    manifest_outcome refused;
  };
  /// The replaces of one device that are still under way.
  struct device_group {
    std::vector<manifest_replacement*> members;
    bool together = false;
  };

  void join_group(manifest_replacement& made);
  void finish_window();
  void sync_temporaries(device_group& group);
  void sync_published(device_group& group);
  os_result<void> sync_device(const device_group& group);

  environment env_;
  const manifest_folder_options& options_;
  std::set<std::string_view> seen_;
  /// Those that have their handles open, by device.
  std::vector<entry> window_;
  std::map<std::uint64_t, device_group> groups_;
  std::vector<manifest_outcome> outcomes_;
};

/// All of them at once. More than `options.batch` items are refused whole.
[[nodiscard]] std::vector<manifest_outcome> replace_batch(const environment& env,
                                                          const manifest_folder_options& options,
                                                          std::span<const manifest_batch_item> items);

} // namespace muster
