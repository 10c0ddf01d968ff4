#pragma once

#include "muster/store/sha256.hpp"
#include "muster/store/sqlite_value.hpp"

#include <array>
#include <string>
#include <vector>

namespace muster {

/// What holds of one field of an agent: a JSON text, or nothing if removed.
struct field_winner {
  std::string_view field;
  const std::optional<std::string>* value = nullptr; ///< not null
};

/// The hash of what a manifest means, of its JSON text.
using content_hash_function = std::string (*)(const std::string& manifest);

/// Of the text as it is, in hex: for who does not know what manifests mean.
[[nodiscard]] std::string hash_of_text(const std::string& manifest);

/// The columns of one agent, made of its fields.
class agent_row {
public:
  /// `winners` are sorted by field and live as long as the row.
  agent_row(std::string_view id, const std::vector<field_winner>& winners, content_hash_function hash);

  agent_row(const agent_row&) = delete;
  agent_row& operator=(const agent_row&) = delete;

  /// In the order of the schema from `name` on, but for the two below.
  static constexpr std::size_t count = 22;
  [[nodiscard]] const std::array<sqlite_value, count>& columns() const noexcept { return columns_; }
  [[nodiscard]] const sqlite_value& registered_at() const noexcept { return registered_at_; }
  [[nodiscard]] const sqlite_value& registered_by() const noexcept { return registered_by_; }

private:
  [[nodiscard]] bool place(std::string_view field, std::string_view json);

  std::array<sqlite_value, count> columns_;
  sqlite_value registered_at_{nullptr};
  sqlite_value registered_by_{nullptr};
  std::vector<std::string> decoded_;
  std::string extras_;
  std::string content_hash_;
};

} // namespace muster
