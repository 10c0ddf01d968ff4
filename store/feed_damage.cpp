#include "muster/store/feed_damage.hpp"

namespace muster {

std::string_view to_string(damage_kind kind) noexcept {
  switch (kind) {
    case damage_kind::header_unreadable: return "feed-header-unreadable";
    case damage_kind::header_mismatch: return "feed-header-mismatch";
    case damage_kind::line_cut: return "feed-line-cut";
    case damage_kind::commit_unreadable: return "feed-commit-unreadable";
    case damage_kind::commit_misnumbered: return "feed-commit-misnumbered";
    case damage_kind::seal_unreadable: return "feed-seal-unreadable";
    case damage_kind::seal_mismatch: return "feed-seal-mismatch";
    case damage_kind::seal_forged: return "feed-seal-forged";
    case damage_kind::unsealed: return "feed-unsealed";
    case damage_kind::content_mismatch: return "feed-content-mismatch";
    case damage_kind::segment_missing: return "feed-segment-missing";
    case damage_kind::ends_early: return "feed-ends-early";
    case damage_kind::mark_missing: return "feed-mark-missing";
    case damage_kind::mark_unreadable: return "feed-mark-unreadable";
    case damage_kind::forked: return "feed-forked";
  }
  return "feed-damaged";
}

failure damaged_feed(const feed_damage& what, const std::string& folder) {
  failure result{failure_kind::damaged, to_string(what.kind), {}};
  result.path = what.segment.empty() ? folder : folder + "/" + what.segment;
  result.message = "the feed in " + result.path + " is damaged (" + std::string(to_string(what.kind)) + ") at byte " +
                   std::to_string(what.offset) + ": commits from " + std::to_string(what.seq) +
                   " on cannot be trusted; nothing was deleted, and nothing is written to it any more: put its "
                   "directory back from a backup, or get it from another instance that holds it";
  return result;
}

} // namespace muster
