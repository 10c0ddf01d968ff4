#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace muster {

/// Where mail goes: words with dots between. A pattern may have `*` for one word
/// and, as its last, `>` for one or more.
struct subject_limits {
  std::size_t bytes = 1024;
  std::size_t words = 16;
  /// `*` in one pattern. Matching branches at each of them.
  std::size_t stars = 4;
};

/// Words of visible ASCII, no wildcard among them.
[[nodiscard]] bool is_subject(std::string_view text, const subject_limits& limits = {}) noexcept;
[[nodiscard]] bool is_subject_pattern(std::string_view text, const subject_limits& limits = {}) noexcept;
/// Both are valid.
[[nodiscard]] bool subject_matches(std::string_view pattern, std::string_view subject) noexcept;

/// The words of a subject, in order.
class subject_words {
public:
  explicit subject_words(std::string_view text) noexcept : rest_(text) {}

  /// Nothing at the end.
  [[nodiscard]] std::optional<std::string_view> next() noexcept {
    if (over_)
      return std::nullopt;
    const auto dot = rest_.find('.');
    const auto word = rest_.substr(0, dot);
    over_ = dot == std::string_view::npos;
    rest_.remove_prefix(over_ ? rest_.size() : dot + 1);
    return word;
  }
  /// There is no further word.
  [[nodiscard]] bool at_end() const noexcept { return over_; }

private:
  std::string_view rest_;
  bool over_ = false;
};

} // namespace muster
