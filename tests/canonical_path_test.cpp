#define CAF_SUITE canonical_path_test

#include "muster/store/canonical_path.hpp"

#include "muster/store/simulated_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>
#include <string>

using namespace muster;

namespace {

struct fixture {
  fixture() {
    for (const auto* each : {"/home", "/home/me", "/home/me/src", "/home/me/src/app"})
      world.files.put_directory(each);
    world.files.put_symlink("/home/me/work", "/home/me/src");
    world.files.put_symlink("/home/me/src/there", "app");
    world.files.put_symlink("/home/me/up", "src/app/../../src");
    world.files.put_symlink("/home/me/a", "b");
    world.files.put_symlink("/home/me/b", "a");
  }
  std::string of(std::string_view path) {
    auto found = canonical_path(world.files, path);
    return found ? *found : std::string(found.error().code);
  }
  simulated_environment world;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(canonical_path_tests, fixture)

CAF_TEST(follows every link on the way) {
  CAF_CHECK_EQUAL(of("/home/me/src/app"), "/home/me/src/app");
  CAF_CHECK_EQUAL(of("/home/me/work/app"), "/home/me/src/app");
  CAF_CHECK_EQUAL(of("/home/me/work/there"), "/home/me/src/app");
  CAF_CHECK_EQUAL(of("/home/me/up/app"), "/home/me/src/app");
  CAF_CHECK_EQUAL(of("/"), "/");
}

CAF_TEST(takes what does not exist by the letter) {
  CAF_CHECK_EQUAL(of("/home/me/work/gone/deeper"), "/home/me/src/gone/deeper");
  CAF_CHECK_EQUAL(of("/nowhere/at/all"), "/nowhere/at/all");
  CAF_CHECK_EQUAL(of("/home/me/work/gone/.."), "/home/me/src");
}

CAF_TEST(follows dots behind a link as the kernel does) {
  CAF_CHECK_EQUAL(of("/home/me/src/there/../x"), "/home/me/src/x");
  CAF_CHECK_EQUAL(of("/home/me/work/.."), "/home/me");
  CAF_CHECK_EQUAL(of("//home/./me/"), "/home/me");
  CAF_CHECK_EQUAL(of("/.."), "/");
}

CAF_TEST(refuses links that lead in a circle) {
  CAF_CHECK_EQUAL(of("/home/me/a"), "path-loop");
  CAF_CHECK_EQUAL(of("/home/me/b/app"), "path-loop");
}

CAF_TEST(a disk that fails is no letter) {
  world.files.set_plan(fault_plan(fault_rule{.what = {}, .operations = {disk_operation::status}}));
  CAF_CHECK_EQUAL(of("/home/me/work"), "disk-error");
  world.files.set_plan(fault_plan(fault_rule{.what = {}, .operations = {disk_operation::read_link}}));
  CAF_CHECK_EQUAL(of("/home/me/work"), "disk-error");
}

CAF_TEST(what nobody may look at is taken by the letter) {
  world.files.set_plan(
      fault_plan(fault_rule{.what = {.code = EACCES}, .nth = 2, .operations = {disk_operation::status}}));
  CAF_CHECK_EQUAL(of("/home/me/work/app"), "/home/me/work/app");
}

CAF_TEST(a path that its links make too long is refused) {
  world.files.put_symlink("/home/me/long", "/" + std::string(250, 'x') + "/" + std::string(250, 'y'));
  std::string path = "/home/me/long";
  for (int i = 0; i < 16; ++i)
    path += "/" + std::string(240, 'z');
  CAF_CHECK_EQUAL(of(path), "path-unusable");
}

CAF_TEST_FIXTURE_SCOPE_END()
