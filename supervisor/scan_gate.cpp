#include "muster/supervisor/scan_gate.hpp"

#include "muster/store/namespace_rules.hpp"

#include <algorithm>

namespace muster {

namespace {

bool covers(std::string_view above, std::string_view path) {
  return path == above || is_below(path, above);
}

} // namespace

void scan_gate::leave(const std::string& path) {
  if (const auto found = inside_.find(path); found != inside_.end())
    inside_.erase(found);
  forget_the_past();
}

std::vector<std::string> scan_gate::inside(std::string_view path) const {
  std::vector<std::string> result;
  for (const auto& each : inside_)
    if (covers(path, each) && (result.empty() || result.back() != each))
      result.push_back(each);
  return result;
}

void scan_gate::close(const std::string& path) {
  ++closed_[path].at_work;
}

void scan_gate::reopen(const std::string& path) {
  const auto found = closed_.find(path);
  if (found == closed_.end())
    return;
  --found->second.at_work;
  found->second.last = ++moment_;
  forget_the_past();
}

bool scan_gate::was_closed(std::string_view path, std::uint64_t since) const {
  return std::ranges::any_of(closed_, [&](const auto& each) {
    return covers(each.first, path) && (each.second.at_work > 0 || each.second.last > since);
  });
}

/// Only who is inside can have begun before.
void scan_gate::forget_the_past() {
  if (inside_.empty())
    std::erase_if(closed_, [](const auto& each) { return each.second.at_work == 0; });
}

} // namespace muster
