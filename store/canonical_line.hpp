#pragma once

#include "muster/messages/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// A line of words with one blank between them, spelled the one way that
/// docs/formats.md gives under "Dump". Never holds a newline.
class canonical_line {
public:
  /// As it is; without blanks.
  canonical_line& word(std::string_view text);
  /// In double quotes, with `"`, `\` and the bytes below 0x20 escaped as in
  /// JSON; all other bytes as they are.
  canonical_line& quoted(std::string_view text);
  canonical_line& number(std::uint64_t value);
  /// 16 hex digits.
  canonical_line& at(stamp when);
  /// An id of lower-case letters and digits as it is, any other quoted.
  canonical_line& instance(const instance_id& id);
  /// INSTANCE/SEQ
  canonical_line& commit(const commit_id& id);
  /// JSON text as it is, bytes below 0x20 escaped; `-` for nothing. Holds
  /// blanks, so it comes last.
  canonical_line& value(const std::optional<std::string>& json);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
  void blank();
  void escaped(std::string_view text, std::string_view also);

  std::string text_;
};

} // namespace muster
