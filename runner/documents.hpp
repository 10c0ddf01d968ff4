#pragma once

#include "muster/store/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The documents of docs/api.md, written and read.
namespace muster {

/// A request, member by member. What says nothing is left out.
class request_document {
public:
  request_document& add_text(std::string_view name, std::string_view value);
  request_document& add_texts(std::string_view name, const std::vector<std::string>& values);
  /// Any bytes; those that are no UTF-8 go in hexadecimal.
  request_document& add_path(std::string_view name, std::string_view value);
  request_document& add_paths(std::string_view name, const std::vector<std::string>& values);
  request_document& add_number(std::string_view name, std::uint64_t value);
  request_document& add_flag(std::string_view name, bool value);
  /// A JSON text.
  request_document& add_json(std::string_view name, std::string_view value);

  [[nodiscard]] std::string text() const { return "{" + members_ + "}"; }
  /// A text that is no UTF-8, which a document would say otherwise: its member and what
  /// was typed; nothing if there is none.
  struct foreign_text {
    std::string member;
    std::string typed;
  };
  [[nodiscard]] const std::optional<foreign_text>& foreign() const noexcept { return foreign_; }

private:
  void look_at(std::string_view name, std::string_view value);

  std::string members_;
  std::optional<foreign_text> foreign_;
};

/// A path as requests carry it, with its quotes.
[[nodiscard]] std::string path_json(std::string_view path);

/// The text of a member, decoded; empty if there is none or it is no text.
[[nodiscard]] std::string text_of(json::value object, std::string_view name);
/// The bytes of a path, also of one in hexadecimal.
[[nodiscard]] std::string path_of(json::value object, std::string_view name);
/// A whole number that is not negative and has at most 64 bits.
[[nodiscard]] std::optional<std::uint64_t> number_of(json::value object, std::string_view name);
/// True if the member is there and true.
[[nodiscard]] bool flag_of(json::value object, std::string_view name);

} // namespace muster
