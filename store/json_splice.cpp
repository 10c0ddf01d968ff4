#include "muster/store/json_splice.hpp"

#include "muster/store/json_layout.hpp"
#include "muster/store/json_text.hpp"
#include "muster/store/json_write.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::json {

namespace {

constexpr auto is_new = static_cast<std::size_t>(-1);

/// One child of a container as it will be.
struct child {
  std::size_t old = is_new; ///< which child of the old container it takes after
  value now;                ///< what it means; the old one itself where it stays
  std::string key;          ///< of a new member, with quotes
};

/// A member change with its text read.
struct read_change {
  std::string_view key;
  std::optional<document> now;
};

const read_change* find_change(std::span<const read_change> sorted, std::string_view key) {
  const auto at = std::partition_point(sorted.begin(), sorted.end(), [key](const auto& c) { return c.key < key; });
  return at != sorted.end() && at->key == key ? &*at : nullptr;
}

/// Old array elements by meaning; each is given out once.
class element_pool {
public:
  explicit element_pool(const std::vector<value>& elements) {
    for (std::size_t i = 0; i != elements.size(); ++i)
      by_meaning_.emplace_back(canonical(elements[i]), i);
    std::sort(by_meaning_.begin(), by_meaning_.end());
    given_.resize(elements.size());
  }

  /// An element with this meaning that was not given out, or `is_new`.
  std::size_t take(value now) {
    const std::pair<std::string, std::size_t> wanted{canonical(now), 0};
    const auto run = std::lower_bound(by_meaning_.begin(), by_meaning_.end(), wanted);
    if (run == by_meaning_.end() || run->first != wanted.first)
      return is_new;
    // How many of a run are gone is counted at its first element.
    const auto first = static_cast<std::size_t>(run - by_meaning_.begin());
    const auto at = first + given_[first];
    if (at == by_meaning_.size() || by_meaning_[at].first != wanted.first)
      return is_new;
    ++given_[first];
    return by_meaning_[at].second;
  }

private:
  std::vector<std::pair<std::string, std::size_t>> by_meaning_;
  std::vector<std::size_t> given_;
};

/// The members of an object that is to mean `now`.
std::vector<child> plan_object(const gaps& old, value old_object, value now) {
  std::vector<child> plan;
  for (std::size_t i = 0; i != old.children.size(); ++i) {
    if (const auto wanted = now.find(old.children[i].key()))
      plan.push_back({i, wanted, {}});
  }
  for (const auto member : now) {
    if (old_object.find(member.key()))
      continue;
    plan.push_back({is_new, member, {}});
    append_key(plan.back().key, member);
  }
  return plan;
}

/// The elements of an array that is to mean `now`: those that occur again, and
/// the others in the order of the old ones of their kind that are left.
std::vector<child> plan_array(const gaps& old, value now) {
  std::vector<child> plan;
  element_pool pool(old.children);
  std::vector<bool> left(old.children.size(), true);
  for (const auto element : now) {
    const auto taken = pool.take(element);
    if (taken != is_new)
      left[taken] = false;
    plan.push_back({taken, element, {}});
  }
  constexpr std::size_t kinds = 6;
  std::array<std::size_t, kinds> next{};
  for (auto& element : plan) {
    if (element.old != is_new)
      continue;
    auto& at = next[static_cast<std::size_t>(element.now.type())];
    while (at != left.size() && (!left[at] || old.children[at].type() != element.now.type()))
      ++at;
    if (at != left.size())
      element.old = at++;
  }
  return plan;
}

class splicer {
public:
  splicer(std::string& out, layout style) : out_(out), style_(std::move(style)) {}

