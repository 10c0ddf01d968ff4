#include "muster/store/feed_source.hpp"

#include "muster/store/feed_folder.hpp"

namespace muster {

void feed_source::give_up(const instance_id& instance, sequence at, failure why) {
  readable_[instance] = at;
  damaged_.insert_or_assign(instance, std::move(why));
}

const failure* feed_source::withheld() const noexcept {
  for (const auto& [instance, why] : damaged_)
    if (why.kind != failure_kind::damaged)
      return &why;
  return nullptr;
}

const failure* feed_source::why_withheld(const instance_id& instance) const {
  const auto found = damaged_.find(instance);
  return found == damaged_.end() || found->second.kind == failure_kind::damaged ? nullptr : &found->second;
}

expected<state_vector> feed_source::ends() {
  const auto feeds = list_feeds(env_, feeds_);
  if (!feeds)
    return feeds.error();
  state_vector result;
  for (const auto& instance : *feeds) {
    if (const auto stopped = readable_.find(instance); stopped != readable_.end() && !withholds(instance)) {
      result[instance] = stopped->second;
      continue;
    }
    const auto feed = feed_reader::open(env_, feeds_, instance);
    if (feed)
      result[instance] = feed->last();
    else if (feed.error().kind != failure_kind::not_found) // begun and empty
      give_up(instance, 0, feed.error());
  }
  return result;
}

expected<void> feed_source::read(const state_vector& have, const std::function<expected<void>(const commit&)>& take) {
  const auto feeds = list_feeds(env_, feeds_);
  if (!feeds)
    return feeds.error();
  for (const auto& instance : *feeds) {
    const auto known = have.find(instance);
    if (auto done = read_feed(instance, known == have.end() ? 0 : known->second, take); !done)
      return done;
  }
  return {};
}

expected<void> feed_source::read_feed(const instance_id& instance, sequence after,
                                      const std::function<expected<void>(const commit&)>& take) {
  auto feed = feed_reader::open(env_, feeds_, instance);
  if (!feed) {
    if (feed.error().kind != failure_kind::not_found)
      give_up(instance, after, feed.error());
    return {};
  }
  feed->seek(after + 1);
  for (auto last = after;; ++last) {
    auto next = feed->next();
    if (!next) {
      give_up(instance, last, next.error());
      return {};
    }
    if (!*next) {
      readable_.erase(instance);
      damaged_.erase(instance);
      return {};
    }
    if (auto taken = take((*next)->what); !taken)
      return taken;
  }
}

} // namespace muster
