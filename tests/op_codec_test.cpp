#define CAF_SUITE op_codec_test

#include "muster/store/op_codec.hpp"

#include "tests/support/feed_samples.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/feed_limits.hpp"
#include "muster/store/json.hpp"

#include <caf/test/unit_test.hpp>

#include <set>

using namespace muster;
using namespace muster::test;

namespace {

const instance_id own = sample_instance(1);
const instance_id other = sample_instance(2);

commit with_ops(std::vector<op> ops) {
  commit result;
  result.instance = own;
  result.seq = 7;
  result.at = {0x0123456789abcdef};
  result.ops = std::move(ops);
  return result;
}

std::string line_of(const commit& what) {
  const auto line = encode_commit(what);
  return line ? *line : "refused: " + std::string(line.error().code);
}

std::string refusal(std::string_view line) {
  const auto read = decode_commit(line, own);
  return read ? "accepted" : std::string(read.error().code);
}

/// A line with one op spelled by hand.
std::string with_op(const std::string& text) {
  return R"({"at":"0123456789abcdef","ops":[)" + text + R"(],"seq":7})";
}

} // namespace

CAF_TEST(a commit has the one line that is documented) {
  auto what = with_ops({agent_put{agent_id("A"), {{"name", "\"x\"", {{other, 3}}}}, false}});
  what.request = "r1";
  what.request_hash = std::string(64, 'a');
  what.saga = "01J9Z8Y7X6W5V4T3S2R1Q0P9N8";
  CAF_CHECK_EQUAL(line_of(what),
                  R"({"at":"0123456789abcdef","ops":[{"agent.put":{"agent":"A","fields":[{"field":"name","saw":{")" +
                      other.text + R"(":3},"set":"x"}]}}],"request":"r1","requestHash":")" + std::string(64, 'a') +
                      R"(","saga":"01J9Z8Y7X6W5V4T3S2R1Q0P9N8","seq":7})");
}

CAF_TEST(every kind of op reads back as itself and as the same bytes [OL-03]) {
  std::set<std::size_t> kinds;
  for (const auto& each : every_op(own, other)) {
    kinds.insert(each.index());
    const auto what = with_ops({each});
    const auto line = encode_commit(what);
    CAF_REQUIRE(line.has_value());
    const auto read = decode_commit(*line, own);
    CAF_REQUIRE(read.has_value());
    CAF_CHECK(*read == what);
    CAF_CHECK_EQUAL(line_of(*read), *line);
  }
  CAF_CHECK_EQUAL(kinds.size(), std::variant_size_v<op>);
}

CAF_TEST(a line is JSON to any other reader) {
  const auto line = line_of(with_ops(every_op(own, other)));
  CAF_CHECK(json::document::parse(line).has_value());
  CAF_CHECK(is_canonical_value(line, feed_limits::value_depth));
}

