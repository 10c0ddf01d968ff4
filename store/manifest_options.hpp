#pragma once

#include <cstddef>
#include <cstdint>

namespace muster {

/// The bounds of everything that reads or writes a manifest file.
struct manifest_folder_options {
  /// The largest manifest that is read or written, in bytes.
  std::uint64_t max_bytes = std::uint64_t{256} * 1024;
  /// How often a file that changes while it is read is read, in all.
  unsigned reads = 4;
  /// How often an exchange that took a hand edit is turned back.
  unsigned races = 3;
  /// How many names are tried for a file that is set aside.
  unsigned set_aside_names = 100;
  /// Manifests in one batch.
  std::size_t batch = 512;
  /// Of these, how many have handles open at once: two each at most.
  std::size_t batch_window = 256;
  /// From how many manifests of a batch on one device the whole file system is
  /// synced instead of each file.
  std::size_t sync_together = 8;
  /// Leftovers that one listing reads.
  std::size_t leftovers = 64;
  /// Directory entries that one listing looks at.
  std::size_t entries = 65536;
};

} // namespace muster
