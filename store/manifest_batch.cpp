#include "muster/store/manifest_batch.hpp"

#include "muster/store/manifest_place.hpp"
#include "muster/store/manifest_replacement.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace muster {

namespace {

// The replaces of one device that are still under way.
struct device_group {
  std::vector<manifest_replacement*> members = {};
  bool together = false;
};

// A part of a batch that has its handles open at once.
class batch_window {
public:
  batch_window(const environment& env, const manifest_folder_options& options) : env_(env), options_(options) {}

  void prepare(const manifest_batch_item& item) {
    auto& made = *replacements_.emplace_back(
        std::make_unique<manifest_replacement>(env_, options_, item.project, item.expected, item.bytes));
    if (!made.prepare())
      return;
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

  void finish() {
    for (auto& [device, group] : groups_) {
      sync_temporaries(group);
      step(group, [](manifest_replacement& one) { return one.publish(); });
    }
    for (auto& [device, group] : groups_)
      sync_published(group);
    for (auto& [device, group] : groups_)
      for (auto* member : group.members)
        member->settle();
  }

  void take_outcomes(std::vector<manifest_outcome>& into) {
    for (auto& replacement : replacements_)
      into.push_back(replacement->take_outcome());
  }

private:
  template <class Step>
  static void step(device_group& group, Step take) {
    std::erase_if(group.members, [&](manifest_replacement* member) { return !take(*member); });
  }

  os_result<void> sync_device(const device_group& group) {
    if (group.members.empty())
      return {};
    return env_.files.sync_filesystem(group.members.front()->directory());
  }

  void sync_temporaries(device_group& group) {
    if (!group.together) {
      step(group, [](manifest_replacement& one) { return one.sync_temporary(); });
      return;
    }
    const auto answer = sync_device(group);
    step(group, [&](manifest_replacement& one) { return one.temporary_synced(answer); });
  }

  void sync_published(device_group& group) {
    const auto answer = group.together ? sync_device(group) : os_result<void>{};
    for (auto* member : group.members)
      group.together ? member->published_synced(answer) : member->sync_published();
  }

  environment env_;
  const manifest_folder_options& options_;
  std::vector<std::unique_ptr<manifest_replacement>> replacements_;
  std::map<std::uint64_t, device_group> groups_;
};

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

} // namespace

std::vector<manifest_outcome> replace_batch(const environment& env, const manifest_folder_options& options,
                                            std::span<const manifest_batch_item> items) {
  std::vector<manifest_outcome> outcomes;
  outcomes.reserve(items.size());
  if (items.size() > options.batch) {
    for (const auto& item : items)
      outcomes.push_back({refused_whole(item, options.batch)});
    return outcomes;
  }
  std::set<std::string_view> seen;
  std::vector<bool> repeats;
  for (const auto& item : items)
    repeats.push_back(!seen.insert(item.project).second);
  for (std::size_t first = 0; first < items.size(); first += options.batch_window) {
    const auto part = items.subspan(first, std::min(options.batch_window, items.size() - first));
    batch_window window{env, options};
    for (std::size_t i = 0; i < part.size(); ++i)
      if (!repeats[first + i])
        window.prepare(part[i]);
    window.finish();
    std::vector<manifest_outcome> finished;
    window.take_outcomes(finished);
    for (std::size_t i = 0, next = 0; i < part.size(); ++i)
      outcomes.push_back(repeats[first + i] ? manifest_outcome{refused_repeat(part[i])} : std::move(finished[next++]));
  }
  return outcomes;
}

} // namespace muster
