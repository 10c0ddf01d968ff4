#define CAF_SUITE json_test

#include "muster/store/json.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <string>
#include <vector>

using namespace muster;
using json::document;
using json::kind;

namespace {

/// A text and what becomes of it: empty code = accepted.
struct refusal {
  std::string text;
  std::string code;
  std::size_t line = 0;
  std::size_t column = 0;
};

/// What is wrong with a row; empty if all is well.
std::string check(const refusal& row) {
  const auto read = document::parse(row.text);
  if (read)
    return "accepted";
  const auto& why = read.error();
  const auto place = "at line " + std::to_string(row.line) + ", column " + std::to_string(row.column);
  if (why.code != row.code)
    return "code " + std::string(why.code);
  if (why.message.find(place + ";") == std::string::npos && why.message.find(place + " ") == std::string::npos)
    return "message " + why.message;
  if (why.kind != failure_kind::refused)
    return "kind";
  return {};
}

void check_all(const std::vector<refusal>& rows) {
  for (const auto& row : rows) {
    if (const auto wrong = check(row); !wrong.empty())
      CAF_ERROR("<" << row.text << "> should be " << row.code << ": " << wrong);
  }
  std::printf("lane json_test: %zu refused texts\n", rows.size());
}

document read(std::string text) {
  auto result = document::parse(std::move(text));
  if (!result)
    CAF_FAIL("refused: " << result.error().message);
  return std::move(*result);
}

std::string nested(std::size_t depth, const std::string& open, const std::string& close) {
  std::string result;
  for (std::size_t i = 0; i != depth; ++i)
    result += open;
  result += "1";
  for (std::size_t i = 0; i != depth; ++i)
    result += close;
  return result;
}

} // namespace

CAF_TEST(values have their type and the bytes they were read from) {
  const auto doc = read(" {\"a\" : [1.10, -0 ,1e400],\r\n\t\"b\":\"x\\u00e9\",\"c\":true,\"d\":null,\"e\":{}} ");
  const auto root = doc.root();
  CAF_CHECK(root.is(kind::object));
  CAF_CHECK_EQUAL(root.size(), 5u);
  const auto a = root.find("a");
  CAF_REQUIRE(a.is(kind::array));
  CAF_CHECK_EQUAL(a.text(), "[1.10, -0 ,1e400]");
  CAF_CHECK_EQUAL(a.key_text(), "\"a\"");
  std::string elements;
  for (const auto element : a) {
    CAF_CHECK(element.is(kind::number));
    CAF_CHECK(element.key_text().empty());
    elements.append(element.text()).append("|");
  }
  CAF_CHECK_EQUAL(elements, "1.10|-0|1e400|");
  const auto b = root.find("b");
  CAF_CHECK_EQUAL(b.as_string(), "x\xc3\xa9");
  CAF_CHECK(!b.plain_string());
  CAF_CHECK_EQUAL(b.where().line, 2u);
  CAF_CHECK_EQUAL(b.where().column, 6u);
  CAF_CHECK_EQUAL(root.find("c").as_bool(), true);
  CAF_CHECK(root.find("d").is(kind::null));
  CAF_CHECK_EQUAL(root.find("e").size(), 0u);
  CAF_CHECK(root.find("e").begin() == root.find("e").end());
}

CAF_TEST(an absent value has nothing in it) {
  const auto doc = read("{\"a\":1}");
  const auto none = doc.root().find("b");
  CAF_CHECK(!none);
  CAF_CHECK(!none.is(kind::null));
  CAF_CHECK(!none.find("c").find("d"));
  CAF_CHECK(none.begin() == none.end());
  CAF_CHECK(none.text().empty());
  CAF_CHECK(none.key().empty());
  CAF_CHECK(!doc.root().find("a").find("b"));
}

