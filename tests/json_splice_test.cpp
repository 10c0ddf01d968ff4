#define CAF_SUITE json_splice_test

#include "muster/store/json_splice.hpp"

#include "muster/store/json_write.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace muster;
using json::document;
using json::member_change;

namespace {

using changes = std::vector<member_change>;

document read(std::string text) {
  auto result = document::parse(std::move(text));
  if (!result)
    CAF_FAIL("refused: " << result.error().message);
  return std::move(*result);
}

std::string splice(std::string base, const changes& made) {
  const auto doc = read(std::move(base));
  auto result = json::splice(doc, made);
  if (!result)
    CAF_FAIL("refused: " << result.error().message);
  return std::move(*result);
}

std::string refusal(std::string base, const changes& made) {
  const auto doc = read(std::move(base));
  const auto result = json::splice(doc, made);
  return result ? "none" : std::string(result.error().code);
}

member_change set(std::string key, std::string text) {
  return {std::move(key), std::move(text)};
}
member_change remove(std::string key) {
  return {std::move(key), std::nullopt};
}

const std::string strange = " {\r\n\t\"x\" :1.10 ,\r\n\r\n\t\"\\u0062\":  [ 1, 2.0,3 ],\r\n\t\"z\":1e400\r\n}\r\n\r\n";

} // namespace

CAF_TEST(without changes every byte stays) {
  for (const auto* text : {"{}", " { } ", "{\"a\":1}", "{ \"a\" : 1 }\n", "{\n}\n"})
    CAF_CHECK_EQUAL(splice(text, {}), text);
  CAF_CHECK_EQUAL(splice(strange, {}), strange);
  CAF_CHECK_EQUAL(splice(strange, {remove("nowhere")}), strange);
}

CAF_TEST(a new value that means the same changes nothing) {
  CAF_CHECK_EQUAL(splice(strange, {set("x", "11e-1"), set("b", "[1.0,2,3.0]"), set("z", "10e399")}), strange);
  CAF_CHECK_EQUAL(splice("{\"a\":{ \"b\":1,\"c\":2 }}", {set("a", "{\"c\":2,\"b\":1}")}),
                  "{\"a\":{ \"b\":1,\"c\":2 }}");
}

CAF_TEST(a changed member leaves all others as they were) {
  CAF_CHECK_EQUAL(splice(strange, {set("b", "true")}),
                  " {\r\n\t\"x\" :1.10 ,\r\n\r\n\t\"\\u0062\":  true,\r\n\t\"z\":1e400\r\n}\r\n\r\n");
  CAF_CHECK_EQUAL(splice(strange, {set("x", "-0")}),
                  " {\r\n\t\"x\" :-0 ,\r\n\r\n\t\"\\u0062\":  [ 1, 2.0,3 ],\r\n\t\"z\":1e400\r\n}\r\n\r\n");
}

CAF_TEST(members go without a trace wherever they stood) {
  const std::string lines = "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n";
  CAF_CHECK_EQUAL(splice(lines, {remove("a")}), "{\n  \"b\": 2,\n  \"c\": 3\n}\n");
  CAF_CHECK_EQUAL(splice(lines, {remove("b")}), "{\n  \"a\": 1,\n  \"c\": 3\n}\n");
  CAF_CHECK_EQUAL(splice(lines, {remove("c")}), "{\n  \"a\": 1,\n  \"b\": 2\n}\n");
  CAF_CHECK_EQUAL(splice(lines, {remove("a"), remove("c")}), "{\n  \"b\": 2\n}\n");
  CAF_CHECK_EQUAL(splice(lines, {remove("a"), remove("b"), remove("c")}), "{}\n");
  CAF_CHECK_EQUAL(splice("{\"a\": 1, \"b\": 2}", {remove("a")}), "{\"b\": 2}");
  CAF_CHECK_EQUAL(splice("{ \"a\": 1, \"b\": 2 }", {remove("b")}), "{ \"a\": 1 }");
}

