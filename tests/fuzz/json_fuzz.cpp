// Input: a JSON text, then any number of changes, each "\x1f key \x1e text" or
// "\x1f key" for a removal. Neither byte can stand raw in JSON.

#include "tests/support/json_splice_oracle.hpp"

#include "muster/store/json_splice.hpp"
#include "muster/store/json_write.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace muster;
using json::document;

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

std::vector<json::member_change> read_changes(std::string_view rest) {
  std::vector<json::member_change> result;
  while (!rest.empty()) {
    auto change = cut(rest, '\x1f');
    const bool removal = change.find('\x1e') == std::string_view::npos;
    json::member_change next{std::string(cut(change, '\x1e')), std::nullopt};
    if (!removal)
      next.text = std::string(change);
    result.push_back(std::move(next));
  }
  return result;
}

/// Changes made of the members themselves: gone, moved by one, or kept, as the text's bytes say.
std::vector<json::member_change> derive_changes(const document& base) {
  std::vector<json::member_change> result;
  std::string_view before = "[]";
  for (const auto member : base.root()) {
    switch (member.text().size() % 4) {
      case 0: result.push_back({member.key(), std::nullopt}); break;
      case 1: result.push_back({member.key(), std::string(before)}); break;
      case 2: result.push_back({member.key() + "+", json::canonical(member)}); break;
      default: break;
    }
    before = member.text();
  }
  return result;
}

void check_writing(const document& doc) {
  const auto canonical = json::canonical(doc.root());
  const auto again = document::parse(canonical);
  must(again.has_value(), "the canonical text is read", canonical);
  must(json::canonical(again->root()) == canonical, "the canonical text is canonical", canonical);
  must(json::same_meaning(doc.root(), again->root()), "the canonical text means the same", canonical);
  const auto pretty = document::parse(json::pretty(doc.root()));
  must(pretty ? json::canonical(pretty->root()) == canonical : pretty.error().code == "json-size",
       "the pretty text means the same", canonical);
}

void check_splicing(const document& base, const std::vector<json::member_change>& changes) {
  const auto text = json::splice(base, changes);
  if (!text)
    return;
  const auto after = document::parse(*text);
  must(after.has_value(), "the result is read", *text);
  must(json::canonical(after->root()) == tests::expected_meaning(base.root(), changes), "base and changes", *text);
  must(tests::lost_bytes(base.root(), after->root()) == 0, "untouched bytes stay", *text);
  must(json::splice(*after, changes).value() == *text, "the same changes again change nothing", *text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto base = document::parse(std::string(cut(rest, '\x1f')));
  if (!base) {
    must(base.error().message.find("at line ") != std::string::npos, "a refusal names the line", base.error().message);
    return 0;
  }
  check_writing(*base);
  if (!base->root().is(json::kind::object))
    return 0;
  check_splicing(*base, read_changes(rest));
  check_splicing(*base, derive_changes(*base));
  return 0;
}
