#define CAF_SUITE manifest_folder_test

#include "muster/store/manifest_folder.hpp"

#include "tests/support/manifest_lab.hpp"

#include "muster/store/manifest_batch.hpp"
#include "muster/store/manifest_place.hpp"
#include "muster/store/sha256.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>

using namespace muster;
using namespace muster::test;

namespace {

sha256_digest hash_of(std::string_view bytes) {
  return sha256::of(bytes);
}

std::string_view code_of(const manifest_outcome& outcome) {
  return outcome.error ? outcome.error->code : "done";
}

std::string_view code_of(const manifest_probe& found) {
  if (std::holds_alternative<manifest_absent>(found))
    return "absent";
  const auto* unreadable = std::get_if<manifest_unreadable>(&found);
  return unreadable ? unreadable->why.code : "present";
}

} // namespace

CAF_TEST([MF02] tells absent from present) {
  on_each_disk([](const manifest_lab& lab) {
    manifest_folder folder{lab.env, lab.path("p")};
    auto absent = folder.probe();
    CAF_REQUIRE(std::holds_alternative<manifest_absent>(absent));
    CAF_CHECK_EQUAL(std::get<manifest_absent>(absent).system_errno, ENOENT);
    CAF_CHECK(std::get<manifest_absent>(absent).project_gone);
    lab.put("p", "a file where the project was");
    absent = folder.probe();
    CAF_REQUIRE(std::holds_alternative<manifest_absent>(absent));
    CAF_CHECK_EQUAL(std::get<manifest_absent>(absent).system_errno, ENOTDIR);
    lab.remove("p");
    lab.make_project("p", "{}");
    CAF_CHECK(!std::get<manifest_absent>(manifest_folder(lab.env, lab.path("p/.dork")).probe()).project_gone);
    const auto found = folder.probe();
    const auto* present = std::get_if<manifest_present>(&found);
    CAF_REQUIRE(present != nullptr);
    CAF_CHECK_EQUAL(present->bytes, "{}");
    CAF_CHECK(present->hash == hash_of("{}"));
    CAF_CHECK(present->status == lab.status("p/.dork/agent.json"));
  });
}

CAF_TEST(reads a manifest of the limit and refuses one byte more) {
  on_each_disk([](const manifest_lab& lab) {
    manifest_folder_options options;
    options.max_bytes = 1000;
    lab.make_project("p", std::string(1000, 'x'));
    manifest_folder folder{lab.env, lab.path("p"), options};
    CAF_CHECK_EQUAL(code_of(folder.probe()), "present");
    lab.put("p/.dork/agent.json", std::string(1001, 'x'));
    CAF_CHECK_EQUAL(code_of(folder.probe()), "manifest-too-large");
    lab.put("p/.dork/agent.json", "small");
    CAF_CHECK_EQUAL(code_of(folder.replace(hash_of("small"), std::string(1001, 'y'))), "manifest-too-large");
    CAF_CHECK(folder.replace(hash_of("small"), std::string(1000, 'y')).done());
    CAF_CHECK_EQUAL(lab.get("p/.dork/agent.json").value_or("").size(), 1000u);
  });
}

CAF_TEST([MF05][MF06] writes a first manifest and makes its directory and leaves nothing else) {
  on_each_disk([](const manifest_lab& lab) {
    lab.make_directory("p");
    manifest_folder folder{lab.env, lab.path("p")};
    CAF_CHECK(folder.replace({}, "new").done());
    CAF_CHECK_EQUAL(lab.get("p/.dork/agent.json").value_or(""), "new");
    CAF_CHECK_EQUAL(lab.status("p/.dork/agent.json")->mode, 0644u & ~lab.env.self.umask);
    CAF_CHECK_EQUAL(lab.status("p/.dork")->mode, 0755u & ~lab.env.self.umask);
    CAF_CHECK_EQUAL(lab.names("p/.dork").size(), 1u);
  });
}

CAF_TEST(keeps the mode of the file it replaces) {
  on_each_disk([](const manifest_lab& lab) {
    for (const std::uint32_t mode : {0600u, 0666u, 0755u, 0640u}) {
      const auto name = "p" + std::to_string(mode);
      lab.make_project(name, "old");
      lab.set_mode(name + "/.dork/agent.json", mode);
      CAF_CHECK(manifest_folder(lab.env, lab.path(name)).replace(hash_of("old"), "new").done());
      CAF_CHECK_EQUAL(lab.get(name + "/.dork/agent.json").value_or(""), "new");
      CAF_CHECK_EQUAL(lab.status(name + "/.dork/agent.json")->mode, mode);
      CAF_CHECK_EQUAL(lab.names(name + "/.dork").size(), 1u);
    }
  });
}

