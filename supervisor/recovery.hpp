#pragma once

#include "muster/messages/journal_messages.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// What becomes of a saga that the journal still holds when a runtime starts,
/// as a table. A test walks all combinations: exactly one row fires.
namespace muster {

/// What the manifest file holds, against what the intent replaced and wrote.
enum class found_file : std::uint8_t {
  as_before,
  as_written,
  as_both, ///< the saga does not change the file, and it holds just that
  other,   ///< a hand edit, valid or not
  gone,    ///< no file, where neither before nor after there was to be none
  unreadable,
};

struct recovery_case {
  bool in_feed = false; ///< a commit with the saga's id is there
  abort_mark mark = abort_mark::none;
  bool doubtful = false; ///< the journal was damaged: a later record of this saga may be lost
  found_file file = found_file::as_before;
};

enum class recovery_decision : std::uint8_t {
  finish,       ///< do what is owed after the commit, close
  undo,         ///< restore the manifest, compare first, and remove what lies beside it; close
  close,        ///< nothing is left of it
  roll_forward, ///< write the file once more, as nobody knows whether it is durable; do the remaining steps
  observe,      ///< take what the file holds as found by a sweep, close
  wait,         ///< owed: keep the claims, look again at the next sweep
};

namespace recovery_table {

/// A set of enumerators.
template <class... Members>
constexpr std::uint8_t any_of(Members... members) noexcept {
  return static_cast<std::uint8_t>(((1U << static_cast<unsigned>(members)) | ...));
}
template <class Member>
constexpr bool holds(std::uint8_t set, Member member) noexcept {
  return (set >> static_cast<unsigned>(member) & 1U) != 0;
}

} // namespace recovery_table

struct recovery_row {
  std::string_view label;
  std::uint8_t in_feed;  ///< set of bool
  std::uint8_t mark;     ///< set of abort_mark
  std::uint8_t doubtful; ///< set of bool
  std::uint8_t file;     ///< set of found_file
  recovery_decision decision;

  [[nodiscard]] constexpr bool fires(const recovery_case& of) const noexcept {
    return recovery_table::holds(in_feed, of.in_feed) && recovery_table::holds(mark, of.mark) &&
           recovery_table::holds(doubtful, of.doubtful) && recovery_table::holds(file, of.file);
  }
};

namespace recovery_table {

using enum abort_mark;
using enum found_file;

inline constexpr std::uint8_t yes = any_of(true);
inline constexpr std::uint8_t no = any_of(false);
inline constexpr std::uint8_t either = any_of(true, false);
inline constexpr std::uint8_t any_mark = any_of(none, nothing_written, maybe_written);
inline constexpr std::uint8_t any_file = any_of(as_before, as_written, as_both, other, gone, unreadable);

// clang-format off
inline constexpr std::array<recovery_row, 10> rows = {{
    // label                    in feed  mark                         doubt   file                          decision
    {"committed",               yes,     any_mark,                    either, any_file,                     recovery_decision::finish},
    {"refused-before-a-write",  no,      any_of(nothing_written),     either, any_file,                     recovery_decision::close},
    {"refused",                 no,      any_of(maybe_written),       no,     any_of(as_written, as_before,
                                                                              other, gone),                 recovery_decision::undo},
    {"refused-in-doubt",        no,      any_of(maybe_written),       yes,    any_of(as_before, other,
                                                                              gone),                        recovery_decision::close},
    {"refused-without-a-write", no,      any_of(maybe_written),       either, any_of(as_both),              recovery_decision::close},
    {"not-begun",               no,      any_of(none),                either, any_of(as_before, as_both),   recovery_decision::close},
    {"interrupted",             no,      any_of(none),                no,     any_of(as_written),           recovery_decision::roll_forward},
    {"edited-since",            no,      any_of(none),                either, any_of(other, gone),          recovery_decision::observe},
    {"ours-in-doubt",           no,      any_of(none, maybe_written), yes,    any_of(as_written),           recovery_decision::observe},
    {"cannot-tell",             no,      any_of(none, maybe_written), either, any_of(unreadable),           recovery_decision::wait},
}};
// clang-format on

} // namespace recovery_table

[[nodiscard]] constexpr const auto& recovery_rows() noexcept {
  return recovery_table::rows;
}

/// The row that fires.
[[nodiscard]] constexpr const recovery_row& recover(const recovery_case& of) noexcept {
  std::size_t at = 0;
  while (!recovery_table::rows[at].fires(of))
    ++at;
  return recovery_table::rows[at];
}

} // namespace muster
