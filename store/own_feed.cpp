#include "muster/store/own_feed.hpp"

#include "muster/store/datetime.hpp"
#include "muster/store/feed_reader.hpp"
#include "muster/store/feed_recovery.hpp"

#include <cassert>
#include <utility>

namespace muster {

own_feed::own_feed(environment env, handle feeds, instance_id own, const signing_key& key,
                   const own_feed_options& options)
    : env_(env), feeds_(feeds), own_(std::move(own)), key_(key), options_(options), finder_(env, feeds, own_) {
  assert(own_ == instance_of(key_.public_half()));
}

void own_feed::prepare() {
  if (!writer_ && !read_only_)
    recover();
}

expected<void> own_feed::make_writable() {
  const bool may_be_mended = read_only_ && read_only_->kind == failure_kind::failed;
  if (!writer_ && (!read_only_ || may_be_mended))
    recover();
  if (!writer_)
    return *read_only_;
  return {};
}

void own_feed::recover() {
  read_only_.reset();
  auto found = recover_feed(env_, feeds_, own_, key_.public_half(), {.segment_bytes = options_.segment_bytes});
  if (!found) {
    read_only_ = found.error();
    return;
  }
  if (!found->log) {
    read_only_ = damaged_feed(found->damages.front(), "feeds/" + own_.text);
    return;
  }
  if (auto known = finder_.go_on_at(found->mark); !known) {
    read_only_ = known.error();
    return;
  }
  // A recovery that finds everything sound writes nothing.
  if (has_failed_)
    if (auto written = found->log->settle(); !written) {
      read_only_ = written.error();
      return;
    }
  has_failed_ = false;
  writer_.emplace(env_, std::move(*found->log), key_, hlc(found->mark.at, options_.max_skew));
}

void own_feed::give_up_writer() {
  has_failed_ = true;
  writer_.reset();
}

void own_feed::set_max_skew(std::chrono::milliseconds limit) noexcept {
  options_.max_skew = limit;
  if (writer_)
    writer_->clock().set_max_skew(limit);
}

expected<own_feed::entered> own_feed::enter(commit draft) {
  if (auto ready = make_writable(); !ready)
    return ready.error();
  auto before = finder_.made_before(saga_id(draft.saga));
  if (!before)
    return before.error();
  if (*before)
    return entered{std::move(**before), false};
  auto made = writer_->stage(std::move(draft));
  if (!made)
    return made.error();
  note_clock(*made);
  auto ops = std::exchange(made->what.ops, {});
  staged_.push_back(made->what);
  made->what.ops = std::move(ops);
  return entered{std::move(made->what), true};
}

void own_feed::note_clock(const feed_writer::staged& made) {
  if (!made.clock_was_ahead)
    return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*made.clock_was_ahead).count();
  clock_problem_ = "the clock of this machine was " + std::to_string(seconds) + " s ahead until commit " +
                   std::to_string(made.what.seq) + ", made at " + format_datetime(time_of(made.what.at)) +
                   ": where several machines edited one field at the same time, an edit stamped before that may win "
                   "over a later one; look at those fields, and keep the clock in step";
}

expected<void> own_feed::flush() {
  const auto staged = std::exchange(staged_, {});
  if (staged.empty())
    return {};
  auto done = writer_->flush();
  if (done)
    for (const auto& each : staged)
      finder_.note(each);
  if (writer_->read_only())
    give_up_writer();
  return done;
}

void own_feed::settle() {
  if (!writer_ || has_staged())
    return;
  if (auto done = writer_->settle(); !done)
    give_up_writer();
}

void own_feed::forget() {
  staged_.clear();
  writer_.reset();
  read_only_.reset();
}

expected<std::optional<commit>> own_feed::find(const saga_id& saga, const request_id& request) {
  if (saga.empty() && request.empty())
    return std::optional<commit>();
  const auto ready = make_writable();
  if (ready)
    return saga.empty() ? finder_.by_request(request) : finder_.by_saga(saga);
  if (auto found = find_readable(saga, request))
    return found;
  return ready.error();
}

// A feed that could not be recovered tells what it has, and not what it lacks.
std::optional<commit> own_feed::find_readable(const saga_id& saga, const request_id& request) const {
  std::optional<commit> found;
  auto feed = feed_reader::open(env_, feeds_, own_);
  if (!feed)
    return found;
  for (;;) {
    auto entry = feed->next();
    if (!entry || !*entry)
      return found;
    auto& what = (*entry)->what;
    if (saga.empty() ? what.request == request.text : what.saga == saga.text)
      found = std::move(what);
  }
}

} // namespace muster