CAF_TEST(no byte of a line can be changed removed or doubled without being noticed or meaning something else) {
  const auto what = with_ops(every_op(own, other));
  const auto line = line_of(what);
  std::size_t changed = 0;
  std::size_t wrong = 0;
  const auto look = [&](const std::string& altered) {
    if (altered == line)
      return;
    ++changed;
    const auto read = decode_commit(altered, own);
    if (read && (*read == what || line_of(*read) != altered))
      ++wrong;
  };
  for (std::size_t i = 0; i != line.size(); ++i) {
    for (const char bit : {1, 2, 4, 8, 16, 32, 64, -128}) {
      auto altered = line;
      altered[i] = static_cast<char>(altered[i] ^ bit);
      look(altered);
    }
    look(std::string(line).erase(i, 1));
    look(std::string(line).insert(i, 1, line[i]));
    look(std::string(line).insert(i, " "));
    look(line.substr(0, i));
  }
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK_GREATER(changed, 10'000u);
  std::printf("lane op_codec_test: %zu altered lines, none taken for another spelling\n", changed);
}

CAF_TEST(refuses whatever is not in the grammar with a code of its own) {
  const std::string put = R"({"agent.put":{"agent":"A","fields":[{"field":"f","set":1}]}})";
  CAF_CHECK_EQUAL(refusal(with_op(put)), "accepted");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "wrong-type"},
      {"null", "wrong-type"},
      {with_op(put) + " ", "text-follows"},
      {" " + with_op(put), "wrong-type"},
      {R"({"at":"0123456789ABCDEF","ops":[)" + put + R"(],"seq":7})", "not-hex"},
      {R"({"at":"0123456789abcde","ops":[)" + put + R"(],"seq":7})", "not-hex"},
      {R"({"ops":[)" + put + R"(],"seq":7})", "member-missing"},
      {R"({"at":"0123456789abcdef","seq":7,"ops":[)" + put + "]}", "member-missing"},
      {R"({"at":"0123456789abcdef","ops":[)" + put + R"(],"seq":7,"x":1})", "member-unknown"},
      {R"({"at":"0123456789abcdef","ops":[)" + put + R"(],"seq":7,"seq":7})", "member-unknown"},
      {R"({"at":"0123456789abcdef","ops":[)" + put + R"(],"seq":0})", "number-range"},
      {R"({"at":"0123456789abcdef","ops":[)" + put + R"(],"seq":07})", "number-range"},
      {R"({"at":"0123456789abcdef","ops":[)" + put + R"(],"seq":7.0})", "member-unknown"},
      {R"({"at":"0123456789abcdef","ops":[)" + put + R"(],"seq":9007199254740992})", "number-range"},
      {R"({"at":"0123456789abcdef","ops":[)" + put + R"(],"seq":99999999999999999999})", "number-range"},
      {R"({"at":"0123456789abcdef","ops":[],"seq":7})", "no-ops"},
      {R"({"at":"0123456789abcdef","ops":[)" + put + R"(],"request":"r","seq":7})", "lone-request"},
      {R"({"at":"0123456789abcdef","ops":[)" + put + R"(],"request":"","seq":7})", "empty-text"},
      {R"({"at":"0123456789abcdef","ops":[)" + put + R"(],"saga":"x","seq":7})", "not-a-ulid"},
      {with_op(R"({"agent.rename":{"agent":"A"}})"), "unknown-kind"},
      {with_op(R"({"agent.put":{"agent":"","fields":[{"field":"f","set":1}]}})"), "empty-text"},
      {with_op(R"({"agent.put":{"agent":1,"fields":[{"field":"f","set":1}]}})"), "wrong-type"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[]}})"), "wrong-type"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f"}]}})"), "set-or-removed"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f","removed":true,"set":1}]}})"), "set-or-removed"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f","removed":false,"set":1}]}})"), "wrong-type"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"g","set":1},{"field":"f","set":1}]}})"), "unsorted"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f","set":1},{"field":"f","set":1}]}})"), "unsorted"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f","set":1.0}]}})"), "not-canonical"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f","set":-0}]}})"), "not-canonical"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f","set":"\u0041"}]}})"), "not-canonical"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f","set":"\/"}]}})"), "not-canonical"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f","set":"\u000a"}]}})"), "not-canonical"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f","set":"\ud800"}]}})"), "not-canonical"},
      {with_op("{\"agent.put\":{\"agent\":\"A\",\"fields\":[{\"field\":\"f\",\"set\":\"\xff\"}]}}"), "not-canonical"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f","set":{"b":1,"a":1}}]}})"), "not-canonical"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f","set":{"a":1,"a":1}}]}})"), "not-canonical"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f","set":[1, 2]}]}})"), "not-canonical"},
      {with_op(R"({"agent.put":{"agent":"A","fields":[{"field":"f","set":tru}]}})"), "not-canonical"},
      {with_op(R"({"agent.drop":{"agent":"A","placements":{}}})"), "wrong-type"},
      {with_op(R"({"agent.drop":{"agent":"A","placements":{"x":1}}})"), "not-an-instance"},
      {with_op(R"({"place.put":{"agent":"A","path":"relative"}})"), "not-a-path"},
      {with_op(R"({"place.put":{"agent":"A","path":"/nul\u0000"}})"), "not-a-path"},
      {with_op(R"({"place.put":{"agent":"A","path":"hex:2f61"}})"), "not-a-path"},
      {with_op(R"({"place.put":{"agent":"A","path":"hex:2fFF"}})"), "not-a-path"},
      {with_op(R"({"place.put":{"agent":"A","path":"hex:ff"}})"), "not-a-path"},
      {with_op(R"({"place.drop":{"agent":"A","owner":")" + own.text + "\"}}"), "needless-member"},
      {with_op(R"({"rule.put":{"action":"maybe","source":"a","target":"b"}})"), "unknown-word"},
      {with_op(R"({"peer.retire":{"instance":")" + std::string(52, 'b') + "\"}}"), "not-an-instance"},
      {with_op(put + "," + put + ","), "wrong-type"},
  };
  for (const auto& [line, code] : cases)
    if (refusal(line) != code)
      CAF_ERROR(line << " is " << refusal(line) << ", not " << code);
  CAF_CHECK_EQUAL(cases.size(), 50u);
}

