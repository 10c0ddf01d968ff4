#pragma once

#include "muster/store/json.hpp"
#include "muster/store/json_problem.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace muster::json {

/// Reads a text once, from first byte to last, onto a tape. Needs no stack: an
/// open container remembers its parent where its `next` will stand. The text's
/// terminating zero saves a look at the end before each byte.
class reader {
public:
  reader(const std::string& text, const limits& bounds, detail::tape& out) noexcept;

  /// False: `found()` says why, and the tape is of no use.
  [[nodiscard]] bool read();
  [[nodiscard]] const finding& found() const noexcept { return found_; }

private:
  struct string_range {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool escaped = false;
  };

  bool read_value(const string_range& key);
  bool read_next();
  bool read_key(string_range& key);
  bool read_separator();
  bool read_string(string_range& range);
  bool read_escape(const char*& at);
  bool read_number(detail::node& number);
  bool read_word(detail::node& word, std::string_view expected, kind type);
  bool open(detail::node& container, kind type);
  bool close();
  void skip_blanks() noexcept;

  bool check_keys(std::uint32_t object);
  bool check_few_keys(std::uint32_t object);
  bool check_many_keys(std::uint32_t object);

  bool fail(problem what, const char* at) noexcept;
  bool fail_at(problem otherwise) noexcept;
  bool fail_value() noexcept;
  bool fail_end() noexcept;
  [[nodiscard]] char last_before(const char* at) const noexcept;

  [[nodiscard]] std::uint32_t offset(const char* at) const noexcept {
    return static_cast<std::uint32_t>(at - text_.data());
  }

  const std::string& text_;
  const limits& bounds_;
  detail::tape& out_;
  const char* at_;
  const char* end_;
  std::uint32_t open_;
  std::size_t depth_ = 0;
  finding found_;
};

} // namespace muster::json
