#define CAF_SUITE journal_test

#include "muster/supervisor/journal.hpp"

#include "muster/store/sha256.hpp"
#include "muster/store/simulated_environment.hpp"
#include "muster/supervisor/intent_codec.hpp"
#include "muster/supervisor/saga_steps.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>

using namespace muster;

namespace {

constexpr auto directory = "/data";
constexpr auto path = "/data/journal";

saga_id saga(const std::string& name) {
  return saga_id{name};
}

struct fixture {
  fixture() { world.files.put_directory(directory); }

  journal open(const journal_options& options = {}) {
    auto result = journal::open(world.view(), directory, options);
    CAF_REQUIRE(result.has_value());
    return std::move(*result);
  }
  std::string content() { return world.files.exists(path) ? world.files.file_content(path) : "none"; }
  std::string code(const expected<void>& answer) { return answer ? "ok" : std::string{answer.error().code}; }
  void fail_next(operation_set operations, int error, bool persistent = false) {
    world.files.set_plan(fault_plan{fault_rule{{fault::kind::error, error}, 1, operations, persistent}});
  }

  simulated_environment world;
};

template <class... Records>
std::vector<journal_record> batch(Records... records) {
  return {std::move(records)...};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_tests, fixture)

CAF_TEST(there is no file before there is anything to say) {
  auto all = open();
  CAF_CHECK(all.sagas().empty());
  CAF_CHECK(all.finish().has_value());
  CAF_CHECK_EQUAL(content(), "none");
}

CAF_TEST(what is written is found again) {
  {
    auto all = open();
    CAF_CHECK(all.write(batch(journal_intend{saga("1"), R"({"a":1})"}, journal_intend{saga("2"), "{}"})));
    CAF_CHECK(all.write(batch(journal_aborting{saga("1"), abort_mark::maybe_written})));
    CAF_CHECK(all.write(
        batch(journal_owed{saga("1"), {{saga_step::write_manifest, true}, {saga_step::retire_manifest, false}}},
              journal_closed{saga("2")}, journal_intend{saga("3"), "{}"})));
    CAF_CHECK(all.write(batch(journal_aborting{saga("3"), abort_mark::nothing_written})));
  }
  const auto all = open();
  CAF_CHECK(!all.damage());
  CAF_REQUIRE_EQUAL(all.sagas().size(), 2u);
  const open_saga first{R"({"a":1})",
                        abort_mark::maybe_written,
                        {{saga_step::write_manifest, true}, {saga_step::retire_manifest, false}},
                        false};
  CAF_CHECK(all.sagas().at(saga("1")) == first);
  CAF_CHECK((all.sagas().at(saga("3")) == open_saga{"{}", abort_mark::nothing_written}));
}

CAF_TEST(the bytes are those of the format page) {
  auto all = open();
  CAF_CHECK(all.write(batch(journal_intend{saga("01J0"), R"({"kind":"move"})"})));
  CAF_CHECK(all.write(
      batch(journal_aborting{saga("01J0"), abort_mark::maybe_written},
            journal_owed{saga("01J0"), {{saga_step::write_manifest, true}, {saga_step::retire_manifest, false}}},
            journal_doubt{saga("01J0")}, journal_closed{saga("01J0")})));
  CAF_CHECK_EQUAL(
      content(),
      R"({"batch":1,"records":[{"intend":"01J0","intent":{"kind":"move"}}],"sum":"bc740bbc8ad8b6d41577523e39cec45cafa1288934b08c6b071d7bd3ef37861e"})"
      "\n"
      R"({"batch":2,"records":[{"aborting":"01J0","written":true},{"owed":"01J0","steps":["undo write-manifest","retire)"
      R"(-manifest"]},{"doubt":"01J0"},{"closed":"01J0"}],"sum":"10ef293e3d549f79fbcfa3a745d831fa2307f087850eafff1311e057988b4371"})"
      "\n");
}

CAF_TEST(a group of records is one line and one sync) {
  auto all = open();
  CAF_CHECK(all.write(batch(journal_intend{saga("0"), "{}"})));
  std::vector<journal_record> group;
  for (int n = 1; n <= 64; ++n)
    group.emplace_back(journal_intend{saga(std::to_string(n)), "{}"});
  std::vector<traced_call> trace;
  world.files.set_trace(&trace);
  CAF_CHECK(all.write(group));
  world.files.set_trace(nullptr);
  CAF_CHECK_EQUAL(std::ranges::count(trace, disk_operation::sync, &traced_call::operation), 1);
  CAF_CHECK_EQUAL(std::ranges::count(trace, disk_operation::write, &traced_call::operation), 1);
  CAF_CHECK_EQUAL(trace.size(), 2u);
}

