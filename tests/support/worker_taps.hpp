#pragma once

#include "muster/messages/interfaces.hpp"
#include "muster/supervisor/spawn_muster.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace muster::test {

/// What befalls a message on its way to a worker and back.
enum class mishap : std::uint8_t {
  none,
  refused,      ///< answered so, and nothing was done
  failed,       ///< answered so, and nothing was done
  done_unknown, ///< done, and answered with an unknown outcome
  lost,         ///< nothing was done, and nothing is answered
  silent,       ///< done, and nothing is answered
  late,         ///< done after whoever asked has given up, and so is what follows it
  twice,        ///< done twice, answered once
  slow,         ///< done and answered after a while, and so is what follows it
};
/// Without `slow`, which is none if the while is short.
inline constexpr std::size_t mishap_count = 8;

/// To which messages something happens.
struct tap_rule {
  std::string name;   ///< how they begin; empty: all
  std::size_t at = 0; ///< the one of that number of all that is said, from 1; 0: any
  mishap what = mishap::none;
  std::size_t times = 1;
};

/// What taps share: what was said, in order, and what goes wrong.
struct tap_board {
  std::vector<std::string> said;
  std::vector<tap_rule> rules;
  /// Called before a message goes on.
  std::function<void(const std::string&)> heard;
  std::chrono::nanoseconds lateness = std::chrono::seconds{50};
  bool listening = true;

  mishap next(const std::string& message) {
    if (!listening)
      return mishap::none;
    said.push_back(message);
    if (heard)
      heard(message);
    for (auto& rule : rules)
      if (rule.times > 0 && message.starts_with(rule.name) && (rule.at == 0 || rule.at == said.size())) {
        --rule.times;
        return rule.what;
      }
    return mishap::none;
  }

  /// What changes something, without what is only asked.
  [[nodiscard]] std::vector<std::string> changes() const {
    std::vector<std::string> result;
    for (const auto& each : said)
      if (each.starts_with("write_") || each.starts_with("restore_") || each.starts_with("retire_") ||
          each.starts_with("stage_") || each.starts_with("unstage_") || each.starts_with("state_") ||
          each.starts_with("append_") || each.starts_with("fold_") || each.starts_with("record_"))
        result.push_back(each);
    return result;
  }
};

/// Puts a tap before every worker of a muster.
void tap_workers(muster_options& options, caf::actor_system& system, const std::shared_ptr<tap_board>& board);

/// The bridge with a tap before it.
[[nodiscard]] relay_bridge_actor tap_bridge(caf::actor_system& system, relay_bridge_actor real,
                                            std::shared_ptr<tap_board> board);

} // namespace muster::test
