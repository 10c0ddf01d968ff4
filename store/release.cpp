#include "muster/store/release.hpp"

#include <algorithm>

namespace muster {

std::span<const release_step> shipped_steps() noexcept {
  return {};
}

expected<void> check_steps(std::span<const release_step> steps, release_number current) {
  const auto refuse = [](const std::string& what) -> expected<void> {
    return failure{.kind = failure_kind::release_mismatch,
                   .code = "release-registry",
                   .message = "the steps between releases are not in order: " + what +
                              "; this build of muster cannot be used"};
  };
  auto next = first_release + 1;
  for (const auto& step : steps) {
    if (step.number > current)
      return refuse("step " + std::to_string(step.number) + " is above release " + std::to_string(current));
    if (step.number != next)
      return refuse(std::to_string(step.number) + " stands where " + std::to_string(next) + " belongs");
    ++next;
  }
  if (next != current + 1)
    return refuse("step " + std::to_string(next) + " is missing");
  return {};
}

std::span<const release_step> pending_steps(std::span<const release_step> steps, release_number stored,
                                            release_number current) noexcept {
  const auto above = [](release_number number, const release_step& step) { return number < step.number; };
  const auto first = std::upper_bound(steps.begin(), steps.end(), stored, above);
  const auto last = std::upper_bound(first, steps.end(), current, above);
  return {first, last};
}

release_plan plan_release(const release_stamp& found, std::span<const release_step> steps,
                          release_number current) noexcept {
  if (!found.stored)
    return found.has_data ? release_plan::refuse_unstamped : release_plan::stamp;
  if (*found.stored == current)
    return release_plan::proceed;
  if (*found.stored > current)
    return release_plan::refuse_newer;
  const auto pending = pending_steps(steps, *found.stored, current);
  const bool durable = std::all_of(pending.begin(), pending.end(),
                                   [](const release_step& step) { return step.kind == release_break::durable; });
  return durable ? release_plan::migrate : release_plan::break_cleanly;
}

std::string release_mismatch(release_number ours, release_number theirs, std::string_view their_name) {
  if (ours == theirs)
    return {};
  std::string text(their_name);
  text.append(" is of release ").append(std::to_string(theirs));
  text.append(" and this muster of release ").append(std::to_string(ours));
  return text.append(theirs > ours ? ": upgrade this muster" : ": upgrade the muster over there");
}

} // namespace muster
