#include "muster/store/relay_subject.hpp"

#include <algorithm>

namespace muster {

namespace {

bool is_plain_word(std::string_view word) noexcept {
  return !word.empty() &&
         std::ranges::all_of(word, [](char c) { return c > ' ' && c < '\x7f' && c != '*' && c != '>'; });
}

} // namespace

bool is_subject(std::string_view text, const subject_limits& limits) noexcept {
  if (text.size() > limits.bytes)
    return false;
  std::size_t count = 0;
  subject_words words{text};
  while (const auto word = words.next())
    if (!is_plain_word(*word) || ++count > limits.words)
      return false;
  return true;
}

bool is_subject_pattern(std::string_view text, const subject_limits& limits) noexcept {
  if (text.size() > limits.bytes)
    return false;
  std::size_t count = 0;
  std::size_t stars = 0;
  subject_words words{text};
  while (const auto word = words.next()) {
    if (++count > limits.words || (*word == "*" && ++stars > limits.stars))
      return false;
    const bool is_rest = *word == ">" && words.at_end();
    if (*word != "*" && !is_rest && !is_plain_word(*word))
      return false;
  }
  return true;
}

bool subject_matches(std::string_view pattern, std::string_view subject) noexcept {
  subject_words wanted{pattern};
  subject_words given{subject};
  while (true) {
    const auto want = wanted.next();
    const auto have = given.next();
    if (!want || !have)
      return !want && !have;
    if (*want == ">" && wanted.at_end())
      return true;
    if (*want != "*" && *want != *have)
      return false;
  }
}

} // namespace muster
