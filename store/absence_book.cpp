#include "muster/store/absence_book.hpp"

#include <algorithm>
#include <utility>

namespace muster {

const absence_count* absence_book::find(const agent_id& agent, const std::string& path) const {
  const auto at = entries_.find(agent);
  return at != entries_.end() && at->second.path == path ? &at->second.count : nullptr;
}

void absence_book::put(const agent_id& agent, const std::string& path, absence_count count, bool is_written) {
  auto& at = entries_[agent];
  if (std::exchange(at.path, path) != path)
    at.written = {};
  at.count = std::move(count);
  if (is_written)
    at.written = at.count;
}

void absence_book::keep_only(const agent_id& agent, const std::string& path) {
  const auto at = entries_.find(agent);
  if (at != entries_.end() && at->second.path != path)
    entries_.erase(at);
}

bool absence_book::is_worth_a_write(const agent_id& agent, std::chrono::nanoseconds grace) const {
  const auto at = entries_.find(agent);
  if (at == entries_.end())
    return false;
  const auto part = std::min<std::chrono::nanoseconds>(std::chrono::hours{1}, grace / 8);
  return at->second.count.counted() - at->second.written.counted() >= std::max(part, std::chrono::nanoseconds{1});
}

void absence_book::write(const std::function<void(const agent_id&, const std::string&, const absence_count&)>& take) {
  for (auto& [agent, at] : entries_)
    if (at.count != at.written) {
      at.written = at.count;
      take(agent, at.path, at.count);
    }
}

} // namespace muster