CAF_TEST(keys are found by their decoded form) {
  const auto doc = read(R"({"\u0061b":1,"😀":2,"\ud83d\ude01":3,"":4,"n\u0000l":5})");
  const auto root = doc.root();
  CAF_CHECK_EQUAL(root.find("ab").text(), "1");
  CAF_CHECK_EQUAL(root.find("ab").key(), "ab");
  CAF_CHECK(!root.find("ab").plain_key());
  CAF_CHECK_EQUAL(root.find("😀").text(), "2");
  CAF_CHECK_EQUAL(root.find("😁").text(), "3");
  CAF_CHECK_EQUAL(root.find("").text(), "4");
  CAF_CHECK_EQUAL(root.find(std::string_view("n\0l", 3)).text(), "5");
}

CAF_TEST(finds each member of objects small and large) {
  for (const std::size_t count : {1, 15, 16, 17, 18, 1000}) {
    std::string text = "{";
    for (std::size_t i = 0; i != count; ++i)
      text += (i ? ",\"" : "\"") + std::string(i % 3 == 0 ? "\\u006b" : "k") + std::to_string(i) +
              "\":" + std::to_string(i);
    const auto doc = read(text + "}");
    std::size_t wrong = 0;
    for (std::size_t i = 0; i != count; ++i)
      wrong += doc.root().find("k" + std::to_string(i)).text() != std::to_string(i);
    CAF_CHECK_EQUAL(wrong, 0u);
    CAF_CHECK(!doc.root().find("k"));
    CAF_CHECK(!doc.root().find("l"));
    CAF_CHECK(!doc.root().find("a"));
  }
}

CAF_TEST(keys that begin alike are different keys) {
  const auto longer = std::string(256, 'a');
  const auto doc =
      read("{\"the same beginning 1\":1,\"the same beginning 2\":2,\"a\":3,\"a" + longer + "\":4,\"A\":5}");
  CAF_CHECK_EQUAL(doc.root().size(), 5u);
  CAF_CHECK_EQUAL(doc.root().find("the same beginning 2").text(), "2");
  CAF_CHECK_EQUAL(doc.root().find("a" + longer).text(), "4");
}

CAF_TEST(strings are decoded as written) {
  const auto doc = read(R"(["\"\\\/\b\f\n\r\t","\u0000\u001F\ufffe\uFFFF","\uD83D\uDE00","/","é€😀"])");
  std::vector<std::string> decoded;
  for (const auto element : doc.root())
    decoded.push_back(element.as_string());
  CAF_REQUIRE_EQUAL(decoded.size(), 5u);
  CAF_CHECK_EQUAL(decoded[0], "\"\\/\b\f\n\r\t");
  CAF_CHECK_EQUAL(decoded[1], std::string("\0\x1f\xef\xbf\xbe\xef\xbf\xbf", 8));
  CAF_CHECK_EQUAL(decoded[2], "😀");
  CAF_CHECK_EQUAL(decoded[3], "/");
  CAF_CHECK_EQUAL(decoded[4], "é€😀");
}

CAF_TEST(any type may stand at the top) {
  for (const auto* text : {"1", "-0", "\"\"", "true", "false", "null", "[]", "{}", " \t\r\n[ ]\n", "1E+2", "0.5e-7",
                           "-12.50", "[[],{}]", "{\"a\":{\"a\":1}}", "[\"\\u0000\"]", "[\"\x7f\xc2\x80\"]"})
    CAF_CHECK(document::parse(text).has_value());
}

