#include "muster/runner/path_spelling.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/json_text.hpp"
#include "muster/store/op_kinds.hpp"

#include <span>

namespace muster {

std::string spell_path(std::string_view bytes) {
  if (json::is_utf8(bytes))
    return std::string(bytes);
  std::string spelled(hex_path_prefix);
  append_hex(spelled, std::as_bytes(std::span(bytes)));
  return spelled;
}

std::optional<std::string> read_path(std::string_view spelled) {
  if (!spelled.starts_with(hex_path_prefix))
    return std::string(spelled);
  const auto digits = spelled.substr(hex_path_prefix.size());
  std::string bytes(digits.size() / 2, '\0');
  if (digits.size() % 2 != 0 || !read_hex(digits, std::as_writable_bytes(std::span(bytes))))
    return std::nullopt;
  return bytes;
}

} // namespace muster
