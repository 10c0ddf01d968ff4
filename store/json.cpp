#include "muster/store/json.hpp"

#include "muster/store/json_reader.hpp"
#include "muster/store/json_text.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>

namespace muster::json {

namespace {

// Offsets are 32 bits wide; far below that the address space of a tape ends.
constexpr std::size_t greatest_text = std::size_t{1} << 30;
// What walks over values calls itself for each level.
constexpr std::size_t greatest_depth = 500;

std::string_view without_quotes(std::string_view text) noexcept {
  return text.substr(1, text.size() - 2);
}

} // namespace

std::string_view to_string(kind k) noexcept {
  switch (k) {
    case kind::null: return "null";
    case kind::boolean: return "boolean";
    case kind::number: return "number";
    case kind::string: return "string";
    case kind::array: return "array";
    case kind::object: return "object";
  }
  std::abort();
}

position position_in(std::string_view text, std::size_t offset) noexcept {
  position result;
  std::size_t line_begin = 0;
  const auto end = std::min(offset, text.size());
  for (std::size_t i = 0; i != end; ++i) {
    const bool cr_of_pair = text[i] == '\r' && i + 1 != text.size() && text[i + 1] == '\n';
    if (text[i] == '\n' || (text[i] == '\r' && !cr_of_pair)) {
      ++result.line;
      line_begin = i + 1;
    }
  }
  result.column = end - line_begin + 1;
  return result;
}

std::size_t value::offset() const noexcept {
  return owner_ ? node().begin : 0;
}

std::size_t value::key_offset() const noexcept {
  return owner_ ? node().key_begin : 0;
}

position value::where() const noexcept {
  return owner_ ? owner_->position_of(offset()) : position{};
}

bool value::as_bool() const noexcept {
  assert(is(kind::boolean));
  return text() == "true";
}

std::string value::as_string() const {
  assert(is(kind::string));
  const auto raw = without_quotes(text());
  return node().escaped ? decode_string(raw) : std::string(raw);
}

std::optional<std::string_view> value::plain_string() const noexcept {
  if (!is(kind::string) || node().escaped)
    return std::nullopt;
  return without_quotes(text());
}

std::string_view value::key_text() const noexcept {
  return owner_ ? between(node().key_begin, node().key_end) : std::string_view();
}

std::string value::key() const {
  const auto raw = key_text();
  if (raw.empty())
    return {};
  return node().key_escaped ? decode_string(without_quotes(raw)) : std::string(without_quotes(raw));
}

std::optional<std::string_view> value::plain_key() const noexcept {
  const auto raw = key_text();
  if (raw.empty() || node().key_escaped)
    return std::nullopt;
  return without_quotes(raw);
}

value value::find(std::string_view key) const {
  if (!is(kind::object))
    return {};
  const auto compare = [&](value member) {
    const auto plain = member.plain_key();
    return plain ? plain->compare(key) : std::string_view(member.key()).compare(key);
  };
  if (node().order == 0) {
    for (const auto member : *this) {
      const auto plain = member.plain_key();
      if (plain ? *plain == key : member.key() == key)
        return member;
    }
    return {};
  }
  const auto* const first = owner_->tape_.order.data() + (node().order - 1);
  const auto* const last = first + node().count;
  const auto* const at =
      std::partition_point(first, last, [&](std::uint32_t member) { return compare(value(owner_, member)) < 0; });
  if (at == last || compare(value(owner_, *at)) != 0)
    return {};
  return value(owner_, *at);
}

expected<document> document::parse(std::string text, const limits& bounds) {
  auto effective = bounds;
  effective.bytes = std::min(effective.bytes, greatest_text);
  effective.depth = std::min(effective.depth, greatest_depth);
  detail::tape tape;
  reader source(text, effective, tape);
  if (!source.read())
    return describe(source.found(), text, effective);
  return document(std::move(text), std::move(tape), effective);
}

} // namespace muster::json