CAF_TEST(refuses bytes that are no UTF 8 with code and place) {
  using namespace std::string_literals;
  check_all({
      {"", "json-empty", 1, 1},
      {" \n ", "json-empty", 1, 1},
      {"\xef\xbb\xbf{}", "json-bom", 1, 1},
      {"{\0}\0"s, "json-encoding", 1, 1},
      {"\0{\0}"s, "json-encoding", 1, 1},
      {"\xff\xfe{\0"s, "json-encoding", 1, 1},
      {"\0\0\0{"s, "json-encoding", 1, 1},
      {"{\0\0\0"s, "json-encoding", 1, 1},
      {"\0\0\0\0"s, "json-zero-byte", 1, 1},
      {"{ }\0"s, "json-zero-byte", 1, 4},
      {"[1,\0]"s, "json-zero-byte", 1, 4},
      {"[\"a\0\"]"s, "json-control", 1, 4},
      {"[\"\x80\"]", "json-utf8", 1, 3},
      {"[\"\xc3\"]", "json-utf8", 1, 3},
      {"[\"\xc0\xaf\"]", "json-utf8", 1, 3},
      {"[\"\xe0\x80\xaf\"]", "json-utf8", 1, 3},
      {"[\"\xf0\x80\x80\xaf\"]", "json-utf8", 1, 3},
      {"[\"\xed\xa0\x80\"]", "json-utf8", 1, 3},
      {"[\"\xed\xa0\xbd\xed\xb8\x80\"]", "json-utf8", 1, 3},
      {"[\"\xf4\x90\x80\x80\"]", "json-utf8", 1, 3},
      {"[\"\xf5\x80\x80\x80\"]", "json-utf8", 1, 3},
      {"[\"\xe2\x82", "json-utf8", 1, 3},
      {"{\"a\":1}\xff", "json-utf8", 1, 8},
  });
}

CAF_TEST(refuses strings numbers and words that are no JSON with code and place) {
  check_all({
      {"[\"a\nb\"]", "json-control", 1, 4},
      {"[\"12345678\t\"]", "json-control", 1, 11},
      {"[\"\\x41\"]", "json-escape", 1, 3},
      {"[\"\\'\"]", "json-escape", 1, 3},
      {"[\"\\u12G4\"]", "json-escape", 1, 3},
      {"[\"\\u12\"]", "json-escape", 1, 3},
      {"[\"\\U0041\"]", "json-escape", 1, 3},
      {"[\"\\ud800\"]", "json-surrogate", 1, 3},
      {"[\"\\ud800\\n\"]", "json-surrogate", 1, 3},
      {"[\"\\ud800\\ud800\"]", "json-surrogate", 1, 3},
      {"[\"\\udc00\\ud800\"]", "json-surrogate", 1, 3},
      {"{\"\\udc00\":1}", "json-surrogate", 1, 3},
      {"[01]", "json-number", 1, 2},
      {"[-01]", "json-number", 1, 2},
      {"[+1]", "json-number", 1, 2},
      {"[.5]", "json-number", 1, 2},
      {"[5.]", "json-number", 1, 2},
      {"[-]", "json-number", 1, 2},
      {"[1e]", "json-number", 1, 2},
      {"[1e+]", "json-number", 1, 2},
      {"[0x10]", "json-number", 1, 2},
      {"[1.2.3]", "json-number", 1, 2},
      {"[1_000]", "json-number", 1, 2},
      {"[1e1000000000000000000]", "json-number-exponent", 1, 2},
      {"[10e999999999999999999]", "json-number-exponent", 1, 2},
      {"[NaN]", "json-word", 1, 2},
      {"[Infinity]", "json-word", 1, 2},
      {"[-Infinity]", "json-word", 1, 2},
      {"[tru]", "json-word", 1, 2},
      {"[truex]", "json-word", 1, 2},
      {"[True]", "json-word", 1, 2},
      {"[undefined]", "json-word", 1, 2},
  });
}