CAF_TEST(refuses to replace a file that would change its owner thereby) {
  simulated_environment machine;
  machine.files.put_directory("/lab");
  const manifest_lab lab{machine.view(), "/lab", "simulated"};
  lab.make_project("p", "theirs");
  lab.set_mode("p/.dork", 0777);
  machine.files.set_user({1000, 1000, 0022});
  const auto outcome = manifest_folder(lab.env, lab.path("p")).replace(hash_of("theirs"), "new");
  CAF_CHECK_EQUAL(code_of(outcome), "manifest-owner");
  CAF_CHECK_EQUAL(lab.get("p/.dork/agent.json").value_or(""), "theirs");
  CAF_CHECK_EQUAL(lab.names("p/.dork").size(), 1u);
  machine.files.set_user({0, 0, 0022});
  CAF_CHECK(manifest_folder(lab.env, lab.path("p")).replace(hash_of("theirs"), "new").done());
}

CAF_TEST(refuses to replace what is not what was expected) {
  on_each_disk([](const manifest_lab& lab) {
    lab.make_project("p", "theirs");
    manifest_folder folder{lab.env, lab.path("p")};
    CAF_CHECK_EQUAL(code_of(folder.replace(hash_of("old"), "new")), "manifest-changed");
    CAF_CHECK_EQUAL(code_of(folder.replace({}, "new")), "manifest-changed");
    CAF_CHECK_EQUAL(code_of(folder.remove(hash_of("old"))), "manifest-changed");
    CAF_CHECK_EQUAL(code_of(folder.set_aside(hash_of("old"))), "manifest-changed");
    CAF_CHECK_EQUAL(code_of(folder.restore(hash_of("old"), "new")), "manifest-changed");
    CAF_CHECK_EQUAL(lab.get("p/.dork/agent.json").value_or(""), "theirs");
    CAF_CHECK_EQUAL(lab.names("p/.dork").size(), 1u);
    lab.remove("p/.dork/agent.json");
    CAF_CHECK_EQUAL(code_of(folder.replace(hash_of("old"), "new")), "manifest-changed");
    CAF_CHECK(lab.names("p/.dork").empty());
  });
}

CAF_TEST([GP10] never makes a project again that is gone) {
  on_each_disk([](const manifest_lab& lab) {
    manifest_folder folder{lab.env, lab.path("gone")};
    CAF_CHECK_EQUAL(code_of(folder.replace({}, "new")), "project-missing");
    CAF_CHECK_EQUAL(code_of(folder.replace(hash_of("old"), "new")), "project-missing");
    CAF_CHECK(!lab.status("gone"));
    const auto removed = folder.remove(hash_of("old"));
    CAF_CHECK(removed.done());
    CAF_CHECK(removed.was_absent);
  });
}

CAF_TEST(removes what is expected and is done when there is nothing) {
  on_each_disk([](const manifest_lab& lab) {
    lab.make_project("p", "old");
    manifest_folder folder{lab.env, lab.path("p")};
    const auto removed = folder.remove(hash_of("old"));
    CAF_CHECK(removed.done());
    CAF_CHECK(!removed.was_absent);
    CAF_CHECK(lab.names("p/.dork").empty());
    const auto again = folder.remove(hash_of("old"));
    CAF_CHECK(again.done());
    CAF_CHECK(again.was_absent);
  });
}

CAF_TEST(sets aside under a free name what it was asked to) {
  on_each_disk([](const manifest_lab& lab) {
    lab.make_project("p", "first");
    manifest_folder folder{lab.env, lab.path("p")};
    const auto first = folder.set_aside(hash_of("first"));
    CAF_REQUIRE(first.done());
    CAF_CHECK(first.aside.starts_with("agent.json.set-aside-"));
    lab.put("p/.dork/agent.json", "second");
    const auto second = folder.set_aside({});
    CAF_REQUIRE(second.done());
    CAF_CHECK(second.aside != first.aside);
    lab.make_directory("p/.dork/agent.json");
    const auto third = folder.set_aside({});
    CAF_REQUIRE(third.done());
    CAF_CHECK_EQUAL(lab.get("p/.dork/" + first.aside).value_or(""), "first");
    CAF_CHECK_EQUAL(lab.get("p/.dork/" + second.aside).value_or(""), "second");
    CAF_CHECK(lab.status("p/.dork/" + third.aside)->type == file_type::directory);
    CAF_CHECK_EQUAL(lab.names("p/.dork").size(), 3u);
    const auto nothing = folder.set_aside({});
    CAF_CHECK(nothing.done());
    CAF_CHECK(nothing.was_absent);
    CAF_CHECK(nothing.aside.empty());
  });
}