  void append_children(value container, const gaps& old, const std::vector<child>& plan, const place& at) {
    const bool in_object = container.is(kind::object);
    if (plan.empty()) {
      out_.append(in_object ? "{}" : "[]");
      return;
    }
    const auto around = surroundings_of(old, style_, at);
    out_.append(in_object ? "{" : "[");
    for (std::size_t i = 0; i != plan.size(); ++i) {
      const auto& next = plan[i];
      if (i == 0)
        out_.append(around.open);
      else if (next.old == is_new || next.old == 0)
        out_.append(around.separator);
      else
        out_.append(old.before[next.old]);
      if (next.old == is_new) {
        if (in_object)
          out_.append(next.key).append(around.colon);
        append_laid_out(out_, next.now, style_, around.inside);
      } else {
        append_replaced(old.children[next.old], next.now, around.inside);
      }
    }
    out_.append(around.close).append(in_object ? "}" : "]");
  }

private:
  /// Appends an old child, with its key as read, so that it means `now`.
  void append_replaced(value old, value now, const place& at) {
    if (const auto key = old.key_text(); !key.empty())
      out_.append(key.data(), old.text().data());
    if (same_meaning(old, now)) {
      out_.append(old.text());
    } else if (old.is(kind::object) && now.is(kind::object)) {
      const gaps inside(old);
      append_children(old, inside, plan_object(inside, old, now), at);
    } else if (old.is(kind::array) && now.is(kind::array)) {
      const gaps inside(old);
      append_children(old, inside, plan_array(inside, now), at);
    } else {
      append_laid_out(out_, now, style_, at);
    }
  }

  std::string& out_;
  layout style_;
};

expected<std::vector<read_change>> read_changes(std::span<const member_change> changes, const limits& bounds) {
  std::vector<read_change> result;
  result.reserve(changes.size());
  for (const auto& change : changes) {
    if (!is_utf8(change.key))
      return failure{failure_kind::refused, "json-change-key", "a key to change is not UTF-8; write it as UTF-8"};
    auto& next = result.emplace_back(read_change{change.key, std::nullopt});
    if (!change.text)
      continue;
    auto read = document::parse(*change.text, bounds);
    if (!read) {
      auto why = std::move(read).error();
      why.message = "the new value of " + quote(change.key) + " is no JSON: " + why.message;
      return why;
    }
    next.now = std::move(*read);
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  const auto twice =
      std::adjacent_find(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.key == b.key; });
  if (twice != result.end())
    return failure{failure_kind::refused, "json-change-key",
                   "the key " + quote(twice->key) + " is changed twice at once; change it once"};
  return result;
}

std::vector<child> plan_root(const gaps& old, value root, std::span<const member_change> changes,
                             std::span<const read_change> sorted) {
  std::vector<child> plan;
  for (std::size_t i = 0; i != old.children.size(); ++i) {
    const auto member = old.children[i];
    const auto* const change = find_change(sorted, member.key());
    if (!change || change->now)
      plan.push_back({i, change ? change->now->root() : member, {}});
  }
  for (const auto& [key, text] : changes) {
    if (text && !root.find(key))
      plan.push_back({is_new, find_change(sorted, key)->now->root(), quote(key)});
  }
  return plan;
}

} // namespace

expected<std::string> splice(const document& base, std::span<const member_change> changes) {
  const auto root = base.root();
  if (!root.is(kind::object))
    return failure{failure_kind::refused, "json-not-object",
                   "the document is a JSON " + std::string(to_string(root.type())) +
                       ", so it has no members to change; make it an object"};
  const auto sorted = read_changes(changes, base.bounds());
  if (!sorted)
    return sorted.error();
  const gaps old(root);
  const auto plan = plan_root(old, root, changes, *sorted);
  if (plan.empty() && old.children.empty())
    return std::string(base.text());
  const auto before = base.text().substr(0, root.offset());
  const auto style = layout_of(base);
  const auto line = before.substr(std::min(before.find_last_of("\r\n") + 1, before.size()));
  std::string out(before);
  splicer(out, style).append_children(root, old, plan, {style.lines, std::string(line)});
  out.append(base.text().substr(root.offset() + root.text().size()));
  if (auto read = document::parse(out, base.bounds()); !read) {
    auto why = std::move(read).error();
    why.message = "with the changes made, " + why.message;
    return why;
  }
  return out;
}

} // namespace muster::json
