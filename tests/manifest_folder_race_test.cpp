#define CAF_SUITE manifest_folder_race_test

#include "tests/support/broken_calls.hpp"
#include "tests/support/manifest_lab.hpp"

#include "muster/store/manifest_folder.hpp"
#include "muster/store/sha256.hpp"

#include <caf/test/unit_test.hpp>

#include <functional>
#include <span>
#include <utility>

using namespace muster;
using namespace muster::test;

/// Another hand is at work on the manifest that is being changed.
namespace {

sha256_digest hash_of(std::string_view bytes) {
  return sha256::of(bytes);
}

std::string_view code_of(const manifest_outcome& outcome) {
  return outcome.error ? outcome.error->code : "done";
}

/// A project whose manifest says "old", on a machine of its own.
struct contested {
  contested() {
    lab.make_project("p", "old");
    const open_file root{lab.env.files, lab.env.files.open(no_handle, lab.root, {}).value()};
    lab.env.files.sync_filesystem(root.get()).value();
  }
  /// What becomes of "new" while the editor is at work and the disk does as planned.
  manifest_outcome replace(disk_spectator& editor, fault_plan plan = {}) {
    machine.files.set_spectator(&editor);
    machine.files.set_plan(std::move(plan));
    auto outcome = folder.replace(hash_of("old"), "new");
    fired = machine.files.plan().fired() > 0;
    machine.files.set_plan({});
    machine.files.set_spectator(nullptr);
    return outcome;
  }
  [[nodiscard]] std::string manifest() const { return lab.get("p/.dork/agent.json").value_or(""); }
  void save(std::string_view bytes) const { lab.save("p/.dork/agent.json", bytes); }

  simulated_environment machine;
  manifest_lab lab{begun(machine), "/lab", "simulated"};
  manifest_folder folder{lab.env, lab.path("p")};
  bool fired = false; ///< the plan

private:
  static environment begun(simulated_environment& machine) {
    machine.files.put_directory("/lab");
    return machine.view();
  }
};

// How often a spectator's work is done: before one kind of call only.
class at_operation final : public disk_spectator {
public:
  at_operation(disk_operation operation, std::size_t nth, std::function<void()> work)
      : operation_(operation), nth_(nth), work_(std::move(work)) {}
  void before(simulated_disk&, const disk_call& call) override {
    if (call.operation == operation_ && ++seen_ == nth_)
      work_();
  }

private:
  disk_operation operation_;
  std::size_t nth_;
  std::function<void()> work_;
  std::size_t seen_ = 0;
};

} // namespace

CAF_TEST(puts a hand edit back that came before the exchange) {
  contested place;
  at_operation editor{disk_operation::rename, 1, [&] { place.save("theirs"); }};
  const auto outcome = place.replace(editor);
  CAF_CHECK_EQUAL(code_of(outcome), "manifest-raced");
  CAF_CHECK_EQUAL(exit_code(outcome.error->kind), 4);
  CAF_REQUIRE_EQUAL(outcome.witnessed.size(), 1u);
  CAF_CHECK_EQUAL(std::get<manifest_present>(outcome.witnessed[0].content).bytes, "theirs");
  CAF_CHECK(outcome.witnessed[0].leftover.empty());
  CAF_CHECK(outcome.left.empty());
  CAF_CHECK_EQUAL(place.manifest(), "theirs");
  CAF_CHECK_EQUAL(place.lab.names("p/.dork").size(), 1u);
}

CAF_TEST(keeps the older of two hand edits beside the newest) {
  contested place;
  at_operation first{disk_operation::rename, 1, [&] { place.save("first edit"); }};
  // The second comes when the first is about to be put back.
  struct both final : disk_spectator {
    at_operation& one;
    at_operation two;
    both(at_operation& one, at_operation two) : one(one), two(std::move(two)) {}
    void before(simulated_disk& files, const disk_call& call) override {
      one.before(files, call);
      two.before(files, call);
    }
  } editor{first, {disk_operation::rename, 2, [&] { place.save("second edit"); }}};
  const auto outcome = place.replace(editor);
  CAF_CHECK_EQUAL(code_of(outcome), "manifest-raced");
  CAF_REQUIRE_EQUAL(outcome.witnessed.size(), 2u);
  CAF_CHECK_EQUAL(place.manifest(), "second edit");
  CAF_REQUIRE_EQUAL(outcome.left.size(), 1u);
  CAF_CHECK_EQUAL(outcome.witnessed[0].leftover, outcome.left[0]);
  CAF_CHECK_EQUAL(place.lab.get("p/.dork/" + outcome.left[0]).value_or(""), "first edit");
  const auto leftovers = place.folder.leftovers();
  CAF_REQUIRE(leftovers.has_value());
  CAF_REQUIRE_EQUAL(leftovers->found.size(), 1u);
  CAF_CHECK(place.folder.forget(leftovers->found[0]).has_value());
  CAF_CHECK_EQUAL(place.lab.names("p/.dork").size(), 1u);
}

