// Input: a manifest, then any number of changes, each "\x1f name \x1e text" or
// "\x1f name" for a removal, with another "\x1e" at the end to drop unknown
// members. Neither byte can stand raw in JSON.

#include "muster/store/json_write.hpp"
#include "muster/store/manifest_meaning.hpp"
#include "muster/store/manifest_merge.hpp"
#include "muster/store/manifest_text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace muster;

namespace {

void must(bool holds, const char* what, std::string_view text) {
  if (holds)
    return;
  std::fprintf(stderr, "does not hold: %s, with <%.*s>\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

std::string_view cut(std::string_view& rest, char at) {
  const auto part = rest.substr(0, rest.find(at));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

std::vector<field_change> read_changes(std::string_view rest) {
  std::vector<field_change> changes;
  while (!rest.empty()) {
    auto change = cut(rest, '\x1f');
    const bool removal = change.find('\x1e') == std::string_view::npos;
    field_change next{std::string(cut(change, '\x1e')), std::nullopt};
    if (!removal) {
      next.inside = change.ends_with('\x1e') ? unknown_members::drop : unknown_members::keep;
      next.text = std::string(cut(change, '\x1e'));
    }
    changes.push_back(std::move(next));
  }
  return changes;
}

/// Check and read agree, and every problem can be told.
void check_agrees(const std::string& text, const manifest_result<manifest_document>& read) {
  const auto report = check_manifest(text);
  must((report.count == 0) == read.has_value(), "check and read agree", text);
  must(report.problems.size() == std::min(report.count, max_listed_problems), "problems are listed", text);
  if (!read)
    must(read.error().code == report.problems.front().code, "both name the same problem", text);
  for (const auto& problem : report.problems)
    must(!problem.code.empty() && !problem.message.empty() && problem.where.line > 0, "a problem is complete", text);
}

void check_meaning(const manifest_document& base) {
  const auto hash = content_hash(base.document());
  for (const auto& respelled : {json::pretty(base.document().root()), manifest_meaning(base.document())}) {
    if (respelled.size() > base.document().bounds().bytes)
      continue;
    const auto again = manifest_document::read(respelled);
    must(again.has_value(), "a respelling stays valid", respelled);
    must(content_hash(again->document()) == hash, "a respelling means the same", respelled);
  }
}

void check_changes(const manifest_document& base, const std::vector<field_change>& changes) {
  const auto bytes = apply_changes(base, changes);
  if (!bytes) {
    must(!bytes.error().problems.empty(), "a refusal names its problems", base.bytes());
    return;
  }
  const auto after = manifest_document::read(*bytes);
  must(after.has_value(), "a change leaves a valid manifest", *bytes);
  must(after->fields().id == base.fields().id, "a change keeps the id", *bytes);
  for (const auto& change : changes) {
    const auto now = after->document().root().find(change.name);
    if (!change.text) {
      must(field_meaning(change.name, now) == default_meaning(change.name), "a removal removes", *bytes);
    } else if (change.inside == unknown_members::drop) {
      const auto wanted = json::document::parse(*change.text);
      must(field_meaning(change.name, now) == field_meaning(change.name, wanted->root()), "a change is made", *bytes);
    }
  }
  for (const auto member : base.document().root()) {
    const auto named = [&](const field_change& change) { return change.name == member.key(); };
    if (std::none_of(changes.begin(), changes.end(), named))
      must(after->document().root().find(member.key()).text() == member.text(), "the rest keeps its bytes", *bytes);
  }
  const auto twice = apply_changes(*after, changes);
  must(twice && *twice == *bytes, "the same changes again change nothing", *bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string text(cut(rest, '\x1f'));
  const auto read = manifest_document::read(text);
  check_agrees(text, read);
  if (!read)
    return 0;
  must(read->bytes() == text, "the bytes are kept", text);
  check_meaning(*read);
  check_changes(*read, read_changes(rest));
  if (const auto written = new_manifest(read->fields()))
    must(written->fields() == read->fields(), "what is written reads the same", std::string{written->bytes()});
  return 0;
}
