#pragma once

#include "muster/store/sqlite_statement.hpp"

#include <cstring>
#include <initializer_list>
#include <span>

namespace muster {

/// A hash of one row of a table, against decay and careless hands, not against
/// anybody who computes: any change of one value changes it. The hashes of a
/// set of rows add up (modulo 2^64) to a sum that does not depend on their
/// order, so that rows come and go without the others being read.
class row_hash {
public:
  explicit row_hash(std::string_view table) noexcept { add(table); }

  void add(const sqlite_value& value) noexcept {
    switch (value.type()) {
      case sqlite_value::kind::null: mix(0x6e756c6cU); return;
      case sqlite_value::kind::integer:
        mix(1);
        mix(static_cast<std::uint64_t>(value.integer()));
        return;
      case sqlite_value::kind::text: add(value.text()); return;
    }
  }

  [[nodiscard]] std::uint64_t value() const noexcept {
    auto mixed = (state_ ^ (state_ >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }

private:
  void add(std::string_view text) noexcept {
    mix(2);
    mix(text.size());
    for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t)))
      mix(load(text.data(), sizeof(std::uint64_t)));
    mix(load(text.data(), text.size()));
  }

  static std::uint64_t load(const char* from, std::size_t size) noexcept {
    std::uint64_t word = 0;
    if (size != 0)
      std::memcpy(&word, from, size);
    return word;
  }

  // One-to-one in `word` for any state, and in the state for any word.
  void mix(std::uint64_t word) noexcept {
    state_ = (state_ ^ word) * 0x9e3779b97f4a7c15U;
    state_ ^= state_ >> 32U;
  }

  std::uint64_t state_ = 0x6d75737465720001U;
};

[[nodiscard]] inline std::uint64_t hash_row(std::string_view table, std::span<const sqlite_value> values) noexcept {
  row_hash hash(table);
  for (const auto& value : values)
    hash.add(value);
  return hash.value();
}

[[nodiscard]] inline std::uint64_t hash_row(std::string_view table,
                                            std::initializer_list<sqlite_value> values) noexcept {
  return hash_row(table, std::span<const sqlite_value>(values.begin(), values.size()));
}

/// Of the row a statement stands on, which selects all columns in their order.
[[nodiscard]] inline std::uint64_t hash_of_row(const sqlite_statement& row, std::string_view table) noexcept {
  row_hash hash(table);
  for (int column = 0; column < row.columns(); ++column)
    hash.add(row.value(column));
  return hash.value();
}

} // namespace muster
