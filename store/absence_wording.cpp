#include "muster/store/absence_wording.hpp"

#include <array>

namespace muster {

namespace {

using namespace std::chrono;

/// Major and minor number, as `stat` and `/proc/self/mountinfo` show them.
std::string shown_device(std::uint64_t device) {
  const auto major = ((device >> 8U) & 0xfffU) | ((device >> 32U) & 0xfffff000U);
  const auto minor = (device & 0xffU) | ((device >> 12U) & 0xffffff00U);
  return std::to_string(major) + ":" + std::to_string(minor);
}

std::string of_device(std::optional<std::uint64_t> device) {
  return device ? "on device " + shown_device(*device) : "whose device was never recorded";
}

} // namespace

std::string rounded_up(nanoseconds span) {
  struct unit {
    nanoseconds length;
    std::string_view name;
  };
  static constexpr std::array units{unit{hours{24}, " d"}, unit{hours{1}, " h"}, unit{minutes{1}, " min"}};
  for (const auto& [length, name] : units)
    // Two days are told as days, and one and a half as hours.
    if (span >= length * 2 || (span >= length && span % length == nanoseconds{0}))
      return std::to_string((span + length - nanoseconds{1}) / length).append(name);
  return std::to_string(ceil<seconds>(span).count()) + " s";
}

std::string removal_outlook(nanoseconds grace_left) {
  if (grace_left <= nanoseconds{0})
    return "it is removed by the next sweep that finds it still gone, and its manifest in the place of no other agent";
  return "it is removed at the earliest in " + rounded_up(grace_left) + " if it stays away";
}

std::string braked_outlook(std::optional<std::uint64_t> device) {
  return "it is not removed while more than 20 % of the agents " + of_device(device) +
         " are gone, unless `muster sweep --accept-removals` says so";
}

std::string elsewhere_outlook(std::string_view place) {
  return std::string("its manifest stands at ")
      .append(place)
      .append(
          ", the place of another agent, and it is not removed while it does; `muster register` of that directory says "
          "what to do");
}

std::string_view status_outlook(agent_status status) noexcept {
  switch (status) {
    case agent_status::manifest_invalid: return "the last good content stands until it is corrected";
    case agent_status::unreadable: return "while that cannot be told it is not counted as gone";
    case agent_status::active:
    case agent_status::unreachable:
    case agent_status::manifest_missing:
    case agent_status::unadmitted:
    case agent_status::remote: break;
  }
  return {};
}

std::string brake_sentence(const braked_device& which) {
  return std::to_string(which.absent) + " of the " + std::to_string(which.agents) + " agents " +
         of_device(which.device) + " are gone at once, such as " + which.path +
         ", so none of them is removed: bring it back, or type `muster sweep --accept-removals` to remove those whose "
         "grace is over";
}

} // namespace muster
