#include "muster/store/feed_recovery.hpp"

#include "muster/store/feed_folder.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/segment_repair.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace muster {

namespace {

constexpr auto no_last = std::numeric_limits<sequence>::max();

/// One recovery; `run` is its order.
class recovery {
public:
  recovery(environment env, handle feeds, feed_folder folder, const instance_id& instance,
           const recovery_options& options)
      : env_(env), feeds_(feeds), folder_(std::move(folder)), options_(options), mark_(folder_.mark().mark) {
    result_.instance = instance;
  }

  expected<recovered_feed> run(const std::optional<public_key>& key) {
    const auto nothing = folder_.segments().empty() && !folder_.has_mark_file();
    if (key)
      result_.key = *key;
    else if (auto found = folder_.find_key(); found)
      result_.key = *found;
    else
      return found.error();
    author_.emplace(result_.key);
    return nothing ? begin() : mark_ ? from_mark() : without_mark();
  }

private:
  // The directory may be of an attempt that was interrupted before its name was
  // on disk, so it is synced here; where there is a mark that was done.
  expected<recovered_feed> begin() {
    if (auto synced = sync_full(env_.files, feeds_); !synced)
      return give_back(feeds_, result_.instance.text, unlink_kind::directory, synced.error());
    result_.mark = start();
    auto durable = durable_file::create(env_.files, folder_.directory(), result_.mark);
    if (!durable)
      return give_back(folder_.directory(), durable_file::name, unlink_kind::file, durable.error());
    return writable(std::move(*durable));
  }

  // A name whose sync failed may stand in memory only, and another sync need not
  // save it, so the next attempt has to make it anew. Nothing is in the feed yet.
  failure give_back(handle directory, std::string_view name, unlink_kind kind, os_error why) {
    (void)env_.files.unlink(directory, name, kind);
    return folder_.disk_failure(why, durable_file::name);
  }

  [[nodiscard]] durable_mark start() const {
    durable_mark mark;
    mark.tip = start_of_feed(result_.instance);
    return mark;
  }

  // ---- up to the mark

  expected<recovered_feed> from_mark() {
    bool sound = false;
    if (options_.depth == scan_depth::chain) {
      const auto quick = is_as_marked();
      if (!quick)
        return quick.error();
      sound = *quick;
    }
    if (sound)
      result_.mark = *mark_;
    else if (auto walked = walk(mark_->tip.seq); !walked)
      return walked.error();
    if (!result_.damages.empty())
      return std::move(result_);
    return above_mark();
  }

  /// The last lines of the segments before the mark's, and the mark's content.
  expected<bool> is_as_marked() {
    if (mark_->tip.seq == 0)
      return mark_->tip == start().tip;
    if (!folder_.has(1) || !folder_.has(mark_->first))
      return false;
    for (const auto first : folder_.segments()) {
      if (first == mark_->first)
        break;
      const auto last = folder_.last_seal(first);
      if (!last)
        return last.error();
      if (last->seq + 1 != folder_.after(first))
        return false;
    }
    auto segment = folder_.load(mark_->first);
    if (!segment)
      return segment.error();
    const bool sound = content_until(segment->bytes, mark_->length) == mark_->content;
    if (sound)
      of_mark_ = std::move(*segment);
    return sound;
  }

  /// The mark's segment is not read twice.
  expected<loaded_segment> load(sequence first) {
    if (of_mark_ && first == mark_->first)
      return *std::exchange(of_mark_, std::nullopt);
    return folder_.load(first);
  }

  /// Reads everything from the first commit to `until`; what is wrong before it
  /// is damage. A valid feed below the mark is taken as it is.
  expected<void> walk(sequence until) {
    result_.mark = start();
    while (result_.mark.tip.seq < until) {
      const auto first = result_.mark.tip.seq + 1;
      const auto next = folder_.after(first);
      if (!folder_.has(first))
        return note(next != 0 || (mark_ && first == mark_->first) ? damage_kind::segment_missing
                                                                  : damage_kind::ends_early,
                    first);
      if (auto walked = walk_segment(first, std::min(until, next == 0 ? no_last : next - 1), next); !walked)
        return walked;
      // Without a mark the feed ends where its last segment does.
      if (!result_.damages.empty() || (until == no_last && next == 0))
        return {};
    }
    return {};
  }

