#include "muster/store/fork_proof.hpp"

#include "muster/store/feed_limits.hpp"
#include "muster/store/segment_scan.hpp"

namespace muster {

namespace {

failure unproven(const char* why) {
  return {failure_kind::refused, "fork-unproven",
          std::string("this does not prove that an instance forked: ") + why + "; it was not taken"};
}

bool is_signed(const signature_check& author, const instance_id& instance, const seal& by) {
  return author(sealed_text(instance, {by.seq, by.chain}), by.sig);
}

} // namespace

std::string encode_fork_proof(const fork_proof& what) {
  auto text = encode_header({what.instance, what.key, what.one.seq + 1, what.other_chain}).append("\n");
  text.append(what.between).append(encode_seal(what.other)).append("\n");
  return text.append(encode_seal(what.one)).append("\n");
}

expected<fork_proof> decode_fork_proof(std::string_view text) {
  if (text.size() > feed_limits::segment_bytes)
    return unproven("it is larger than a segment");
  const auto opened = open_segment(text);
  if (!opened)
    return unproven("it has no header");
  fork_proof result{opened->header.instance, opened->header.key, {}, opened->header.previous, {}, {}};
  feed_tip tip = opened->start.tip;
  line_cursor cursor(text, opened->start.length);
  std::string_view line;
  auto begin = cursor.offset();
  for (; cursor.next(line) && !looks_like_seal(line); begin = cursor.offset())
    tip = after_commit(tip, line);
  result.between = text.substr(opened->start.length, begin - opened->start.length);
  const auto other = decode_seal(line);
  if (!other || !cursor.next(line))
    return unproven("it lacks a seal");
  const auto one = decode_seal(line);
  if (!one || cursor.offset() != text.size())
    return unproven("it does not end with a seal");
  result.other = *other;
  result.one = *one;
  if (tip != feed_tip{other->seq, other->chain} || one->seq + 1 != opened->header.first)
    return unproven("its seals are not of the commits it shows");
  if (one->chain == result.other_chain)
    return unproven("both seals agree");
  const signature_check author(result.key);
  if (!is_signed(author, result.instance, *one) || !is_signed(author, result.instance, *other))
    return unproven("a signature does not hold");
  return result;
}

expected<std::optional<fork_proof>> compare_with_seal(feed_reader& feed, const seal& theirs) {
  const signature_check author(feed.key());
  if (!is_signed(author, feed.instance(), theirs))
    return failure{failure_kind::refused, "seal-forged", "the seal is not signed by instance " + feed.instance().text};
  if (theirs.seq > feed.last())
    return std::optional<fork_proof>();
  const auto ours = feed.tip_at(theirs.seq);
  if (!ours)
    return ours.error();
  if (ours->chain == theirs.chain)
    return std::optional<fork_proof>();
  fork_proof proof{feed.instance(), feed.key(), theirs, ours->chain, {}, {}};
  auto covering = feed.covering_seal(theirs.seq);
  if (!covering)
    return covering.error();
  proof.between = std::move(covering->between);
  proof.other = covering->by;
  return std::optional<fork_proof>(std::move(proof));
}

} // namespace muster
