#include "muster/store/removal_brake.hpp"

namespace muster {

void removal_brake::count(std::optional<std::uint64_t> device, bool is_gone, std::string_view path) {
  auto& at = devices_[device];
  at.device = device;
  ++at.agents;
  if (is_gone && at.absent++ == 0)
    at.path = path;
}

bool removal_brake::is_held(const braked_device& which) noexcept {
  return which.absent > most && which.absent * 100 > which.agents * most_percent;
}

bool removal_brake::holds(std::optional<std::uint64_t> device) const {
  const auto at = devices_.find(device);
  return at != devices_.end() && is_held(at->second);
}

std::vector<braked_device> removal_brake::held() const {
  std::vector<braked_device> result;
  for (const auto& [device, at] : devices_)
    if (is_held(at))
      result.push_back(at);
  return result;
}

} // namespace muster
