#define CAF_SUITE real_stop_cli

#include "tests/support/child_process.hpp"
#include "tests/support/real_muster.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>

#include <poll.h>

using namespace muster::test;
using namespace std::chrono_literals;

namespace {

/// Looks often, and not for ever.
template <class State>
bool comes_true(State state) {
  for (int left = 20'000; left > 0; --left) {
    if (state())
      return true;
    ::poll(nullptr, 0, 1);
  }
  return false;
}

} // namespace

CAF_TEST(a daemon that ends in order while a disk hangs ends at once when it is told again) {
  const real_muster world;
  world.must({"init"});
  world.make_project("atlas");
  const auto hangs = world.scratch() + "/hangs";
  child_process daemon{world.line({"serve", "--sweep-every", "0"}),
                       {.environment = {"LD_PRELOAD=" + program("libfault_shim.so"),
                                        "MUSTER_FAULT_ROOT=" + world.project("atlas"), "MUSTER_FAULT_COUNT=changes",
                                        "MUSTER_FAULT_MODE=hang", "MUSTER_FAULT_AT=1", "MUSTER_FAULT_FIRED=" + hangs}}};
  CAF_REQUIRE(wait_for_socket(world.data(), 20s));
  child_process asks{world.line({"register", world.project("atlas"), "--name", "atlas"})};
  CAF_REQUIRE(comes_true([&] { return std::filesystem::exists(hangs); }));
  daemon.signal(SIGTERM);
  CAF_REQUIRE(comes_true([&] { return !wait_for_socket(world.data(), 2ms); }));
  CAF_CHECK(!daemon.wait(0ms));
  daemon.signal(SIGTERM);
  const auto ended = daemon.wait(20s);
  CAF_REQUIRE(ended);
  CAF_CHECK_EQUAL(ended->signal, SIGTERM);
  const auto told = asks.wait(20s);
  CAF_REQUIRE(told);
  CAF_CHECK_EQUAL(told->exit, 10);
  // The next one finds nothing half done.
  CAF_CHECK_EQUAL(world.run({"register", world.project("atlas"), "--name", "atlas"}).exit, 0);
  CAF_CHECK_EQUAL(world.run({"doctor"}).exit, 0);
  CAF_CHECK(leftovers_below(world.root()).empty());
}
