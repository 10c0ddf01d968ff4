#define CAF_SUITE json_splice_sim

#include "muster/store/json_splice.hpp"

#include "tests/support/json_splice_oracle.hpp"

#include "muster/store/json_write.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace muster;
using namespace muster::tests;
using json::document;
using json::kind;
using json::value;

namespace {

/// Makes documents laid out in many ways, and changes to them.
class sampler {
public:
  explicit sampler(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }

  /// An object document; the way blanks are set is drawn anew for each.
  std::string document_text() {
    style_ = below(5);
    return gap(0) + object_text(0) + gap(0);
  }

  std::string value_text(std::size_t level) {
    const auto choice = below(level > 3 ? 5 : 8);
    if (choice < 5)
      return pick({"0", "-0", "1.10", "1e400", "12345678901234567890", "true", "false", "null", "\"\"", "\"x\"",
                   "\"\\u0078\"", "\"\\ud83d\\ude00\"", "\"😀\"", "1.1", "\"\\/\\n\"", "1"});
    return choice < 7 ? object_text(level) : array_text(level);
  }

  /// A value like `old` with something different somewhere.
  std::string mutated(value old, std::size_t level) {
    if (below(4) == 0 || old.size() == 0)
      return value_text(level);
    const bool in_object = old.is(kind::object);
    std::vector<std::string> parts;
    std::set<std::string> keys;
    for (const auto child : old) {
      if (below(4) == 0)
        continue;
      const auto text = below(3) == 0 ? mutated(child, level + 1) : json::canonical(child);
      parts.push_back(in_object ? json::quote(child.key()) + ":" + text : text);
      keys.insert(child.key());
    }
    if (below(2) == 0 && !in_object)
      parts.push_back(value_text(level + 1));
    if (const auto key = key_name(); below(2) == 0 && in_object && keys.insert(key).second)
      parts.push_back(json::quote(key) + ":" + value_text(level + 1));
    std::shuffle(parts.begin(), parts.end(), random_);
    std::string result;
    for (const auto& part : parts)
      result += (result.empty() ? "" : ",") + part;
    return in_object ? "{" + result + "}" : "[" + result + "]";
  }

  std::vector<json::member_change> changes(value root) {
    std::map<std::string, std::optional<std::string>> drawn;
    for (const auto member : root) {
      switch (below(5)) {
        case 0: drawn[member.key()] = std::nullopt; break;
        case 1: drawn[member.key()] = json::canonical(member); break;
        case 2: drawn[member.key()] = mutated(member, 1); break;
        default: break;
      }
    }
    for (auto count = below(3); count != 0; --count)
      drawn[key_name()] = value_text(1);
    std::vector<json::member_change> result;
    for (auto& [key, text] : drawn)
      result.push_back({key, text});
    std::shuffle(result.begin(), result.end(), random_);
    return result;
  }

private:
  std::string pick(std::vector<std::string> from) { return from[below(from.size())]; }

  std::string key_name() {
    return pick({"a",  "b",  "c",  "id", "name", "é",  "😀",  "\xef\xac\xb3", "\"q\\", "\n",  "",   "k1",
                 "k2", "k3", "k4", "k5", "k6",   "k7", "k8", "k9",           "k10",   "k11", "k12"});
  }

  /// Between two tokens, at the end of a line where the style has lines.
  std::string gap(std::size_t level) {
    switch (style_) {
      case 0: return "";
      case 1: return "\n" + std::string(2 * level, ' ');
      case 2: return "\r\n" + std::string(level, '\t');
      case 3: return " ";
      default: return pick({"", " ", "\n", "\t", "\r", "\r\n  ", "\n\n    "});
    }
  }

  std::string blank() { return style_ == 4 ? pick({"", " ", "\n", "\t"}) : style_ == 0 ? "" : " "; }

  std::string object_text(std::size_t level) {
    std::set<std::string> keys;
    std::string result;
    for (auto count = below(level == 0 ? 24 : 5); count != 0; --count) {
      const auto key = key_name();
      if (!keys.insert(key).second)
        continue;
      auto written = json::quote(key);
      if (key == "a" && below(2) == 0)
        written = "\"\\u0061\"";
      result += (result.empty() ? "" : (style_ == 4 ? blank() : "") + ",") + gap(level + 1) + written +
                (style_ == 4 ? blank() : "") + ":" + blank() + value_text(level + 1);
    }
    return "{" + (result.empty() ? result : result + gap(level)) + "}";
  }

  std::string array_text(std::size_t level) {
    std::string result;
    for (auto count = below(5); count != 0; --count)
      result += (result.empty() ? "" : ",") + gap(level + 1) + value_text(level + 1);
    return "[" + (result.empty() ? result : result + gap(level)) + "]";
  }

  std::mt19937_64 random_;
  std::size_t style_ = 0;
};

std::uint64_t chosen_seed() {
  const char* const given = std::getenv("MUSTER_SEED");
  return given ? std::strtoull(given, nullptr, 10) : 20'260'224;
}

} // namespace

CAF_TEST(a spliced document means base and changes and keeps every untouched byte) {
  const auto seed = chosen_seed();
  sampler sample(seed);
  constexpr std::size_t rounds = 1'500;
  std::size_t made = 0;
  std::size_t refused = 0;
  std::size_t wrong = 0;
  for (std::size_t round = 0; round != rounds; ++round) {
    const auto base = document::parse(sample.document_text()).value();
    const auto changes = sample.changes(base.root());
    made += changes.size();
    const auto text = json::splice(base, changes);
    if (!text) {
      ++refused;
      continue;
    }
    const auto after = document::parse(*text).value();
    const bool means = json::canonical(after.root()) == expected_meaning(base.root(), changes);
    const auto lost = lost_bytes(base.root(), after.root());
    if ((!means || lost != 0) && wrong++ == 0)
      std::printf("base <%s>\nresult <%s>\nround %zu: means %d, lost %zu\n", std::string(base.text()).c_str(),
                  text->c_str(), round, means, lost);
  }
  std::printf("lane json_splice_sim: %zu documents, %zu changes, seed %llu\n", rounds, made,
              static_cast<unsigned long long>(seed));
  CAF_CHECK_EQUAL(refused, 0u);
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(a thousand edits there and back lose nothing) {
  std::string text = "{\n  \"id\": \"x\",\n  \"future\": {\"big\" : 12345678901234567890,  \"e\":1E400 },\n"
                     "  \"name\": \"a\",\n  \"list\": [1.10, -0]\n}\n";
  const auto first = text;
  for (int i = 0; i != 1'000; ++i) {
    const auto base = document::parse(text).value();
    const std::vector<json::member_change> there = {
        {"name", i % 2 == 0 ? "\"b\"" : "\"a\""},
        {"extra", i % 2 == 0 ? std::optional<std::string>("[1]") : std::nullopt}};
    text = json::splice(base, there).value();
  }
  CAF_CHECK_EQUAL(text, first);
}
