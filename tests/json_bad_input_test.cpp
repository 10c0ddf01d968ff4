#define CAF_SUITE json_bad_input_test

#include "muster/store/json.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

using namespace muster;
using namespace std::string_literals;

// The groups ENC, JSN and the sizes, depths and duplicates of SHP of the
// catalogue of bad input. A row without a code must be accepted: it is JSON, and
// what it means is for the manifest's grammar to judge.

namespace {

struct input {
  std::string name;
  std::string text;
  std::string_view code; ///< empty: accepted
};

const std::string bom = "\xef\xbb\xbf";

/// A manifest with one member given.
std::string with(const std::string& member) {
  return "{\"name\":\"a\"," + member + "}";
}

/// ASCII text in an encoding of several bytes a character, least or most significant first.
std::string widened(std::string_view ascii, std::size_t width, bool little) {
  std::string result;
  for (const char c : ascii) {
    std::string unit(width, '\0');
    unit[little ? 0 : width - 1] = c;
    result += unit;
  }
  return result;
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i != times; ++i)
    result += part;
  return result;
}

std::string nested(std::size_t depth, std::string_view open, std::string_view close) {
  return repeated(open, depth) + "1" + repeated(close, depth);
}

/// Arrays and objects in turn.
std::string nested_mixed(std::size_t depth) {
  return repeated("[{\"a\":", depth / 2) + (depth % 2 ? "[1]" : "1") + repeated("}]", depth / 2);
}

std::string keys(std::size_t count) {
  std::string result = "{\"k\":0";
  for (std::size_t i = 1; i < count; ++i)
    result += ",\"k" + std::to_string(i) + "\":0";
  return result + "}";
}

std::string sized(std::size_t bytes) {
  return "{\"a\":\"" + std::string(bytes - 8, 'x') + "\"}";
}

