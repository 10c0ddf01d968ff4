#pragma once

#include "muster/messages/digest.hpp"
#include "muster/messages/ids.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

/// JSON documents as they are answered (docs/api.md), in a spelling that can be
/// printed on a terminal.
namespace muster {

/// One object, member by member. Names need no escapes.
class object_text {
public:
  object_text& raw(std::string_view name, std::string_view json);
  object_text& text(std::string_view name, std::string_view value);
  /// Left out when empty.
  object_text& text_if(std::string_view name, std::string_view value);
  object_text& path(std::string_view name, std::string_view bytes);
  object_text& path_if(std::string_view name, std::string_view bytes);
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
  std::string text_ = "{";
};

/// A list of what `each` makes of the elements.
template <class Range, class Each>
[[nodiscard]] std::string array_text(const Range& elements, Each each) {
  std::string text = "[";
  for (const auto& element : elements) {
    if (text.size() > 1)
      text += ',';
    text += each(element);
  }
  text += ']';
  return text;
}

} // namespace muster
