#define CAF_SUITE real_unregister_fault

#include "tests/support/real_lane.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster::test;

namespace {

constexpr const char* project = "atlas";
constexpr const char* id = "01JC8Z5Q3V7XN2M4K6P8R0T2W4";

sight look(const real_muster& world) {
  const auto list = world.run({"list"});
  if (list.exit != 0)
    return {standing::torn, "list: " + list.text};
  const auto& row = row_at(list.document, world.project(project));
  const auto bytes = bytes_of(world.manifest(project));
  if (!bytes && row.is_null())
    return {standing::after, {}};
  if (bytes == hand_written_manifest(id, project, "old") && text_of(row, "status") == "active")
    return {standing::before, {}};
  return {standing::torn, bytes.value_or("(no file)") + list.text};
}

const real_operation removal{
    .name = "unregister",
    .prepare =
        [](const real_muster& world) {
          world.make_manifest(project, hand_written_manifest(id, project, "old"));
          world.must({"register", world.project(project)});
        },
    .command =
        [](const real_muster&) {
          return std::vector<std::string>{"unregister", id};
        },
    .look = look,
};

} // namespace

CAF_TEST(a removal is whole or not at all whatever change of the disk fails or kills) {
  lane_counts counts;
  run_lane(removal, 1, 1, counts);
  print_lane("real_unregister_fault", "every change", counts);
  CAF_CHECK(counts.findings.empty());
  CAF_CHECK(counts.killed > 40);
}
