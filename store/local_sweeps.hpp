#pragma once

#include "muster/store/sqlite_connection.hpp"
#include "muster/store/sweep_log.hpp"

namespace muster {

/// The table `sweeps`: the latest that were worth a write, a thousand at most.
class local_sweeps {
public:
  explicit local_sweeps(sqlite_connection& on) noexcept : on_(on) {}

  /// The latest; a row that says what cannot be is as none.
  sqlite_result<std::optional<remembered_sweep>> last();
  sqlite_result<void> put(const remembered_sweep& which);

private:
  sqlite_connection& on_;
};

} // namespace muster