CAF_TEST(leaves an edit that comes after the exchange whichever read fails once) {
  bool fired = true;
  for (std::size_t nth = 1; fired; ++nth) {
    CAF_MESSAGE("read " << nth << " fails");
    contested place;
    bool edited = false;
    at_operation editor{disk_operation::sync, 2, [&] {
                          edited = true;
                          place.save("theirs");
                        }};
    const fault_rule fault{.what = {}, .nth = nth, .operations = {disk_operation::read}};
    (void)place.replace(editor, fault_plan{fault});
    fired = place.fired;
    CAF_CHECK_EQUAL(place.manifest(), edited ? "theirs" : "old");
    CAF_CHECK_EQUAL(edited, nth > 2);
  }
}

CAF_TEST(what was refused does not come back beside the manifest whichever sync loses its data) {
  bool fired = true;
  for (std::size_t nth = 1; fired; ++nth) {
    CAF_MESSAGE("sync " << nth << " loses its data");
    contested place;
    bool edited = false;
    at_operation editor{disk_operation::rename, 1, [&] {
                          edited = true;
                          place.save("theirs");
                        }};
    const fault_rule fault{.what = {fault::kind::sync_loses_data}, .nth = nth, .operations = {disk_operation::sync}};
    const auto outcome = place.replace(editor, fault_plan{fault});
    fired = place.fired;
    CAF_REQUIRE(outcome.error.has_value());
    // Who refused is not asked again.
    if (outcome.error->kind != failure_kind::refused)
      CAF_CHECK_EQUAL(code_of(place.folder.restore(hash_of("new"), "old")), edited ? "manifest-changed" : "done");
    CAF_CHECK_EQUAL(place.manifest(), edited ? "theirs" : "old");
    call_tally count;
    each_crash(place.machine, nth, count, [](simulated_environment& after) {
      const manifest_lab seen{after.view(), "/lab", "simulated"};
      for (const auto& name : seen.names("p/.dork"))
        CAF_CHECK(name == "agent.json" || seen.get("p/.dork/" + name) != "new");
    });
  }
}

CAF_TEST(takes an editor that has the file open for a race) {
  on_each_disk([](const manifest_lab& lab) {
    lab.make_project("p", "old");
    manifest_folder folder{lab.env, lab.path("p")};
    open_how how;
    how.access = open_how::access_mode::read_write;
    {
      const open_file editor{lab.env.files, lab.env.files.open(no_handle, lab.path("p/.dork/agent.json"), how).value()};
      CAF_CHECK_EQUAL(code_of(folder.replace(hash_of("old"), "new")), "manifest-raced");
      CAF_CHECK_EQUAL(code_of(folder.remove(hash_of("old"))), "manifest-raced");
      const std::string_view edit = "edited";
      (void)lab.env.files.write_at(editor.get(), 0, std::as_bytes(std::span{edit})).value();
    }
    CAF_CHECK_EQUAL(lab.get("p/.dork/agent.json").value_or(""), "edited");
    CAF_CHECK(folder.replace(hash_of("edited"), "new").done());
    CAF_CHECK_EQUAL(lab.names("p/.dork").size(), 1u);
  });
}

CAF_TEST(replaces by a plain rename where names cannot be exchanged and says so) {
  volume_options plain;
  plain.can_exchange = false;
  simulated_environment machine{1, plain};
  machine.files.put_directory("/lab");
  const manifest_lab lab{machine.view(), "/lab", "simulated"};
  lab.make_project("p", "old");
  manifest_folder folder{lab.env, lab.path("p")};
  const auto outcome = folder.replace(hash_of("old"), "new");
  CAF_CHECK(outcome.done());
  CAF_CHECK(outcome.weaker_publish);
  CAF_CHECK_EQUAL(lab.get("p/.dork/agent.json").value_or(""), "new");
  CAF_CHECK_EQUAL(lab.names("p/.dork").size(), 1u);
  // The last look still notices who came before it.
  at_operation editor{disk_operation::rename, 1, [&] { lab.save("p/.dork/agent.json", "theirs"); }};
  machine.files.set_spectator(&editor);
  CAF_CHECK_EQUAL(code_of(folder.replace(hash_of("new"), "newer")), "manifest-raced");
  machine.files.set_spectator(nullptr);
  CAF_CHECK_EQUAL(lab.get("p/.dork/agent.json").value_or(""), "theirs");
  CAF_CHECK_EQUAL(lab.names("p/.dork").size(), 1u);
}
