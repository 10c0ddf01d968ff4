// Input: one byte that says what, then bytes of a feed: 0 to 3 a line (commit,
// header, seal, slot of a mark), anything else a segment.

#include "tests/support/feed_samples.hpp"

#include "muster/store/feed_page.hpp"
#include "muster/store/feed_verify.hpp"
#include "muster/store/fork_proof.hpp"
#include "muster/store/op_codec.hpp"
#include "muster/store/segment_scan.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>

using namespace muster;

namespace {

const signing_key key = test::sample_key(1);
const instance_id own = instance_of(key.public_half());

void must(bool holds, const char* what) {
  if (holds)
    return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void check_line(unsigned kind, std::string_view line) {
  switch (kind) {
    case 0:
      if (const auto read = decode_commit(line, own))
        must(encode_commit(*read).value() == line, "a commit that is read is written as the same bytes");
      return;
    case 1:
      if (const auto read = decode_header(line))
        must(encode_header(*read) == line, "a header that is read is written as the same bytes");
      return;
    case 2:
      if (const auto read = decode_seal(line))
        must(encode_seal(*read) == line, "a seal that is read is written as the same bytes");
      return;
    default:
      if (const auto read = decode_slot(line); read && !read->later_format)
        must(encode_slot(read->mark, read->turn) == line, "a slot that is read is written as the same bytes");
  }
}

/// What a quick scan takes, a strict one takes too, in pieces as in one.
void check_scan(std::string_view bytes) {
  const auto opened = open_segment(bytes);
  if (!opened)
    return;
  constexpr auto no_last = std::numeric_limits<sequence>::max();
  const auto& [header, start] = *opened;
  const signature_check author(header.key);
  const auto strict = scan_segment(bytes, start, header.instance, author, scan_depth::whole, no_last);
  must(strict.good.length <= bytes.size(), "a scan stays inside");
  must(strict.stop || strict.good.length == bytes.size(), "a scan that does not stop reaches the end");
  const auto kept = bytes.substr(0, strict.good.length);
  const auto again = scan_segment(kept, start, header.instance, author, scan_depth::whole, no_last);
  must(!again.stop && again.good == strict.good, "what is kept is whole");
  const auto further = scan_segment(bytes, strict.good, header.instance, author, scan_depth::whole, no_last);
  must(further.good == strict.good, "a scan that goes on finds nothing more");
}

/// Recovery of a segment above an empty mark: what it keeps, a strict look takes.
void check_recovery(std::string_view bytes) {
  simulated_environment machine;
  test::make_feeds(machine);
  { must(test::recover(machine, key).has_value(), "an empty feed is made"); }
  machine.files.put_file(test::feed_file(own, segment_name(1)), bytes);
  const auto found = test::recover(machine, key);
  if (!found)
    return must(found.error().kind == failure_kind::release_mismatch, "recovery fails for another format alone");
  must(found->damages.empty() && found->log, "above the mark nothing is damage");
  const auto feeds = test::open_feeds(machine);
  const auto verified = verify_feed(machine.view(), feeds.get(), own);
  must(verified && verified->damages.empty() && verified->unmarked_bytes == 0, "what is kept is whole");
  must(verified->whole == found->mark.tip, "recovery and a strict look agree");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] >= '0' && data[0] < '4') {
    check_line(static_cast<unsigned>(data[0] - '0'), bytes);
    return 0;
  }
  check_scan(bytes);
  check_recovery(bytes);
  if (const auto page = check_page(bytes, own, start_of_feed(own)))
    must(page->run.size() < bytes.size(), "a page is a header and a run");
  if (const auto proof = decode_fork_proof(bytes))
    must(encode_fork_proof(*proof) == bytes, "a proof that is read is written as the same bytes");
  return 0;
}
