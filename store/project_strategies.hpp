#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

enum class marker_kind : std::uint8_t { file, directory, either };

/// An entry that makes a directory a project of some tool: a name in it, or a
/// name in a directory in it, such as `.github/agents`. A symbolic link counts as
/// what it leads to; a FIFO, a device and a socket never count.
struct project_marker {
  std::string path;
  marker_kind kind = marker_kind::file;
};

/// How the projects of one tool are recognised. Another tool is another entry in
/// `known_strategies`, or in `runtime_options::strategies` of a host.
struct project_strategy {
  std::string name;
  std::string runtime;
  std::vector<project_marker> markers; ///< one of them is enough
  /// Files in the project that describe it; the first that can be read does.
  std::vector<std::string> described_by = {};
  std::vector<std::string> capabilities = {"code"};
};

/// Ours, in the order in which they are tried.
[[nodiscard]] const std::vector<project_strategy>& known_strategies();

/// Refused ("strategy-invalid") if one has no name or runtime, a marker is no
/// path of one or two names, or there are more markers than can be told apart.
[[nodiscard]] expected<void> check_strategies(std::span<const project_strategy> strategies);

/// Markers that were seen in one directory.
class seen_markers {
public:
  static constexpr std::size_t most = 128;

  void set(std::size_t which) noexcept { bits_[which / 64] |= std::uint64_t{1} << (which % 64); }
  [[nodiscard]] bool has(std::size_t which) const noexcept { return (bits_[which / 64] >> (which % 64) & 1U) != 0; }
  [[nodiscard]] bool any() const noexcept { return (bits_[0] | bits_[1]) != 0; }

private:
  std::uint64_t bits_[most / 64] = {};
};

/// All strategies as a listing is compared with them: an entry costs one look at
/// its first byte, unless that is the first byte of a marker.
class marker_table {
public:
  /// `strategies` pass `check_strategies` and outlive it.
  explicit marker_table(std::span<const project_strategy> strategies);

  /// Whether a name is of a marker, or of the directory that a marker is in.
  [[nodiscard]] bool knows(std::string_view name) const noexcept;
  /// Notes an entry; links and what has no type are resolved by the caller.
  void note(std::string_view name, file_type type, seen_markers& seen) const noexcept;

  /// A marker that is one name further down, to be looked at if `seen` says that
  /// its directory is there.
  struct inner_marker {
    std::size_t bit;  ///< of the directory
    std::string path; ///< from the project
    marker_kind kind;
  };

  /// The first strategy that has a marker. `look` is asked of the type of what is
  /// one name further down, and only where it decides.
  template <class Look>
  [[nodiscard]] std::optional<std::uint32_t> match(const seen_markers& seen, Look look) const {
    if (!seen.any())
      return std::nullopt;
    for (std::uint32_t which = 0; which < strategies_.size(); ++which) {
      for (const auto bit : strategies_[which].bits)
        if (seen.has(bit))
          return which;
      for (const auto& inner : strategies_[which].inner)
        if (seen.has(inner.bit) && fits(inner.kind, look(inner.path)))
          return which;
    }
    return std::nullopt;
  }

  [[nodiscard]] static bool fits(marker_kind kind, file_type type) noexcept;

private:
  struct entry {
    std::string name;
    marker_kind kind;
    std::size_t bit;
  };
  struct compiled {
    std::vector<std::size_t> bits;
    std::vector<inner_marker> inner;
  };

  std::size_t bit_of(std::string_view name, marker_kind kind);

  bool begins_[256] = {};
  std::vector<entry> entries_;
  std::vector<compiled> strategies_;
};

} // namespace muster
