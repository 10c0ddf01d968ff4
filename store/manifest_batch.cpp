#include "muster/store/manifest_batch.hpp"

#include "muster/store/manifest_place.hpp"

#include <utility>

namespace muster {

namespace {

failure refused_whole(const manifest_batch_item& item, std::size_t limit) {
  return {failure_kind::refused, "manifest-batch-too-large",
          "a batch may have " + std::to_string(limit) + " manifests at most; cut it",
          path_in_dork(item.project, manifest_name), "check the batch"};
}

failure refused_repeat(const manifest_batch_item& item) {
  return {failure_kind::refused, "manifest-batch-repeats",
          std::string{item.project}.append(" occurs twice in one batch; change it once"),
          path_in_dork(item.project, manifest_name), "check the batch"};
}

/// Those for which `take` answers false are over.
template <class Members, class Step>
void step(Members& members, Step take) {
  std::erase_if(members, [&](auto* member) { return !take(*member); });
}

} // namespace

void manifest_batch::add(const manifest_batch_item& item) {
  if (!seen_.insert(item.project).second) {
    window_.push_back({nullptr, {refused_repeat(item)}});
    return;
  }
  if (window_.size() >= options_.batch_window)
    finish_window();
  auto& made =
      *window_
           .emplace_back(entry{
               std::make_unique<manifest_replacement>(env_, options_, item.project, item.expected, item.bytes), {}})
           .made;
  if (made.prepare())
    join_group(made);
}

void manifest_batch::join_group(manifest_replacement& made) {
  auto& group = groups_[made.device()];
  group.members.push_back(&made);
  if (group.together) {
    made.close_temporary();
  } else if (group.members.size() >= options_.sync_together) {
    group.together = true;
    for (auto* member : group.members)
      member->close_temporary();
  }
}

std::vector<manifest_outcome> manifest_batch::finish() {
  finish_window();
  seen_.clear();
  return std::exchange(outcomes_, {});
}

void manifest_batch::finish_window() {
  for (auto& [device, group] : groups_) {
    sync_temporaries(group);
    step(group.members, [](manifest_replacement& one) { return one.publish(); });
  }
  for (auto& [device, group] : groups_)
    sync_published(group);
  for (auto& [device, group] : groups_)
    for (auto* member : group.members)
      member->settle();
  groups_.clear();
  for (auto& each : std::exchange(window_, {}))
    outcomes_.push_back(each.made ? each.made->take_outcome() : std::move(each.refused));
}

os_result<void> manifest_batch::sync_device(const device_group& group) {
  if (group.members.empty())
    return {};
  return env_.files.sync_filesystem(group.members.front()->directory());
}

// A sync that fails may lose what all of them have made, and the syncs after it
// would say that it is saved.
void manifest_batch::sync_temporaries(device_group& group) {
  if (!group.together) {
    os_result<void> so_far;
    step(group.members, [&](manifest_replacement& one) {
      if (so_far)
        so_far = one.sync_temporary();
      return one.temporary_synced(so_far);
    });
    return;
  }
  const auto answer = sync_device(group);
  step(group.members, [&](manifest_replacement& one) { return one.temporary_synced(answer); });
}

void manifest_batch::sync_published(device_group& group) {
  auto so_far = group.together ? sync_device(group) : os_result<void>{};
  for (auto* member : group.members) {
    if (so_far && !group.together)
      so_far = member->sync_published();
    member->published_synced(so_far);
  }
}

std::vector<manifest_outcome> replace_batch(const environment& env, const manifest_folder_options& options,
                                            std::span<const manifest_batch_item> items) {
  if (items.size() > options.batch) {
    std::vector<manifest_outcome> outcomes;
    for (const auto& item : items)
      outcomes.push_back({refused_whole(item, options.batch)});
    return outcomes;
  }
  manifest_batch batch{env, options};
  for (const auto& item : items)
    batch.add(item);
  return batch.finish();
}

} // namespace muster
