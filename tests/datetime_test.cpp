#define CAF_SUITE datetime_test

#include "muster/store/datetime.hpp"

#include <caf/test/unit_test.hpp>

#include <array>
#include <cstdio>
#include <regex>
#include <string>

using namespace muster;

namespace {

constexpr std::array accepted{"2026-01-01T00:00Z",
                              "2026-01-01T23:59Z",
                              "2026-01-01T00:00:00Z",
                              "2026-12-31T23:59:59Z",
                              "2026-08-22T10:20:30.1Z",
                              "2026-08-22T10:20:30.123Z",
                              "2026-08-22T10:20:30.123456789012345678901234567890Z",
                              "0000-01-01T00:00Z",
                              "9999-12-31T23:59:59.999Z",
                              "0000-02-29T00:00Z",
                              "2024-02-29T00:00Z",
                              "2000-02-29T00:00Z",
                              "1600-02-29T00:00Z",
                              "2026-04-30T00:00Z",
                              "1970-01-01T00:00:00.000Z",
                              "2099-01-01T00:00:00Z"};

constexpr std::array rejected{
    "",
    "Z",
    "2026-01-01",
    "2026-01-01Z",
    "2026-01-01T00:00",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00:00.000",
    "2026-01-01T00:00:00+00:00",
    "2026-01-01T00:00:00-00:00",
    "2026-01-01T00:00:00+02",
    "2026-01-01t00:00:00Z",
    "2026-01-01T00:00:00z",
    "2026-01-01 00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z",
    "2026-01-01T00:00:60Z",
    "2016-12-31T23:59:60Z",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00,5Z",
    "2026-01-01T00:00.5Z",
    "2026-01-01T00Z",
    "2026-01-01T0000Z",
    "20260101T000000Z",
    "2026-00-01T00:00Z",
    "2026-13-01T00:00Z",
    "2026-01-00T00:00Z",
    "2026-01-32T00:00Z",
    "2026-04-31T00:00Z",
    "2026-02-29T00:00Z",
    "2026-02-30T00:00Z",
    "2024-02-30T00:00Z",
    "1900-02-29T00:00Z",
    "2100-02-29T00:00Z",
    "2026-1-01T00:00Z",
    "2026-01-1T00:00Z",
    "226-01-01T00:00Z",
    "12026-01-01T00:00Z",
    "+002026-01-01T00:00Z",
    "-2026-01-01T00:00Z",
    " 2026-01-01T00:00Z",
    "2026-01-01T00:00Z ",
    "2026-01-01T00:00Z\n",
    "2026-01-01T00:00ZZ",
    "2026-01-01T1:00Z",
    "2026-01-01T00:00:0Z",
    "2026-01-01T00:00:Z",
    "٢٠٢٦-01-01T00:00Z",
    "now",
    "1767225600000",
};

} // namespace

CAF_TEST(accepts every form the grammar has) {
  for (const auto* text : accepted)
    CAF_CHECK_EQUAL(std::string(is_datetime(text) ? text : "refused"), text);
}

CAF_TEST(rejects everything else) {
  for (const auto* text : rejected)
    CAF_CHECK_EQUAL(std::string(is_datetime(text) ? "accepted" : text), text);
}

CAF_TEST(agrees with a regular expression on every single - byte change of a good one) {
  // Independent of the code under test; months of 30 days and leap years are
  // left to the table above by using a day that every month has.
  const std::regex grammar(R"(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?Z)");
  int inputs = 0;
  int differing = 0;
  for (const std::string good : {"2026-08-17T10:20Z", "2026-08-17T10:20:30Z", "2026-08-17T10:20:30.5Z"})
    for (std::size_t at = 0; at < good.size(); ++at)
      for (int byte = 0; byte < 256; ++byte) {
        auto text = good;
        text[at] = static_cast<char>(byte);
        const bool later_day = text[8] == '2' && text[9] == '9';
        const bool thirties = text[8] == '3';
        if (later_day || thirties)
          continue;
        ++inputs;
        differing += is_datetime(text) != std::regex_match(text, grammar);
      }
  CAF_CHECK_EQUAL(differing, 0);
  std::printf("lane datetime_test: %d inputs\n", inputs + static_cast<int>(accepted.size() + rejected.size()));
}

CAF_TEST(writes times as it reads them) {
  using std::chrono::milliseconds;
  CAF_CHECK_EQUAL(format_datetime(milliseconds(0)), "1970-01-01T00:00:00.000Z");
  CAF_CHECK_EQUAL(format_datetime(milliseconds(1769848200123)), "2026-01-31T08:30:00.123Z");
  CAF_CHECK_EQUAL(format_datetime(milliseconds(-1)), "1969-12-31T23:59:59.999Z");
  CAF_CHECK_EQUAL(format_datetime(milliseconds(INT64_MAX)), "9999-12-31T23:59:59.999Z");
  CAF_CHECK_EQUAL(format_datetime(milliseconds(INT64_MIN)), "0000-01-01T00:00:00.000Z");
  CAF_CHECK(is_datetime(format_datetime(milliseconds(951782400000))));
}
