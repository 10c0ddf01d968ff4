#include "tests/support/run_chooser.hpp"

namespace muster::testing {

std::size_t run_chooser::pick(std::size_t n) {
  if (n == 1)
    return 0;
  if (chance_) {
    const auto taken = chance_->below(8) == 0 ? chance_->below(n) : 0;
    path_.push_back({taken, n});
    return taken;
  }
  if (at_ == path_.size())
    path_.push_back({0, n});
  return path_[at_++].taken;
}

bool run_chooser::advance() {
  at_ = 0;
  while (!path_.empty() && path_.back().taken + 1 == path_.back().of)
    path_.pop_back();
  if (path_.empty())
    return false;
  ++path_.back().taken;
  return true;
}

std::string run_chooser::path() const {
  std::string result;
  for (const auto& one : path_)
    result += std::to_string(one.taken) + " ";
  return result;
}

} // namespace muster::testing
