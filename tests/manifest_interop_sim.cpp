#define CAF_SUITE manifest_interop_sim

#include "tests/support/manifest_samples.hpp"
#include "tests/support/peer_grammar.hpp"

#include "muster/store/manifest_text.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

using namespace muster;
using namespace muster::test;

namespace {

/// Draws manifests that the rules allow, mostly at their boundaries.
class sampler {
public:
  explicit sampler(std::uint64_t seed) : random_(seed) {}

  manifest draw() {
    manifest fields;
    fields.id = text(1, 40);
    fields.name = text(1, 40);
    fields.display_name = perhaps(text(0, 100));
    fields.description = text(0, 200);
    fields.runtime = static_cast<agent_runtime>(below(runtime_names.size()));
    fields.capabilities = texts();
    fields.behavior.mode = static_cast<response_mode>(below(response_mode_names.size()));
    if (below(2) == 0)
      fields.behavior.escalation_threshold = json::decimal::parse(number());
    fields.name_space = perhaps(text(0, 64));
    fields.registered_at = datetime();
    fields.registered_by = text(1, 20);
    fields.persona = perhaps(text(0, 4000));
    fields.persona_enabled = flag();
    if (below(2) == 0)
      fields.traits = agent_traits{level(), level(), level(), level(), level(), level()};
    if (below(2) == 0)
      fields.conventions = agent_conventions{flag(), flag(), flag()};
    fields.color = perhaps(text(0, 9));
    fields.icon = perhaps(text(0, 4));
    fields.is_system = flag();
    fields.model = perhaps(text(1, 30));
    fields.effort = perhaps(static_cast<effort_level>(below(effort_names.size())));
    fields.account = perhaps(text(1, 30));
    fields.enabled_tool_groups = {perhaps(flag()), perhaps(flag()), perhaps(flag()), perhaps(flag())};
    for (std::size_t count = below(4); count > 0; --count)
      fields.mcp_servers.push_back(server());
    if (below(2) == 0)
      fields.budget = {1 + static_cast<std::int64_t>(below(9)), below(2) == 0 ? 1 : (std::int64_t{1} << 53) - 1};
    return fields;
  }

private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool flag() { return below(2) == 0; }
  std::int64_t level() { return 1 + static_cast<std::int64_t>(below(5)); }

  template <class T>
  std::optional<T> perhaps(T value) {
    return flag() ? std::optional<T>(std::move(value)) : std::nullopt;
  }

  /// Of so many UTF-16 units; in one case of three of as many as are allowed.
  std::string text(std::size_t least, std::size_t most) {
    static const std::vector<std::pair<std::string, std::size_t>> pieces{
        {"a", 1},    {"Z", 1}, {"\"", 1},     {"\\", 1}, {"\n", 1},   {std::string(1, '\0'), 1},
        {"\x7f", 1}, {"é", 1}, {"\u2028", 1}, {"日", 1}, {"🤖", 2}, {"\U0010FFFF", 2},
        {"/", 1},    {" ", 1}, {"\x1b", 1}};
    const auto units = below(3) == 0 ? most : least + below(most - least + 1);
    std::string drawn;
    for (std::size_t used = 0; used < units;) {
      const auto& [piece, size] = pieces[below(pieces.size())];
      if (used + size > units)
        continue;
      drawn += piece;
      used += size;
    }
    return drawn;
  }

  std::vector<std::string> texts() {
    std::vector<std::string> drawn;
    for (std::size_t count = below(4); count > 0; --count)
      drawn.push_back(text(0, 12));
    return drawn;
  }

  std::map<std::string, std::string> text_map() {
    std::map<std::string, std::string> drawn;
    for (std::size_t count = below(3); count > 0; --count)
      drawn.emplace(text(0, 6), text(0, 12));
    return drawn;
  }

  std::string number() {
    static const std::vector<std::string> numbers{"0", "-1", "0.1", "1.7976931348623157e308", "1e-320", "123456789.25"};
    return numbers[below(numbers.size())];
  }

  std::string datetime() {
    static const std::vector<std::string> times{"2026-01-01T00:00Z", "2024-02-29T23:59:59Z", "9999-12-31T23:59:59.999Z",
                                                "0000-01-01T00:00:00.1Z"};
    return times[below(times.size())];
  }

  mcp_server server() {
    static const std::vector<std::string> urls{"https://example.org/mcp", "http://[::1]:80/", "foo:", " ws://h?x "};
    mcp_server drawn;
    drawn.name = std::string(1 + below(64), "aZ9_-"[below(5)]);
    drawn.enabled = flag();
    drawn.transport = static_cast<mcp_transport>(below(transport_names.size()));
    if (drawn.transport == mcp_transport::stdio) {
      drawn.command = text(1, 20);
      drawn.args = texts();
      drawn.env = text_map();
    } else {
      drawn.url = urls[below(urls.size())];
      drawn.headers = text_map();
      drawn.oauth2 = flag();
    }
    drawn.added_at = datetime();
    drawn.added_by = text(1, 12);
    return drawn;
  }

  std::mt19937_64 random_;
};

} // namespace

CAF_TEST(writes only what the peer accepts and reads it back as it was) {
  const char* given = std::getenv("MUSTER_SEED");
  const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : 20260102;
  sampler samples(seed);
  constexpr int count = 400;
  int refused = 0;
  int peer_refused = 0;
  int different = 0;
  for (int i = 0; i < count; ++i) {
    const auto fields = samples.draw();
    const auto made = new_manifest(fields);
    if (!made) {
      ++refused;
      continue;
    }
    const std::string text{made->bytes()};
    peer_refused += !peer::accepts(text, true);
    const auto read = manifest_document::read(text);
    different += !read || read->fields() != fields;
  }
  std::printf("lane manifest_interop_sim: %d manifests, seed %llu\n", count, static_cast<unsigned long long>(seed));
  CAF_CHECK_EQUAL(refused, 0);
  CAF_CHECK_EQUAL(peer_refused, 0);
  CAF_CHECK_EQUAL(different, 0);
}
