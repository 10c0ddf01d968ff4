#include "muster/runner/documents.hpp"

#include "muster/runner/terminal_text.hpp"
#include "muster/store/json_text.hpp"
#include "muster/store/op_kinds.hpp"
#include "muster/store/whole_number.hpp"

namespace muster {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

std::optional<std::string> from_hex(std::string_view digits) {
  std::string bytes;
  if (digits.size() % 2 != 0)
    return std::nullopt;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto high = hex_digits.find(digits[i]);
    const auto low = hex_digits.find(digits[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos)
      return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

} // namespace

std::string path_json(std::string_view path) {
  if (json::is_utf8(path))
    return json_text(path);
  std::string digits(hex_path_prefix);
  for (const char byte : path) {
    digits += hex_digits[static_cast<unsigned char>(byte) >> 4];
    digits += hex_digits[static_cast<unsigned char>(byte) & 0xF];
  }
  return json_text(digits);
}

request_document& request_document::add_json(std::string_view name, std::string_view value) {
  members_ += (members_.empty() ? "" : ",") + json_text(name) + ":";
  members_ += value;
  return *this;
}

void request_document::look_at(std::string_view name, std::string_view value) {
  if (!foreign_ && !json::is_utf8(value))
    foreign_ = foreign_text{std::string(name), std::string(value)};
}

request_document& request_document::add_text(std::string_view name, std::string_view value) {
  look_at(name, value);
  return value.empty() ? *this : add_json(name, json_text(value));
}

request_document& request_document::add_texts(std::string_view name, const std::vector<std::string>& values) {
  if (values.empty())
    return *this;
  std::string list = "[";
  for (const auto& each : values) {
    look_at(name, each);
    list += (list.size() > 1 ? "," : "") + json_text(each);
  }
  return add_json(name, list + "]");
}

request_document& request_document::add_paths(std::string_view name, const std::vector<std::string>& values) {
  if (values.empty())
    return *this;
  std::string list = "[";
  for (const auto& each : values)
    list += (list.size() > 1 ? "," : "") + path_json(each);
  return add_json(name, list + "]");
}

request_document& request_document::add_number(std::string_view name, std::uint64_t value) {
  return add_json(name, std::to_string(value));
}

request_document& request_document::add_path(std::string_view name, std::string_view value) {
  return value.empty() ? *this : add_json(name, path_json(value));
}

request_document& request_document::add_flag(std::string_view name, bool value) {
  return value ? add_json(name, "true") : *this;
}

std::string text_of(json::value object, std::string_view name) {
  const auto member = object.find(name);
  return member.is(json::kind::string) ? member.as_string() : "";
}

std::string path_of(json::value object, std::string_view name) {
  auto text = text_of(object, name);
  if (text.starts_with(hex_path_prefix))
    if (auto bytes = from_hex(std::string_view(text).substr(hex_path_prefix.size())))
      return *bytes;
  return text;
}

std::optional<std::uint64_t> number_of(json::value object, std::string_view name) {
  const auto member = object.find(name);
  return member.is(json::kind::number) ? whole_number(member.text()) : std::nullopt;
}

bool flag_of(json::value object, std::string_view name) {
  const auto member = object.find(name);
  return member.is(json::kind::boolean) && member.as_bool();
}

} // namespace muster
