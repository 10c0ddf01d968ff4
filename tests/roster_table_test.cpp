#define CAF_SUITE roster_table_test

#include "muster/store/roster_table.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace muster;
using text = roster_entry::text;

namespace {

index_row row_of(const std::string& agent, const std::string& name, const std::string& path) {
  index_row row;
  row.agent = agent;
  row.name = name;
  row.path = path;
  row.scan_root = "/roots";
  return row;
}

struct table : roster_table {
  table() {
    for (const std::string each : {"b", "d", "f"})
      append(row_of(each, "old", "/" + each));
    sort();
  }
  void put(const std::vector<std::string>& agents, const std::vector<std::pair<std::string, std::string>>& places) {
    std::set<agent_id> all;
    for (const auto& each : agents)
      all.insert(agent_id{each});
    std::vector<roster_entry> now;
    for (const auto& [agent, path] : places)
      now.push_back(made_of(row_of(agent, "new", path)));
    replace(all, std::move(now));
  }
  /// "agent:path:name" of each, in their order.
  [[nodiscard]] std::string all() const {
    std::string result;
    for (const auto& each : entries()) {
      CAF_CHECK_EQUAL(scan_root(each), "/roots");
      result.append(each.get(text::agent)).append(":").append(each.get(text::path)).append(":");
      result.append(each.get(text::name)).append(" ");
    }
    return result;
  }
};

} // namespace

CAF_TEST(an agent with as many places as before is replaced where it is) {
  table some;
  const auto* before = some.entries().data();
  some.put({"b", "f"}, {{"f", "/moved"}, {"b", "/b"}});
  CAF_CHECK_EQUAL(some.all(), "b:/b:new d:/d:old f:/moved:new ");
  CAF_CHECK(some.entries().data() == before);
}

CAF_TEST(agents come and go in one go) {
  table some;
  some.put({"a", "d", "e", "f", "g"}, {{"g", "/g"}, {"a", "/a"}, {"f", "/f"}, {"e", "/e"}});
  CAF_CHECK_EQUAL(some.all(), "a:/a:new b:/b:old e:/e:new f:/f:new g:/g:new ");
  CAF_CHECK_EQUAL(some.of("e").size(), 1u);
  CAF_CHECK(some.of("d").empty());
  CAF_CHECK_EQUAL(some.after("e").size(), 2u);
}

CAF_TEST(an agent may come to have more places and fewer) {
  table some;
  some.put({"d"}, {{"d", "/one"}, {"d", "/two"}});
  CAF_CHECK_EQUAL(some.all(), "b:/b:old d:/one:new d:/two:new f:/f:old ");
  some.put({"d"}, {{"d", "/two"}});
  CAF_CHECK_EQUAL(some.all(), "b:/b:old d:/two:new f:/f:old ");
}

CAF_TEST(who is not there before or after changes nothing) {
  table some;
  some.put({"c", "z"}, {});
  CAF_CHECK_EQUAL(some.all(), "b:/b:old d:/d:old f:/f:old ");
}

CAF_TEST(agents that come one by one do not double the room) {
  roster_table some;
  constexpr int agents = 2000;
  for (int i = 0; i < agents; ++i) {
    const auto name = std::to_string(10'000 + i);
    some.replace({agent_id{name}}, {});
    std::vector<roster_entry> now;
    now.push_back(some.made_of(row_of(name, "one", "/" + name)));
    some.replace({agent_id{name}}, std::move(now));
  }
  CAF_CHECK_EQUAL(some.entries().size(), 2000u);
  CAF_CHECK(some.entries().capacity() < 2300);
}
