#pragma once

#include <algorithm>
#include <map>
#include <string>

namespace muster {

/// Who is on the way into which namespace without a command: of several at a
/// time only one is the first there, and the others find it in use. Whoever
/// looks asks before and after the index is asked, for one may be folded, and
/// gone from here, meanwhile.
class namespace_entries {
public:
  void enter(const std::string& path, const std::string& name) { entering_.insert_or_assign(path, name); }
  void leave(const std::string& path) { entering_.erase(path); }
  [[nodiscard]] bool is_entered(const std::string& name, const std::string& by_other_than) const {
    return std::ranges::any_of(entering_,
                               [&](const auto& each) { return each.second == name && each.first != by_other_than; });
  }

private:
  std::map<std::string, std::string> entering_; ///< path -> namespace
};

} // namespace muster
