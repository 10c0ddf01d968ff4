#define CAF_SUITE released_paths_test

#include "muster/store/released_paths.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;

namespace {
using paths = std::vector<std::string>;
}

CAF_TEST(tells what was released since and that again) {
  released_paths released(100, 10);
  const auto begun = released.now();
  released.add("/a");
  const auto after_a = released.now();
  released.add("/b");
  for (int i = 0; i < 2; ++i) {
    CAF_CHECK_EQUAL(released.since(begun).paths, (paths{"/a", "/b"}));
    CAF_CHECK_EQUAL(released.since(after_a).paths, paths{"/b"});
  }
  CAF_CHECK(released.since(released.now()).paths.empty());
  CAF_CHECK(!released.since(released.now()).all);
}

CAF_TEST(who never asked and who asked another life gets all) {
  released_paths released(100, 10);
  released.add("/a");
  CAF_CHECK(released.since(0).all);
  CAF_CHECK(released.since(99).all);
  CAF_CHECK(released.since(102).all);
}

CAF_TEST(what is forgotten is told as all) {
  released_paths released(100, 2);
  const auto begun = released.now();
  for (const auto* each : {"/a", "/b"})
    released.add(each);
  CAF_CHECK(!released.since(begun).all);
  released.add("/c");
  CAF_CHECK(released.since(begun).all);
  CAF_CHECK_EQUAL(released.since(begun + 1).paths, (paths{"/b", "/c"}));
  released.add_all();
  CAF_CHECK(released.since(begun + 3).all);
  const auto after_all = released.now();
  released.add("/d");
  CAF_CHECK_EQUAL(released.since(after_all).paths, paths{"/d"});
}