CAF_TEST(undoes a replace and is done when there is nothing to undo) {
  on_each_disk([](const manifest_lab& lab) {
    lab.make_project("p", "new");
    manifest_folder folder{lab.env, lab.path("p")};
    CAF_CHECK(folder.restore(hash_of("new"), "old").done());
    CAF_CHECK_EQUAL(lab.get("p/.dork/agent.json").value_or(""), "old");
    const auto before = lab.status("p/.dork/agent.json");
    CAF_CHECK(folder.restore(hash_of("new"), "old").done());
    CAF_CHECK(lab.status("p/.dork/agent.json") == before);
    lab.put("p/.dork/agent.json", "theirs");
    CAF_CHECK_EQUAL(code_of(folder.restore(hash_of("new"), "old")), "manifest-changed");
    CAF_CHECK_EQUAL(code_of(folder.restore(hash_of("new"), {})), "manifest-changed");
    lab.put("p/.dork/agent.json", "new");
    CAF_CHECK(folder.restore(hash_of("new"), {}).done());
    CAF_CHECK(folder.restore(hash_of("new"), {}).done());
    CAF_CHECK(lab.names("p/.dork").empty());
  });
}

CAF_TEST(reads leftovers before it removes them and touches no others) {
  on_each_disk([](const manifest_lab& lab) {
    const std::string ours = ".agent-00000000-0000-8000-8000-000000000001.tmp";
    const std::string foreign = ".agent-00000000-0000-4000-8000-000000000001.tmp";
    lab.make_project("p", "manifest");
    lab.put("p/.dork/" + ours, "kept by a crash");
    lab.put("p/.dork/" + foreign, "of another program");
    manifest_folder folder{lab.env, lab.path("p")};
    const auto found = folder.leftovers();
    CAF_REQUIRE(found.has_value());
    CAF_REQUIRE_EQUAL(found->found.size(), 1u);
    CAF_CHECK(!found->more);
    CAF_CHECK_EQUAL(found->found[0].name, ours);
    CAF_CHECK_EQUAL(std::get<manifest_present>(found->found[0].content).bytes, "kept by a crash");
    lab.put("p/.dork/" + ours, "changed since");
    const auto refused = folder.forget(found->found[0]);
    CAF_REQUIRE(refused.has_error());
    CAF_CHECK_EQUAL(refused.error().code, "leftover-changed");
    lab.put("p/.dork/" + ours, "kept by a crash");
    CAF_CHECK(folder.forget(found->found[0]).has_value());
    CAF_CHECK(folder.forget(found->found[0]).has_value());
    CAF_CHECK((lab.names("p/.dork") == std::vector<std::string>{foreign, "agent.json"}));
    auto named = found->found[0];
    named.name = "agent.json";
    CAF_CHECK(folder.forget(named).has_error());
    CAF_CHECK_EQUAL(lab.get("p/.dork/agent.json").value_or(""), "manifest");
  });
}

CAF_TEST(an edit in a leftover that cannot be recorded gets a name for people) {
  on_each_disk([](const manifest_lab& lab) {
    const std::string ours = "p/.dork/.agent-00000000-0000-8000-8000-000000000001.tmp";
    lab.make_project("p", "manifest");
    lab.put(ours, "{broken");
    manifest_folder folder{lab.env, lab.path("p")};
    const auto found = folder.leftovers();
    CAF_REQUIRE(found && found->found.size() == 1);
    lab.put(ours, "changed since");
    CAF_CHECK(folder.set_leftover_aside(found->found[0]).has_error());
    for (int i = 0; i < 2; ++i) {
      lab.put(ours, "{broken");
      CAF_CHECK(folder.set_leftover_aside(found->found[0]).has_value());
      CAF_CHECK(folder.set_leftover_aside(found->found[0]).has_value());
    }
    const auto names = lab.names("p/.dork");
    CAF_REQUIRE_EQUAL(names.size(), 3u);
    for (const auto& each : names)
      if (each != "agent.json") {
        CAF_CHECK(each.starts_with("agent.json.set-aside-"));
        CAF_CHECK_EQUAL(lab.get("p/.dork/" + each).value_or(""), "{broken");
      }
  });
}

