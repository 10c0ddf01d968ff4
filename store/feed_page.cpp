#include "muster/store/feed_page.hpp"

#include "muster/store/feed_limits.hpp"
#include "muster/store/segment_scan.hpp"

#include <limits>

namespace muster {

namespace {

failure refused(std::string_view code, const std::string& why) {
  return {failure_kind::refused, code,
          "a page of a feed was refused: " + why + "; nothing of it was stored, ask its sender or another peer again"};
}

} // namespace

expected<checked_page> check_page(std::string_view page, const instance_id& instance, const feed_tip& at) {
  if (page.size() > feed_limits::segment_bytes)
    return refused("page-size", "it is larger than a segment");
  auto opened = open_segment(page);
  if (!opened && opened.error().kind == failure_kind::release_mismatch)
    return opened.error();
  if (!opened)
    return refused("page-unreadable", opened.error().message);
  auto& [header, start] = *opened;
  if (header.instance != instance)
    return refused("page-instance", "it is of instance " + header.instance.text);
  if (header.first != at.seq + 1)
    return refused("page-gap", "it begins with commit " + std::to_string(header.first) + " and " +
                                   std::to_string(at.seq + 1) + " is next");
  if (header.previous != at.chain)
    return refused("page-forked", "the commits before it are others than the ones known here");
  const signature_check author(header.key);
  const auto scanned =
      scan_segment(page, start, instance, author, scan_depth::whole, std::numeric_limits<sequence>::max());
  if (scanned.stop)
    return refused("page-unreadable",
                   std::string(to_string(scanned.stop->kind)) + " at byte " + std::to_string(scanned.stop->offset));
  if (scanned.good.tip.seq < header.first)
    return refused("page-unreadable", "it holds no commit");
  checked_page result{header, std::string(page.substr(start.length)), scanned.good.tip, scanned.good.at};
  return result;
}

} // namespace muster
