#include "muster/store/released_paths.hpp"

#include <utility>

namespace muster {

void released_paths::add(std::string path) {
  ++end_;
  paths_.push_back(std::move(path));
  if (paths_.size() > most_)
    paths_.pop_front();
}

void released_paths::add_all() {
  ++end_;
  paths_.clear();
}

released_paths::answer released_paths::since(std::uint64_t number) const {
  if (number > end_ || end_ - number > paths_.size())
    return {{}, true};
  return {{paths_.end() - static_cast<std::ptrdiff_t>(end_ - number), paths_.end()}, false};
}

} // namespace muster
