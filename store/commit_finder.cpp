#include "muster/store/commit_finder.hpp"

#include "muster/store/feed_reader.hpp"
#include "muster/store/hlc.hpp"
#include "muster/store/sha256.hpp"
#include "muster/store/ulid.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <functional>

namespace muster {

namespace {

// Reads commits `from` to `to` of a feed.
expected<void> read_range(feed_reader& feed, sequence from, sequence to,
                          const std::function<void(const commit&)>& take) {
  feed.seek(from);
  for (auto seq = from; seq <= to; ++seq) {
    const auto entry = feed.next();
    if (!entry)
      return entry.error();
    if (!*entry)
      return damaged_feed({damage_kind::ends_early, {}, 0, seq}, "feeds/" + feed.instance().text);
    take((*entry)->what);
  }
  return {};
}

} // namespace

// It is as random as can be already.
std::size_t commit_finder::hash::operator()(const digest& what) const noexcept {
  std::size_t result = 0;
  std::memcpy(&result, what.data(), sizeof result);
  return result;
}

commit_finder::digest commit_finder::digest_of(std::string_view text) {
  const auto whole = sha256::of(text);
  digest result;
  std::copy_n(whole.begin(), result.size(), result.begin());
  return result;
}

expected<void> commit_finder::go_on_at(const durable_mark& mark) {
  const auto tip = mark.tip.seq;
  if (!begun_ || tip < last_) {
    begun_ = true;
    sagas_.clear();
    requests_.clear();
    first_ = tip + 1;
    last_ = tip;
    latest_unread_ = mark.at;
    return {};
  }
  if (tip == last_)
    return {};
  auto feed = feed_reader::open(env_, feeds_, own_);
  if (!feed)
    return feed.error();
  return read_range(*feed, last_ + 1, tip, [&](const commit& next) { note(next); });
}

void commit_finder::note(const commit& made) {
  assert(begun_ && made.seq == last_ + 1);
  enter(made);
  last_ = made.seq;
}

// Of several commits of one request the latest counts, and whatever is read
// backwards is earlier than what is known. A saga has one.
void commit_finder::enter(const commit& what) {
  const auto put = [&](places& into, std::string_view text) {
    if (text.empty())
      return;
    auto& seq = into[digest_of(text)];
    seq = std::max(seq, what.seq);
  };
  put(sagas_, what.saga);
  put(requests_, what.request);
}

expected<std::optional<commit>> commit_finder::by_saga(const saga_id& saga) {
  const auto wanted = digest_of(saga.text);
  for (;;) {
    if (const auto found = sagas_.find(wanted); found != sagas_.end())
      return read(found->second);
    if (first_ <= 1)
      return std::optional<commit>();
    if (auto done = read_before(); !done)
      return done.error();
  }
}

expected<std::optional<commit>> commit_finder::by_request(const request_id& request) {
  const auto wanted = digest_of(request.text);
  const auto oldest = env_.clock.wall() - requests_kept;
  for (;;) {
    if (const auto found = requests_.find(wanted); found != requests_.end())
      return read(found->second);
    const auto latest = latest_read_.value != 0 ? latest_read_ : latest_unread_;
    if (first_ <= 1 || time_of(latest) < oldest)
      return std::optional<commit>();
    if (auto done = read_before(); !done)
      return done.error();
  }
}

expected<std::optional<commit>> commit_finder::made_before(const saga_id& saga) {
  if (saga.empty() || (!sagas_.contains(digest_of(saga.text)) && !may_be_unread(saga)))
    return std::optional<commit>();
  return by_saga(saga);
}

bool commit_finder::may_be_unread(const saga_id& saga) const {
  if (first_ <= 1)
    return false;
  const auto minted = time_of_ulid(saga.text);
  return !minted || *minted <= time_of(latest_unread_) || *minted > env_.clock.wall();
}

// The part of a segment that was not read is left as it was if that fails.
expected<void> commit_finder::read_before() {
  auto feed = feed_reader::open(env_, feeds_, own_);
  if (!feed)
    return feed.error();
  const auto from = feed->begin_of_segment(first_ - 1);
  stamp latest;
  auto done = read_range(*feed, from, first_ - 1, [&](const commit& each) {
    enter(each);
    latest = std::max(latest, each.at);
  });
  if (!done)
    return done;
  first_ = from;
  latest_read_ = latest;
  return {};
}

expected<std::optional<commit>> commit_finder::read(sequence seq) {
  auto feed = feed_reader::open(env_, feeds_, own_);
  if (!feed)
    return feed.error();
  std::optional<commit> found;
  auto done = read_range(*feed, seq, seq, [&](const commit& each) { found = each; });
  if (!done)
    return done.error();
  return found;
}

} // namespace muster