  expected<void> walk_segment(sequence first, sequence last, sequence next) {
    const auto segment = folder_.load(first);
    if (!segment)
      return segment.error();
    const auto before = result_.mark.tip;
    const auto opened = open_segment(segment->bytes);
    // A mark of our format speaks for a feed of our format.
    if (!opened && !mark_ && opened.error().kind == failure_kind::release_mismatch)
      return opened.error();
    if (!opened || !fits(opened->header, {before.seq, before.chain}))
      return damaged(opened ? damage_kind::header_mismatch : damage_kind::header_unreadable, first, 0, 0,
                     segment->size);
    auto scanned = scan_segment(segment->bytes, opened->start, result_.instance, *author_, scan_depth::whole, last);
    result_.mark = scanned.good;
    const auto& good = result_.mark;
    if (good.tip.seq < last && (last != no_last || scanned.stop)) {
      const bool next_is_known = next != 0 || (mark_ && mark_->first == good.tip.seq + 1 && mark_->first != first);
      const auto ends = next_is_known ? damage_kind::segment_missing : damage_kind::ends_early;
      const auto why = scanned.stop ? scanned.stop->kind : ends;
      return damaged(why, first, scanned.stop ? scanned.stop->offset : good.length, good.length, segment->size);
    }
    if (mark_ && good.tip.seq == mark_->tip.seq && good.tip.chain != mark_->tip.chain)
      return damaged(damage_kind::content_mismatch, first, 0, good.length, good.length);
    // A run that went to a new segment after a failed sync may stand here too.
    return next != 0 && next == last + 1 ? cut(first, good.length, segment->size) : expected<void>();
  }

  [[nodiscard]] bool fits(const segment_header& header, const feed_tip& before) const {
    return header == segment_header{result_.instance, result_.key, before.seq + 1, before.chain};
  }

  // ---- what is wrong

  expected<void> note(damage_kind kind, sequence seq) {
    result_.damages.push_back({kind, segment_name(seq), 0, seq});
    return {};
  }

  expected<void> damaged(damage_kind kind, sequence first, std::uint64_t offset, std::uint64_t keep,
                         std::uint64_t size) {
    result_.damages.push_back({kind, segment_name(first), offset, result_.mark.tip.seq + 1});
    // What a gap alone leaves is whole.
    if (size <= keep || (!mark_ && !options_.rebuild_mark))
      return {};
    auto name = put_damaged_aside(env_, folder_.directory(), segment_name(first), keep);
    if (!name)
      return folder_.disk_failure(name.error(), segment_name(first));
    result_.set_aside.push_back(std::move(*name));
    return {};
  }

  expected<void> cut(sequence first, std::uint64_t keep, std::uint64_t size) {
    if (size <= keep)
      return {};
    auto name = cut_tail(env_, folder_.directory(), segment_name(first), keep);
    if (!name)
      return folder_.disk_failure(name.error(), segment_name(first));
    result_.cut.push_back(std::move(*name));
    return {};
  }

  // ---- without a mark

  expected<recovered_feed> without_mark() {
    if (auto walked = walk(folder_.segments().empty() ? 0 : no_last); !walked)
      return walked.error();
    const auto kind = folder_.has_mark_file() ? damage_kind::mark_unreadable : damage_kind::mark_missing;
    result_.damages.insert(result_.damages.begin(), {kind, {}, 0, result_.mark.tip.seq + 1});
    if (!options_.rebuild_mark)
      return std::move(result_);
    for (const auto first : folder_.segments())
      if (first > result_.mark.tip.seq + 1)
        if (auto moved = damaged(damage_kind::segment_missing, first, 0, 0, 1); !moved)
          return moved.error();
    auto durable = durable_file::create(env_.files, folder_.directory(), result_.mark);
    if (!durable)
      return folder_.disk_failure(durable.error(), durable_file::name);
    return writable(std::move(*durable));
  }

  // ---- above the mark

  expected<recovered_feed> above_mark() {
    // The segment that is being looked at; 0 before the first.
    sequence here = result_.mark.tip.seq == 0 ? 0 : result_.mark.first;
    for (;;) {
      const auto next = folder_.after(here);
      const auto ended = next == 0 ? take_last(here) : take_next(here, next);
      if (!ended)
        return ended.error();
      if (!result_.damages.empty())
        return std::move(result_);
      if (*ended)
        break;
      // Gone over to the next segment, unless that one was torn.
      if (folder_.has(next))
        here = next;
    }
    return marked_anew();
  }

  /// Keeps what is valid of the last segment and cuts the rest.
  expected<bool> take_last(sequence first) {
    if (first == 0)
      return true;
    const auto segment = load(first);
    if (!segment)
      return segment.error();
    const auto scanned = scan(segment->bytes, result_.mark, no_last);
    if (auto done = cut(first, scanned.good.length, segment->size); !done)
      return done.error();
    return keep(*segment, scanned.good);
  }

