#include "muster/store/shell_word.hpp"

#include <algorithm>

namespace muster {

std::string shell_word(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-+=.,:/@").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::ranges::all_of(text, plain))
    return std::string(text);
  // Whoever shows it would spell these in another way, which no shell reads.
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(text, control)) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string escaped = "$'";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (control(c))
        escaped.append("\\x").append(1, digits[byte >> 4U]).append(1, digits[byte & 0xfU]);
      else
        escaped.append(c == '\'' || c == '\\' ? "\\" : "").append(1, c);
    }
    return escaped + "'";
  }
  std::string quoted = "'";
  for (const char c : text)
    c == '\'' ? quoted.append("'\\''") : quoted.append(1, c);
  return quoted + "'";
}

} // namespace muster
