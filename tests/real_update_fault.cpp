#define CAF_SUITE real_update_fault

#include "tests/support/real_lane.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster::test;

namespace {

constexpr const char* project = "atlas";
constexpr const char* id = "01JC8Z5Q3V7XN2M4K6P8R0T2W4";

std::string manifest_with(const char* description) {
  return hand_written_manifest(id, project, description);
}

sight look(const real_muster& world) {
  const auto shown = world.run({"show", id});
  if (shown.exit != 0)
    return {standing::torn, "show: " + shown.text};
  const auto description = text_of(member(shown.document, "agent"), "description");
  const auto bytes = bytes_of(world.manifest(project));
  if (bytes == manifest_with("old") && description == "old")
    return {standing::before, {}};
  // What is not changed keeps its bytes.
  if (bytes == manifest_with("new") && description == "new")
    return {standing::after, {}};
  return {standing::torn, bytes.value_or("(no file)") + shown.text};
}

const real_operation update{
    .name = "update",
    .prepare =
        [](const real_muster& world) {
          world.make_manifest(project, manifest_with("old"));
          world.must({"register", world.project(project)});
        },
    .command =
        [](const real_muster&) {
          return std::vector<std::string>{"update", id, "--set", "description=new"};
        },
    .look = look,
};

} // namespace

CAF_TEST(an update is whole or not at all whatever change of the disk fails or kills) {
  lane_counts counts;
  run_lane(update, 1, 1, counts);
  print_lane("real_update_fault", "every change", counts);
  CAF_CHECK(counts.findings.empty());
  CAF_CHECK(counts.killed > 40);
}
