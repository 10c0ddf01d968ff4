#define CAF_SUITE manifest_edits_sim

#include "tests/support/manifest_samples.hpp"
#include "tests/support/peer_grammar.hpp"

#include "muster/store/manifest_merge.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace muster;
using namespace muster::test;

// A manifest with members from the future in every object is edited through us,
// and in between somebody else changes those members as text. What they wrote
// must be there to the byte, and in its object, after each of our edits.

namespace {

/// The objects that have unknown members.
enum class spot { top, behavior, traits, conventions, groups, budget, server, connection };
constexpr std::size_t spots = 8;

/// An unknown member as somebody wrote it.
struct foreign {
  spot where;
  std::string key;
  std::string value;
  std::string text; ///< key, colon and value with the blanks between
};

class world {
public:
  explicit world(std::uint64_t seed) : random_(seed), known_(full_manifest()) {
    for (std::size_t at = 0; at < spots; ++at)
      foreign_.push_back(invent(static_cast<spot>(at)));
    auto sample = full_manifest();
    for (const auto* name : {"behavior", "traits", "conventions", "enabledToolGroups", "budget"})
      sample.set(name,
                 "{" + foreign_[static_cast<std::size_t>(spot_of(name))].text + ", " + sample.get(name).substr(1));
    sample.set("mcpServers",
               "[{" + foreign_[static_cast<std::size_t>(spot::server)].text + R"(,
        "name": "files", "connection": {"command": "c" , )" +
                   foreign_[static_cast<std::size_t>(spot::connection)].text +
                   R"(,"transport": "stdio"}, "addedAt": "2026-01-01T00:01:19Z", "addedBy": "operator" }])");
    known_.set("mcpServers", R"([{"name": "files", "connection": {"command": "c", "transport": "stdio"},
                                  "addedAt": "2026-01-01T00:01:19Z", "addedBy": "operator"}])");
    text_ = "{" + foreign_.front().text + "," + sample.text().substr(1);
  }

  /// Somebody replaces, adds or removes a member that we do not know.
  void edit_by_somebody() {
    auto& member = foreign_[below(foreign_.size())];
    const auto at = text_.find(member.text);
    auto fresh = invent(member.where);
    switch (below(3)) {
      case 0:
        text_.replace(at, member.text.size(), fresh.text);
        member = std::move(fresh);
        return;
      case 1:
        if (foreign_.size() > 40)
          return;
        text_.insert(at + member.text.size(), ",\n\t" + fresh.text);
        foreign_.push_back(std::move(fresh));
        return;
      default: remove_as_text(member, at);
    }
  }

  /// We change one to three fields; false if that was refused.
  bool edit_by_us() {
    const auto base = manifest_document::read(text_);
    if (!base)
      return false;
    std::vector<field_change> changes;
    const auto wanted = 1 + below(3);
    while (changes.size() < wanted) {
      auto next = draw_change();
      if (std::none_of(changes.begin(), changes.end(), [&](const auto& c) { return c.name == next.name; }))
        changes.push_back(std::move(next));
    }
    auto bytes = apply_changes(*base, changes);
    if (!bytes)
      return false;
    for (const auto& change : changes)
      change.text ? known_.set(change.name, *change.text) : known_.remove(change.name);
    text_ = std::move(*bytes);
    return true;
  }

  /// How many members of somebody else are lost, moved or altered.
  [[nodiscard]] std::size_t lost() const {
    const auto read = json::document::parse(text_);
    std::size_t count = 0;
    for (const auto& member : foreign_) {
      const auto first = text_.find(member.text);
      const bool once = first != std::string::npos && text_.find(member.text, first + 1) == std::string::npos;
      count += !once || object_at(read->root(), member.where).find(member.key).text() != member.value;
    }
    return count;
  }

  [[nodiscard]] bool says_what_we_wrote() const {
    const auto read = manifest_document::read(text_);
    const auto expected = manifest_document::read(known_.text());
    return read && expected && as_meant(read->fields()) == as_meant(expected->fields()) && peer::accepts(text_, true);
  }

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  /// Capabilities are a set, so another order or a repetition is no edit.
  static manifest as_meant(manifest fields) {
    const std::set<std::string> unique(fields.capabilities.begin(), fields.capabilities.end());
    fields.capabilities.assign(unique.begin(), unique.end());
    return fields;
  }

  std::string pick(std::initializer_list<std::string_view> choices) {
    return std::string(*(choices.begin() + below(choices.size())));
  }

  static spot spot_of(std::string_view name) {
    if (name == "behavior")
      return spot::behavior;
    if (name == "traits")
      return spot::traits;
    if (name == "conventions")
      return spot::conventions;
    return name == "budget" ? spot::budget : spot::groups;
  }

  static json::value object_at(json::value root, spot where) {
    switch (where) {
      case spot::top: return root;
      case spot::behavior: return root.find("behavior");
      case spot::traits: return root.find("traits");
      case spot::conventions: return root.find("conventions");
      case spot::groups: return root.find("enabledToolGroups");
      case spot::budget: return root.find("budget");
      case spot::server:
      case spot::connection: break;
    }
    for (const auto server : root.find("mcpServers"))
      if (server.find("name").as_string() == "files")
        return where == spot::server ? server : server.find("connection");
    return {};
  }

  foreign invent(spot where) {
    const auto serial = std::to_string(++serial_);
    const auto key = pick({"later-", "x.", "Name", "é", "__proto__"}) + serial;
    const auto value = pick({"1.10", "-0", "1E400", "12345678901234567890.0", "null", "\"\\u0041\\/\"", "[ ]",
                             "{\"a\" :[ 1.0 , {} ], \"\\u0062\": \"ü\" }", "[1,\n 2]"});
    const auto text = '"' + key + '"' + pick({":", " : ", ":\n\t"}) + value;
    return {where, key, value, text};
  }

  void remove_as_text(const foreign& member, std::size_t at) {
    const auto same_spot = [&](const foreign& other) { return other.where == member.where; };
    if (std::count_if(foreign_.begin(), foreign_.end(), same_spot) == 1)
      return;
    auto end = at + member.text.size();
    const auto comma = text_.find_first_not_of(" \n\t", end);
    const auto before = text_.find_last_not_of(" \n\t", at - 1);
    if (text_[comma] == ',')
      text_.erase(at, comma + 1 - at);
    else if (text_[before] == ',')
      text_.erase(before, end - before);
    else
      return;
    foreign_.erase(foreign_.begin() + (&member - foreign_.data()));
  }

  std::string some_text() {
    return '"' + pick({"", "a", "é🤖", "\\n", "with \\\"quotes\\\"", "\\u00e9"}) + std::to_string(below(5)) + '"';
  }

  std::string some_object(std::initializer_list<std::string_view> members,
                          std::initializer_list<std::string_view> values) {
    std::string text = "{";
    for (const auto member : members)
      if (below(2) == 0)
        text += (text.size() == 1 ? "\"" : ", \"") + std::string(member) + "\":" + pick(values);
    return text + "}";
  }

  std::string some_server(const std::string& name) {
    const auto connection =
        pick({R"({"transport":"stdio","command":"c"})", R"({"transport":"stdio","command":"d","args":["x"]})",
              R"({"transport":"http","url":"https://h"})", R"({"transport":"sse","url":"a:b","headers":{"X":"y"}})"});
    return R"({"name":")" + name + R"(","enabled":)" + pick({"true", "false"}) + R"(,"connection":)" + connection +
           R"(,"addedAt":"2026-01-01T00:00Z","addedBy":)" + pick({"\"me\"", "\"you\""}) + "}";
  }

  std::string some_servers() {
    std::vector<std::string> servers{some_server("files")};
    for (std::size_t extra = below(3); extra > 0; --extra)
      servers.insert(servers.begin() + static_cast<std::ptrdiff_t>(below(servers.size() + 1)),
                     some_server("extra-" + std::to_string(extra)));
    std::string text = "[";
    for (const auto& server : servers)
      text += (text.size() == 1 ? "" : ",") + server;
    return text + "]";
  }

  field_change draw_change() {
    switch (below(16)) {
      case 0: return {"behavior", some_object({"responseMode"}, {"\"always\"", "\"silent\"", "\"engaged\""})};
      case 1: return {"traits", some_object({"humor", "spice", "chaos", "autonomy"}, {"1", "3", "3.0", "5"})};
      case 2: return {"conventions", some_object({"soul", "nope", "dorkosKnowledge"}, {"true", "false"})};
      case 3: return {"enabledToolGroups", some_object({"tasks", "mesh", "adapter"}, {"true", "false"})};
      case 4: return {"budget", some_object({"maxHopsPerMessage", "maxCallsPerHour"}, {"1", "5", "100", "1e3"})};
      case 5:
      case 6: return {"mcpServers", some_servers()};
      case 7: return {"capabilities", pick({"[]", R"(["a"])", R"(["b","a"])", R"(["b", "a", "b"])"})};
      case 8: return {"runtime", pick({"\"codex\"", "\"other\"", "\"gemini\""})};
      case 9: return {"effort", pick({"\"low\"", "\"max\""})};
      case 10: return {pick({"personaEnabled", "isSystem"}), pick({"true", "false"})};
      case 11: return {pick({"displayName", "color", "model", "persona"}), std::nullopt};
      case 12: return {"registeredAt", pick({"\"2026-01-01T00:00Z\"", "\"2026-01-02T00:00:00.000Z\""})};
      default:
        return {pick({"name", "displayName", "description", "namespace", "persona", "color", "model"}), some_text()};
    }
  }

  std::mt19937_64 random_;
  object_sample known_;
  std::vector<foreign> foreign_;
  std::string text_;
  std::size_t serial_ = 0;
};

} // namespace

CAF_TEST(loses nothing unknown in a thousand edits while somebody else edits too) {
  const char* given = std::getenv("MUSTER_SEED");
  const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : 20260101;
  world w(seed);
  constexpr int rounds = 1000;
  int refused = 0;
  int wrong = 0;
  std::size_t lost = 0;
  std::size_t foreign_edits = 0;
  for (int round = 0; round < rounds && refused == 0 && wrong == 0 && lost == 0; ++round) {
    for (int edits = round % 3; edits > 0; --edits, ++foreign_edits)
      w.edit_by_somebody();
    refused += !w.edit_by_us();
    lost += w.lost();
    wrong += !w.says_what_we_wrote();
  }
  if (refused != 0 || wrong != 0 || lost != 0)
    std::printf("seed %llu\n%s\n", static_cast<unsigned long long>(seed), w.text().c_str());
  std::printf("lane manifest_edits_sim: %d edits, %zu by somebody else, seed %llu\n", rounds, foreign_edits,
              static_cast<unsigned long long>(seed));
  CAF_CHECK_EQUAL(refused, 0);
  CAF_CHECK_EQUAL(lost, 0u);
  CAF_CHECK_EQUAL(wrong, 0);
}