CAF_TEST(an undo takes along what is ours beside the manifest and leaves what is not) {
  on_each_disk([](const manifest_lab& lab) {
    for (const bool edited : {false, true}) {
      const std::string project = edited ? "edited" : "as-before";
      const auto leftover = [&](int n) {
        return project + "/.dork/.agent-00000000-0000-8000-8000-00000000000" + std::to_string(n) + ".tmp";
      };
      lab.make_project(project, edited ? "by hand" : "before");
      lab.put(leftover(1), "after");
      lab.put(leftover(2), "before");
      lab.put(leftover(3), "");
      lab.put(leftover(4), "somebody's");
      const auto undone = manifest_folder(lab.env, lab.path(project)).restore(hash_of("after"), "before");
      CAF_CHECK_EQUAL(code_of(undone), edited ? "manifest-changed" : "done");
      CAF_CHECK_EQUAL(lab.get(leftover(4)).value_or(""), "somebody's");
      // The content from before is nowhere else when the file is somebody's.
      CAF_CHECK_EQUAL(lab.names(project + "/.dork").size(), edited ? 3u : 2u);
    }
  });
}

CAF_TEST(where the project is away it is said and nothing is forgotten) {
  on_each_disk([](const manifest_lab& lab) {
    lab.make_project("p", {});
    lab.put("p/.dork/.agent-00000000-0000-8000-8000-000000000001.tmp", "x");
    manifest_folder folder{lab.env, lab.path("p")};
    const auto found = folder.leftovers();
    CAF_REQUIRE(found.has_value());
    CAF_CHECK(!found->project_gone);
    CAF_REQUIRE_EQUAL(found->found.size(), 1u);
    // Its volume goes.
    lab.env.files.rename(no_handle, lab.path("p"), no_handle, lab.path("away"), rename_mode::replace).value();
    const auto later = folder.leftovers();
    CAF_REQUIRE(later.has_value());
    CAF_CHECK(later->project_gone);
    const auto forgotten = folder.forget(found->found[0]);
    CAF_REQUIRE(forgotten.has_error());
    CAF_CHECK_EQUAL(forgotten.error().code, "project-away");
    CAF_CHECK_EQUAL(lab.names("away/.dork").size(), 1u);
  });
}

CAF_TEST(lists as many leftovers as the bound and says that there are more) {
  on_each_disk([](const manifest_lab& lab) {
    manifest_folder_options options;
    options.leftovers = 3;
    lab.make_project("p", {});
    manifest_folder folder{lab.env, lab.path("p"), options};
    for (int i = 1; i <= 5; ++i)
      lab.put("p/.dork/.agent-00000000-0000-8000-8000-00000000000" + std::to_string(i) + ".tmp", "x");
    for (const std::size_t left : {3u, 2u}) {
      const auto found = folder.leftovers();
      CAF_REQUIRE(found.has_value());
      CAF_CHECK_EQUAL(found->found.size(), left);
      CAF_CHECK_EQUAL(found->more, left == 3);
      for (const auto& one : found->found)
        CAF_CHECK(folder.forget(one).has_value());
    }
    CAF_CHECK(lab.names("p/.dork").empty());
  });
}

CAF_TEST(takes its temporary names for nobody elses) {
  simulated_entropy random{3};
  for (int i = 0; i < 100; ++i)
    CAF_CHECK(is_temporary_name(new_temporary_name(random)));
  CAF_CHECK(new_temporary_name(random) != new_temporary_name(random));
  for (const std::string_view name :
       {".agent-00000000-0000-4000-8000-000000000001.tmp", ".agent-00000000-0000-8000-8000-00000000000G.tmp",
        ".agent-00000000-0000-8000-8000-0000000000001.tmp", ".agent-00000000x0000-8000-8000-000000000001.tmp",
        ".agent-.tmp", "agent.json", ".agent-00000000-0000-8000-8000-000000000001.tm"})
    CAF_CHECK(!is_temporary_name(name));
  CAF_CHECK_EQUAL(set_aside_name(std::chrono::milliseconds{1'790'000'000'123}, 7),
                  "agent.json.set-aside-20260921T141320Z-7");
}

