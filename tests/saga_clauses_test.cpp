#define CAF_SUITE saga_clauses_test

#include "tests/support/clause_world.hpp"

/// Every clause of the section on sagas in the design, and a test named after it.
/// Those that only commit are in commit_clauses_test.
namespace muster::test {

CAF_TEST_FIXTURE_SCOPE(saga_clauses, clause_world)

CAF_TEST(register takes all steps and then the row folds and the endpoint opens) {
  CAF_REQUIRE(place(work, "first"));
  CAF_CHECK_EQUAL(board->changes(),
                  (words{"stage_row", "write_journal intend", "write_manifest", "state_endpoint closed",
                         "append_commit", "fold_commit", "state_endpoint open"}));
  CAF_CHECK_EQUAL(endpoints(true), 1u);
}

CAF_TEST([MC21] a failure at step k undoes k and then those before it by messages) {
  go_wrong("stage_row", mishap::failed);
  CAF_REQUIRE(!place(work, "first"));
  CAF_CHECK_EQUAL(board->changes(),
                  (words{"stage_row", "write_journal intend", "write_manifest", "write_journal aborting", "unstage_row",
                         "restore_manifest", "write_journal closed"}));
  CAF_CHECK(!has_manifest(work));
  CAF_CHECK(roster().empty());
}

CAF_TEST(a time out does not say that nothing happened) {
  go_wrong("write_manifest", mishap::silent);
  const auto placed = place(work, "first");
  CAF_REQUIRE(!placed);
  CAF_CHECK_EQUAL(placed.error().step, "write-manifest");
  CAF_CHECK(std::ranges::count(board->said, "restore_manifest") == 1);
  CAF_CHECK(!has_manifest(work));
}

CAF_TEST(the caller gets the first error with the name of the step) {
  go_wrong("append_commit", mishap::failed);
  go_wrong("restore_manifest", mishap::failed);
  const auto placed = place(work, "first");
  CAF_REQUIRE(!placed);
  CAF_CHECK_EQUAL(placed.error().step, "commit");
  CAF_CHECK_EQUAL(placed.error().code, "made-up");
}

CAF_TEST(aborting is in the journal before the first undo and before a refusal is answered) {
  go_wrong("stage_row", mishap::refused);
  std::size_t answered_after = 0;
  const auto answer = ask_later<agent_placed>(muster, registration(work, "first"));
  board->heard = [&](const std::string& message) {
    if (message == "write_journal aborting" || message == "restore_manifest")
      answered_after += *answer ? 1 : 0;
  };
  sched.run();
  CAF_REQUIRE(*answer);
  CAF_CHECK_EQUAL(answered_after, 0u);
  const auto said = board->changes();
  const auto mark = std::ranges::find(said, "write_journal aborting");
  CAF_REQUIRE(mark != said.end());
  CAF_CHECK(std::find(mark, said.end(), "restore_manifest") != said.end());
}

CAF_TEST(a refusal that cannot be recorded is unknown) {
  go_wrong("stage_row", mishap::failed);
  go_wrong("write_journal aborting", mishap::failed);
  const auto placed = place(work, "first");
  CAF_REQUIRE(!placed);
  CAF_CHECK(placed.error().kind == failure_kind::unknown_outcome);
  CAF_CHECK(std::ranges::count(board->said, "restore_manifest") == 0);
  (void)sweep();
  CAF_CHECK(!has_manifest(work));
}

CAF_TEST(an undo compares before it restores) {
  go_wrong("stage_row", mishap::failed);
  board->heard = [&](const std::string& message) {
    if (message == "restore_manifest")
      edit("first", "edited");
  };
  CAF_REQUIRE(!place(work, "first"));
  CAF_REQUIRE(has_manifest(work));
  CAF_CHECK(manifest(work).find("edited") != std::string::npos);
}

CAF_TEST(a hand edit that races a change stands and is in the feed) {
  const auto agent = placed().agent;
  board->heard = [&](const std::string& message) {
    if (message == "write_manifest" && writes_heard++ == 0)
      edit("first", "edited");
  };
  const auto renamed = ask_for<agent_placed>(rename(agent.text, "second"));
  CAF_REQUIRE(!renamed);
  CAF_CHECK_EQUAL(exit_code(renamed.error().kind), 4);
  CAF_CHECK(manifest(work).find("edited") != std::string::npos);
  pass(1s);
  CAF_CHECK_EQUAL(roster().front().name, "edited");
  CAF_CHECK_EQUAL(commits(), 2u);
}

CAF_TEST(an undo that fails is owed and the next saga on that path settles it first) {
  go_wrong("stage_row", mishap::failed);
  go_wrong("restore_manifest", mishap::failed);
  CAF_REQUIRE(!place(work, "first"));
  CAF_CHECK_EQUAL(described().sagas_owing, 1u);
  const auto told = described().problems;
  CAF_REQUIRE_EQUAL(told.size(), 1u);
  CAF_CHECK_EQUAL(told.front().path, work);
  CAF_CHECK(told.front().message.starts_with("the change 'register' is not ended yet: "));
  CAF_CHECK(has_manifest(work));
  const auto placed = place(work, "second");
  if (!placed)
    CAF_FAIL(placed.error().message);
  CAF_CHECK(!placed->adopted);
  CAF_CHECK_EQUAL(described().sagas_owing, 0u);
}

CAF_TEST(a saga behind one that cannot be settled is refused) {
  go_wrong("stage_row", mishap::failed);
  go_wrong("restore_manifest", mishap::failed, 2);
  CAF_REQUIRE(!place(work, "first"));
  CAF_CHECK_EQUAL(code_of(place(work, "second")), "saga-owed");
}

CAF_TEST(an undo that is owed is tried again by sweeps) {
  go_wrong("stage_row", mishap::failed);
  go_wrong("restore_manifest", mishap::failed);
  CAF_REQUIRE(!place(work, "first"));
  (void)sweep();
  CAF_CHECK_EQUAL(described().sagas_owing, 0u);
  CAF_CHECK(!has_manifest(work));
}

CAF_TEST(an undo that is owed survives a crash) {
  go_wrong("stage_row", mishap::failed);
  go_wrong("restore_manifest", mishap::failed);
  CAF_REQUIRE(!place(work, "first"));
  kill();
  machine.restart_process();
  start();
  CAF_CHECK(!has_manifest(work));
  CAF_CHECK_EQUAL(described().sagas_owing, 0u);
}

CAF_TEST(after the commit nothing can fail the request) {
  go_wrong("fold_commit", mishap::failed);
  go_wrong("state_endpoint open", mishap::failed);
  const auto placed = place(work, "first");
  CAF_REQUIRE(placed);
  CAF_CHECK(has_manifest(work));
  pass(5s);
  CAF_CHECK_EQUAL(roster().size(), 1u);
}

CAF_TEST(a commit without an answer is unknown and a repetition learns of it) {
  go_wrong("append_commit", mishap::silent);
  const auto placed = place(work, "first", "r");
  CAF_REQUIRE(!placed);
  CAF_CHECK(placed.error().kind == failure_kind::unknown_outcome);
  const auto again = place(work, "first", "r");
  if (!again)
    CAF_FAIL(again.error().message);
  CAF_CHECK_EQUAL(commits(), 1u);
}

CAF_TEST(a done answer is repeated for a day and a failed request is executed again) {
  go_wrong("append_commit", mishap::failed);
  CAF_REQUIRE(!place(work, "first", "r"));
  const auto placed = place(work, "first", "r");
  CAF_REQUIRE(placed);
  board->said.clear();
  const auto again = place(work, "first", "r");
  CAF_REQUIRE(again);
  CAF_CHECK(again->version == placed->version);
  CAF_CHECK(again->content_hash == placed->content_hash);
  CAF_CHECK(board->changes().empty());
  // The hash of a later version would pass for that of this one.
  CAF_REQUIRE(ask_for<agent_placed>(rename(placed->agent.text, "second")));
  const auto later = place(work, "first", "r");
  CAF_REQUIRE(later);
  CAF_CHECK(later->version == placed->version);
  CAF_CHECK(later->content_hash == sha256_digest{});
}

CAF_TEST(nobody is refused for what a change that is under way still leaves) {
  const auto agent = placed().agent;
  board->lateness = 5s;
  go_wrong("retire_manifest", mishap::slow);
  CAF_REQUIRE(ask_for<agent_unregistered>(removal(agent.text)));
  CAF_REQUIRE(has_manifest(work));
  const auto again = ask_for<agent_placed>(registration(work, "another"));
  if (!again)
    CAF_FAIL(again.error().message);
  CAF_CHECK(again->agent != agent);
}

CAF_TEST(the same request id with another request is refused) {
  CAF_REQUIRE(place(work, "first", "r"));
  const auto other = place(work, "second", "r");
  CAF_REQUIRE(!other);
  CAF_CHECK_EQUAL(exit_code(other.error().kind), 4);
  CAF_CHECK_EQUAL(other.error().code, "request-id-reused");
}

CAF_TEST(a request that is asked twice at once is carried out once) {
  const auto one = ask_later<agent_placed>(muster, registration(work, "first", "r"));
  const auto two = ask_later<agent_placed>(muster, registration(work, "first", "r"));
  sched.run();
  CAF_REQUIRE(*one && *two && **one && **two);
  CAF_CHECK((**one)->version == (**two)->version);
  CAF_CHECK_EQUAL(commits(), 1u);
}

CAF_TEST(claims are held for the whole saga so that two changes follow each other) {
  const auto agent = placed().agent;
  const auto one = ask_later<agent_placed>(muster, rename(agent.text, "one"));
  const auto two = ask_later<agent_placed>(muster, rename(agent.text, "two"));
  sched.run();
  CAF_REQUIRE(*one && *two && **one && **two);
  const auto said = board->changes();
  const auto second = std::find(std::ranges::find(said, "append_commit"), said.end(), "write_journal intend");
  CAF_CHECK(second != said.end());
  CAF_CHECK_EQUAL(std::ranges::count(said, "append_commit"), 2);
}

CAF_TEST(claims are held while an edit is recorded under a request that is out of time) {
  const auto agent = placed().agent;
  kill();
  machine.restart_process();
  options.supervisor.request_limit = 5s;
  start();
  edit("first", "edited");
  board->lateness = 9s;
  board->said.clear();
  go_wrong("append_commit", mishap::slow);
  const auto one = ask_later<agent_placed>(muster, rename(agent.text, "one"));
  for (int second = 0; second < 6; ++second)
    pass(1s);
  CAF_CHECK_EQUAL(code_of(one), "request-timed-out");
  const auto two = ask_later<agent_placed>(muster, rename(agent.text, "two"));
  pass(1s);
  CAF_CHECK_EQUAL(std::ranges::count(board->said, "append_commit"), 1);
  CAF_CHECK_EQUAL(code_of(two), "silence");
  for (int second = 0; second < 3; ++second)
    pass(1s);
  CAF_CHECK_EQUAL(code_of(two), "done");
  // The registration, the edit, and the second name.
  CAF_CHECK_EQUAL(commits(), 3u);
}

CAF_TEST(adoption reads and claims and reads again) {
  const auto agent = placed().agent;
  awaited<agent_placed> adopted;
  board->heard = [&](const std::string& message) {
    if (message == "append_commit" && !adopted)
      adopted = ask_later<agent_placed>(muster, registration(work, "first"));
  };
  const auto gone = ask_later<agent_unregistered>(muster, removal(agent.text));
  sched.run();
  CAF_REQUIRE(*gone && **gone);
  CAF_REQUIRE(*adopted && **adopted);
  // What it had read first was the manifest of the agent that is gone.
  CAF_CHECK((**adopted)->agent != agent);
}

CAF_TEST(a sweep claims before it commits an observation) {
  const auto agent = placed().agent;
  edit("first", "edited");
  go_wrong("append_commit", mishap::lost);
  const auto stuck = ask_later<agent_placed>(muster, rename(agent.text, "named"));
  sched.run();
  board->said.clear();
  (void)sweep();
  CAF_CHECK(std::ranges::count(board->said, "append_commit") == 0);
}

CAF_TEST(a late announce cannot overtake its retract) {
  go_wrong("state_endpoint closed", mishap::late);
  CAF_REQUIRE(!place(work, "first"));
  for (int i = 0; i < 30; ++i)
    pass(5s);
  CAF_CHECK_EQUAL(endpoints(true) + endpoints(false), 0u);
}

CAF_TEST(answers from before a restart of the supervisor are fenced by the epoch) {
  go_wrong("append_commit", mishap::late);
  const auto answer = ask_later<agent_placed>(muster, registration(work, "first", "r"));
  sched.run();
  kill();
  machine.restart_process();
  start();
  for (int i = 0; i < 30; ++i)
    pass(5s);
  const auto placed = place(work, "first", "r");
  CAF_REQUIRE(placed);
  CAF_CHECK_EQUAL(commits(), 1u);
}

CAF_TEST(with a strict relay its failure undoes a command) {
  go_wrong("state_endpoint closed", mishap::failed);
  const auto placed = place(work, "first");
  CAF_REQUIRE(!placed);
  CAF_CHECK_EQUAL(placed.error().step, "set-endpoint");
  CAF_CHECK(!has_manifest(work));
  CAF_CHECK_EQUAL(commits(), 0u);
}

CAF_TEST(with an eventual relay the endpoint is owed and a sweep asserts it) {
  kill();
  machine.restart_process();
  options.supervisor.now.relay = relay_mode::eventual;
  start();
  go_wrong("state_endpoint closed", mishap::failed);
  CAF_REQUIRE(place(work, "first"));
  (void)sweep();
  CAF_CHECK_EQUAL(endpoints(true), 1u);
}

CAF_TEST(without a relay no endpoint is touched) {
  kill();
  machine.restart_process();
  options.supervisor.now.relay = relay_mode::none;
  start();
  board->said.clear();
  CAF_REQUIRE(place(work, "first"));
  CAF_CHECK(std::ranges::none_of(board->said, [](const auto& each) { return each.starts_with("state_"); }));
}

CAF_TEST(a path held by another id is refused and named and nothing is written) {
  const auto agent = placed().agent;
  edit(agent.text, "01J9Z0000000000000000OTHER");
  const auto text = manifest(work);
  const auto other = place(work, "first");
  CAF_REQUIRE(!other);
  CAF_CHECK_EQUAL(exit_code(other.error().kind), 4);
  CAF_CHECK(other.error().message.find(agent.text) != std::string::npos);
  CAF_CHECK_EQUAL(manifest(work), text);
  CAF_CHECK(std::ranges::count(board->said, "write_manifest") == 0);
}

CAF_TEST([GP20] outside of any scan root the namespace is the name of the directory) {
  const auto placed = place(work, "first");
  CAF_REQUIRE(placed);
  CAF_CHECK_EQUAL(placed->namespace_name, "work");
  const auto shown = ask_for<agent_shown>(show_agent{"first"});
  CAF_REQUIRE(shown);
  CAF_REQUIRE_EQUAL(shown->agent.placements.size(), 1u);
  CAF_CHECK_EQUAL(shown->agent.placements.front().where.scan_root, "");
}

CAF_TEST([MC10] unregister closes the endpoint and commits and then retires the manifest) {
  const auto agent = placed().agent;
  CAF_REQUIRE(ask_for<agent_unregistered>(removal(agent.text)));
  CAF_CHECK_EQUAL(board->changes(),
                  (words{"write_journal intend", "state_endpoint closed", "append_commit", "fold_commit",
                         "retire_manifest", "state_endpoint gone", "write_journal closed"}));
  CAF_CHECK(!has_manifest(work));
  CAF_CHECK_EQUAL(endpoints(true) + endpoints(false), 0u);
}

CAF_TEST(unregister that keeps the manifest denies its path as unregistered) {
  const auto agent = placed().agent;
  CAF_REQUIRE(ask_for<agent_unregistered>(removal(agent.text, true)));
  CAF_CHECK(has_manifest(work));
  const auto dump = ask_for<index_dumped>(dump_index{});
  CAF_REQUIRE(dump);
  CAF_CHECK(dump->text.find("unregistered") != std::string::npos);
}

CAF_TEST(a namespace change moves the endpoint) {
  const auto agent = placed().agent;
  const auto changed =
      ask_for<agent_placed>(update_agent{{}, agent.text, {{{"namespace"}, "\"elsewhere\""}}, {}, {}, {}});
  if (!changed)
    CAF_FAIL(changed.error().message);
  CAF_CHECK_EQUAL(changed->namespace_name, "elsewhere");
  CAF_CHECK_EQUAL(endpoints(true), 1u);
  CAF_CHECK_EQUAL(endpoints(false), 0u);
}

CAF_TEST(adopt takes all steps but writes no manifest in which nothing changes) {
  const auto agent = placed().agent;
  const auto text = manifest(work);
  CAF_REQUIRE(ask_for<agent_unregistered>(removal(agent.text, true)));
  CAF_REQUIRE(ask_for<path_undenied>(undeny_path{{}, work}));
  board->said.clear();
  CAF_REQUIRE(place(work, "first"));
  CAF_CHECK_EQUAL(board->changes(), (words{"stage_row", "write_journal intend", "state_endpoint closed",
                                           "append_commit", "fold_commit", "state_endpoint open"}));
  CAF_CHECK_EQUAL(manifest(work), text);
}

CAF_TEST(update takes the steps of register without the endpoint where its statement stays) {
  const auto agent = placed().agent;
  CAF_REQUIRE(ask_for<agent_placed>(rename(agent.text, "second")));
  CAF_CHECK_EQUAL(board->changes(),
                  (words{"stage_row", "write_journal intend", "write_manifest", "append_commit", "fold_commit"}));
}

CAF_TEST(move commits and touches neither manifest nor endpoint) {
  const auto agent = placed().agent;
  const auto text = manifest(work);
  const auto there = project("there");
  machine.files.aside([&](simulated_disk& files) {
    CAF_CHECK(files.rename(no_handle, work + "/.dork", no_handle, there + "/.dork", rename_mode::no_replace));
  });
  machine.clock.advance(10s);
  const auto moved = ask_for<agent_placed>(move_agent{{}, agent.text, there});
  CAF_REQUIRE_EQUAL(moved ? "" : moved.error().message, "");
  CAF_CHECK_EQUAL(moved->path, there);
  CAF_CHECK_EQUAL(board->changes(), (words{"stage_row", "write_journal intend", "append_commit", "fold_commit"}));
  CAF_CHECK_EQUAL(manifest(there), text);
}

CAF_TEST(an observation is never refused by a relay) {
  const auto agent = placed().agent;
  edit("first", "edited");
  go_wrong("state_endpoint", mishap::failed, 100);
  CAF_CHECK_EQUAL(sweep().synced, 1u);
  CAF_CHECK_EQUAL(roster().front().name, "edited");
}

CAF_TEST(a file that is behind is written over only where its version is known) {
  const auto agent = placed().agent;
  const auto old = manifest(work);
  CAF_REQUIRE(ask_for<agent_placed>(rename(agent.text, "second")));
  machine.clock.advance(10s);
  machine.files.put_file(manifest_path(work), old);
  machine.clock.advance(10s);
  board->said.clear();
  (void)sweep();
  // An edit back is an edit: the file wins.
  CAF_CHECK_EQUAL(roster().front().name, "first");
}

CAF_TEST(the history of a file of which nothing is known is read only where it differs) {
  (void)placed();
  const auto other = project("other");
  CAF_REQUIRE(place(other, "second"));
  const auto gone = project("gone");
  CAF_REQUIRE(place(gone, "third"));
  CAF_REQUIRE(stop());
  machine.restart_process();
  muster_world::edit(other, "second", "edited");
  machine.files.aside([&](auto& files) {
    CAF_CHECK(files.unlink(no_handle, "/home/data/local.db", unlink_kind::file));
    CAF_CHECK(files.unlink(no_handle, manifest_path(gone), unlink_kind::file));
  });
  start();
  board->said.clear();
  CAF_CHECK_EQUAL(sweep().synced, 1u);
  CAF_CHECK_EQUAL(std::ranges::count(board->said, "read_log"), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
