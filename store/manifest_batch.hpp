#pragma once

#include "muster/store/environment.hpp"
#include "muster/store/manifest_options.hpp"
#include "muster/store/manifest_outcome.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace muster {

/// One replace of a batch. The views must outlive the call.
struct manifest_batch_item {
  std::string_view project;
  file_version expected;
  std::string_view bytes;
};

/// Replaces the manifests of many projects, each as `manifest_folder::replace`
/// would, with one outcome each; one that fails stops none of the others. Many
/// on one device share two syncs of its file system. A project may occur once
/// only: a second time is refused as "manifest-batch-repeats". More than
/// `options.batch` items are refused whole.
[[nodiscard]] std::vector<manifest_outcome> replace_batch(const environment& env,
                                                          const manifest_folder_options& options,
                                                          std::span<const manifest_batch_item> items);

} // namespace muster
