#include "muster/runner/document_text.hpp"

#include "muster/runner/path_spelling.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/datetime.hpp"
#include "muster/store/sha256.hpp"

#include <algorithm>
#include <utility>

namespace muster {

std::string& object_text::member(std::string_view name) {
  if (text_.size() > 1)
    text_ += ',';
  return text_.append("\"").append(name).append("\":");
}

object_text& object_text::raw(std::string_view name, std::string_view json) {
  member(name).append(json);
  return *this;
}

object_text& object_text::text(std::string_view name, std::string_view value) {
  append_json_text(member(name), value);
  return *this;
}

object_text& object_text::text_if(std::string_view name, std::string_view value) {
  return value.empty() ? *this : text(name, value);
}

object_text& object_text::path(std::string_view name, std::string_view bytes) {
  return text(name, spell_path(bytes));
}

object_text& object_text::path_if(std::string_view name, std::string_view bytes) {
  return bytes.empty() ? *this : path(name, bytes);
}

object_text& object_text::number(std::string_view name, std::uint64_t value) {
  return raw(name, std::to_string(value));
}

object_text& object_text::flag(std::string_view name, bool value) {
  return raw(name, value ? "true" : "false");
}

object_text& object_text::duration(std::string_view name, std::chrono::milliseconds value) {
  return raw(name, std::to_string(std::max(value, std::chrono::milliseconds{0}).count()));
}

object_text& object_text::time(std::string_view name, std::chrono::milliseconds since_epoch) {
  return text(name, format_datetime(since_epoch));
}

object_text& object_text::hash(std::string_view name, const sha256_digest& value) {
  return value == sha256_digest{} ? *this : text(name, to_hex(value));
}

object_text& object_text::version_if(std::string_view name, const commit_id& value) {
  return value.seq == 0 ? *this : text(name, value.instance.text + "@" + std::to_string(value.seq));
}

std::string object_text::take() {
  text_ += '}';
  return std::exchange(text_, "{");
}

} // namespace muster
