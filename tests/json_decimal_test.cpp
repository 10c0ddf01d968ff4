#define CAF_SUITE json_decimal_test

#include "muster/store/json_decimal.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

using namespace muster;
using json::decimal;

namespace {

decimal exact(const std::string& text) {
  auto result = decimal::parse(text);
  if (!result)
    CAF_FAIL("no number: " << text);
  return *result;
}

std::string zeros(std::size_t count) {
  return std::string(count, '0');
}

} // namespace

CAF_TEST(each value has one canonical text however it is written) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> table = {
      {"0", {"0", "-0", "0.0", "-0.00", "0e5", "0E-99", "0e99999999999999999999", "-0.0e+1"}},
      {"1", {"1", "1.0", "10e-1", "0.1e1", "1e0", "1E+0", "1e-0", "0.00001e+5", "1e000000000000000000000"}},
      {"1.1", {"1.1", "1.10", "11e-1", "0.11e1", "110e-2"}},
      {"-1.5", {"-1.5", "-15e-1", "-1.50"}},
      {"100", {"100", "1e2", "1.00e2", "0.1e3", "100.000"}},
      {"9007199254740993", {"9007199254740993", "9007199254740993.0", "9.007199254740993e15"}},
      {"100000000000000000000", {"1e20", "100000000000000000000"}},
      {"123456789012345678901", {"123456789012345678901"}},
      {"1e+21", {"1e21", "1000000000000000000000", "10e20"}},
      {"1.234567890123456789012e+21", {"1234567890123456789012"}},
      {"0.000001", {"1e-6", "0.000001", "0.0000010"}},
      {"1e-7", {"1e-7", "0.0000001", "10e-8"}},
      {"-1.25e-7", {"-0.000000125", "-125e-9"}},
      {"1e+400", {"1e400", "10e399", "0.1e401"}},
      {"1e-400", {"1e-400", "0.1e-399"}},
      {"1e+999999999999999999", {"1e999999999999999999", "1E+00999999999999999999"}},
      {"1e-999999999999999999", {"1e-999999999999999999"}},
      {"123456.789", {"123456.789", "123456789e-3"}},
      {"123456789012345678901.5", {"123456789012345678901.5"}},
      {"1.2345678901234567890125e+21", {"1234567890123456789012.5"}},
  };
  std::size_t spellings = 0;
  for (const auto& [canonical, texts] : table) {
    for (const auto& text : texts) {
      ++spellings;
      CAF_CHECK_EQUAL(exact(text).canonical(), canonical);
      CAF_CHECK(exact(text) == exact(canonical));
      std::string appended;
      json::append_canonical_number(appended, text);
      CAF_CHECK_EQUAL(appended, canonical);
    }
  }
  std::printf("lane json_decimal_test: %zu spellings\n", spellings);
}

CAF_TEST(different values differ and are ordered) {
  const std::vector<std::string> ascending = {"-1e999999999999999999",
                                              "-1e400",
                                              "-9223372036854775809",
                                              "-9223372036854775808",
                                              "-10",
                                              "-9.5",
                                              "-2",
                                              "-1.01",
                                              "-1",
                                              "-1e-400",
                                              "0",
                                              "1e-999999999999999999",
                                              "1e-400",
                                              "0.1",
                                              "0.11",
                                              "0.2",
                                              "1",
                                              "1.0000000000000000001",
                                              "1.01",
                                              "2",
                                              "9",
                                              "10",
                                              "9007199254740992",
                                              "9007199254740993",
                                              "18446744073709551615",
                                              "18446744073709551616",
                                              "1e308",
                                              "1e309",
                                              "1e400",
                                              "11e399"};
  std::size_t wrong = 0;
  for (std::size_t i = 0; i != ascending.size(); ++i) {
    for (std::size_t k = 0; k != ascending.size(); ++k) {
      const auto order = exact(ascending[i]) <=> exact(ascending[k]);
      wrong += order != (i <=> k);
      wrong += (exact(ascending[i]).canonical() == exact(ascending[k]).canonical()) != (i == k);
    }
  }
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(integers are told from fractions and fit or do not ) {
  using limits = std::numeric_limits<std::int64_t>;
  CAF_CHECK(exact("9223372036854775807").to_int64() == limits::max());
  CAF_CHECK(exact("-9223372036854775808").to_int64() == limits::min());
  CAF_CHECK(!exact("9223372036854775808").to_int64());
  CAF_CHECK(!exact("-9223372036854775809").to_int64());
  CAF_CHECK(exact("9223372036854775807.0").to_int64() == limits::max());
  CAF_CHECK(exact("-0.0").to_int64() == 0);
  CAF_CHECK(exact("5.0").to_int64() == 5);
  CAF_CHECK(exact("50e-1").to_int64() == 5);
  CAF_CHECK(exact("1e18").to_int64() == 1'000'000'000'000'000'000);
  CAF_CHECK(!exact("1e19").to_int64());
  CAF_CHECK(!exact("1e400").to_int64());
  CAF_CHECK(!exact("0.5").to_int64());
  CAF_CHECK(exact("1e400").is_integer());
  CAF_CHECK(exact("0e-5").is_integer());
  CAF_CHECK(!exact("1.5").is_integer());
  CAF_CHECK(!exact("15e-1").is_integer());
  CAF_CHECK(!exact("1e-400").is_integer());
  CAF_CHECK(exact("-1").is_negative());
  CAF_CHECK(!exact("-0").is_negative());
}

CAF_TEST(refuses what is no JSON number and what goes too far) {
  for (const auto* text :
       {"", "-", "+1", "01", "-01", ".5", "5.", "1e", "1e+", "1.e1", "0x1", "1 ", " 1", "1,0", "--1", "1e1.5", "NaN"})
    CAF_CHECK(!decimal::parse(text));
  CAF_CHECK(!decimal::parse("1e1000000000000000000"));
  CAF_CHECK(!decimal::parse("-1e-1000000000000000000"));
  CAF_CHECK(!decimal::parse("10e999999999999999999"));
  CAF_CHECK(!decimal::parse("0.1e-999999999999999999"));
  CAF_CHECK(!decimal::parse("0.1e1000000000000000000"));
  CAF_CHECK(decimal::parse("0.1e999999999999999999").has_value());
}

CAF_TEST(long numbers stay short work) {
  const auto digits = "1" + zeros(99'998) + "1";
  CAF_CHECK_EQUAL(exact(digits).canonical(), "1." + zeros(99'998) + "1e+99999");
  CAF_CHECK_EQUAL(exact("1" + zeros(100'000)).canonical(), "1e+100000");
  CAF_CHECK_EQUAL(exact("0." + zeros(100'000) + "1").canonical(), "1e-100001");
  CAF_CHECK(exact("1" + zeros(100'000)) == exact("1e100000"));
}
