#include "muster/store/manifest_meaning.hpp"

#include "muster/store/json_layout.hpp"
#include "muster/store/json_text.hpp"
#include "muster/store/json_write.hpp"
#include "muster/store/manifest_check.hpp"

#include <algorithm>
#include <vector>

namespace muster {

namespace {

using json::kind;
using rules::shape;

void append_meaning(std::string& out, json::value v, const rules::rule* rule);

/// A member to write, given or by default.
struct entry {
  std::string_view key;
  const rules::field* field = nullptr;
  json::value given;
};

bool comes_first(const entry& a, const entry& b) noexcept {
  return json::compare_utf16(a.key, b.key) < 0;
}

bool degrades(const rules::field* field, json::value value) {
  return field && field->when_bad == rules::tolerance::degrade && !obeys(value, field->value);
}

void append_entry(std::string& out, const entry& written) {
  if (written.given) {
    json::append_key(out, written.given);
    out += ':';
    append_meaning(out, written.given, written.field ? &written.field->value : nullptr);
  } else {
    // The names in our tables need no escapes.
    out.append(1, '"').append(written.key).append("\":").append(written.field->absent.meaning);
  }
}

void append_object(std::string& out, json::value v, rules::table<rules::field> members) {
  std::vector<entry> entries;
  entries.reserve(v.size() + members.count);
  // Keys with escapes are decoded once and must not move.
  std::vector<std::string> decoded;
  std::uint64_t seen = 0;
  const rules::field* last = nullptr;
  for (const auto member : v) {
    auto key = member.plain_key();
    if (!key) {
      decoded.reserve(v.size());
      key = decoded.emplace_back(member.key());
    }
    const auto* known = rules::find_field(members, *key, last);
    if (degrades(known, member))
      continue;
    if (known) {
      last = known;
      seen |= std::uint64_t{1} << (known - members.begin());
    }
    entries.push_back({*key, known, member});
  }
  for (std::size_t index = 0; index < members.count; ++index) {
    const auto& field = members.first[index];
    if (!(seen >> index & 1) && !field.absent.meaning.empty())
      entries.push_back({field.name, &field, {}});
  }
  std::sort(entries.begin(), entries.end(), comes_first);
  out += '{';
  for (const auto& written : entries) {
    if (out.back() != '{')
      out += ',';
    append_entry(out, written);
  }
  out += '}';
}

void append_set(std::string& out, json::value v) {
  std::vector<std::string> texts;
  for (const auto element : v)
    texts.push_back(element.as_string());
  std::sort(texts.begin(), texts.end(), [](const auto& a, const auto& b) { return json::compare_utf16(a, b) < 0; });
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  out += '[';
  for (const auto& text : texts) {
    if (&text != &texts.front())
      out += ',';
    json::append_quoted(out, text);
  }
  out += ']';
}

void append_list(std::string& out, json::value v, const rules::rule& rule) {
  if (rule.is_set && obeys(v, rule))
    return append_set(out, v);
  out += '[';
  bool first = true;
  for (const auto element : v) {
    if (!first)
      out += ',';
    first = false;
    append_meaning(out, element, rule.element);
  }
  out += ']';
}

void append_meaning(std::string& out, json::value v, const rules::rule* rule) {
  const auto is = [&](shape form, kind type) { return rule && rule->form == form && v.is(type); };
  if (is(shape::object, kind::object))
    return append_object(out, v, rule->members);
  if (is(shape::tagged, kind::object)) {
    const auto tag = v.find(rule->tag);
    return append_object(
        out, v, tag.is(kind::string) ? rules::members_for(*rule, tag.as_string()) : rules::table<rules::field>{});
  }
  if (is(shape::list, kind::array))
    return append_list(out, v, *rule);
  json::append_canonical(out, v);
}

} // namespace

sha256_digest file_hash(std::string_view bytes) {
  return sha256::of(bytes);
}

std::string manifest_meaning(const json::document& manifest) {
  std::string meaning;
  meaning.reserve(manifest.text().size() + 256);
  if (manifest.root().is(kind::object))
    append_object(meaning, manifest.root(), rules::manifest_fields());
  else
    json::append_canonical(meaning, manifest.root());
  return meaning;
}

sha256_digest content_hash(const json::document& manifest) {
  return sha256::of(manifest_meaning(manifest));
}

std::string meaning_under(const rules::rule* rule, json::value value) {
  std::string meaning;
  append_meaning(meaning, value, rule);
  return meaning;
}

std::optional<std::string> field_meaning(std::string_view name, json::value value) {
  const auto* field = rules::find_field(name);
  if (!value || degrades(field, value))
    return default_meaning(name);
  return meaning_under(field ? &field->value : nullptr, value);
}

std::optional<std::string> default_meaning(std::string_view name) {
  const auto* field = rules::find_field(name);
  if (!field || field->absent.meaning.empty())
    return std::nullopt;
  return std::string(field->absent.meaning);
}

} // namespace muster
