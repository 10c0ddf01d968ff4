#define CAF_SUITE found_agents_test

#include "muster/actors/found_agents.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>

using namespace muster;
using namespace std::chrono_literals;

namespace {

const agent_id a{"a"};
const agent_id b{"b"};

found_manifest_file file(std::string path, checkout git = checkout::none, std::chrono::nanoseconds modified = 1s) {
  return {std::move(path), "/r", modified, git};
}

/// What is made of these copies of one manifest, in whatever order they come.
found_agent chosen(std::vector<found_manifest_file> all) {
  const auto by_path = [](const auto& x, const auto& y) { return x.path < y.path; };
  std::ranges::sort(all, by_path);
  std::optional<found_agent> first;
  std::size_t others = 0;
  do {
    found_agents found(10, 10);
    for (const auto& each : all)
      CAF_REQUIRE(found.add(a, each));
    auto taken = found.take();
    CAF_REQUIRE_EQUAL(taken.size(), 1u);
    if (!first)
      first = taken.front();
    others += first->first.path != taken.front().first.path || first->others != taken.front().others ||
              first->why != taken.front().why;
  } while (std::next_permutation(all.begin(), all.end(), by_path));
  CAF_CHECK_EQUAL(others, 0u);
  return *first;
}

using paths = std::vector<std::string>;

} // namespace

CAF_TEST(one manifest has no copies) {
  const auto one = chosen({file("/r/x")});
  CAF_CHECK(one.others.empty());
  CAF_CHECK(one.why == chosen_for::nothing);
}

CAF_TEST(the main worktree of git wins over all else) {
  const auto one = chosen({file("/r/a", checkout::linked, 1s), file("/r/b", checkout::none, 1s),
                           file("/r/c", checkout::main, 9s), file("/r/d", checkout::linked, 2s)});
  CAF_CHECK_EQUAL(one.first.path, "/r/c");
  CAF_CHECK(one.why == chosen_for::main_tree);
  CAF_CHECK_EQUAL(one.others, (paths{"/r/b", "/r/a", "/r/d"}));
}

CAF_TEST(a linked worktree loses to a plain directory) {
  const auto one = chosen({file("/r/a", checkout::linked, 1s), file("/r/b", checkout::none, 9s)});
  CAF_CHECK_EQUAL(one.first.path, "/r/b");
  CAF_CHECK(one.why == chosen_for::not_linked);
}

CAF_TEST([RG01] of equals the older manifest wins and then the path) {
  const auto older = chosen({file("/r/a", checkout::main, 3s), file("/r/b", checkout::main, 2s), file("/r/c")});
  CAF_CHECK_EQUAL(older.first.path, "/r/b");
  CAF_CHECK(older.why == chosen_for::age);
  const auto first = chosen({file("/r/b"), file("/r/a"), file("/r/c")});
  CAF_CHECK_EQUAL(first.first.path, "/r/a");
  CAF_CHECK(first.why == chosen_for::order);
}

CAF_TEST([RC18] a path found under two roots is one and of the nearer root) {
  found_agents found(10, 10);
  auto far = file("/r/x/y");
  auto near = far;
  near.scan_root = "/r/x";
  for (const auto& each : {far, near, far})
    CAF_CHECK(found.add(a, each));
  const auto taken = found.take();
  CAF_REQUIRE_EQUAL(taken.size(), 1u);
  CAF_CHECK(taken.front().others.empty());
  CAF_CHECK_EQUAL(taken.front().first.scan_root, "/r/x");
}

CAF_TEST(agents and copies are bounded) {
  found_agents found(1, 2);
  for (const auto* each : {"/r/5", "/r/4", "/r/3", "/r/2", "/r/1"})
    CAF_CHECK(found.add(a, file(each)));
  CAF_CHECK(!found.add(b, file("/r/6")));
  const auto taken = found.take();
  CAF_REQUIRE_EQUAL(taken.size(), 1u);
  CAF_CHECK_EQUAL(taken.front().first.path, "/r/1");
  CAF_CHECK_EQUAL(taken.front().others, (paths{"/r/2", "/r/3"}));
  CAF_CHECK_EQUAL(taken.front().more_others, 2u);
  CAF_CHECK(found.empty());
}

CAF_TEST(agents come by the path that counts) {
  found_agents found(10, 10);
  CAF_CHECK(found.add(a, file("/r/z")));
  CAF_CHECK(found.add(b, file("/r/y")));
  const auto taken = found.take();
  CAF_REQUIRE_EQUAL(taken.size(), 2u);
  CAF_CHECK_EQUAL(taken.front().agent, b);
}
