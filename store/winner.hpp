#pragma once

#include "muster/messages/ids.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// The canonical text of what a field's value means; of nothing, what the
/// field's absence means. Must be a pure function of its arguments. Texts are
/// equal exactly when the values mean the same.
using meaning_function = std::string (*)(std::string_view field, const std::optional<std::string>& value);

/// The value's own text; empty, which no JSON text is, for nothing.
[[nodiscard]] std::string plain_meaning(std::string_view field, const std::optional<std::string>& value);

/// How the values of one key are understood: a field's by `meaning`, a rule's
/// as they stand.
struct key_meaning {
  meaning_function meaning = &plain_meaning;
  std::string_view field; ///< empty for a rule
  [[nodiscard]] std::string of(const std::optional<std::string>& value) const { return meaning(field, value); }
};

/// One of the concurrent ops on a key, as far as it matters for who wins.
struct contender {
  /// Of a rule, how much it forbids: the most restrictive wins. 0 for fields.
  std::uint8_t restriction = 0;
  /// Taken over from a file that nobody had seen: loses to any that is not.
  bool adopted = false;
  stamp at;
  const std::optional<std::string>* value = nullptr; ///< not null
  std::string_view instance;
  sequence seq = 0;
};

/// The one function that decides who wins: the greater. Compares, in this
/// order: restriction, not adopted before adopted, `at`, the SHA-256 of the
/// value's meaning, the commit's identity. The last can only tell apart
/// contenders that mean the same. Equal only for the same commit.
[[nodiscard]] std::strong_ordering compare_contenders(const contender& a, const contender& b, const key_meaning& key);

} // namespace muster