CAF_TEST(new members look like the old ones) {
  const std::string list = "[1,{\"x\":[]}]";
  CAF_CHECK_EQUAL(splice("{\"a\":1}", {set("b", list)}), "{\"a\":1,\"b\":[1,{\"x\":[]}]}");
  CAF_CHECK_EQUAL(splice("{\"a\": 1}", {set("b", list)}), "{\"a\": 1, \"b\": [1, {\"x\": []}]}");
  CAF_CHECK_EQUAL(splice("{ \"a\":1,  \"b\":2 }", {set("c", list)}), "{ \"a\":1,  \"b\":2,  \"c\":[1,  {\"x\":[]}] }");
  CAF_CHECK_EQUAL(splice("{\n    \"a\": 1\n}", {set("b", list)}),
                  "{\n    \"a\": 1,\n    \"b\": [\n        1,\n        {\n            \"x\": []\n        }\n    ]\n}");
  CAF_CHECK_EQUAL(splice("{\r\n\t\"a\":1\r\n}\r\n", {set("b", "[1]")}),
                  "{\r\n\t\"a\":1,\r\n\t\"b\":[\r\n\t\t1\r\n\t]\r\n}\r\n");
  CAF_CHECK_EQUAL(splice("{}", {set("b", "[1]"), set("a", "2")}), "{\n  \"b\": [\n    1\n  ],\n  \"a\": 2\n}");
  CAF_CHECK_EQUAL(splice("{\"a\": 1,\n \"b\": 2}", {set("c", "3")}), "{\"a\": 1,\n \"b\": 2,\n \"c\": 3}");
  CAF_CHECK_EQUAL(splice("{\n\"a\": 1\n}", {set("c", "[3]")}), "{\n\"a\": 1,\n\"c\": [\n3\n]\n}");
  CAF_CHECK_EQUAL(splice("{\n  \"a\": 1\n\n}", {set("b", "2"), remove("a")}), "{\n  \"b\": 2\n\n}");
  CAF_CHECK_EQUAL(splice("{\"a\":1}", {set("\"\n", "\"\\/\"")}), "{\"a\":1,\"\\\"\\n\":\"/\"}");
}

CAF_TEST(inside a changed object what is the same keeps its bytes) {
  const std::string base =
      "{\n  \"o\": {\n    \"keep\" : 1.0,\n    \"change\": 2,\n    \"go\": 3,\n    \"deep\": {\"p\":[1, "
      "2],  \"q\":0}\n  },\n  \"z\": [ ]\n}";
  CAF_CHECK_EQUAL(splice(base, {set("o", "{\"new\":[],\"deep\":{\"q\":1,\"p\":[1,2]},\"change\":20,\"keep\":1}")}),
                  "{\n  \"o\": {\n    \"keep\" : 1.0,\n    \"change\": 20,\n    \"deep\": {\"p\":[1, 2],  \"q\":1},\n"
                  "    \"new\": []\n  },\n  \"z\": [ ]\n}");
  CAF_CHECK_EQUAL(splice(base, {set("z", "[1,2]")}), base.substr(0, base.size() - 5) + "[\n    1,\n    2\n  ]\n}");
}

CAF_TEST(array elements that occur again keep their bytes) {
  const std::string base = "{\"l\": [1.0, {\"a\" : 1,\"b\": 2}, \"\\u0078\", 4]}";
  CAF_CHECK_EQUAL(splice(base, {set("l", "[1,{\"a\":1,\"b\":3},\"x\",5]")}),
                  "{\"l\": [1.0, {\"a\" : 1,\"b\": 3}, \"\\u0078\", 5]}");
  CAF_CHECK_EQUAL(splice(base, {set("l", "[\"x\",1]")}), "{\"l\": [\"\\u0078\", 1.0]}");
  CAF_CHECK_EQUAL(splice(base, {set("l", "[]")}), "{\"l\": []}");
  CAF_CHECK_EQUAL(splice("{\n \"l\": [\n  \"a\",\n  \"b\"\n ]\n}", {set("l", "[\"b\",\"c\",\"d\"]")}),
                  "{\n \"l\": [\n  \"b\",\n  \"c\",\n  \"d\"\n ]\n}");
}

CAF_TEST(refuses what cannot be spliced) {
  CAF_CHECK_EQUAL(refusal("[1]", {set("a", "1")}), "json-not-object");
  CAF_CHECK_EQUAL(refusal("{}", {set("a", "1"), remove("a")}), "json-change-key");
  CAF_CHECK_EQUAL(refusal("{}", {set("\xff", "1")}), "json-change-key");
  CAF_CHECK_EQUAL(refusal("{}", {set("a", "01")}), "json-number");
  CAF_CHECK_EQUAL(refusal("{}", {set("a", "")}), "json-empty");
  CAF_CHECK_EQUAL(refusal("{}", {set("a", "1,\"b\":2")}), "json-trailing-text");
  CAF_CHECK_EQUAL(refusal("{}", {set("a", std::string(32, '[') + std::string(32, ']'))}), "json-depth");
  CAF_CHECK_EQUAL(refusal("{}", {set("a", std::string(31, '[') + std::string(31, ']'))}), "none");
  CAF_CHECK_EQUAL(refusal("{}", {set("a", "\"" + std::string(262'140, 'x') + "\"")}), "json-size");
}
