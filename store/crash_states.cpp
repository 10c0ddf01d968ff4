#include "muster/store/crash_states.hpp"

#include <set>

namespace muster {

namespace {

using fate = effect_fate::kind;

// 2^12 subsets are the most that are listed one by one.
constexpr std::size_t max_listed_effects = 12;

} // namespace

crash_states::crash_states(const std::vector<pending_effect>& pending, std::size_t bound, std::uint64_t seed)
    : left_(bound), chance_(seed) {
  listed_ = pending.size() <= max_listed_effects && (std::size_t{1} << pending.size()) <= bound;
  for (const auto& effect : pending)
    sectors_.push_back(effect.sectors);
  for (std::size_t effect = 0; effect < sectors_.size(); ++effect) {
    const auto sectors = sectors_[effect];
    if (sectors < 2)
      continue;
    for (auto cut : std::set<std::uint32_t>{1, sectors / 2, sectors - 1})
      for (auto side : {fate::head, fate::tail})
        for (bool others_kept : {true, false})
          tears_.push_back({effect, {side, cut}, others_kept});
  }
}

bool crash_states::next(crash_choice& choice) {
  if (left_ == 0)
    return false;
  --left_;
  if (structured(step_, choice)) {
    ++step_;
    return true;
  }
  const auto count = sectors_.size();
  if (count < 2)
    return false;
  if (!listed_) {
    drawn(choice);
    return true;
  }
  if (subset_ >> count != 0)
    return false;
  choice.assign(count, {});
  for (std::size_t effect = 0; effect < count; ++effect)
    choice[effect].what = (subset_ >> effect & 1U) != 0 ? fate::kept : fate::lost;
  ++subset_;
  return true;
}

bool crash_states::structured(std::size_t step, crash_choice& choice) const {
  const auto count = sectors_.size();
  choice.assign(count, {});
  if (step == 0)
    return true;
  if (count == 0)
    return false;
  if (step == 1) {
    choice.assign(count, {fate::kept, 0});
    return true;
  }
  step -= 2;
  const auto singles = count > 1 ? count : 0;
  if (step < singles) {
    choice[step] = {fate::kept, 0};
    return true;
  }
  step -= singles;
  if (step < singles) {
    choice.assign(count, {fate::kept, 0});
    choice[step] = {};
    return true;
  }
  step -= singles;
  if (step >= tears_.size())
    return false;
  const auto& torn = tears_[step];
  choice.assign(count, {torn.others_kept ? fate::kept : fate::lost, 0});
  choice[torn.effect] = torn.fate;
  return true;
}

void crash_states::drawn(crash_choice& choice) {
  choice.assign(sectors_.size(), {});
  for (std::size_t effect = 0; effect < sectors_.size(); ++effect) {
    const auto draw = chance_.next();
    choice[effect].what = (draw & 1U) != 0 ? fate::kept : fate::lost;
    if (sectors_[effect] > 1 && (draw & 14U) == 0)
      choice[effect] = {(draw & 16U) != 0 ? fate::head : fate::tail,
                        1 + static_cast<std::uint32_t>((draw >> 8U) % (sectors_[effect] - 1))};
  }
}

} // namespace muster