const std::vector<input>& encodings() {
  static const std::vector<input> rows = {
      {"empty", "", "json-empty"},
      {"blank", " \r\n\t", "json-empty"},
      {"one byte", "x", "json-word"},
      {"byte order mark", bom + "{}", "json-bom"},
      {"UTF-16 little endian", "\xff\xfe" + widened("{}", 2, true), "json-encoding"},
      {"UTF-16 big endian", widened("{\"a\":1}", 2, false), "json-encoding"},
      {"UTF-32", widened("{\"a\":1}", 4, true), "json-encoding"},
      {"lone continuation", with("\"x\":\"\x80\""), "json-utf8"},
      {"overlong of 2", with("\"x\":\"\xc0\xaf\""), "json-utf8"},
      {"overlong of 3", with("\"x\":\"\xe0\x80\xaf\""), "json-utf8"},
      {"overlong of 4", with("\"x\":\"\xf0\x80\x80\xaf\""), "json-utf8"},
      {"surrogates as UTF-8", with("\"x\":\"\xed\xa0\xbd\xed\xb8\x80\""), "json-utf8"},
      {"over U+10FFFF", with("\"x\":\"\xf4\x90\x80\x80\""), "json-utf8"},
      {"cut sequence at the end", "{\"x\":\"\xf0\x9f\x98", "json-utf8"},
      {"raw zero byte in a string", with("\"x\":\"a\0b\""s), "json-control"},
      {"escaped zero in id", with("\"id\":\"\\u0000\""), ""},
      {"escaped zero in name", "{\"name\":\"a\\u0000b\"}", ""},
      {"escaped zero in a path", with("\"path\":\"/a\\u0000/b\""), ""},
      {"escaped zero in a key", with("\"a\\u0000\":1"), ""},
      {"lone high surrogate", with("\"x\":\"\\ud83d\""), "json-surrogate"},
      {"lone low surrogate", with("\"x\":\"\\ude00\""), "json-surrogate"},
      {"swapped surrogates", with("\"x\":\"\\ude00\\ud83d\""), "json-surrogate"},
      {"raw C0", with("\"x\":\"a\x1b[31m\""), "json-control"},
      {"DEL", with("\"x\":\"\x7f\""), ""},
      {"C1", with("\"x\":\"\xc2\x9b\""), ""},
      {"U+FFFE", with("\"x\":\"\xef\xbf\xbe\""), ""},
      {"U+FFFF", with("\"x\":\"\xef\xbf\xbf\\uffff\""), ""},
      {"bidi override", with("\"x\":\"\xe2\x80\xae\""), ""},
      {"zero width in id", with("\"id\":\"01\xe2\x80\x8b\""), ""},
      {"homoglyph id", with("\"id\":\"\xd0\x90\""), ""},
      {"10,000 combining marks", with("\"x\":\"e" + repeated("\xcc\x81", 10'000) + "\""), ""},
      {"name not normalised", "{\"name\":\"e\xcc\x81\"}", ""},
      {"line ends of CR only", "{\r\"a\":1\r}\r", ""},
      {"mixed line ends", "{\r\n\"a\":1,\n\"b\":2\r}", ""},
      {"trailing zero bytes", "{\"a\":1}\n" + std::string(512, '\0'), "json-zero-byte"},
      {"trailing garbage", "{\"a\":1}\n\x12\x34garbage", "json-trailing-text"},
      {"form feed", "{\f\"a\":1}", "json-blank"},
      {"latin-1", with("\"x\":\"caf\xe9\""), "json-utf8"},
  };
  return rows;
}

const std::vector<input>& syntax() {
  static const std::vector<input> rows = {
      {"unclosed object", "{\"a\":1", "json-unclosed"},
      {"unclosed array", "[1", "json-unclosed"},
      {"unclosed string", "\"a", "json-unclosed"},
      {"unclosed key", "{\"a", "json-unclosed"},
      {"unclosed after key", "{\"a\"", "json-unclosed"},
      {"unclosed after colon", "{\"a\":", "json-unclosed"},
      {"unclosed after comma", "{\"a\":1,", "json-unclosed"},
      {"unclosed escape", "{\"a\":\"\\", "json-unclosed"},
      {"extra brace", "{}}", "json-closer"},
      {"extra bracket", "[]]", "json-closer"},
      {"brace closes array", "[1}", "json-closer"},
      {"bracket closes object", "{\"a\":1]", "json-closer"},
      {"trailing comma in object", "{\"a\":1,}", "json-trailing-comma"},
      {"trailing comma in array", "[1,]", "json-trailing-comma"},
      {"missing comma in object", "{\"a\":1 \"b\":2}", "json-missing-comma"},
      {"missing comma in array", "[1 2]", "json-missing-comma"},
      {"missing colon", "{\"a\" 1}", "json-missing-colon"},
      {"comma for a colon", "{\"a\",1}", "json-missing-colon"},
      {"single quotes", "{'a':1}", "json-single-quotes"},
      {"unquoted key", "{a:1}", "json-key"},
      {"line comment", "{\"a\":1 // one\n}", "json-comment"},
      {"block comment", "{/* one */\"a\":1}", "json-comment"},
      {"hash comment", "# one\n{}", "json-comment"},
      {"two documents", "{} {}", "json-trailing-text"},
      {"concatenated lines", "{\"a\":1}\n{\"a\":2}\n", "json-trailing-text"},
      {"array at the top", "[{}]", ""},
      {"string at the top", "\"a\"", ""},
      {"number at the top", "1", ""},
      {"null at the top", "null", ""},
      {"true at the top", "true", ""},
      {"NaN", with("\"x\":NaN"), "json-word"},
      {"Infinity", with("\"x\":-Infinity"), "json-word"},
      {"hexadecimal", with("\"x\":0x10"), "json-number"},
      {"octal", with("\"x\":0o17"), "json-number"},
      {"leading zero", with("\"x\":017"), "json-number"},
      {"plus sign", with("\"x\":+1"), "json-number"},
      {"no digit before the point", with("\"x\":.5"), "json-number"},
      {"no digit after the point", with("\"x\":5."), "json-number"},
      {"no digit in the exponent", with("\"x\":1e"), "json-number"},
      {"1e999", with("\"x\":1e999"), ""},
      {"-1e999", with("\"x\":-1e999"), ""},
      {"1e-400", with("\"x\":1e-400"), ""},
      {"2^53", with("\"x\":9007199254740992"), ""},
      {"2^53+1", with("\"x\":9007199254740993"), ""},
      {"2^64", with("\"x\":18446744073709551616"), ""},
      {"-0", with("\"x\":-0"), ""},
      {"10,000 digits", with("\"x\":" + std::string(10'000, '7')), ""},
      {"escape \\x", with("\"x\":\"\\x41\""), "json-escape"},
      {"escape \\'", with("\"x\":\"\\'\""), "json-escape"},
      {"escape \\0", with("\"x\":\"\\0\""), "json-escape"},
      {"escape of three digits", with("\"x\":\"\\u123\""), "json-escape"},
      {"escape of no digits", with("\"x\":\"\\u{41}\""), "json-escape"},
  };
  return rows;
}

const std::vector<input>& shapes() {
  static const std::vector<input> rows = {
      {"duplicate key at the top", "{\"a\":1,\"b\":2,\"a\":1}", "json-duplicate-key"},
      {"duplicate key inside", "{\"a\":[{\"b\":1,\"b\":1}]}", "json-duplicate-key"},
      {"key equal by escape", "{\"id\":1,\"\\u0069d\":1}", "json-duplicate-key"},
      {"key of other case", "{\"id\":1,\"ID\":1}", ""},
      {"31 arrays", nested(31, "[", "]"), ""},
      {"32 arrays", nested(32, "[", "]"), ""},
      {"33 arrays", nested(33, "[", "]"), "json-depth"},
      {"1,000 arrays", nested(1'000, "[", "]"), "json-depth"},
      {"10^6 arrays", nested(1'000'000, "[", "]"), "json-size"},
      {"31 objects", nested(31, "{\"a\":", "}"), ""},
      {"32 objects", nested(32, "{\"a\":", "}"), ""},
      {"33 objects", nested(33, "{\"a\":", "}"), "json-depth"},
      {"1,000 objects", nested(1'000, "{\"a\":", "}"), "json-depth"},
      {"10^6 objects", nested(1'000'000, "{\"a\":", "}"), "json-size"},
      {"31 of both", nested_mixed(31), ""},
      {"32 of both", nested_mixed(32), ""},
      {"33 of both", nested_mixed(33), "json-depth"},
      {"1,000 of both", nested_mixed(1'000), "json-depth"},
      {"10^6 of both", nested_mixed(1'000'000), "json-size"},
      {"1,024 keys", keys(1'024), ""},
      {"1,025 keys", keys(1'025), ""},
      {"as many keys as fit", keys(22'800), ""},
      {"10^5 keys", keys(100'000), "json-size"},
      {"256 KiB less 1", sized(262'143), ""},
      {"256 KiB", sized(262'144), ""},
      {"256 KiB and 1", sized(262'145), "json-size"},
      {"string of 8 KiB less 1", with("\"x\":\"" + std::string(8'191, 'x') + "\""), ""},
      {"string of 8 KiB", with("\"x\":\"" + std::string(8'192, 'x') + "\""), ""},
      {"string of 8 KiB and 1", with("\"x\":\"" + std::string(8'193, 'x') + "\""), ""},
  };
  return rows;
}

void check(const std::vector<input>& rows) {
  for (const auto& row : rows) {
    const auto read = json::document::parse(row.text);
    const auto code = read ? std::string_view() : read.error().code;
    if (code != row.code)
      CAF_ERROR(row.name << ": expected <" << row.code << ">, got <" << code << ">");
    if (!read && (read.error().message.find("at line ") == std::string::npos || read.error().message.size() > 300))
      CAF_ERROR(row.name << ": " << read.error().message);
    if (read && read->text() != row.text)
      CAF_ERROR(row.name << ": the text is not kept");
  }
}

} // namespace

CAF_TEST(each encoding that is not plain UTF 8 is refused) {
  check(encodings());
}

CAF_TEST(each slip of syntax is refused) {
  check(syntax());
}

CAF_TEST(depth size and duplicates are judged at the limit) {
  check(shapes());
}

CAF_TEST(the catalogue is complete) {
  CAF_CHECK_EQUAL(encodings().size(), 38u);
  CAF_CHECK_EQUAL(syntax().size(), 52u);
  std::printf("lane json_bad_input_test: %zu inputs\n", encodings().size() + syntax().size() + shapes().size());
}
