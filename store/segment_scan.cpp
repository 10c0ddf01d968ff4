#include "muster/store/segment_scan.hpp"

#include "muster/store/op_codec.hpp"

#include <algorithm>

namespace muster {

namespace {

class scanner {
public:
  scanner(std::string_view bytes, const durable_mark& from, const instance_id& instance, const signature_check& author,
          scan_depth depth, sequence last)
      : bytes_(bytes),
        cursor_(bytes, from.length),
        instance_(instance),
        author_(author),
        depth_(depth),
        last_(last),
        tip_(from.tip) {
    result_.good = from;
  }

  segment_scan run() {
    std::string_view line;
    auto before = cursor_.offset();
    while (tip_.seq < last_ && cursor_.next(line)) {
      if (!(looks_like_seal(line) ? take_seal(line, before) : take_commit(line, before)))
        return finished();
      before = cursor_.offset();
    }
    // The commits may be at their last one and its seal still to come.
    if (tip_.seq == last_ && tip_ != result_.good.tip && cursor_.next(line))
      (void)take_seal(line, before);
    else if (tip_.seq < last_ && cursor_.in_line())
      stop(damage_kind::line_cut, before);
    else if (tip_ != result_.good.tip)
      stop(damage_kind::unsealed, result_.good.length);
    return finished();
  }

private:
  bool stop(damage_kind kind, std::uint64_t offset) {
    if (!result_.stop)
      result_.stop = feed_damage{kind, segment_name(result_.good.first), offset, tip_.seq + 1};
    return false;
  }

  bool take_commit(std::string_view line, std::uint64_t offset) {
    if (depth_ == scan_depth::whole) {
      const auto read = decode_commit(line, instance_);
      if (!read)
        return stop(damage_kind::commit_unreadable, offset);
      if (read->seq != tip_.seq + 1)
        return stop(damage_kind::commit_misnumbered, offset);
    }
    tip_ = after_commit(tip_, line);
    last_commit_ = line;
    return true;
  }

  bool take_seal(std::string_view line, std::uint64_t offset) {
    const auto read = decode_seal(line);
    if (!read)
      return stop(damage_kind::seal_unreadable, offset);
    // A seal that covers nothing new is never written.
    if (read->seq != tip_.seq || read->chain != tip_.chain || tip_ == result_.good.tip)
      return stop(damage_kind::seal_mismatch, offset);
    if (depth_ == scan_depth::whole && !author_(sealed_text(instance_, tip_), read->sig))
      return stop(damage_kind::seal_forged, offset);
    auto& good = result_.good;
    good.content = after_run(good.content, bytes_.substr(good.length, cursor_.offset() - good.length));
    good.length = cursor_.offset();
    good.tip = tip_;
    last_seal_ = *read;
    sealed_commit_ = last_commit_;
    return true;
  }

  segment_scan finished() {
    if (!last_seal_)
      return result_;
    const auto last = decode_commit(sealed_commit_, instance_);
    if (last && last->seq == last_seal_->seq) {
      result_.good.at = last->at;
      if (depth_ == scan_depth::whole || author_(sealed_text(instance_, result_.good.tip), last_seal_->sig))
        return result_;
    }
    result_.good.length = 0;
    return result_;
  }

  std::string_view bytes_;
  line_cursor cursor_;
  const instance_id& instance_;
  const signature_check& author_;
  scan_depth depth_;
  sequence last_;
  feed_tip tip_;
  std::string_view last_commit_;
  std::string_view sealed_commit_;
  std::optional<seal> last_seal_;
  segment_scan result_;
};

} // namespace

bool line_cursor::next(std::string_view& line) noexcept {
  const auto end = text_.find('\n', offset_);
  if (end == std::string_view::npos)
    return false;
  line = text_.substr(offset_, end - offset_);
  offset_ = end + 1;
  return true;
}

sha256_digest content_until(std::string_view bytes, std::uint64_t length) {
  if (length > bytes.size())
    return {};
  line_cursor cursor(bytes.substr(0, length));
  std::string_view line;
  sha256_digest content{};
  std::uint64_t from = 0;
  while (cursor.next(line)) {
    if (from != 0 && !looks_like_seal(line))
      continue;
    const auto run = bytes.substr(from, cursor.offset() - from);
    content = from == 0 ? start_of_content(run) : after_run(content, run);
    from = cursor.offset();
  }
  return from == length ? content : sha256_digest{};
}

expected<opened_segment> open_segment(std::string_view bytes) {
  line_cursor cursor(bytes);
  std::string_view line;
  if (!cursor.next(line))
    return failure{failure_kind::damaged, "line-cut", "the segment ends within its header"};
  auto header = decode_header(line);
  if (!header)
    return header.error();
  opened_segment result{std::move(*header), {}};
  result.start.tip = {result.header.first - 1, result.header.previous};
  result.start.first = result.header.first;
  result.start.length = cursor.offset();
  result.start.content = start_of_content(bytes.substr(0, cursor.offset()));
  return result;
}

segment_scan scan_segment(std::string_view bytes, const durable_mark& from, const instance_id& instance,
                          const signature_check& author, scan_depth depth, sequence last) {
  auto result = scanner(bytes, from, instance, author, depth, last).run();
  // The quick look ends at a signature that does not hold: only a look at each
  // tells how far the feed does.
  if (depth == scan_depth::chain && result.good.length == 0)
    result = scanner(bytes, from, instance, author, scan_depth::whole, last).run();
  return result;
}

} // namespace muster