CAF_TEST(a close that may be lost goes along with the next write) {
  auto all = open();
  CAF_CHECK(all.write(batch(journal_intend{saga("1"), "{}"})));
  const auto before = content();
  all.close_later(saga("1"));
  all.close_later(saga("unknown"));
  CAF_CHECK(all.sagas().empty());
  CAF_CHECK_EQUAL(content(), before);
  CAF_CHECK(all.write(batch(journal_intend{saga("2"), "{}"})));
  CAF_CHECK(content().find(R"([{"closed":"1"},{"intend":"2","intent":{}}])") != std::string::npos);
}

CAF_TEST(an orderly stop leaves an empty file and no work for the next start) {
  auto all = open();
  CAF_CHECK(all.write(batch(journal_intend{saga("1"), "{}"})));
  all.close_later(saga("1"));
  CAF_CHECK(all.finish());
  CAF_CHECK_EQUAL(content(), "");
  CAF_CHECK(all.write(batch(journal_intend{saga("2"), "{}"})));
  CAF_CHECK_EQUAL(content(), encode_journal_line({1, {journal_intend{saga("2"), "{}"}}}));
  CAF_CHECK(all.write(batch(journal_closed{saga("2")})));
  CAF_CHECK(all.finish());
  std::vector<traced_call> trace;
  world.files.set_trace(&trace);
  CAF_CHECK(open().sagas().empty());
  world.files.set_trace(nullptr);
  CAF_CHECK_EQUAL(std::ranges::count(trace, disk_operation::sync, &traced_call::operation), 0);
}

CAF_TEST(an orderly stop with open sagas writes the closes that wait) {
  auto all = open();
  CAF_CHECK(all.write(batch(journal_intend{saga("1"), "{}"}, journal_intend{saga("2"), "{}"})));
  all.close_later(saga("1"));
  CAF_CHECK(all.finish());
  CAF_CHECK_EQUAL(open().sagas().size(), 1u);
}

