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
  std::string quoted = "'";
  for (const char c : text)
    c == '\'' ? quoted.append("'\\''") : quoted.append(1, c);
  return quoted + "'";
}

} // namespace muster