  /// Goes over to the next segment, if it holds as much as this one.
  expected<bool> take_next(sequence first, sequence next) {
    loaded_segment here;
    segment_scan until_next{result_.mark, {}};
    segment_scan all{result_.mark, {}};
    if (first != 0) {
      auto loaded = load(first);
      if (!loaded)
        return loaded.error();
      here = std::move(*loaded);
      until_next = scan(here.bytes, result_.mark, next - 1);
      all = scan(here.bytes, result_.mark, no_last);
    }
    const auto& before = until_next.good;
    if (before.tip.seq + 1 != next) {
      if (auto noted = note(damage_kind::segment_missing, before.tip.seq + 1); !noted)
        return noted.error();
      return true;
    }
    const auto there = folder_.load(next);
    if (!there)
      return there.error();
    const auto opened = open_segment(there->bytes);
    if (!opened && opened.error().kind == failure_kind::release_mismatch)
      return opened.error();
    const bool begun = opened && fits(opened->header, before.tip);
    const auto held = begun ? scan(there->bytes, opened->start, no_last).good : durable_mark{};
    if (held.tip.seq < next || held.tip.seq < all.good.tip.seq)
      return drop_torn(next, there->size);
    const auto same = scan(there->bytes, opened->start, all.good.tip.seq).good;
    if (all.good.tip.seq >= next && same.tip.seq == all.good.tip.seq && same.tip != all.good.tip) {
      result_.damages.push_back({damage_kind::forked, segment_name(next), 0, next});
      return true;
    }
    if (first != 0) {
      if (auto done = cut(first, before.length, here.size); !done)
        return done.error();
      if (auto kept = keep(here, before); !kept)
        return kept.error();
    }
    result_.mark = opened->start;
    return false;
  }

  /// A segment that was begun and holds nothing that this feed lacks.
  expected<bool> drop_torn(sequence first, std::uint64_t size) {
    if (folder_.after(first) != 0) {
      if (auto noted = damaged(damage_kind::header_mismatch, first, 0, size, size); !noted)
        return noted.error();
      return true;
    }
    if (auto done = cut(first, 0, size + 1); !done)
      return done.error();
    folder_.forget(first);
    return false;
  }

  [[nodiscard]] segment_scan scan(std::string_view bytes, const durable_mark& from, sequence last) const {
    return scan_segment(bytes, from, result_.instance, *author_, scan_depth::whole, last);
  }

  // Saves the runs above the mark once more: what was read may stand in memory
  // only, left there by a sync that failed. A later sync covers what is written
  // or named after that; a segment that the mark does not know needs both.
  expected<bool> keep(const loaded_segment& segment, const durable_mark& good) {
    const bool is_known = mark_->tip.seq != 0 && good.first == mark_->first;
    const auto sure = is_known ? mark_->length : 0;
    if (good.length > sure) {
      const auto name = segment_name(good.first);
      const auto runs = std::string_view(segment.bytes).substr(0, good.length);
      if (auto saved = is_known ? write_again(env_.files, folder_.directory(), name, runs, sure)
                                : make_anew(env_.files, folder_.directory(), name, runs);
          !saved)
        return folder_.disk_failure(saved.error(), name);
    }
    result_.mark = good;
    return true;
  }

  expected<recovered_feed> marked_anew() {
    durable_file::found seen;
    auto durable = folder_.mark().both ? durable_file::open(env_.files, folder_.directory(), seen)
                                       : durable_file::create(env_.files, folder_.directory(), result_.mark);
    if (!durable)
      return folder_.disk_failure(durable.error(), durable_file::name);
    if (folder_.mark().both && result_.mark != *mark_) {
      auto done = durable->settle();
      if (done)
        done = durable->write(result_.mark);
      if (done)
        done = durable->settle();
      if (!done)
        return folder_.disk_failure(done.error(), durable_file::name);
    }
    return writable(std::move(*durable));
  }

  expected<recovered_feed> writable(durable_file durable) {
    auto place = folder_.place();
    result_.log.emplace(env_, folder_.release(), std::move(place), result_.instance, result_.key, result_.mark,
                        std::move(durable), options_.segment_bytes);
    return std::move(result_);
  }

  environment env_;
  handle feeds_;
  feed_folder folder_;
  recovery_options options_;
  std::optional<durable_mark> mark_;
  std::optional<loaded_segment> of_mark_; ///< until somebody wants it
  std::optional<signature_check> author_;
  recovered_feed result_;
};

} // namespace

expected<recovered_feed> recover_feed(environment env, handle feeds, const instance_id& instance,
                                      const std::optional<public_key>& key, const recovery_options& options) {
  auto folder = feed_folder::open(env, feeds, instance);
  if (!folder && folder.error().kind == failure_kind::not_found && key) {
    auto made = env.files.make_directory(feeds, instance.text, 0700);
    if (!made)
      return failure{failure_kind::failed,
                     "feed-disk",
                     std::string("the feed's directory cannot be made: ") + std::strerror(made.error().code),
                     "feeds/" + instance.text,
                     "feed",
                     {},
                     made.error().code};
    return recover_feed(env, feeds, instance, key, options);
  }
  if (!folder)
    return folder.error();
  return recovery(env, feeds, std::move(*folder), instance, options).run(key);
}

} // namespace muster
