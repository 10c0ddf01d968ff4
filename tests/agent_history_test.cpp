#define CAF_SUITE agent_history_test

#include "muster/store/agent_history.hpp"

#include "tests/support/fold_fixture.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using fold_fixture::loose_meaning;
using fold_fixture::make;
using fold_fixture::place;
using fold_fixture::put;
using fold_fixture::saw;
using fold_fixture::settle;

namespace {

using fields = std::map<std::string, std::string>;

/// Commits in memory.
struct memory_source final : commit_source {
  std::map<instance_id, std::vector<commit>> feeds;
  explicit memory_source(std::initializer_list<commit> commits) {
    for (const auto& each : commits)
      feeds[each.instance].push_back(each);
  }
  expected<state_vector> ends() override { return state_vector{}; }
  expected<void> read(const state_vector&, const std::function<expected<void>(const commit&)>& take) override {
    for (const auto& [instance, commits] : feeds)
      for (const auto& each : commits)
        if (auto done = take(each); !done)
          return done;
    return {};
  }
};

fields as_of(memory_source& source, const char* instance, sequence seq) {
  const auto& version = source.feeds.at(instance_id{instance}).at(seq - 1);
  return fields_as_of(source, agent_id{"one"}, version, &loose_meaning).value();
}

} // namespace

CAF_TEST(each version shows the fields as they were then) {
  memory_source source{make("a", 1, 10, {put("name", "\"x\""), put("color", "\"red\"")}),
                       make("a", 2, 20, {put("color", "\"blue\"", saw({{"a", 1}}))}),
                       make("a", 3, 30, {put("color", std::nullopt, saw({{"a", 2}}))})};
  CAF_CHECK(as_of(source, "a", 1) == (fields{{"name", "\"x\""}, {"color", "\"red\""}}));
  CAF_CHECK(as_of(source, "a", 2) == (fields{{"name", "\"x\""}, {"color", "\"blue\""}}));
  CAF_CHECK(as_of(source, "a", 3) == (fields{{"name", "\"x\""}}));
}

CAF_TEST(other feeds count as far as they were earlier) {
  memory_source source{make("a", 1, 10, {put("name", "\"x\"")}), make("a", 2, 40, {put("model", "\"m\"")}),
                       make("b", 1, 20, {put("color", "\"red\"")}),
                       make("b", 2, 50, {put("color", "\"blue\"", saw({{"b", 1}}))})};
  CAF_CHECK(as_of(source, "a", 1) == (fields{{"name", "\"x\""}}));
  CAF_CHECK(as_of(source, "a", 2) == (fields{{"name", "\"x\""}, {"model", "\"m\""}, {"color", "\"red\""}}));
  CAF_CHECK(as_of(source, "b", 1) == (fields{{"name", "\"x\""}, {"color", "\"red\""}}));
}

CAF_TEST(its own feed counts whole though the clock went back) {
  memory_source source{make("a", 1, 99, {put("name", "\"x\"")}), make("a", 2, 10, {put("color", "\"red\"")})};
  CAF_CHECK(as_of(source, "a", 2) == (fields{{"name", "\"x\""}, {"color", "\"red\""}}));
}

CAF_TEST(what the version saw counts though its stamp is later) {
  memory_source source{make("a", 1, 10, {put("color", "\"red\"", saw({{"b", 2}}))}),
                       make("b", 1, 99, {put("name", "\"x\"")}), make("b", 2, 99, {put("color", "\"blue\"")}),
                       make("b", 3, 99, {put("name", "\"later\"")})};
  CAF_CHECK(as_of(source, "a", 1) == (fields{{"name", "\"x\""}, {"color", "\"red\""}}));
  // A feed is folded in its order, so what stands before an earlier one counts.
  memory_source other{make("a", 1, 50, {put("color", "\"red\"")}), make("b", 1, 99, {put("name", "\"x\"")}),
                      make("b", 2, 20, {put("model", "\"m\"")})};
  CAF_CHECK(as_of(other, "a", 1) == (fields{{"color", "\"red\""}, {"name", "\"x\""}, {"model", "\"m\""}}));
}

CAF_TEST(a resolution and an adoption count as the fold has them) {
  memory_source source{
      make("a", 1, 10, {put("color", "\"red\"")}), make("b", 1, 20, {put("color", "\"blue\"")}),
      make("c", 1, 30, {put("color", "\"old\"", {}, true)}),
      make("a", 2, 40, {settle("color", {instance_id{"a"}, 1}, "\"red\"", saw({{"a", 1}, {"b", 1}, {"c", 1}}))})};
  CAF_CHECK(as_of(source, "b", 1) == (fields{{"color", "\"blue\""}}));
  CAF_CHECK(as_of(source, "c", 1) == (fields{{"color", "\"blue\""}}));
  CAF_CHECK(as_of(source, "a", 2) == (fields{{"color", "\"red\""}}));
}

CAF_TEST(other agents and other keys leave no trace) {
  memory_source source{
      make("a", 1, 10, {place("one", "a"), agent_put{agent_id{"two"}, {{"name", "\"other\"", {}}}, false}}),
      make("a", 2, 20, {put("name", "\"x\""), fold_fixture::rule(rule_action::deny)})};
  CAF_CHECK(as_of(source, "a", 1).empty());
  CAF_CHECK(as_of(source, "a", 2) == (fields{{"name", "\"x\""}}));
}
