#pragma once

#include "muster/messages/saga.hpp"
#include "muster/supervisor/recovery.hpp"
#include "muster/supervisor/registration_saga.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The lines of the journal; the grammar stands in docs/formats.md. A line is
/// what one sync made durable: a number, records, a checksum over both.
namespace muster {

/// What will be done. `intent` is one JSON value that no other part looks into.
struct journal_intend {
  saga_id saga;
  std::string intent;
  friend bool operator==(const journal_intend&, const journal_intend&) = default;
};
/// It is refused, and will be undone.
struct journal_aborting {
  saga_id saga;
  abort_mark mark = abort_mark::nothing_written; ///< never `none`
  friend bool operator==(const journal_aborting&, const journal_aborting&) = default;
};
/// All that it still owes, instead of what it owed before.
struct journal_owed {
  saga_id saga;
  std::vector<saga_debt> owed;
  friend bool operator==(const journal_owed&, const journal_owed&) = default;
};
/// The journal was damaged while it was open.
struct journal_doubt {
  saga_id saga;
  friend bool operator==(const journal_doubt&, const journal_doubt&) = default;
};
/// Nothing of it is left.
struct journal_closed {
  saga_id saga;
  friend bool operator==(const journal_closed&, const journal_closed&) = default;
};

using journal_record = std::variant<journal_intend, journal_aborting, journal_owed, journal_doubt, journal_closed>;

struct journal_line {
  std::uint64_t number = 0; ///< from 1, without gaps
  std::vector<journal_record> records;
  friend bool operator==(const journal_line&, const journal_line&) = default;
};

/// The line with its line feed.
[[nodiscard]] std::string encode_journal_line(const journal_line& what);

/// The line of a text without its line feed, if it is one: the checksum holds,
/// and it is spelled as `encode_journal_line` spells it.
[[nodiscard]] std::optional<journal_line> decode_journal_line(std::string_view text, std::size_t limit);

} // namespace muster
