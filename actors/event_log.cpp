#include "muster/actors/event_log.hpp"

#include <algorithm>
#include <utility>

namespace muster {

void event_log::add(lifecycle_event what) {
  what.number = ++last_;
  events_.push_back(std::move(what));
  if (events_.size() > bound_)
    events_.pop_front();
}

void event_log::break_off() {
  ++last_;
  events_.clear();
}

event_log::page event_log::read(std::uint64_t after, std::size_t limit) const {
  const auto first = last_ - events_.size() + 1;
  page result;
  result.next = after;
  if (after + 1 < first) {
    result.missed = events_missed{after + 1, first - 1};
    result.next = first - 1;
  }
  const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(result.next + 1 - first, events_.size()));
  const auto count = std::min(limit, events_.size() - skipped);
  const auto begin = events_.begin() + static_cast<std::ptrdiff_t>(skipped);
  result.events.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  result.next += count;
  return result;
}

std::uint64_t event_log::number_of(const event_position& position) const {
  return position.log == name_ && position.number <= last_ ? position.number : 0;
}

} // namespace muster