CAF_TEST(replaces a batch item by item) {
  on_each_disk([](const manifest_lab& lab) {
    std::vector<std::string> projects;
    for (int i = 0; i < 12; ++i)
      projects.push_back(lab.make_project("p" + std::to_string(i), "old"));
    projects.push_back(lab.path("gone"));
    projects.push_back(projects[0]);
    lab.put("p3/.dork/agent.json", "theirs");
    lab.remove("p5/.dork/agent.json");
    std::vector<manifest_batch_item> items;
    for (const auto& project : projects)
      items.push_back({project, hash_of("old"), "new"});
    items[5].expected = {};
    const auto outcomes = replace_batch(lab.env, {}, items);
    CAF_REQUIRE_EQUAL(outcomes.size(), items.size());
    for (std::size_t i = 0; i < 12; ++i) {
      const auto name = "p" + std::to_string(i) + "/.dork";
      CAF_CHECK_EQUAL(code_of(outcomes[i]), i == 3 ? "manifest-changed" : "done");
      CAF_CHECK_EQUAL(lab.get(name + "/agent.json").value_or(""), i == 3 ? "theirs" : "new");
      CAF_CHECK_EQUAL(lab.names(name).size(), 1u);
    }
    CAF_CHECK_EQUAL(code_of(outcomes[12]), "project-missing");
    CAF_CHECK_EQUAL(code_of(outcomes[13]), "manifest-batch-repeats");
    manifest_folder_options narrow;
    narrow.batch = 3;
    CAF_CHECK_EQUAL(code_of(replace_batch(lab.env, narrow, items)[0]), "manifest-batch-too-large");
  });
}

CAF_TEST(syncs a large batch twice and a small one file by file) {
  for (const std::size_t size : {7u, 8u, 64u}) {
    simulated_environment machine;
    machine.files.put_directory("/lab");
    const manifest_lab lab{machine.view(), "/lab", "simulated"};
    std::vector<std::string> projects;
    for (std::size_t i = 0; i < size; ++i)
      projects.push_back(lab.make_project("p" + std::to_string(i), "old"));
    std::vector<manifest_batch_item> items;
    for (const auto& project : projects)
      items.push_back({project, hash_of("old"), "new"});
    std::vector<traced_call> calls;
    machine.files.set_trace(&calls);
    const auto outcomes = replace_batch(lab.env, {}, items);
    machine.files.set_trace(nullptr);
    CAF_CHECK(std::all_of(outcomes.begin(), outcomes.end(), [](const auto& one) { return one.done(); }));
    const auto count = [&](disk_operation what) {
      return std::count_if(calls.begin(), calls.end(), [=](const auto& call) { return call.operation == what; });
    };
    CAF_CHECK_EQUAL(count(disk_operation::sync), size < 8 ? static_cast<std::ptrdiff_t>(2 * size) : 0);
    CAF_CHECK_EQUAL(count(disk_operation::sync_filesystem), size < 8 ? 0 : 2);
  }
}

CAF_TEST(says that the outcome is unknown when the directory cannot be synced) {
  simulated_environment machine;
  machine.files.put_directory("/lab");
  const manifest_lab lab{machine.view(), "/lab", "simulated"};
  lab.make_project("p", "old");
  machine.files.set_plan(fault_plan{fault_rule{.what = {}, .nth = 2, .operations = {disk_operation::sync}}});
  manifest_folder folder{lab.env, lab.path("p")};
  const auto outcome = folder.replace(hash_of("old"), "new");
  machine.files.set_plan({});
  CAF_REQUIRE(outcome.error.has_value());
  CAF_CHECK_EQUAL(exit_code(outcome.error->kind), 10);
  CAF_CHECK_EQUAL(outcome.error->system_errno, EIO);
  CAF_REQUIRE_EQUAL(outcome.left.size(), 1u);
  CAF_CHECK_EQUAL(lab.get("p/.dork/" + outcome.left[0]).value_or(""), "old");
  CAF_CHECK(folder.replace(hash_of("new"), "new").done());
}

CAF_TEST(says with path and step what the disk refused) {
  simulated_environment machine;
  machine.files.put_directory("/lab");
  const manifest_lab lab{machine.view(), "/lab", "simulated"};
  lab.make_project("p", "old");
  machine.files.set_plan(
      fault_plan{fault_rule{.what = {fault::kind::error, ENOSPC}, .operations = {disk_operation::write}}});
  const auto outcome = manifest_folder(lab.env, lab.path("p")).replace(hash_of("old"), "new");
  machine.files.set_plan({});
  CAF_REQUIRE(outcome.error.has_value());
  CAF_CHECK_EQUAL(exit_code(outcome.error->kind), 1);
  CAF_CHECK_EQUAL(outcome.error->code, "disk-full");
  CAF_CHECK_EQUAL(outcome.error->step, "write the temporary file");
  CAF_CHECK(outcome.error->path.starts_with("/lab/p/.dork/.agent-"));
  CAF_CHECK(outcome.error->message.find("ENOSPC") != std::string::npos);
  CAF_CHECK(outcome.error->message.ends_with("make room and try again"));
}
