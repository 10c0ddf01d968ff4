#define CAF_SUITE life_numbers_test

#include "muster/supervisor/life_numbers.hpp"

#include "muster/store/simulated_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>
#include <chrono>

using namespace muster;
using namespace std::chrono_literals;

namespace {

struct fixture {
  simulated_environment world;
  handle data;

  fixture() {
    world.files.put_directory("/data");
    data = world.files.open(no_handle, "/data", {.directory = true}).value();
  }
  ~fixture() { (void)world.files.close(data); }

  reserved_lives start() {
    world.clock.advance(10ms);
    return reserve_lives(world.view(), data);
  }
  reserved_lives start_without(disk_operation broken) {
    world.files.set_plan(fault_plan(fault_rule{{fault::kind::error, EROFS}, 1, operation_set{broken}, true}));
    const auto result = start();
    world.files.set_plan({});
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(life_numbers_tests, fixture)

CAF_TEST(each process has greater numbers than those before) {
  std::uint64_t last = 0;
  int wrong = 0;
  for (int i = 0; i < 20; ++i) {
    const auto made = start();
    wrong += made.not_kept || made.first.value <= last ? 1 : 0;
    last = made.first.value;
  }
  CAF_CHECK_EQUAL(wrong, 0);
}

CAF_TEST(what could not be noted is less than what the next one is given) {
  auto last = start().first.value;
  int wrong = 0;
  for (const auto broken : {disk_operation::create, disk_operation::rename, disk_operation::sync}) {
    for (int i = 0; i < 3; ++i) {
      const auto unkept = start_without(broken);
      wrong += !unkept.not_kept || unkept.first.value <= last ? 1 : 0;
      last = unkept.first.value;
    }
    const auto kept = start();
    wrong += kept.not_kept || kept.first.value <= last ? 1 : 0;
    last = kept.first.value;
  }
  CAF_CHECK_EQUAL(wrong, 0);
}

CAF_TEST(a disk that fails once while nothing can be noted gives no number above the next ones) {
  (void)start();
  int wrong = 0;
  for (const auto once : {disk_operation::open, disk_operation::status, disk_operation::read}) {
    fault_plan both(fault_rule{{fault::kind::error, EIO}, 1, operation_set{once}, false});
    both.add({{fault::kind::error, EROFS}, 1, operation_set{disk_operation::create}, true});
    world.files.set_plan(both);
    const auto unkept = start();
    world.files.set_plan({});
    wrong += !unkept.not_kept || start().first.value <= unkept.first.value ? 1 : 0;
  }
  CAF_CHECK_EQUAL(wrong, 0);
}

CAF_TEST(a file that does not read is made good by the clock) {
  std::uint64_t before = 0;
  for (int i = 0; i < 50; ++i)
    before = start().first.value;
  world.files.put_file("/data/lives", "many");
  const auto after = start();
  CAF_CHECK(!after.not_kept);
  CAF_CHECK(after.first.value > before);
}

CAF_TEST_FIXTURE_SCOPE_END()
