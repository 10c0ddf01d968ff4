#pragma once

#include "muster/store/json_splice.hpp"
#include "muster/store/json_text.hpp"
#include "muster/store/json_write.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// What splicing must keep, told without splicing.
namespace muster::tests {

struct utf16_less {
  bool operator()(const std::string& a, const std::string& b) const { return json::compare_utf16(a, b) < 0; }
};

/// What base and changes mean together, put together from canonical parts.
inline std::string expected_meaning(json::value root, std::span<const json::member_change> changes) {
  std::map<std::string, std::string, utf16_less> members;
  for (const auto member : root)
    members[member.key()] = json::canonical(member);
  for (const auto& [key, text] : changes) {
    if (text)
      members[key] = json::canonical(json::document::parse(*text).value().root());
    else
      members.erase(key);
  }
  std::string result;
  for (const auto& [key, meaning] : members)
    result += (result.empty() ? "" : ",") + json::quote(key) + ":" + meaning;
  return "{" + result + "}";
}

/// A member from its key to the end of its value.
inline std::string_view member_bytes(json::value member) {
  const auto key = member.key_text();
  return {key.data(), static_cast<std::size_t>(member.text().data() + member.text().size() - key.data())};
}

inline const char* end_of(std::string_view text) {
  return text.data() + text.size();
}

/// Where a child begins, with its key if it is a member.
inline const char* begin_of(json::value child) {
  return child.key_text().empty() ? child.text().data() : child.key_text().data();
}

inline std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

/// The blanks inside the brackets, before the first and after the last child.
inline std::pair<std::string_view, std::string_view> edges(json::value container) {
  const auto text = container.text();
  json::value last;
  for (const auto child : container)
    last = child;
  return {between(text.data() + 1, begin_of(*container.begin())), between(end_of(last.text()), end_of(text) - 1)};
}

inline std::size_t lost_edges(json::value before, json::value after) {
  return before.size() != 0 && after.size() != 0 && edges(before) != edges(after);
}

inline std::size_t lost_bytes(json::value before, json::value after);

inline std::size_t lost_in_object(json::value before, json::value after) {
  std::size_t lost = lost_edges(before, after);
  std::size_t last = 0;
  json::value left;
  json::value left_now;
  for (const auto member : before) {
    const auto now = after.find(member.key());
    if (left_now && now)
      lost += between(end_of(left.text()), begin_of(member)) != between(end_of(left_now.text()), begin_of(now));
    left = member;
    left_now = now;
    if (!now)
      continue;
    lost += now.key_text() != member.key_text() || now.offset() < last;
    last = now.offset();
    lost += json::same_meaning(member, now) ? member_bytes(member) != member_bytes(now) : lost_bytes(member, now);
  }
  // What is new stands behind all that is old.
  for (const auto member : after)
    lost += !before.find(member.key()) && member.offset() < last;
  return lost;
}

inline std::size_t lost_in_array(json::value before, json::value after) {
  std::map<std::string, std::multiset<std::string>> old;
  std::map<std::string, std::size_t> may_differ;
  for (const auto element : before)
    old[json::canonical(element)].insert(std::string(element.text()));
  for (const auto element : after)
    ++may_differ[json::canonical(element)];
  for (auto& [meaning, count] : may_differ)
    count -= std::min(count, old[meaning].size());
  std::size_t lost = lost_edges(before, after);
  for (const auto element : after) {
    const auto meaning = json::canonical(element);
    auto& texts = old[meaning];
    if (const auto at = texts.find(std::string(element.text())); at != texts.end())
      texts.erase(at);
    else if (may_differ[meaning]-- == 0)
      return lost + 1;
  }
  return lost;
}

/// How many values that mean the same before and after changed their bytes or their order.
inline std::size_t lost_bytes(json::value before, json::value after) {
  if (before.is(json::kind::object) && after.is(json::kind::object))
    return lost_in_object(before, after);
  if (before.is(json::kind::array) && after.is(json::kind::array))
    return lost_in_array(before, after);
  return 0;
}

} // namespace muster::tests
