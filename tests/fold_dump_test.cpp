#define CAF_SUITE fold_dump_test

#include "tests/support/fold_fixture.hpp"
#include "tests/support/fold_history.hpp"

#include <caf/test/unit_test.hpp>

#include <clocale>
#include <cstdio>

using namespace muster;
using namespace fold_fixture;

namespace {

std::vector<commit> one_of_each() {
  return {make("a", 1, 1,
               {agent_put{agent_id{"one"}, {{"name", "\"x\"", {}}, {"note", "\"tab \\t \xc3\xa9\"", {}}}, false},
                place("one", "a", "n \"q\"", "/p\n\xff")}),
          make("a", 2, 2, {rule(rule_action::allow), deny_put{instance_id{"a"}, "/d", "noise", "me", "skip"}}),
          make("a", 3, 3,
               {agent_put{agent_id{"two"}, {{"name", "\"X\"", {}}}, true}, place("two", "a", "n \"q\"", "/q"),
                place("two", "b")}),
          make("b", 1, 255, {put("name", std::nullopt), rule(rule_action::deny)}),
          make("b", 2, 256, {settle("name", {instance_id{"a"}, 1}, "\"x\"", saw({{"a", 1}, {"b", 1}}))}),
          make("b", 3, 257, {put("note", std::nullopt), peer_retire{instance_id{"Gone"}}})};
}

constexpr const char* expected_text = R"(muster dump 1
agent "one" live
agent "two" live
clash "n \"q\"" "one" "x"
clash "n \"q\"" "two" "x"
conflict 76963a111ac5d63116dbbb2c37431bca field "one" "note" b/3 a/1
conflict 77af93d6822342995ba30fdf65443144 rule "s" "t" b/1 a/2
denial a/2 0000000000000002 "/d" "noise" "me" "skip"
field "one" "name" "x"
field "one" "note" -
field "two" "name" "X"
folded a 3
folded b 3
head "one" "name" b/2 0000000000000100 resolved "human" "x"
head "one" "note" a/1 0000000000000001 put "" "tab \t )"
                                      "\xc3\xa9"
                                      R"("
head "one" "note" b/3 0000000000000101 put "" -
head "two" "name" a/3 0000000000000003 adopted "" "X"
place "one" a/1 0000000000000001 admitted "n \"q\"" "/p\u000a)"
                                      "\xff"
                                      R"(" "/"
place "two" a/3 0000000000000003 admitted "n \"q\"" "/q" "/"
refusal a/3 2 not-own-key
refused a 1
retired "Gone" b/3
rule "s" "t" deny
rule-head "s" "t" a/2 0000000000000002 put "" allow
rule-head "s" "t" b/1 00000000000000ff put "" deny
)";

std::string dump_of(const std::vector<commit>& commits) {
  folded view;
  for (const auto& each : commits)
    view.take(each);
  return view.dump();
}

} // namespace

CAF_TEST([PR-02] a dump has the bytes that the format page promises) {
  CAF_CHECK_EQUAL(dump_of(one_of_each()), expected_text);
}

CAF_TEST(the lines of a dump are sorted by bytes) {
  const auto text = dump_of(one_of_each());
  std::vector<std::string> lines;
  for (std::size_t from = text.find('\n') + 1; from < text.size();) {
    const auto to = text.find('\n', from);
    lines.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  CAF_CHECK(std::is_sorted(lines.begin(), lines.end()));
  CAF_CHECK(std::adjacent_find(lines.begin(), lines.end()) == lines.end());
}

CAF_TEST(neither the locale nor the order in which records are entered has a say) {
  const auto before = dump_of(one_of_each());
  const std::string old_locale = std::setlocale(LC_ALL, nullptr);
  int tried = 0;
  for (const char* name : {"", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8"})
    if (std::setlocale(LC_ALL, name) != nullptr) {
      ++tried;
      CAF_CHECK_EQUAL(dump_of(one_of_each()), before);
    }
  std::setlocale(LC_ALL, old_locale.c_str());
  std::printf("lane fold_dump_test: locales %d\n", tried);

  folded view;
  for (const auto& each : one_of_each())
    view.take(each);
  fold_dump backwards{view.memory().instances(), &loose_meaning};
  for (const auto& [key, record] : view.memory().denials())
    backwards.enter(key, record);
  for (const auto& [key, record] : view.memory().rules())
    backwards.enter(key, record);
  const auto agents = view.memory().agents();
  for (auto each = agents.rbegin(); each != agents.rend(); ++each)
    backwards.enter(*each->first, *each->second);
  CAF_CHECK_EQUAL(backwards.finish(), before);
}