CAF_TEST(each bound holds at the limit and one beyond it) {
  const auto field = [](std::size_t bytes) {
    return with_ops({agent_put{agent_id("A"), {{"f", '"' + std::string(bytes - 2, 'x') + '"', {}}}, false}});
  };
  CAF_CHECK(encode_commit(field(feed_limits::value_bytes)).has_value());
  CAF_CHECK_EQUAL(line_of(field(feed_limits::value_bytes + 1)), "refused: over-limit");

  const auto placed = [](std::size_t bytes) {
    return with_ops({place_put{agent_id("A"), own, "/" + std::string(bytes - 1, '\xff'), "", "", true}});
  };
  CAF_CHECK(encode_commit(placed(feed_limits::path_bytes)).has_value());
  CAF_CHECK_EQUAL(line_of(placed(feed_limits::path_bytes + 1)), "refused: over-limit");

  const auto many = [](std::size_t count) { return with_ops(std::vector<op>(count, peer_retire{other})); };
  CAF_CHECK_EQUAL(line_of(many(feed_limits::ops_per_commit)).size(), 840'041u);
  CAF_CHECK_EQUAL(line_of(many(feed_limits::ops_per_commit + 1)), "refused: too-many-ops");

  const auto nested = [](std::size_t depth) {
    return with_ops({agent_put{agent_id("A"), {{"f", std::string(depth, '[') + std::string(depth, ']'), {}}}, false}});
  };
  CAF_CHECK(encode_commit(nested(feed_limits::value_depth)).has_value());
  CAF_CHECK_EQUAL(line_of(nested(feed_limits::value_depth + 1)), "refused: over-depth");

  auto long_line = field(feed_limits::value_bytes);
  auto& fields = std::get<agent_put>(long_line.ops[0]).fields;
  for (const char* name : {"g", "h", "i"})
    fields.push_back({name, fields[0].value, {}});
  CAF_CHECK_EQUAL(line_of(long_line), "refused: over-limit");
  const auto over = line_of(field(feed_limits::value_bytes)).size() - feed_limits::value_bytes + 4 * 20;
  fields[3].value->erase(1, over + 200);
  const auto room = feed_limits::line_bytes - line_of(long_line).size();
  fields[3].value->insert(1, room, 'x');
  CAF_CHECK_EQUAL(line_of(long_line).size(), feed_limits::line_bytes);
  fields[3].value->insert(1, 1, 'x');
  CAF_CHECK_EQUAL(line_of(long_line), "refused: over-limit");
}

CAF_TEST(a commit that would not read back as itself is refused when it is written) {
  const auto unsorted = with_ops({agent_put{agent_id("A"), {{"g", "1", {}}, {"f", "1", {}}}, false}});
  CAF_CHECK_EQUAL(line_of(unsorted), "refused: unsorted");
  const auto spelled = with_ops({agent_put{agent_id("A"), {{"f", "1.0", {}}}, false}});
  CAF_CHECK_EQUAL(line_of(spelled), "refused: not-canonical");
  const auto smuggled = with_ops({agent_put{agent_id("A"), {{"f", R"(1},{"field":"g","set":2)", {}}}, false}});
  CAF_CHECK_EQUAL(line_of(smuggled), "refused: op-not-canonical");
  const auto not_utf8 = with_ops({peer_retire{other}, agent_drop{agent_id("\xff"), {}}});
  CAF_CHECK_EQUAL(line_of(not_utf8), "refused: not-canonical");
}

CAF_TEST(a path is any bytes and has one spelling) {
  std::size_t wrong = 0;
  for (int first = 1; first != 256; ++first)
    for (int second = 1; second != 256; ++second) {
      const std::string path{'/', static_cast<char>(first), static_cast<char>(second)};
      const auto what = with_ops({deny_drop{own, path}});
      const auto line = encode_commit(what);
      wrong += !line || *decode_commit(*line, own) != what;
    }
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK_EQUAL(line_of(with_ops({deny_drop{own, "/\xff"}})), with_op(R"({"deny.drop":{"path":"hex:2fff"}})"));
}

CAF_TEST(a request that changed nothing may stand alone) {
  auto what = with_ops({});
  CAF_CHECK_EQUAL(line_of(what), "refused: no-ops");
  what.request = "r";
  what.request_hash = std::string(64, '0');
  CAF_CHECK(encode_commit(what).has_value());
}
