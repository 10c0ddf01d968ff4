#include "muster/store/json_write.hpp"

#include "muster/store/json_decimal.hpp"
#include "muster/store/json_layout.hpp"
#include "muster/store/json_text.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <deque>
#include <vector>

namespace muster::json {

namespace {

/// The letter of a short escape, 0 if the character has none.
char escape_letter(char c) noexcept {
  switch (c) {
    case '"':
    case '\\': return c;
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return '\0';
  }
}

bool needs_escape(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void append_canonical_array(std::string& out, value array) {
  char before = '[';
  for (const auto element : array) {
    out.push_back(before);
    append_canonical(out, element);
    before = ',';
  }
  out.append(array.size() == 0 ? "[]" : "]");
}

void append_canonical_object(std::string& out, value object) {
  struct member {
    std::string_view key;
    value content;
  };
  std::vector<member> members;
  members.reserve(object.size());
  std::deque<std::string> decoded;
  for (const auto child : object) {
    const auto plain = child.plain_key();
    members.push_back({plain ? *plain : std::string_view(decoded.emplace_back(child.key())), child});
  }
  std::sort(members.begin(), members.end(),
            [](const member& a, const member& b) { return compare_utf16(a.key, b.key) < 0; });
  out.push_back('{');
  for (std::size_t i = 0; i != members.size(); ++i) {
    if (i != 0)
      out.push_back(',');
    append_key(out, members[i].content);
    out.push_back(':');
    append_canonical(out, members[i].content);
  }
  out.push_back('}');
}

bool same_string(value a, value b) {
  const auto plain_a = a.plain_string();
  const auto plain_b = b.plain_string();
  if (plain_a && plain_b)
    return *plain_a == *plain_b;
  return a.as_string() == b.as_string();
}

bool same_elements(value a, value b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_meaning);
}

bool same_members(value a, value b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [b](value member) {
           const auto plain = member.plain_key();
           const auto other = plain ? b.find(*plain) : b.find(member.key());
           return other && same_meaning(member, other);
         });
}

} // namespace

void append_quoted(std::string& out, std::string_view utf8) {
  constexpr std::string_view hex = "0123456789abcdef";
  out.push_back('"');
  while (!utf8.empty()) {
    const auto plain = static_cast<std::size_t>(std::find_if(utf8.begin(), utf8.end(), needs_escape) - utf8.begin());
    out.append(utf8.substr(0, plain));
    utf8.remove_prefix(plain);
    if (utf8.empty())
      break;
    const auto c = static_cast<unsigned char>(utf8.front());
    out.push_back('\\');
    if (const char letter = escape_letter(utf8.front()))
      out.push_back(letter);
    else
      out.append("u00").append(1, hex[c >> 4]).append(1, hex[c & 15]);
    utf8.remove_prefix(1);
  }
  out.push_back('"');
}

std::string quote(std::string_view utf8) {
  assert(is_utf8(utf8));
  std::string out;
  out.reserve(utf8.size() + 2);
  append_quoted(out, utf8);
  return out;
}

void append_canonical(std::string& out, value v) {
  assert(v);
  switch (v.type()) {
    case kind::null:
    case kind::boolean: out.append(v.text()); return;
    case kind::number: append_canonical_number(out, v.text()); return;
    case kind::string: append_string(out, v); return;
    case kind::array: append_canonical_array(out, v); return;
    case kind::object: append_canonical_object(out, v); return;
  }
  std::abort();
}

std::string canonical(value v) {
  std::string out;
  out.reserve(v.text().size());
  append_canonical(out, v);
  return out;
}

bool same_meaning(value a, value b) {
  assert(a && b);
  if (a.type() != b.type())
    return false;
  if (a.text() == b.text())
    return true;
  switch (a.type()) {
    case kind::null:
    case kind::boolean: return false;
    case kind::number: return decimal::parse(a.text()) == decimal::parse(b.text());
    case kind::string: return same_string(a, b);
    case kind::array: return same_elements(a, b);
    case kind::object: return same_members(a, b);
  }
  std::abort();
}

std::string pretty(value v) {
  std::string out;
  append_laid_out(out, v, layout{}, {.lines = true, .indent = {}});
  return out;
}

} // namespace muster::json
