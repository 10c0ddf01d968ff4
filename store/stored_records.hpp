#pragma once

#include "muster/store/fold_records.hpp"

#include <cstdint>

namespace muster {

/// What is known of the rows that hold a record: their number where it matters
/// for taking away those that are too many, and the sum of their hashes.
struct stored_rows {
  std::uint64_t sum = 0;
  std::uint32_t heads = 0; ///< rows of rank 0 and above
  bool spare = false;      ///< a row of rank -1
  bool notes = false;
  bool conflict = false;
  bool drops = false;
};

/// What a row of `notes` says.
enum class note_kind : std::int64_t { seen = 0, claims = 1, open_op = 2 };

} // namespace muster
