#include "muster/store/feed_reader.hpp"

#include "muster/store/op_codec.hpp"

#include <algorithm>

namespace muster {

expected<feed_reader> feed_reader::open(environment env, handle feeds, const instance_id& instance) {
  auto folder = feed_folder::open(env, feeds, instance);
  if (!folder)
    return folder.error();
  if (folder->segments().empty() && !folder->has_mark_file())
    return failure{failure_kind::not_found, "no-feed", "there is no feed of this instance here", folder->place()};
  const auto mark = folder->mark().mark;
  if (!mark) {
    const auto kind = folder->has_mark_file() ? damage_kind::mark_unreadable : damage_kind::mark_missing;
    return damaged_feed({kind, {}, 0, 1}, folder->place());
  }
  public_key key{};
  if (!folder->segments().empty()) {
    const auto found = folder->find_key();
    if (!found)
      return found.error();
    key = *found;
  }
  return feed_reader(std::move(*folder), instance, key, *mark);
}

// Loads and checks the segment that holds `seq`, which is not beyond the mark.
expected<void> feed_reader::enter(sequence seq) {
  const auto first = folder_.holding(seq);
  if (first != 0 && first == first_)
    return is_vouched_for(seq);
  const auto damaged = [&](damage_kind kind, std::uint64_t offset, sequence at) {
    first_ = 0;
    return damaged_feed({kind, segment_name(first == 0 ? seq : first), offset, at}, folder_.place());
  };
  if (first == 0)
    return damaged(damage_kind::segment_missing, 0, seq);
  auto segment = folder_.load(first);
  if (!segment)
    return segment.error();
  bytes_ = std::move(segment->bytes);
  auto opened = open_segment(bytes_);
  if (!opened)
    return damaged(damage_kind::header_unreadable, 0, first);
  const auto& header = opened->header;
  const bool continues = first_ == 0 || good_.tip.seq + 1 != first || header.previous == good_.tip.chain;
  const bool begins = first != 1 || header.previous == start_of_feed(instance_).chain;
  if (header.instance != instance_ || header.first != first || !continues || !begins)
    return damaged(damage_kind::header_mismatch, 0, first);
  const auto next = folder_.after(first);
  const auto last = next == 0 ? mark_.tip.seq : std::min(mark_.tip.seq, next - 1);
  auto scanned = scan_segment(bytes_, opened->start, instance_, author_, scan_depth::chain, last);
  if (last == mark_.tip.seq && scanned.good.tip.seq == last && scanned.good.tip.chain != mark_.tip.chain)
    return damaged(damage_kind::content_mismatch, 0, first);
  first_ = first;
  opened_ = std::move(*opened);
  good_ = scanned.good;
  stop_ = std::move(scanned.stop);
  offset_ = opened_.start.length;
  at_ = first - 1;
  return is_vouched_for(seq);
}

// What is whole before damage is given out.
expected<void> feed_reader::is_vouched_for(sequence seq) const {
  if (seq <= good_.tip.seq)
    return {};
  const feed_damage ends{damage_kind::ends_early, segment_name(first_), good_.length, good_.tip.seq + 1};
  return damaged_feed(stop_.value_or(ends), folder_.place());
}

// Puts the cursor behind commit `seq` of the segment in memory.
void feed_reader::advance_to(sequence seq) {
  if (at_ > seq) {
    offset_ = opened_.start.length;
    at_ = first_ - 1;
  }
  line_cursor cursor(bytes_, offset_);
  for (std::string_view line; at_ < seq && cursor.next(line);)
    if (!looks_like_seal(line))
      ++at_;
  offset_ = cursor.offset();
}

expected<std::optional<feed_reader::entry>> feed_reader::next() {
  if (next_ > mark_.tip.seq)
    return std::optional<entry>();
  if (auto entered = enter(next_); !entered)
    return entered.error();
  advance_to(next_ - 1);
  line_cursor cursor(bytes_, offset_);
  std::string_view line;
  auto begin = offset_;
  while (cursor.next(line) && looks_like_seal(line))
    begin = cursor.offset();
  auto read = decode_commit(line, instance_);
  // A whole chain with a line that cannot be read: its author sealed it so.
  if (!read || read->seq != next_)
    return damaged_feed(
        {read ? damage_kind::commit_misnumbered : damage_kind::commit_unreadable, segment_name(first_), begin, next_},
        folder_.place());
  offset_ = cursor.offset();
  at_ = next_++;
  return std::optional<entry>(entry{std::move(*read), line});
}

expected<feed_tip> feed_reader::tip_at(sequence seq) {
  if (seq == 0)
    return start_of_feed(instance_);
  if (seq == mark_.tip.seq)
    return mark_.tip;
  if (seq > mark_.tip.seq)
    return failure{failure_kind::not_found, "no-commit", "the feed does not reach that far", folder_.place()};
  if (auto entered = enter(seq); !entered)
    return entered.error();
  auto tip = opened_.start.tip;
  line_cursor cursor(bytes_, opened_.start.length);
  for (std::string_view line; tip.seq < seq && cursor.next(line);)
    if (!looks_like_seal(line))
      tip = after_commit(tip, line);
  return tip;
}

expected<feed_reader::covering> feed_reader::covering_seal(sequence seq) {
  if (auto entered = enter(seq); !entered)
    return entered.error();
  advance_to(seq);
  covering result;
  line_cursor cursor(bytes_, offset_);
  std::string_view line;
  while (cursor.next(line) && !looks_like_seal(line))
    result.between.append(line).append("\n");
  const auto by = decode_seal(line);
  if (!by)
    return damaged_feed({damage_kind::seal_unreadable, segment_name(first_), 0, seq}, folder_.place());
  result.by = *by;
  return result;
}

expected<std::string> feed_reader::page(sequence from, std::size_t bytes) {
  if (from == 0 || from > mark_.tip.seq)
    return failure{failure_kind::not_found, "no-commit", "the feed has no such commit", folder_.place()};
  const auto before =
      from == opened_.start.tip.seq + 1 && first_ != 0 ? expected<feed_tip>(opened_.start.tip) : tip_at(from - 1);
  if (!before)
    return before.error();
  if (auto entered = enter(from); !entered)
    return entered.error();
  advance_to(from - 1);
  auto text = encode_header({instance_, key_, from, before->chain}).append("\n");
  std::size_t sealed = 0; // how much of the commits the seal covers
  std::string_view last_seal;
  std::string commits;
  line_cursor cursor(bytes_, offset_);
  for (std::string_view line; cursor.offset() < good_.length && cursor.next(line);) {
    if (!looks_like_seal(line)) {
      commits.append(line).append("\n");
      continue;
    }
    if (commits.empty())
      continue;
    if (sealed != 0 && text.size() + commits.size() + line.size() + 1 > bytes)
      break;
    sealed = commits.size();
    last_seal = line;
  }
  const auto by = decode_seal(last_seal);
  if (!by || !author_(sealed_text(instance_, {by->seq, by->chain}), by->sig))
    return damaged_feed({damage_kind::seal_forged, segment_name(first_), 0, from}, folder_.place());
  return text.append(commits, 0, sealed).append(last_seal).append("\n");
}

} // namespace muster
