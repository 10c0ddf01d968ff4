#define CAF_SUITE real_register_fault

#include "tests/support/real_lane.hpp"

#include <boost/json/parse.hpp>
#include <caf/test/unit_test.hpp>

using namespace muster::test;

namespace {

constexpr const char* project = "atlas";

sight look(const real_muster& world) {
  const auto list = world.run({"list"});
  if (list.exit != 0)
    return {standing::torn, "list: " + list.text};
  const auto& row = row_at(list.document, world.project(project));
  const auto bytes = bytes_of(world.manifest(project));
  if (!bytes && row.is_null())
    return {standing::before, {}};
  boost::system::error_code wrong;
  const auto manifest = boost::json::parse(bytes.value_or(""), wrong);
  if (wrong)
    return {standing::torn, "no manifest, or one that is not JSON: " + bytes.value_or("(no file)")};
  if (row.is_null())
    return {standing::torn, "a manifest without a row"};
  if (text_of(manifest, "id") != text_of(row, "id") || text_of(manifest, "name") != project ||
      text_of(row, "name") != project || text_of(row, "status") != "active")
    return {standing::torn, "manifest and row differ: " + *bytes + list.text};
  return {standing::after, {}};
}

const real_operation registration{
    .name = "register",
    .prepare = [](const real_muster& world) { world.make_project(project); },
    .command =
        [](const real_muster& world) {
          return std::vector<std::string>{"register",  world.project(project), "--name", project,
                                          "--runtime", "claude-code"};
        },
    .look = look,
};

} // namespace

CAF_TEST(a registration is whole or not at all whatever change of the disk fails or kills) {
  lane_counts counts;
  run_lane(registration, 1, 1, counts);
  print_lane("real_register_fault", "every change", counts);
  CAF_CHECK(counts.findings.empty());
  CAF_CHECK(counts.killed > 40);
}
