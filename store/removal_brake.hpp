#pragma once

#include "muster/messages/sweep_messages.hpp"
#include "muster/store/displacement.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// Whether so many agents of one device are gone at once that it is rather the
/// device that is: more than `most` of them, and more than a fifth. Agents whose
/// device was never recorded count as of one.
class removal_brake {
public:
  static constexpr std::size_t most = 10;
  static constexpr std::size_t most_percent = 20;

  /// Every agent that lives here is counted once.
  void count(std::optional<std::uint64_t> device, bool is_gone, std::string_view path);

  [[nodiscard]] bool holds(std::optional<std::uint64_t> device) const;
  /// Those that are braked, by their numbers.
  [[nodiscard]] std::vector<braked_device> held() const;

private:
  [[nodiscard]] static bool is_held(const braked_device& which) noexcept;

  std::map<std::optional<std::uint64_t>, braked_device> devices_;
};

/// What keeps agents that are gone from being removed, whatever their grace.
struct removal_holds {
  removal_brake brake;
  standing_elsewhere elsewhere;
};

} // namespace muster