CAF_TEST(a torn tail is cut and is no damage) {
  auto all = open();
  CAF_CHECK(all.write(batch(journal_intend{saga("1"), "{}"})));
  const auto first = content();
  CAF_CHECK(all.write(batch(journal_aborting{saga("1"), abort_mark::maybe_written})));
  const auto both = content();
  std::size_t wrong = 0;
  // A line that lacks nothing but its line feed is whole.
  for (auto size = first.size(); size + 1 < both.size(); ++size) {
    world.files.put_file(path, both.substr(0, size));
    const auto again = open();
    wrong += again.damage() || again.sagas().at(saga("1")).mark != abort_mark::none || content() != first ? 1 : 0;
  }
  auto holes = both;
  holes.replace(first.size() + 10, 20, std::string(20, '\0'));
  world.files.put_file(path, holes);
  wrong += open().damage() ? 1 : 0;
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(any changed byte of a line that was durable is damage and makes its sagas doubtful) {
  auto all = open();
  CAF_CHECK(all.write(batch(journal_intend{saga("1"), "{}"})));
  CAF_CHECK(all.write(batch(journal_aborting{saga("1"), abort_mark::maybe_written})));
  const auto first = content().find('\n') + 1;
  CAF_CHECK(all.write(batch(journal_intend{saga("2"), "{}"})));
  const auto whole = content();
  std::size_t wrong = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto changed = whole;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    world.files.put_file(path, changed);
    const auto again = open();
    // Without its line feed the last line is torn.
    const auto torn = at + 1 == whole.size();
    wrong += again.damage().has_value() == torn ? 1 : 0;
    for (const auto& [id, open] : again.sagas())
      wrong += open.doubtful == torn ? 1 : 0;
    wrong += at >= first && again.sagas().size() == 0 ? 1 : 0;
  }
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(damage is told and kept aside and the doubt outlasts the next start) {
  auto all = open();
  CAF_CHECK(all.write(batch(journal_intend{saga("1"), "{}"})));
  CAF_CHECK(all.write(batch(journal_intend{saga("2"), "{}"})));
  const auto damaged = "nonsense\n" + content();
  world.files.put_file(path, damaged);
  const auto told = open();
  CAF_REQUIRE(told.damage());
  CAF_CHECK_EQUAL(exit_code(told.damage()->kind), 7);
  CAF_CHECK_EQUAL(world.files.file_content("/data/journal.damaged-" + std::to_string(world.clock.wall().count())),
                  damaged);
  const auto next = open();
  CAF_CHECK(!next.damage());
  CAF_CHECK_EQUAL(next.sagas().size(), 2u);
  CAF_CHECK(next.sagas().at(saga("1")).doubtful && next.sagas().at(saga("2")).doubtful);
}

CAF_TEST(a line with the right sum and another spelling is damage) {
  const journal_line line{1, {journal_intend{saga("1"), "{}"}}};
  auto text = encode_journal_line(line);
  text.pop_back();
  CAF_CHECK(decode_journal_line(text, 1000) == line);
  CAF_CHECK(!decode_journal_line(text, text.size() - 1));
  CAF_CHECK(!decode_journal_line(text + " ", 1000));
  for (const auto records : {R"([{"intend":"1","intent":{} }])", R"([{"intent":{},"intend":"1"}])", R"([{"what":"1"}])",
                             R"([{"intend":"1"}])", R"([{"owed":"1","steps":["sleep"]}])", R"([1])", "{}",
                             R"([{"closed":"1","more":1}])", R"([{"aborting":"1","written":1}])"}) {
    const auto body = std::string{"{\"batch\":1,\"records\":"} + records;
    const auto sum = to_hex(sha256::of(body));
    CAF_CHECK(!decode_journal_line(body + ",\"sum\":\"" + sum + "\"}", 1000));
  }
}

CAF_TEST(a journal that cannot be read is never taken for none) {
  world.files.put_directory("/data/journal");
  CAF_CHECK(journal::open(world.view(), directory).has_error());
  CAF_CHECK(journal::open(world.view(), "/nowhere").has_error());
  world.files.put_directory("/other");
  world.files.put_symlink("/other/journal", "/etc/passwd");
  CAF_CHECK(journal::open(world.view(), "/other").has_error());
  world.files.put_directory("/large");
  world.files.put_file("/large/journal", std::string(2000, 'x'));
  CAF_CHECK(journal::open(world.view(), "/large", {.bytes = 1000}).has_error());
}

CAF_TEST(what a failed write carried is not in the journal) {
  auto all = open();
  CAF_CHECK(all.write(batch(journal_intend{saga("1"), "{}"})));
  world.files.set_plan(fault_plan{fault_rule{{fault::kind::error_but_done, EIO}, 1, {disk_operation::sync}}});
  CAF_CHECK_EQUAL(code(all.write(batch(journal_intend{saga("2"), "{}"}))), "journal-unwritable");
  CAF_CHECK(all.unwritable());
  CAF_CHECK_EQUAL(all.sagas().size(), 1u);
  CAF_CHECK(all.write(batch(journal_intend{saga("3"), "{}"})));
  CAF_CHECK(!all.unwritable());
  const auto again = open();
  CAF_CHECK(again.sagas().contains(saga("1")) && again.sagas().contains(saga("3")));
  CAF_CHECK_EQUAL(again.sagas().size(), 2u);
}

CAF_TEST(what is said of a saga that was never begun is no saga and no damage) {
  auto all = open();
  CAF_CHECK(all.write(batch(journal_aborting{saga("1"), abort_mark::nothing_written}, journal_doubt{saga("2")})));
  CAF_CHECK(all.sagas().empty());
  CAF_CHECK(all.write(batch(journal_intend{saga("3"), "{}"})));
  const auto again = open();
  CAF_CHECK_EQUAL(again.sagas().size(), 1u);
  CAF_CHECK(again.sagas().contains(saga("3")));
  CAF_CHECK(!again.damage());
}

CAF_TEST(a full disk refuses intents and reads go on and space heals it) {
  auto all = open();
  CAF_CHECK(all.write(batch(journal_intend{saga("1"), "{}"})));
  fail_next(mutating_operations, ENOSPC, true);
  for (int n = 0; n < 3; ++n)
    CAF_CHECK_EQUAL(code(all.write(batch(journal_intend{saga("2"), "{}"}))), "journal-unwritable");
  CAF_CHECK_EQUAL(all.unwritable()->system_errno, ENOSPC);
  const auto read_only = open();
  CAF_CHECK_EQUAL(read_only.sagas().size(), 1u);
  CAF_CHECK(read_only.unwritable());
  world.files.set_plan({});
  CAF_CHECK(all.write(batch(journal_intend{saga("2"), "{}"})));
  CAF_CHECK_EQUAL(open().sagas().size(), 2u);
}

CAF_TEST(the file is bounded by what is open) {
  auto all = open({.bytes = 100'000, .line_bytes = 10'000, .compact_at = 4'000});
  const auto intent = "\"" + std::string(300, 'x') + "\"";
  CAF_CHECK(all.write(batch(journal_intend{saga("long"), intent})));
  std::size_t largest = 0;
  for (int n = 0; n < 500; ++n) {
    const auto id = saga(std::to_string(1000 + n));
    CAF_CHECK(all.write(batch(journal_intend{id, intent})));
    all.close_later(id);
    largest = std::max(largest, content().size());
  }
  CAF_CHECK(largest < 6'000);
  CAF_CHECK_EQUAL(open().sagas().at(saga("long")).intent, intent);
}

CAF_TEST(a full journal is busy for intents and has room for the rest) {
  auto all = open({.bytes = 20'000, .line_bytes = 10'000, .compact_at = 1'000});
  const auto intent = "\"" + std::string(900, 'x') + "\"";
  int taken = 0;
  while (all.write(batch(journal_intend{saga(std::to_string(100 + taken)), intent})))
    ++taken;
  CAF_CHECK(taken > 5 && taken < 10);
  const auto full = all.write(batch(journal_intend{saga("more"), intent}));
  CAF_CHECK_EQUAL(code(full), "journal-full");
  CAF_CHECK_EQUAL(exit_code(full.error().kind), 8);
  for (int n = 0; n < taken; ++n)
    CAF_CHECK(all.write(batch(journal_aborting{saga(std::to_string(100 + n)), abort_mark::maybe_written})));
  CAF_CHECK(all.write(batch(journal_closed{saga("100")})));
  CAF_CHECK(all.write(batch(journal_intend{saga("more"), intent})));
  CAF_CHECK_EQUAL(code(all.write(batch(journal_intend{saga("huge"), "\"" + std::string(10'000, 'x') + "\""}))),
                  "journal-line-too-large");
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

const instance_id own{std::string(52, 'a')};

saga_intent rich_intent() {
  saga_intent intent{saga_id{"01J00000000000000000000001"},
                     saga_kind::change_namespace,
                     agent_id{"a\"b"},
                     "/p/\xff",
                     request_id{"r"},
                     std::string(64, 'b')};
  const auto image = [](const std::string& bytes) { return manifest_image{to_hex(sha256::of(bytes)), bytes}; };
  intent.before = image(std::string("not \0 UTF-8 \xff\n", 14));
  intent.after = image("{\n  \"id\": \"a\"\n}\n");
  intent.place_before = placement{"/p/\xff", "", "n1", true};
  intent.place_after = placement{"hex:00", "/p", "n2", false};
  intent.endpoint_before = endpoint_statement{"s1", "n1"};
  intent.endpoint_after = endpoint_statement{"s2", "n2"};
  intent.ops = {place_put{agent_id{"a\"b"}, own, "/p", "/", "n2", true}};
  intent.where = directory_mark{~std::uint64_t{0}, 0};
  return intent;
}

bool comes_back(const saga_intent& intent) {
  const auto text = encode_intent(intent, own);
  if (!text)
    return false;
  const auto again = decode_intent(intent.saga, *text, own);
  return again && *again == intent;
}

} // namespace

CAF_TEST(an intent of any kind comes back as it was) {
  for (const auto& plan : saga_plans()) {
    auto intent = rich_intent();
    intent.kind = plan.kind;
    CAF_CHECK(comes_back(intent));
    intent.before.reset();
    CAF_CHECK(comes_back(intent));
    intent.after.reset();
    CAF_CHECK(comes_back(intent));
    intent.before = intent.after = rich_intent().before;
    CAF_CHECK(comes_back(intent));
    intent.ops.clear();
    intent.request = {};
    intent.request_hash = {};
    intent.place_before.reset();
    intent.endpoint_after.reset();
    intent.where.reset();
    CAF_CHECK(comes_back(intent));
  }
}

CAF_TEST(an intent that lost a byte or changed one is damaged) {
  const auto text = encode_intent(rich_intent(), own);
  CAF_REQUIRE(text.has_value());
  std::size_t taken = 0;
  for (std::size_t at = 0; at < text->size(); ++at) {
    auto shorter = *text;
    shorter.erase(at, 1);
    const auto again = decode_intent(rich_intent().saga, shorter, own);
    // Inside a text a byte more or less is another text.
    taken += again && *again == rich_intent() ? 1 : 0;
  }
  CAF_CHECK_EQUAL(taken, 0u);
  for (const auto bad : {"", "{}", "[]", "{\"kind\":\"dance\"}", "null"})
    CAF_CHECK(decode_intent(rich_intent().saga, bad, own).has_error());
}
