#include "muster/store/json_reader.hpp"
#include "muster/store/json_text.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace muster::json {

namespace {

/// A key's length and first bytes in one word: few keys that differ share it.
std::uint64_t fingerprint(std::string_view key) noexcept {
  std::uint64_t result = 0;
  std::memcpy(&result, key.data(), std::min<std::size_t>(key.size(), 7));
  return result << 8 | (key.size() & 0xff);
}

/// A member with its key decoded.
struct keyed {
  std::string_view key;
  std::uint32_t node = 0;
};

/// Decodes keys; those without escapes are not copied.
class key_source {
public:
  key_source(const std::string& text, const detail::tape& tape) noexcept : text_(text), tape_(tape) {}

  std::string_view operator()(std::uint32_t member) {
    const auto& node = tape_.nodes[member];
    const auto raw = std::string_view(text_).substr(node.key_begin + 1, node.key_end - node.key_begin - 2);
    if (!node.key_escaped)
      return raw;
    return decoded_.emplace_back(decode_string(raw));
  }

private:
  const std::string& text_;
  const detail::tape& tape_;
  std::deque<std::string> decoded_;
};

} // namespace

bool reader::check_keys(std::uint32_t object) {
  const auto count = out_.nodes[object].count;
  if (count < 2)
    return true;
  return count <= detail::small_object ? check_few_keys(object) : check_many_keys(object);
}

bool reader::check_few_keys(std::uint32_t object) {
  std::array<std::uint64_t, detail::small_object> prints;
  std::array<keyed, detail::small_object> members;
  key_source key_of(text_, out_);
  std::size_t count = 0;
  for (auto at = object + 1; at != out_.nodes[object].next; at = out_.nodes[at].next) {
    const auto key = key_of(at);
    const auto print = fingerprint(key);
    for (std::size_t i = 0; i != count; ++i) {
      if (prints[i] == print && members[i].key == key) {
        found_ = {problem::duplicate_key, out_.nodes[at].key_begin, out_.nodes[members[i].node].key_begin};
        return false;
      }
    }
    prints[count] = print;
    members[count++] = {key, at};
  }
  return true;
}

bool reader::check_many_keys(std::uint32_t object) {
  std::vector<keyed> members;
  members.reserve(out_.nodes[object].count);
  key_source key_of(text_, out_);
  for (auto at = object + 1; at != out_.nodes[object].next; at = out_.nodes[at].next)
    members.push_back({key_of(at), at});
  std::sort(members.begin(), members.end(), [](const keyed& a, const keyed& b) {
    const auto order = a.key.compare(b.key);
    return order != 0 ? order < 0 : a.node < b.node;
  });
  const keyed* again = nullptr;
  for (std::size_t i = 1; i != members.size(); ++i) {
    if (members[i - 1].key == members[i].key && (!again || members[i].node < again->node))
      again = &members[i];
  }
  if (again) {
    found_ = {problem::duplicate_key, out_.nodes[again->node].key_begin, out_.nodes[again[-1].node].key_begin};
    return false;
  }
  out_.nodes[object].order = static_cast<std::uint32_t>(out_.order.size() + 1);
  for (const auto& member : members)
    out_.order.push_back(member.node);
  return true;
}

bool reader::fail(problem what, const char* at) noexcept {
  found_ = {what, offset(at)};
  return false;
}

bool reader::fail_at(problem otherwise) noexcept {
  found_ = strange_byte(text_, offset(at_), otherwise);
  return false;
}

/// Where a value, or a key after a comma, should begin and does not.
bool reader::fail_value() noexcept {
  if (at_ == end_)
    return fail_end();
  const bool closing = *at_ == ']' || *at_ == '}';
  const char before = last_before(at_);
  if (closing && before == ',') {
    const char* comma = at_;
    while (*--comma != ',') {
    }
    return fail(problem::trailing_comma, comma);
  }
  if (*at_ == ',' || (closing && before == ':'))
    return fail(problem::missing_value, at_);
  return fail_at(problem::unexpected);
}

/// The text ends while a container is open.
bool reader::fail_end() noexcept {
  const auto& container = out_.nodes[open_];
  found_ = {container.type == kind::array ? problem::unclosed_array : problem::unclosed_object, container.begin};
  return false;
}

/// The last byte before `at` that is not blank; 0 if there is none.
char reader::last_before(const char* at) const noexcept {
  const auto last = std::string_view(text_).substr(0, offset(at)).find_last_not_of(" \n\r\t");
  return last == std::string_view::npos ? '\0' : text_[last];
}

} // namespace muster::json
