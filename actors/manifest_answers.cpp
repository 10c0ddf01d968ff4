#include "muster/actors/manifest_answers.hpp"

#include <algorithm>
#include <utility>

namespace muster {

stat_key to_stat_key(const file_status& status, std::chrono::nanoseconds looked_at,
                     std::chrono::nanoseconds racy_window) {
  const auto changed = std::max(status.mtime, status.ctime);
  return {status.device, status.inode, status.size, status.mtime, status.ctime, changed > looked_at - racy_window};
}

bool is_untouched(const stat_key& known, const file_status& status) noexcept {
  return !known.racy && status.type == file_type::regular && known.device == status.device &&
         known.inode == status.inode && known.size == status.size && known.mtime == status.mtime &&
         known.ctime == status.ctime;
}

bool is_gone_as(absence known, const manifest_sight& sight) noexcept {
  const auto* seen = std::get_if<no_manifest>(&sight);
  switch (known) {
    case absence::no_manifest: return seen && !seen->project_gone;
    case absence::no_project: return seen && seen->project_gone;
    // Whose a file is, only reading it tells.
    case absence::displaced:
    case absence::none: break;
  }
  return false;
}

manifest_sight to_sight(manifest_probe found, std::chrono::nanoseconds looked_at,
                        std::chrono::nanoseconds racy_window) {
  if (const auto* absent = std::get_if<manifest_absent>(&found))
    return no_manifest{absent->project_gone, absent->where};
  if (auto* unreadable = std::get_if<manifest_unreadable>(&found))
    return manifest_obscured{std::move(unreadable->why), unreadable->where};
  auto& present = std::get<manifest_present>(found);
  return manifest_bytes{std::move(present.bytes), present.hash, to_stat_key(present.status, looked_at, racy_window),
                        present.where};
}

manifest_changed to_changed(manifest_outcome outcome, std::chrono::nanoseconds looked_at,
                            std::chrono::nanoseconds racy_window) {
  manifest_changed result;
  result.error = std::move(outcome.error);
  result.aside = std::move(outcome.aside);
  result.leftovers = outcome.moved_in || !outcome.left.empty();
  for (auto& witness : outcome.witnessed) {
    result.leftovers = result.leftovers || !witness.leftover.empty();
    result.witnessed.push_back(to_sight(std::move(witness.content), looked_at, racy_window));
  }
  return result;
}

bool withholds_some(const leftovers_found& found) {
  return std::ranges::any_of(found.unreadable, [](const failure& why) { return why.kind == failure_kind::failed; });
}

leftovers_found to_found(manifest_leftovers leftovers) {
  leftovers_found result;
  result.more = leftovers.more;
  result.project_gone = leftovers.project_gone;
  for (auto& each : leftovers.found) {
    if (auto* present = std::get_if<manifest_present>(&each.content))
      result.leftovers.push_back({std::move(each.name), std::move(present->bytes), present->hash});
    else if (auto* unreadable = std::get_if<manifest_unreadable>(&each.content))
      result.unreadable.push_back(std::move(unreadable->why));
  }
  return result;
}

} // namespace muster
