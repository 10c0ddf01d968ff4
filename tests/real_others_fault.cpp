#define CAF_SUITE real_others_fault

#include "tests/support/real_lane.hpp"

#include <boost/json/serialize.hpp>
#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <filesystem>

using namespace muster::test;

namespace {

constexpr const char* project = "atlas";
constexpr const char* id = "01JC8Z5Q3V7XN2M4K6P8R0T2W4";

std::string manifest_with(const char* description) {
  return hand_written_manifest(id, project, description);
}

void adopt(const real_muster& world) {
  world.make_manifest(project, manifest_with("one"));
  world.must({"register", world.project(project)});
}

// The description that `show` tells and the file's own bytes.
sight described(const real_muster& world, const char* before, const char* file_before, const char* after,
                const char* file_after) {
  const auto shown = world.run({"show", id});
  if (shown.exit != 0)
    return {standing::torn, "show: " + shown.text};
  const auto description = text_of(member(shown.document, "agent"), "description");
  const auto bytes = bytes_of(world.manifest(project));
  if (description == before && bytes == manifest_with(file_before))
    return {standing::before, {}};
  if (description == after && bytes == manifest_with(file_after))
    return {standing::after, {}};
  return {standing::torn, bytes.value_or("(no file)") + shown.text};
}

// Where `list` has the agent, if anywhere, with a manifest that never changes.
sight listed(const real_muster& world, std::string_view before, std::string_view after, std::string_view file) {
  const auto list = world.run({"list"});
  if (list.exit != 0)
    return {standing::torn, "list: " + list.text};
  if (bytes_of(world.manifest(file)) != manifest_with("one"))
    return {standing::torn, "the manifest changed"};
  const auto at = [&](std::string_view name) {
    return name.empty() ? std::ranges::none_of(
                              std::array{project, "moved"},
                              [&](const char* each) { return !row_at(list.document, world.project(each)).is_null(); })
                        : text_of(row_at(list.document, world.project(name)), "id") == id;
  };
  if (at(before) == at(after))
    return {standing::torn, list.text};
  return {at(after) ? standing::after : standing::before, {}};
}

std::vector<std::string> words(std::initializer_list<std::string> all) {
  return {all};
}

const real_operation revert{
    .name = "revert",
    .prepare =
        [](const real_muster& world) {
          adopt(world);
          const auto first = text_of(world.must({"show", id}), "version");
          put_bytes(world.root() + "/version", first);
          world.must({"update", id, "--set", "description=two"});
        },
    .command =
        [](const real_muster& world) {
          return words({"revert", id, *bytes_of(world.root() + "/version")});
        },
    .look = [](const real_muster& world) { return described(world, "two", "two", "one", "one"); },
};

const real_operation move{
    .name = "move",
    .prepare =
        [](const real_muster& world) {
          adopt(world);
          std::filesystem::rename(world.project(project), world.project("moved"));
        },
    .command =
        [](const real_muster& world) {
          return words({"move", id, world.project("moved")});
        },
    .look = [](const real_muster& world) { return listed(world, project, "moved", "moved"); },
};

const real_operation keeping{
    .name = "unregister --keep-manifest",
    .prepare = adopt,
    .command =
        [](const real_muster&) {
          return words({"unregister", id, "--keep-manifest"});
        },
    .look = [](const real_muster& world) { return listed(world, project, "", project); },
};

const real_operation adoption{
    .name = "adopt",
    .prepare = [](const real_muster& world) { world.make_manifest(project, manifest_with("one")); },
    .command =
        [](const real_muster& world) {
          return words({"register", world.project(project)});
        },
    .look = [](const real_muster& world) { return listed(world, "", project, project); },
};

const real_operation sweep{
    .name = "sweep",
    .prepare =
        [](const real_muster& world) {
          adopt(world);
          put_bytes(world.manifest(project), manifest_with("two"));
        },
    .command = [](const real_muster&) { return words({"sweep"}); },
    .look = [](const real_muster& world) { return described(world, "one", "two", "two", "two"); },
    .takes_request_id = false,
    // A place that could not be taken is counted, and the next sweep looks again.
    .promises = [](const real_answer& answer) { return member(answer.document, "errors") == boost::json::value(0); },
};

const real_operation heartbeat{
    .name = "heartbeat",
    .prepare = adopt,
    .command =
        [](const real_muster&) {
          return words({"heartbeat", id});
        },
    .look =
        [](const real_muster& world) {
          const auto shown = world.run({"show", id});
          if (shown.exit != 0)
            return sight{standing::torn, "show: " + shown.text};
          return sight{text_of(shown.document, "lastSeenAt").empty() ? standing::before : standing::after, {}};
        },
    .takes_request_id = false,
    // Last seen is observed, and may be lost.
    .promises = [](const real_answer&) { return false; },
    .commits = 0,
};

const real_operation config{
    .name = "config set",
    .prepare = [](const real_muster&) {},
    .command =
        [](const real_muster&) {
          return words({"config", "set", "sweep.interval", "7min"});
        },
    .look =
        [](const real_muster& world) {
          const auto setting = world.run({"config", "get", "sweep.interval"});
          const auto value = text_of(setting.document, "value");
          if (setting.exit != 0 || (value != "7min" && value != "5min"))
            return sight{standing::torn, "config get: " + setting.text};
          return sight{value == "7min" ? standing::after : standing::before, {}};
        },
    .takes_request_id = false,
    .commits = 0,
};

// Whether `denied` has the project, and nothing else.
sight denied(const real_muster& world, standing if_denied, standing if_not) {
  const auto list = world.run({"denied"});
  const auto all = member(list.document, "denied");
  if (list.exit != 0 || !all.is_array() || all.get_array().size() > 1)
    return {standing::torn, "denied: " + list.text};
  if (all.get_array().empty())
    return {if_not, {}};
  if (text_of(all.get_array().front(), "path") != world.project("no"))
    return {standing::torn, "denied: " + list.text};
  return {if_denied, {}};
}

const real_operation denial{
    .name = "deny",
    .prepare = adopt,
    .command =
        [](const real_muster& world) {
          return words({"deny", world.project("no"), "--reason", "not ours"});
        },
    .look = [](const real_muster& world) { return denied(world, standing::after, standing::before); },
};

const real_operation lifting{
    .name = "undeny",
    .prepare =
        [](const real_muster& world) {
          world.must({"deny", world.project("no")});
        },
    .command =
        [](const real_muster& world) {
          return words({"undeny", world.project("no")});
        },
    .look = [](const real_muster& world) { return denied(world, standing::before, standing::after); },
};

const real_operation admission{
    .name = "admit",
    .prepare =
        [](const real_muster& world) {
          world.make_manifest(project, manifest_with("one"));
          world.must({"register", world.project(project), "--scan-root", world.root()});
          auto text = hand_written_manifest("01JC8Z5Q3V7XN2M4K6P8R0T2W5", "found", "two");
          text.insert(text.find('{') + 1, R"("namespace": "atlas",)");
          world.make_manifest("found", text);
          world.must({"sweep"});
        },
    .command =
        [](const real_muster&) {
          return words({"admit", "found"});
        },
    .look =
        [](const real_muster& world) {
          const auto list = world.run({"list"});
          const auto status = text_of(row_at(list.document, world.project("found")), "status");
          if (list.exit != 0 || (status != "unadmitted" && status != "active"))
            return sight{standing::torn, "list: " + list.text};
          return sight{status == "active" ? standing::after : standing::before, {}};
        },
};

void rotate(const real_operation& operation) {
  const auto chosen = every_seventh();
  lane_counts counts;
  run_lane(operation, chosen.first, chosen.stride, counts);
  print_lane("real_others_fault", (std::string{operation.name} + ", " + to_string(chosen)).c_str(), counts);
  CAF_CHECK(counts.findings.empty());
  CAF_CHECK(counts.runs > 10);
}

} // namespace

CAF_TEST(a revert is whole or not at all whatever change of the disk fails or kills) {
  rotate(revert);
}

CAF_TEST(a move is whole or not at all whatever change of the disk fails or kills) {
  rotate(move);
}

CAF_TEST(a removal that keeps the manifest is whole or not at all whatever change of the disk fails or kills) {
  rotate(keeping);
}

CAF_TEST(an adoption is whole or not at all whatever change of the disk fails or kills) {
  rotate(adoption);
}

CAF_TEST(a denial is whole or not at all whatever change of the disk fails or kills) {
  rotate(denial);
}

CAF_TEST(the end of a denial is whole or not at all whatever change of the disk fails or kills) {
  rotate(lifting);
}

CAF_TEST(an admission is whole or not at all whatever change of the disk fails or kills) {
  rotate(admission);
}

CAF_TEST(a sweep takes an edit whole or not at all whatever change of the disk fails or kills) {
  rotate(sweep);
}

CAF_TEST(a heartbeat is noted or not whatever change of the disk fails or kills) {
  rotate(heartbeat);
}

CAF_TEST(a setting is the old or the new one whatever change of the disk fails or kills) {
  rotate(config);
}
