#define CAF_SUITE service_test

#include "muster/runner/service.hpp"

#include "tests/support/scratch_directory.hpp"

#include "muster/store/data_directory.hpp"
#include "muster/store/real_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <optional>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

/// Each look at it is five seconds after the one before.
struct hasty_clock final : clock_source {
  std::chrono::milliseconds wall() override { return real.wall(); }
  std::chrono::nanoseconds boot() override {
    if (looked)
      looked();
    return now += 5s;
  }

  real_clock real;
  std::chrono::nanoseconds now{0};
  std::function<void()> looked;
};

/// Somebody has the directory and does not serve.
struct fixture {
  fixture() { held.emplace(data_directory::open(world.view(), path, data_directory::presence::create).value()); }

  scratch_directory place;
  std::string path = place.path() + "/data";
  real_environment world;
  hasty_clock clock;
  environment env{world.view().files, clock, world.view().random, world.view().self};
  command_context context{env, {}, path};
  std::optional<data_directory> held;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(services, fixture)

CAF_TEST(whoever holds the directory and does not serve is waited for ten seconds) {
  CAF_CHECK_EQUAL(context.patience, 10s);
  const auto reached = reach_service(context);
  CAF_REQUIRE(!reached);
  CAF_CHECK(reached.error().kind == failure_kind::busy);
  CAF_CHECK_EQUAL(reached.error().code, "data-held");
  CAF_CHECK(clock.now >= 15s);
}

CAF_TEST(a command goes on when the directory is let go) {
  clock.looked = [this, looks = 0]() mutable {
    if (++looks == 2)
      held.reset();
  };
  const auto reached = reach_service(context);
  CAF_REQUIRE(reached);
  CAF_CHECK_EQUAL((*reached)->call("list", "{}").value(), R"({"agents":[]})");
}

CAF_TEST_FIXTURE_SCOPE_END()
