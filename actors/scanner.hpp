#pragma once

#include "muster/actors/scan_run.hpp"
#include "muster/messages/interfaces.hpp"

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

namespace muster {

struct scanner_options {
  scan_options scan;
  /// Scans at once.
  std::size_t scans = 4;
  /// Workers of scans that are over which hang still; with so many no scan begins.
  std::size_t hanging = 16;
};

/// Starts a worker for one scan.
using scan_worker_source = std::function<scan_worker_actor()>;

/// Runs scans beside each other, each with workers of its own.
///
/// 1. Each request is answered once.
/// 2. It holds the supervisor, which holds it, weakly.
/// 3. Its workers end with it, those that hang when they come back.
class scanner_state {
public:
  static inline const char* name = "muster.scanner";

  scanner_state(scanner_actor::pointer self, index_actor index, const supervisor_actor& supervisor,
                const scanner_options& options, scan_worker_source source);

  scanner_actor::behavior_type make_behavior();

private:
  using running = std::shared_ptr<scan_run>;

  caf::result<scan_report> begin(scan_now& asked);
  [[nodiscard]] scan_worker_actor hire();
  [[nodiscard]] running find(std::string_view scan) const;

  scanner_actor::pointer self_;
  index_actor index_;
  caf::actor_addr supervisor_;
  scanner_options options_;
  scan_worker_source source_;
  std::list<running> scans_;
  /// Shared with what ends them.
  std::shared_ptr<std::list<scan_worker_actor>> workers_ = std::make_shared<std::list<scan_worker_actor>>();
};

using scanner = scanner_actor::stateful_impl<scanner_state>;

} // namespace muster
