#include "muster/store/segment_log.hpp"

#include "muster/store/full_io.hpp"
#include "muster/store/set_aside.hpp"

#include <cassert>
#include <cerrno>
#include <cstring>

namespace muster {

segment_log::segment_log(environment env, open_file directory, std::string folder, instance_id instance,
                         const public_key& key, const durable_mark& mark, durable_file durable,
                         std::uint64_t segment_bytes)
    : env_(env),
      directory_(std::move(directory)),
      folder_(std::move(folder)),
      instance_(std::move(instance)),
      key_(key),
      mark_(mark),
      durable_(std::move(durable)),
      segment_bytes_(segment_bytes) {
  // A segment that cannot be opened is left alone and the next run begins one.
  if (mark_.tip.seq != 0)
    if (auto file =
            open_regular(env_.files, directory_.get(), segment_name(mark_.first), open_how::access_mode::read_write))
      segment_ = std::move(*file);
}

expected<void> segment_log::append(std::string_view run, const feed_tip& after, stamp at) {
  assert(after.seq > mark_.tip.seq && run.ends_with('\n'));
  if (read_only_)
    return refused("feed-read-only");
  if (auto settled = settle(); !settled)
    return settled;
  const bool fits = segment_ && mark_.length + run.size() <= segment_bytes_;
  begun_ = !fits;
  switch (fits ? extend(run) : begin_segment(run)) {
    case attempt::done: break;
    case attempt::refused: return refused("feed-append");
    case attempt::in_doubt:
      if (move_run_to_new_segment(run))
        break;
      read_only_ = true;
      return failure{failure_kind::unknown_outcome,
                     "feed-unknown",
                     "the disk failed while the feed was being written, and again in a new segment; whether the "
                     "change is on disk shows at the next start: repair the disk, start again, and repeat the request",
                     folder_,
                     "commit",
                     {},
                     last_error_.code};
  }
  acknowledge(run, after, at);
  return {};
}

expected<void> segment_log::settle() {
  if (durable_.settle())
    return {};
  // A file whose sync failed once is not asked again.
  auto anew = durable_file::create(env_.files, directory_.get(), mark_);
  if (anew) {
    durable_ = std::move(*anew);
    return {};
  }
  last_error_ = anew.error();
  read_only_ = true;
  return refused("feed-mark");
}

segment_log::attempt segment_log::extend(std::string_view run) {
  if (auto written = write_full(env_.files, segment_.get(), mark_.length, run); !written) {
    last_error_ = written.error();
    return take_back();
  }
  if (auto synced = sync_full(env_.files, segment_.get()); !synced) {
    last_error_ = synced.error();
    return attempt::in_doubt;
  }
  // What has no name any more nobody finds again.
  if (const auto found = env_.files.status(segment_.get()); found && found->links == 0) {
    last_error_ = os_error{ENOENT};
    return attempt::refused;
  }
  return attempt::done;
}

// What a failed write left could reach the disk by itself, seal and all, so the
// refusal has to be as durable as the run would have been.
segment_log::attempt segment_log::take_back() {
  if (env_.files.truncate(segment_.get(), mark_.length) && sync_full(env_.files, segment_.get()))
    return attempt::refused;
  return attempt::in_doubt;
}

segment_log::attempt segment_log::begin_segment(std::string_view run) {
  segment_ = {};
  auto file = create_new(env_.files, directory_.get(), next_name());
  if (!file) {
    last_error_ = file.error();
    return last_error_.code == EEXIST ? attempt::refused : discard_segment();
  }
  segment_ = std::move(*file);
  const auto bytes = encode_header(next_header()).append("\n").append(run);
  if (auto written = write_full(env_.files, segment_.get(), 0, bytes); !written) {
    last_error_ = written.error();
    segment_ = {};
    return discard_segment();
  }
  for (const auto what : {segment_.get(), directory_.get()})
    if (auto synced = sync_full(env_.files, what); !synced) {
      last_error_ = synced.error();
      return attempt::in_doubt;
    }
  return attempt::done;
}

// The file holds nothing that was ever acknowledged.
segment_log::attempt segment_log::discard_segment() {
  const auto removed = env_.files.unlink(directory_.get(), next_name(), unlink_kind::file);
  const bool gone = removed || removed.error().code == ENOENT;
  return gone && sync_full(env_.files, directory_.get()) ? attempt::refused : attempt::in_doubt;
}

bool segment_log::move_run_to_new_segment(std::string_view run) {
  segment_ = {};
  if (begun_) {
    const auto moved = set_aside(env_, directory_.get(), next_name(), aside_kind::cut);
    if (!moved && moved.error().code != ENOENT) {
      last_error_ = moved.error();
      return false;
    }
  }
  begun_ = true;
  return begin_segment(run) == attempt::done;
}

void segment_log::acknowledge(std::string_view run, const feed_tip& after, stamp at) {
  if (begun_) {
    const auto header = encode_header(next_header()).append("\n");
    mark_.first = mark_.tip.seq + 1;
    mark_.length = header.size();
    mark_.content = start_of_content(header);
  }
  mark_.tip = after;
  mark_.at = at;
  mark_.length += run.size();
  mark_.content = after_run(mark_.content, run);
  if (durable_.write(mark_))
    return;
  // The run is on disk whatever becomes of its mark.
  auto anew = durable_file::create(env_.files, directory_.get(), mark_);
  if (anew) {
    durable_ = std::move(*anew);
    return;
  }
  last_error_ = anew.error();
  read_only_ = true;
}

segment_header segment_log::next_header() const {
  return {instance_, key_, mark_.tip.seq + 1, mark_.tip.chain};
}

failure segment_log::refused(std::string_view code) const {
  std::string why = read_only_ ? "the feed is read-only since its disk failed; repair the disk and start again"
                               : "nothing was changed; free space or repair the disk, and try again";
  return {failure_kind::failed,
          code,
          "the feed could not be written (" + std::string(std::strerror(last_error_.code)) + "): " + why,
          folder_,
          "commit",
          {},
          last_error_.code};
}

} // namespace muster
