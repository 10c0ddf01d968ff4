#include "muster/store/feed_verify.hpp"

#include "muster/store/feed_folder.hpp"
#include "muster/store/segment_scan.hpp"

#include <algorithm>
#include <limits>

namespace muster {

namespace {

class verification {
public:
  verification(feed_folder folder, const instance_id& instance) : folder_(std::move(folder)) {
    found_.instance = instance;
    found_.segments = folder_.segments().size();
    found_.leftovers = folder_.leftovers();
    found_.whole = start_of_feed(instance);
  }

  expected<feed_findings> run() {
    const auto& mark = folder_.mark().mark;
    if (mark)
      found_.marked = mark->tip.seq;
    else if (folder_.has_mark_file() || !folder_.segments().empty())
      note(folder_.has_mark_file() ? damage_kind::mark_unreadable : damage_kind::mark_missing, {}, 0);
    for (const auto first : folder_.segments())
      if (auto looked = look_at(first); !looked)
        return looked.error();
    if (found_.damages.empty() && found_.whole.seq < found_.marked)
      note(folder_.segments().empty() ? damage_kind::segment_missing : damage_kind::ends_early, {}, 0);
    return std::move(found_);
  }

private:
  void note(damage_kind kind, std::string segment, std::uint64_t offset) {
    found_.damages.push_back({kind, std::move(segment), offset, found_.whole.seq + 1});
  }

  expected<void> look_at(sequence first) {
    const auto segment = folder_.load(first);
    if (!segment)
      return segment.error();
    const bool above = folder_.mark().mark && first > found_.marked;
    // What comes after a gap is looked at when the gap is closed.
    if (!found_.damages.empty() || above) {
      found_.unmarked_bytes += above ? segment->size : 0;
      return {};
    }
    const auto name = segment_name(first);
    const auto opened = open_segment(segment->bytes);
    if (!opened && !folder_.mark().mark && opened.error().kind == failure_kind::release_mismatch)
      return opened.error();
    if (first != found_.whole.seq + 1)
      note(damage_kind::segment_missing, segment_name(found_.whole.seq + 1), 0);
    else if (!opened)
      note(damage_kind::header_unreadable, name, 0);
    else if (opened->header.instance != found_.instance || opened->header.first != first ||
             opened->header.previous != found_.whole.chain)
      note(damage_kind::header_mismatch, name, 0);
    else
      scan(first, *segment, *opened);
    return {};
  }

  void scan(sequence first, const loaded_segment& segment, const opened_segment& opened) {
    const auto next = folder_.after(first);
    auto last = next == 0 ? std::numeric_limits<sequence>::max() : next - 1;
    if (folder_.mark().mark)
      last = std::min(last, found_.marked);
    const signature_check author(opened.header.key);
    const auto scanned = scan_segment(segment.bytes, opened.start, found_.instance, author, scan_depth::whole, last);
    found_.whole = scanned.good.tip;
    const auto& mark = folder_.mark().mark;
    if (scanned.stop)
      note(scanned.stop->kind, scanned.stop->segment, scanned.stop->offset);
    else if (next != 0 && found_.whole.seq < last)
      note(damage_kind::segment_missing, segment_name(first), scanned.good.length);
    else if (mark && found_.whole.seq == found_.marked && found_.whole.chain != mark->tip.chain)
      note(damage_kind::content_mismatch, segment_name(first), 0);
    else if (found_.whole.seq == found_.marked)
      found_.unmarked_bytes += segment.size - scanned.good.length;
  }

  feed_folder folder_;
  feed_findings found_;
};

} // namespace

std::string_view leftover_advice(const feed_findings& of) noexcept {
  return of.damages.empty() ? "was cut or set aside; delete it when nothing in it is missed"
                            : "is what was cut or set aside; keep it until the feed is whole again";
}

expected<feed_findings> verify_feed(environment env, handle feeds, const instance_id& instance) {
  auto folder = feed_folder::open(env, feeds, instance);
  if (!folder)
    return folder.error();
  return verification(std::move(*folder), instance).run();
}

} // namespace muster
