#define CAF_SUITE json_write_test

#include "muster/store/json_write.hpp"

#include "muster/store/json_text.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace muster;
using json::document;

namespace {

document read(std::string text) {
  auto result = document::parse(std::move(text));
  if (!result)
    CAF_FAIL("refused: " << result.error().message);
  return std::move(*result);
}

std::string canonical(std::string text) {
  const auto doc = read(std::move(text));
  return json::canonical(doc.root());
}

bool same(std::string a, std::string b) {
  const auto first = read(std::move(a));
  const auto second = read(std::move(b));
  const bool result = json::same_meaning(first.root(), second.root());
  CAF_CHECK_EQUAL(json::same_meaning(second.root(), first.root()), result);
  CAF_CHECK_EQUAL(json::canonical(first.root()) == json::canonical(second.root()), result);
  return result;
}

} // namespace

CAF_TEST(quotes strings as JSON stringify does) {
  std::string controls;
  for (char c = 0; c != 0x20; ++c)
    controls.push_back(c);
  CAF_CHECK_EQUAL(
      json::quote(controls),
      R"("\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f)"
      R"(\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f")");
  CAF_CHECK_EQUAL(json::quote("\"\\/"), R"("\"\\/")");
  CAF_CHECK_EQUAL(json::quote(""), "\"\"");
  const std::string raw = "<>&'/\x7f\xc2\x80\xe2\x80\xa8\xe2\x80\xa9\xef\xbf\xbe\xef\xbb\xbf\xf0\x9f\x98\x80";
  CAF_CHECK_EQUAL(json::quote(raw), "\"" + raw + "\"");
}

CAF_TEST(the canonical text has no blanks and one spelling) {
  CAF_CHECK_EQUAL(canonical(" { \"b\" : [ 1.10 , -0 , 1E400 ] , \"a\" : { } , \"\\u0063\" : \"\\u00e9\\/\\n\" } "),
                  "{\"a\":{},\"b\":[1.1,0,1e+400],\"c\":\"é/\\n\"}");
  CAF_CHECK_EQUAL(canonical("[]"), "[]");
  CAF_CHECK_EQUAL(canonical("[[],{},null,true,false,\"\"]"), "[[],{},null,true,false,\"\"]");
  CAF_CHECK_EQUAL(canonical("[12345678901234567890123,100,-100]"), "[1.2345678901234567890123e+22,100,-100]");
}

CAF_TEST(members are sorted by UTF 16 units) {
  CAF_CHECK_EQUAL(
      canonical("{\"\\ufb33\":1,\"\\ud83d\\ude00\":2,\"\\u20ac\":3,\"\\r\":4,\"1\":5,\"\\u0080\":6,\"ö\":7}"),
      "{\"\\r\":4,\"1\":5,\"\xc2\x80\":6,\"ö\":7,\"€\":3,\"😀\":2,\"\xef\xac\xb3\":1}");
  const std::vector<std::string> ascending = {"",
                                              "a",
                                              "aa",
                                              "b",
                                              "\x7f",
                                              "\xc2\x80",
                                              "\xdf\xbf",
                                              "\xe0\xa0\x80",
                                              "\xed\x9f\xbf",
                                              "\xf0\x90\x80\x80",
                                              "\xf4\x8f\xbf\xbf",
                                              "\xee\x80\x80",
                                              "\xef\xbf\xbf"};
  std::size_t wrong = 0;
  for (std::size_t i = 0; i != ascending.size(); ++i) {
    for (std::size_t k = 0; k != ascending.size(); ++k)
      wrong += json::compare_utf16("x" + ascending[i], "x" + ascending[k]) != (i <=> k);
  }
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(the same meaning is seen through every spelling) {
  CAF_CHECK(same("{\"a\":1,\"b\":[true]}", "{\"b\" : [ true ],\n\"\\u0061\":1.0}"));
  CAF_CHECK(same("\"\\ud83d\\ude00\"", "\"😀\""));
  CAF_CHECK(same("1e2", "100"));
  CAF_CHECK(!same("9007199254740992", "9007199254740993"));
  CAF_CHECK(!same("1e400", "1e401"));
  CAF_CHECK(!same("[1,2]", "[2,1]"));
  CAF_CHECK(!same("[1]", "[1,1]"));
  CAF_CHECK(!same("{\"a\":1}", "{\"a\":1,\"b\":1}"));
  CAF_CHECK(!same("{\"a\":1}", "{\"b\":1}"));
  CAF_CHECK(!same("{\"a\":null}", "{}"));
  CAF_CHECK(!same("true", "false"));
  CAF_CHECK(!same("null", "false"));
  CAF_CHECK(!same("\"1\"", "1"));
  CAF_CHECK(!same("[]", "{}"));
  CAF_CHECK(!same("\"é\"", "\"e\xcc\x81\""));
}

CAF_TEST(large objects are compared whatever their order) {
  std::string forth = "{";
  std::string back = "{";
  for (int i = 0; i != 500; ++i) {
    forth += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":" + std::to_string(i);
    back += (i ? ",\"\\u006b" : "\"\\u006b") + std::to_string(499 - i) + "\":" + std::to_string(499 - i) + ".0";
  }
  CAF_CHECK(same(forth + "}", back + "}"));
  CAF_CHECK(!same(forth + "}", back + ",\"x\":1}"));
}

CAF_TEST(pretty text has two blanks a level and keeps numbers as read) {
  const auto doc = read("{\"a\":[1.10,{\"b\":-0,\"\\u0063\":\"\\/\"}],\"d\":{},\"e\":[],\"f\":[[1E5]]}");
  CAF_CHECK_EQUAL(json::pretty(doc.root()), R"({
  "a": [
    1.10,
    {
      "b": -0,
      "c": "/"
    }
  ],
  "d": {},
  "e": [],
  "f": [
    [
      1E5
    ]
  ]
})");
  const auto again = read(json::pretty(doc.root()));
  CAF_CHECK(json::same_meaning(doc.root(), again.root()));
}

CAF_TEST(well formed UTF 8 is told from the rest) {
  for (const auto* text : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    CAF_CHECK(json::is_utf8(text));
  for (const auto* text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe1\x80", "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"})
    CAF_CHECK(!json::is_utf8(text));
}
