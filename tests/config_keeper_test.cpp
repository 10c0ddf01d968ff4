#define CAF_SUITE config_keeper_test

#include "muster/runner/config_keeper.hpp"

#include "tests/support/scratch_directory.hpp"

#include "muster/store/real_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  scratch_directory place;
  real_environment world;
  config_keeper keeper{world.view(), place.path()};

  static auto interval(std::chrono::milliseconds to) {
    return [to](settings& all) -> expected<void> {
      all.sweep_interval = to;
      return {};
    };
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(config_keepers, fixture)

CAF_TEST(of two changes at once the one written last is told last) {
  std::vector<std::chrono::milliseconds> told;
  std::atomic<bool> overtaken = false;
  std::thread other;
  CAF_CHECK(keeper.change(interval(1min), [&](const settings& first) {
    other = std::thread([&] {
      (void)keeper.change(interval(2min), [&](const settings& all) {
        overtaken = true;
        told.push_back(all.sweep_interval);
      });
    });
    // Time for the other one, which has to wait.
    const auto enough = std::chrono::steady_clock::now() + 100ms;
    while (!overtaken && std::chrono::steady_clock::now() < enough)
      std::this_thread::yield();
    CAF_CHECK(!overtaken);
    told.push_back(first.sweep_interval);
  }));
  other.join();
  CAF_CHECK((told == std::vector<std::chrono::milliseconds>{1min, 2min}));
  CAF_CHECK(keeper.read()->sweep_interval == 2min);
}

CAF_TEST(a change that is refused is told to nobody) {
  bool told = false;
  const auto refused = [](settings&) -> expected<void> { return failure{failure_kind::refused, "no", "no"}; };
  CAF_CHECK(!keeper.change(refused, [&](const settings&) { told = true; }));
  CAF_CHECK(!told);
  CAF_CHECK(keeper.read()->sweep_interval == settings{}.sweep_interval);
}

CAF_TEST_FIXTURE_SCOPE_END()
