#include "tests/sim/shrink.hpp"

#include "tests/sim/run_apart.hpp"

#include <algorithm>

namespace muster::sim {

namespace {

class shrinker {
public:
  shrinker(const scenario& failing, planted_bug bug, std::size_t budget) : bug_(bug), budget_(budget) {
    best_ = {failing, run(failing), 1};
    wanted_ = invariant_of(best_.result);
  }

  shrunk run() {
    if (best_.result.violations.empty())
      return best_;
    cut();
    for (std::size_t before = ~std::size_t{0}; before != size() && best_.runs < budget_;) {
      before = size();
      switch_off();
      leave_out();
    }
    return best_;
  }

private:
  [[nodiscard]] std::size_t size() const {
    const auto& values = best_.smallest.values;
    return best_.smallest.steps.size() +
           static_cast<std::size_t>(std::count_if(values.begin(), values.end(), [](auto each) { return each != 0; }));
  }

  [[nodiscard]] simulation_result run(const scenario& world) const {
    return run_apart([&] { return simulate(world, bug_); });
  }

  bool fails(const scenario& candidate) {
    if (best_.runs >= budget_)
      return false;
    ++best_.runs;
    auto result = run(candidate);
    if (invariant_of(result) != wanted_)
      return false;
    best_.smallest = candidate;
    best_.result = std::move(result);
    return true;
  }

  void cut() {
    auto candidate = best_.smallest;
    const auto at = best_.result.violated_at_ms;
    std::erase_if(candidate.steps, [at](const scenario_step& step) { return step.at_ms > at; });
    if (candidate.steps.size() < best_.smallest.steps.size())
      (void)fails(candidate);
  }

  void switch_off() {
    constexpr auto first = static_cast<std::size_t>(first_fault);
    for (std::size_t i = first; i < knobs; ++i)
      try_value(static_cast<knob>(i), 0);
    try_value(knob::priorities, 0);
    try_value(knob::tick_us, 0);
    try_value(knob::sweep_ms, 0);
    try_value(knob::clients, 1);
    try_value(knob::relay_mode, 2);
  }

  void try_value(knob which, std::uint64_t value) {
    auto candidate = best_.smallest;
    if (candidate[which] == value)
      return;
    candidate[which] = value;
    (void)fails(candidate);
  }

  // ddmin: parts are left out, large ones first.
  void leave_out() {
    for (auto part = std::max<std::size_t>(best_.smallest.steps.size() / 2, 1); part > 0; part /= 2)
      for (std::size_t from = 0; from < best_.smallest.steps.size() && best_.runs < budget_;) {
        auto candidate = best_.smallest;
        const auto begin = candidate.steps.begin() + static_cast<std::ptrdiff_t>(from);
        const auto count = std::min(part, candidate.steps.size() - from);
        candidate.steps.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
        if (!fails(candidate))
          from += part;
      }
  }

  planted_bug bug_;
  std::size_t budget_;
  std::string wanted_;
  shrunk best_;
};

} // namespace

std::string invariant_of(const simulation_result& result) {
  if (result.violations.empty())
    return {};
  const auto& first = result.violations.front();
  return first.substr(0, first.find(':'));
}

shrunk shrink(const scenario& failing, planted_bug bug, std::size_t budget) {
  return shrinker{failing, bug, budget}.run();
}

std::string regression_text(const shrunk& what) {
  std::string result;
  for (const auto& each : what.result.violations)
    result += "# " + each + "\n";
  return result + what.smallest.text();
}

} // namespace muster::sim
