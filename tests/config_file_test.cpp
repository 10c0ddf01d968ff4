#define CAF_SUITE config_file_test

#include "muster/store/config_file.hpp"

#include "tests/support/feed_samples.hpp"

#include "muster/store/duration_text.hpp"
#include "muster/store/json_write.hpp"
#include "muster/store/setting_table.hpp"
#include "muster/store/simulated_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>
#include <cstdio>

using namespace muster;
using namespace std::chrono_literals;

namespace {

struct fixture {
  simulated_environment machine;
  open_file data;

  fixture() {
    machine.files.put_directory("/data");
    test::sync_everything(machine);
    reopen();
  }
  void reopen() {
    data = open_file(machine.files, machine.files.open(no_handle, "/data", {.directory = true}).value());
  }
  expected<settings> read() { return read_config(machine.view(), data.get()); }
  expected<void> write(const settings& now) { return write_config(machine.view(), data.get(), now); }
};

std::string_view code_of(const expected<settings>& read) {
  return read ? std::string_view("fine") : read.error().code;
}

expected<void> set(settings& now, std::string_view key, const std::string& json_text) {
  const auto document = json::document::parse(json_text);
  return set_setting(now, key, document.value().root());
}

bool takes(std::string_view key, const std::string& json_text) {
  settings now;
  return set(now, key, json_text).has_value();
}

settings all_changed() {
  settings now;
  now.sweep_interval = 0ms;
  now.sweep_grace = 90min;
  now.hold_checkouts = true;
  now.health_active = 1s;
  now.health_stale = 25h;
  now.relay = relay_mode::eventual;
  now.max_skew = 1500ms;
  now.system_allow = {"\"quoted\"", "01JC8Z5Q0000000000000000AB", "a,b"};
  return now;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(config_files, fixture)

CAF_TEST(durations are read and written in the fewest units) {
  const std::pair<const char*, std::chrono::milliseconds> samples[] = {
      {"0", 0ms}, {"5min", 5min}, {"1h30min", 90min}, {"1d", 24h}, {"250ms", 250ms}, {"2d3h4min5s6ms", 183845006ms}};
  for (const auto& [text, length] : samples) {
    CAF_CHECK(parse_duration(text) == length);
    CAF_CHECK_EQUAL(format_duration(length), text);
  }
  CAF_CHECK(parse_duration("300s") == 5min);
  CAF_CHECK(parse_duration("90min") == 90min);
  CAF_CHECK(parse_duration("0s") == 0ms);
  for (const auto* bad : {"", "5", "min", "5 min", "-5min", "5minutes", "1min1h", "1s1s", "1.5h", "00", "1e3s", "5m",
                          "9999999999s", "5min "})
    CAF_CHECK(!parse_duration(bad));
}

CAF_TEST(without a file the defaults hold) {
  CAF_CHECK(read().value() == settings{});
}

CAF_TEST([GP17] what is written is read again and defaults are left out) {
  CAF_REQUIRE(write(all_changed()).has_value());
  CAF_CHECK(read().value() == all_changed());
  settings one;
  one.sweep_interval = 10s;
  CAF_REQUIRE(write(one).has_value());
  CAF_CHECK_EQUAL(encode_config(one), "{\n  \"sweep.interval\": \"10s\"\n}\n");
  CAF_CHECK(read().value() == one);
  CAF_CHECK_EQUAL(encode_config(settings{}), "{}\n");
}

CAF_TEST(unknown keys and bad values and contradictions refuse the whole file) {
  for (const auto* text : {"{\"sweep.intervall\":\"5min\"}", "{\"sweep.interval\":300}",
                           "{\"sweep.interval\":\"999ms\"}", "{\"sweep.interval\":\"25h\"}", "{\"sweep.grace\":\"0\"}",
                           "{\"relay\":\"maybe\"}", "{\"relay\":true}", "{\"sweep.hold-checkouts\":1}",
                           "{\"system.allow\":[1]}", "{\"system.allow\":[\"\"]}", "{\"health.active\":\"2h\"}", "[]",
                           "5", "", "{", "{\"relay\":\"none\",\"relay\":\"none\"}", "{} x", "{\"relay\":\"none\",}"}) {
    machine.files.put_file("/data/config.json", text);
    const auto read_back = read();
    CAF_CHECK_EQUAL(code_of(read_back), "config-invalid");
    if (!read_back)
      CAF_CHECK(read_back.error().kind == failure_kind::refused && read_back.error().path == "config.json");
  }
}

CAF_TEST(a file that is none or too large or unreadable is told and nothing is guessed) {
  machine.files.put_file("/data/config.json", std::string(256 * 1024 + 1, ' '));
  CAF_CHECK_EQUAL(code_of(read()), "config-invalid");
  machine.files.put_directory("/other");
  machine.files.put_directory("/other/config.json");
  const auto other = machine.files.open(no_handle, "/other", {.directory = true}).value();
  const open_file second(machine.files, other);
  CAF_CHECK_EQUAL(code_of(read_config(machine.view(), second.get())), "config-invalid");
  machine.files.put_file("/data/config.json", "{}");
  machine.files.set_plan(fault_plan({.what = {.code = EIO}, .operations = {disk_operation::read}}));
  CAF_CHECK_EQUAL(code_of(read()), "disk-error");
}

CAF_TEST(each setting takes its own values and the texts somebody types) {
  CAF_CHECK(takes("sweep.interval", "\"0\""));
  CAF_CHECK(takes("sweep.interval", "\"1s\""));
  CAF_CHECK(takes("sweep.interval", "\"1d\""));
  CAF_CHECK(!takes("max-skew", "\"0\""));
  CAF_CHECK(takes("sweep.hold-checkouts", "true"));
  CAF_CHECK(takes("sweep.hold-checkouts", "\"true\""));
  CAF_CHECK(!takes("sweep.hold-checkouts", "\"maybe\""));
  CAF_CHECK(!takes("sweep.hold-checkouts", "null"));
  CAF_CHECK(takes("relay", "\"none\""));
  CAF_CHECK(!takes("relay", "[]"));
  settings now;
  CAF_REQUIRE(set(now, "system.allow", "\"b,a,b\"").has_value());
  CAF_CHECK(now.system_allow == (std::vector<std::string>{"a", "b"}));
  CAF_REQUIRE(set(now, "system.allow", "\"\"").has_value());
  CAF_CHECK(now.system_allow.empty());
  CAF_CHECK(!set(now, "system.allow", "\"a,,b\"").has_value());
  CAF_CHECK(!set(now, "system.allow", "{}").has_value());
  const auto unknown = set(now, "policy", "\"x\"");
  CAF_CHECK(!unknown && unknown.error().kind == failure_kind::not_found);
}

CAF_TEST(what is on or off is said as people say it and a refusal lists how) {
  settings now;
  for (const auto* word : {"true", "on", "yes"}) {
    now.hold_checkouts = false;
    CAF_CHECK(set(now, "sweep.hold-checkouts", json::quote(word)));
    CAF_CHECK(now.hold_checkouts);
  }
  for (const auto* word : {"false", "off", "no"}) {
    now.hold_checkouts = true;
    CAF_CHECK(set(now, "sweep.hold-checkouts", json::quote(word)));
    CAF_CHECK(!now.hold_checkouts);
  }
  const auto refused = set(now, "sweep.hold-checkouts", "\"1\"");
  CAF_REQUIRE(!refused);
  CAF_CHECK_EQUAL(refused.error().message, "sweep.hold-checkouts takes true or false, or on, off, yes, no");
}

CAF_TEST(settings over the bound of the file are refused and nothing is written) {
  settings now;
  for (int i = 0; i < 1000; ++i)
    now.system_allow.push_back(std::string(250, '\x01') + std::to_string(i));
  CAF_CHECK(!write(now));
  CAF_CHECK(read().value() == settings{});
}

CAF_TEST(the file is old or new at every fault and after every power loss) {
  settings before;
  before.relay = relay_mode::none;
  std::size_t runs = 0, wrong = 0, late = 0;
  for (const auto code : {EIO, ENOSPC})
    for (const auto kind : {fault::kind::error, fault::kind::error_but_done, fault::kind::kill_before})
      for (std::uint64_t nth = 1;; ++nth) {
        fixture world;
        if (!world.write(before))
          ++wrong;
        world.machine.files.set_plan(fault_plan({.what = {.what = kind, .code = code}, .nth = nth}));
        bool told_done = false;
        bool told_unknown = false;
        try {
          const auto written = world.write(all_changed());
          told_done = written.has_value();
          told_unknown = !written && written.error().kind == failure_kind::unknown_outcome;
        } catch (const process_killed&) {
          told_unknown = true;
        }
        world.machine.files.set_plan({});
        world.data = {};
        world.machine.power_cycle({});
        world.reopen();
        const auto after = world.read();
        const bool is_old = after && *after == before;
        const bool is_new = after && *after == all_changed();
        wrong += !(is_old || is_new) || (told_done && !is_new) || (!told_done && !told_unknown && is_new);
        // Whatever was left, the next change works.
        late += !world.write(settings{}) || !(world.read().value() == settings{});
        ++runs;
        if (told_done)
          break;
      }
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK_EQUAL(late, 0u);
  CAF_CHECK(runs > 20);
  std::printf("lane config_file_test: %zu changes with a fault and a power loss\n", runs);
}

CAF_TEST_FIXTURE_SCOPE_END()
