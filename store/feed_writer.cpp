#include "muster/store/feed_writer.hpp"

#include "muster/store/feed_limits.hpp"
#include "muster/store/op_codec.hpp"

#include <cassert>

namespace muster {

feed_writer::feed_writer(environment env, segment_log log, const signing_key& key, const hlc& clock)
    : env_(env), log_(std::move(log)), key_(key), clock_(clock), tip_(log_.mark().tip), at_(log_.mark().at) {
  assert(key_.public_half() == log_.key());
}

expected<feed_writer::staged> feed_writer::stage(commit draft) {
  const auto reading = clock_.next(env_.clock.wall());
  draft.instance = log_.instance();
  draft.seq = tip_.seq + 1;
  draft.at = reading.at;
  const auto line = encode_commit(draft);
  if (!line)
    return line.error();
  if (!run_.empty() && run_.size() + line->size() + 1 > feed_limits::run_bytes)
    return failure{failure_kind::busy, "feed-run-full", "as much is staged as one write of the feed takes: flush it"};
  tip_ = after_commit(tip_, *line);
  at_ = draft.at;
  run_.append(*line).append("\n");
  return staged{std::move(draft), reading.was_ahead};
}

expected<void> feed_writer::flush() {
  if (run_.empty())
    return {};
  run_.append(encode_seal(make_seal(key_, log_.instance(), tip_))).append("\n");
  auto done = log_.append(run_, tip_, at_);
  run_.clear();
  tip_ = log_.mark().tip;
  at_ = log_.mark().at;
  return done;
}

} // namespace muster
