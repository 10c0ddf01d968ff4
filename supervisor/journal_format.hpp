#pragma once

#include "muster/messages/journal_messages.hpp"
#include "muster/messages/saga.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The lines of the journal; the grammar stands in docs/formats.md. A line is
/// what one sync made durable: a number, records, a checksum over both.
namespace muster {

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
