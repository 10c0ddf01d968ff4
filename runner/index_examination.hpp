#pragma once

#include "muster/store/commit_source.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/index_file.hpp"

#include <string>

namespace muster {

/// What a look at `index.db` found, against a fold of the feeds from nothing.
struct index_comparison {
  bool there = false;
  bool identical = false;
  std::string why;       ///< why it is not identical, as a sentence; empty if it is
  std::size_t ops = 0;   ///< how many the feeds hold
  std::string true_dump; ///< of the fold from nothing
};

/// Compares the index of a data directory with what its feeds say. Works on a
/// copy of the file, brought up to the feeds, so that nothing in the directory
/// changes: not even a log that SQLite would settle.
[[nodiscard]] expected<index_comparison> examine_index(environment env, handle data, commit_source& source);

} // namespace muster