CAF_TEST(refuses what is put together wrongly with code and place) {
  check_all({
      {"[1 // one\n]", "json-comment", 1, 4},
      {"/* one */ 1", "json-comment", 1, 1},
      {"{\n# one\n}", "json-comment", 2, 1},
      {"[1,]", "json-trailing-comma", 1, 3},
      {"{\"a\":1,\n}", "json-trailing-comma", 1, 7},
      {"[1 2]", "json-missing-comma", 1, 4},
      {"{\"a\":1\r\n\"b\":2}", "json-missing-comma", 2, 1},
      {"{\"a\" 1}", "json-missing-colon", 1, 6},
      {"{\"a\"}", "json-missing-colon", 1, 5},
      {"{\"a\",1}", "json-missing-colon", 1, 5},
      {"{\"a\":}", "json-missing-value", 1, 6},
      {"[,1]", "json-missing-value", 1, 2},
      {"[1,,2]", "json-missing-value", 1, 4},
      {"['a']", "json-single-quotes", 1, 2},
      {"{'a':1}", "json-single-quotes", 1, 2},
      {"{a:1}", "json-key", 1, 2},
      {"{1:1}", "json-key", 1, 2},
      {"{,}", "json-key", 1, 2},
      {"[1", "json-unclosed", 1, 1},
      {"[1,", "json-unclosed", 1, 1},
      {"[1,[2]", "json-unclosed", 1, 1},
      {"[1,[2", "json-unclosed", 1, 4},
      {"{", "json-unclosed", 1, 1},
      {"{\"a\"", "json-unclosed", 1, 1},
      {"{\"a\":", "json-unclosed", 1, 1},
      {"{\"a\":1", "json-unclosed", 1, 1},
      {"{\"a\":1,", "json-unclosed", 1, 1},
      {"[\"a", "json-unclosed", 1, 2},
      {"[\"a\\", "json-unclosed", 1, 2},
      {"]", "json-closer", 1, 1},
      {"[1}", "json-closer", 1, 3},
      {"{\"a\":1]", "json-closer", 1, 7},
      {"{}}", "json-closer", 1, 3},
      {"{} {}", "json-trailing-text", 1, 4},
      {"{}\n{}\n", "json-trailing-text", 2, 1},
      {"1 2", "json-trailing-text", 1, 3},
      {"{}x", "json-trailing-text", 1, 3},
      {"[\f1]", "json-blank", 1, 2},
      {"\xc2\xa0{}", "json-blank", 1, 1},
      {"{}\xc2\xa0", "json-blank", 1, 3},
      {"[;]", "json-unexpected", 1, 2},
      {"[\r1,\r\n@]", "json-unexpected", 3, 1},
  });
}

CAF_TEST(refuses duplicates and what goes over a limit with code and place) {
  check_all({
      {"{\"a\":1,\n \"a\":2}", "json-duplicate-key", 2, 2},
      {"{\"a\":1,\"\\u0061\":2}", "json-duplicate-key", 1, 8},
      {"[{\"x\":{\"é\":1,\"\\u00E9\":2}}]", "json-duplicate-key", 1, 15},
      {nested(33, "[", "]"), "json-depth", 1, 33},
      {nested(33, "{\"a\":", "}"), "json-depth", 1, 161},
      {std::string(262'145, ' '), "json-size", 1, 262'145},
  });
}

CAF_TEST(a duplicate among many keys is named with both places) {
  std::string text = "{";
  for (int i = 0; i != 40; ++i)
    text += "\n\"k" + std::to_string(i) + "\":0,";
  const auto read = document::parse(text + "\n\"k7\":1,\n\"\\u006b3\":1,\n\"k7\":1}");
  CAF_REQUIRE(!read);
  CAF_CHECK_EQUAL(read.error().code, "json-duplicate-key");
  CAF_CHECK_EQUAL(read.error().message,
                  "the key \"k7\" stands at line 9, column 1 and stands again at line 42, column 1; "
                  "keep one of the two");
}

CAF_TEST(the limits hold to the byte and the level) {
  CAF_CHECK(document::parse(nested(32, "[", "]")).has_value());
  CAF_CHECK(document::parse(nested(16, "[{\"a\":", "}]")).has_value());
  CAF_CHECK(document::parse("1" + std::string(262'143, ' ')).has_value());
  CAF_CHECK(!document::parse("1", {.bytes = 0}));
  CAF_CHECK(document::parse("1", {.bytes = 1, .depth = 0}).has_value());
  CAF_CHECK(!document::parse("[]", {.depth = 0}));
}

CAF_TEST(a hundred thousand keys that begin alike are read at once) {
  std::string text = "{";
  for (int i = 0; i != 100'000; ++i)
    text += (i ? ",\"the same beginning " : "\"the same beginning ") + std::to_string(i) + "\":0";
  const auto doc = document::parse(text + "}", {.bytes = 8u << 20});
  CAF_REQUIRE(doc.has_value());
  CAF_CHECK_EQUAL(doc->root().size(), 100'000u);
  CAF_CHECK(bool(doc->root().find("the same beginning 77777")));
}
