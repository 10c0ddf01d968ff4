#pragma once

#include "muster/messages/digest.hpp"
#include "muster/messages/ids.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// JSON documents as they are answered (docs/api.md), in a spelling that can be
/// printed on a terminal.
namespace muster {

/// Appends a list of what `each` makes of the elements.
template <class Range, class Each>
void append_array(std::string& to, const Range& elements, Each each) {
  constexpr std::size_t sample = 16;
  constexpr std::size_t most = std::size_t{16} << 20;
  const auto begin = to.size();
  std::size_t number = 0;
  to += '[';
  for (const auto& element : elements) {
    // What is told of thousands would be copied whenever the text doubles.
    if (number == sample)
      to.reserve(begin + std::min(most, (to.size() - begin) * (elements.size() + elements.size() / 8) / sample));
    if (number++ > 0)
      to += ',';
    to += each(element);
  }
  to += ']';
}

/// One object, member by member. Names need no escapes.
class object_text {
public:
  object_text() { text_.reserve(256); }

  object_text& raw(std::string_view name, std::string_view json);
  object_text& text(std::string_view name, std::string_view value);
  /// Left out when empty.
  object_text& text_if(std::string_view name, std::string_view value);
  object_text& path(std::string_view name, std::string_view bytes);
  object_text& path_if(std::string_view name, std::string_view bytes);
  template <class Range, class Each>
  object_text& list(std::string_view name, const Range& elements, Each each) {
    append_array(member(name), elements, each);
    return *this;
  }
  object_text& number(std::string_view name, std::uint64_t value);
  object_text& flag(std::string_view name, bool value);
  object_text& duration(std::string_view name, std::chrono::milliseconds value);
  object_text& time(std::string_view name, std::chrono::milliseconds since_epoch);
  object_text& hash(std::string_view name, const sha256_digest& value);
  /// INSTANCE@SEQ; left out without a seq.
  object_text& version_if(std::string_view name, const commit_id& value);

  /// The document; nothing may be added afterwards.
  [[nodiscard]] std::string take();

private:
  /// The text, up to where the value of a new member goes.
  std::string& member(std::string_view name);

  std::string text_ = "{";
};

/// A list of what `each` makes of the elements.
template <class Range, class Each>
[[nodiscard]] std::string array_text(const Range& elements, Each each) {
  std::string text;
  append_array(text, elements, each);
  return text;
}

} // namespace muster
