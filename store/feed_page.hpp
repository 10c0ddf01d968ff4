#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/feed_format.hpp"

#include <string>
#include <string_view>

namespace muster {

/// A stretch of one feed as it travels: a segment's header for its first commit,
/// the commits' lines, and one seal over them. Its text needs nothing else to be
/// checked.
struct checked_page {
  segment_header header;
  std::string run; ///< the commits and the seal, as `segment_log::append` takes them
  feed_tip after;
  stamp at;
};

/// Checks a page of `instance` that must go on from `at`: grammar, chain and
/// signature, to the last byte. A page is taken whole or not at all.
/// Refused: "page-unreadable", "page-instance" (of another feed), "page-gap"
/// (begins elsewhere), "page-forked" (goes on from another chain), "page-size".
[[nodiscard]] expected<checked_page> check_page(std::string_view page, const instance_id& instance, const feed_tip& at);

} // namespace muster
