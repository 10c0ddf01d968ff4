#define CAF_SUITE manifest_traces_test

#include "tests/support/manifest_lab.hpp"

#include "muster/store/manifest_folder.hpp"
#include "muster/store/manifest_place.hpp"
#include "muster/store/sha256.hpp"

#include <caf/test/unit_test.hpp>

#include <functional>
#include <utility>

using namespace muster;
using namespace muster::test;

namespace {

sha256_digest hash_of(std::string_view bytes) {
  return sha256::of(bytes);
}

std::string_view code_of(const manifest_outcome& outcome) {
  return outcome.error ? outcome.error->code : "done";
}

void save_all(simulated_environment& machine) {
  const open_file root{machine.files, machine.files.open(no_handle, "/", {.directory = true}).value()};
  machine.files.sync_filesystem(root.get()).value();
}

// What a hand does before our first rename.
class before_rename final : public disk_spectator {
public:
  explicit before_rename(std::function<void()> work) : work_(std::move(work)) {}
  void before(simulated_disk&, const disk_call& call) override {
    if (call.operation == disk_operation::rename)
      if (const auto work = std::exchange(work_, {}))
        work();
  }

private:
  std::function<void()> work_;
};

} // namespace

CAF_TEST(what was undone does not come back after a power cut) {
  simulated_environment machine;
  machine.files.put_directory("/lab");
  const manifest_lab lab{machine.view(), "/lab", "simulated"};
  lab.make_project("p", "new");
  save_all(machine);
  CAF_REQUIRE(manifest_folder(lab.env, lab.path("p")).restore(hash_of("new"), "old").done());
  CAF_CHECK(machine.files.pending().empty());
  CAF_CHECK_EQUAL(lab.names("p/.dork").size(), 1u);
}

CAF_TEST(a leftover that is forgotten does not come back after a power cut) {
  simulated_environment machine;
  machine.files.put_directory("/lab");
  const manifest_lab lab{machine.view(), "/lab", "simulated"};
  lab.make_project("p", "old");
  manifest_folder folder{lab.env, lab.path("p")};
  lab.put("p/.dork/" + new_temporary_name(machine.random), "left");
  save_all(machine);
  const auto left = folder.leftovers();
  CAF_REQUIRE(left && left->found.size() == 1);
  CAF_CHECK(folder.forget(left->found.front()));
  CAF_CHECK(machine.files.pending().empty());
}

CAF_TEST(says when a first manifest moves in where something may be left) {
  on_each_disk([](const manifest_lab& lab) {
    lab.make_directory("fresh");
    lab.make_project("used", {});
    CAF_CHECK(!manifest_folder(lab.env, lab.path("fresh")).replace({}, "first").moved_in);
    CAF_CHECK(manifest_folder(lab.env, lab.path("used")).replace({}, "first").moved_in);
    CAF_CHECK(!manifest_folder(lab.env, lab.path("used")).replace(hash_of("first"), "second").moved_in);
  });
}

CAF_TEST(takes a change back out of a directory that was moved away meanwhile) {
  for (const bool is_first : {false, true}) {
    simulated_environment machine;
    machine.files.put_directory("/lab");
    machine.files.put_directory("/lab/moved");
    const manifest_lab lab{machine.view(), "/lab", "simulated"};
    lab.make_project("p", is_first ? std::nullopt : std::optional<std::string_view>{"old"});
    before_rename hand{[&] {
      machine.files.rename(no_handle, lab.path("p/.dork"), no_handle, lab.path("moved/.dork"), rename_mode::no_replace)
          .value();
      save_all(machine);
    }};
    machine.files.set_spectator(&hand);
    const auto expected = is_first ? file_version{} : file_version{hash_of("old")};
    const auto outcome = manifest_folder(lab.env, lab.path("p")).replace(expected, "new");
    machine.files.set_spectator(nullptr);
    CAF_CHECK_EQUAL(code_of(outcome), "manifest-directory-moving");
    CAF_CHECK(outcome.error && outcome.error->kind == failure_kind::refused);
    CAF_CHECK(outcome.witnessed.empty() && outcome.left.empty());
    CAF_CHECK_EQUAL(lab.get("moved/.dork/agent.json").value_or("none"), is_first ? "none" : "old");
    CAF_CHECK_EQUAL(lab.names("moved/.dork").size(), is_first ? 0u : 1u);
    CAF_CHECK(machine.files.pending().empty());
  }
}
