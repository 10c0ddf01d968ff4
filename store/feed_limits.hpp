#pragma once

#include "muster/messages/ids.hpp"

#include <cstddef>

/// How large a part of a feed may be. They belong to the format: what is over
/// one of them is refused when written and when read.
namespace muster::feed_limits {

/// A JSON value of a field, an id, a name, a reason: any single text.
inline constexpr std::size_t value_bytes = std::size_t{256} * 1024;
/// How deep the arrays and objects of a value may nest.
inline constexpr std::size_t value_depth = 32;
/// One line without its line feed.
inline constexpr std::size_t line_bytes = std::size_t{1024} * 1024;
inline constexpr std::size_t ops_per_commit = 10'000;
/// PATH_MAX without the NUL.
inline constexpr std::size_t path_bytes = 4096;
/// A segment, its header included.
inline constexpr std::size_t segment_bytes = std::size_t{16} * 1024 * 1024;
/// Commits that one seal and one sync cover, in bytes.
inline constexpr std::size_t run_bytes = std::size_t{8} * 1024 * 1024;
/// 2^53 - 1: exact in every JSON reader, and 16 digits in a file name.
inline constexpr sequence last_sequence = 9'007'199'254'740'991;

} // namespace muster::feed_limits
