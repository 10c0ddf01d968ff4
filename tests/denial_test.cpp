#define CAF_SUITE denial_test

#include "tests/support/discovery_world.hpp"
#include "tests/support/worker_taps.hpp"

#include "muster/actors/relay.hpp"
#include "muster/supervisor/supervisor.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdio>

namespace muster::test {

namespace {

struct started_world : discovery_world {
  started_world() {
    options.relay = keep(relay_actor{sys.spawn<relay>()});
    start();
  }

  expected<path_denied> deny(const std::string& path, const std::string& reason = {}, const std::string& request = {}) {
    return ask_for<path_denied>(deny_path{request_id{request}, path, reason, {}, {}});
  }
  expected<path_undenied> undeny(const std::string& path, const std::string& request = {}) {
    return ask_for<path_undenied>(undeny_path{request_id{request}, path});
  }
  std::vector<known_denial> denials() {
    auto listed = ask_for<denials_listed>(list_denials{});
    return listed ? std::move(listed->denials) : std::vector<known_denial>{};
  }
  /// The paths, the newest first.
  std::vector<std::string> denied() {
    std::vector<std::string> result;
    for (auto& each : denials())
      result.push_back(std::move(each.path));
    return result;
  }
  expected<agents_admitted> admit(const std::string& agent, const std::string& name = {},
                                  const std::string& request = {}) {
    return ask_for<agents_admitted>(admit_agents{request_id{request}, agent, name});
  }
  /// Those whose endpoints take mail.
  std::vector<std::string> open_ones() {
    std::vector<std::string> result;
    for (const auto& each : get<relay_listed>(options.relay, relay_list{}).value().endpoints)
      if (each.open)
        result.push_back(each.subject.substr(each.subject.rfind('.') + 1));
    std::ranges::sort(result);
    return result;
  }
  void begin_anew() {
    kill();
    machine.restart_process();
    start();
  }
  template <class Answer>
  static std::string code(const expected<Answer>& answer) {
    return answer ? "done" : std::string(answer.error().code);
  }
};

using paths = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(denial_tests, started_world)

CAF_TEST([DL01][DL02][DL03][MC06] what is denied is not taken with all below it and its sibling is) {
  (void)rooted("/home/src/own", "own");
  put("/home/src/no", text_of(id_a, "no"));
  put("/home/src/no/below", text_of("01JF5K3W8RZQ0V7B2M4N6P8S9D", "below"));
  put("/home/src/none", text_of(id_b, "none"));
  const auto answer = deny("/home/src/no/", "not ours");
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->denial.path, "/home/src/no");
  CAF_CHECK_EQUAL(answer->denial.reason, "not ours");
  CAF_CHECK_EQUAL(answer->denial.by, "muster");
  CAF_CHECK_EQUAL(answer->denial.strategy, "manual");
  CAF_CHECK_EQUAL(answer->denial.version.seq, 2u);
  CAF_CHECK(answer->denial.at == denials().front().at);
  CAF_CHECK_EQUAL(sweep().discovered, 1u);
  CAF_CHECK_EQUAL(sweep().discovered, 0u);
  CAF_CHECK_EQUAL(row(id_b).path, "/home/src/none");
  CAF_CHECK_EQUAL(roster().size(), 2u);
}

CAF_TEST([DL06][MC07] a denial that is lifted lets the next sweep take what is there) {
  (void)rooted("/home/src/own", "own");
  put("/home/src/no/below", text_of(id_a, "below"));
  CAF_REQUIRE(deny("/home/src/no"));
  CAF_CHECK_EQUAL(sweep().discovered, 0u);
  const auto lifted = undeny("/home/src/no");
  CAF_REQUIRE(lifted);
  CAF_CHECK(lifted->was_denied);
  CAF_CHECK(denied().empty());
  CAF_CHECK_EQUAL(sweep().discovered, 1u);
}

CAF_TEST([DL05][DL08] denials are listed with the newest first and each path once) {
  CAF_REQUIRE(deny("/home/one", "noise"));
  CAF_REQUIRE(deny("/home/two"));
  CAF_REQUIRE(deny("/home/one", "not ours"));
  CAF_CHECK((denied() == paths{"/home/one", "/home/two"}));
  CAF_CHECK_EQUAL(denials().front().reason, "not ours");
  CAF_CHECK_EQUAL(denials().back().reason, "");
}

CAF_TEST([DL07][DL09] what is not denied is nothing to lift and nothing is listed) {
  CAF_CHECK(denied().empty());
  const auto answer = undeny("/home/never");
  CAF_REQUIRE(answer);
  CAF_CHECK(!answer->was_denied);
  CAF_CHECK_EQUAL(answer->path, "/home/never");
  CAF_CHECK_EQUAL(commits(), 0u);
}

CAF_TEST([DL05] the same denial once more adds nothing and is answered as before) {
  const auto first = deny("/home/one", "noise");
  const auto again = deny("/home/one", "noise");
  const auto without = deny("/home/one");
  CAF_REQUIRE(first && again && without);
  CAF_CHECK(again->denial.version == first->denial.version);
  CAF_CHECK(again->denial.at == first->denial.at);
  CAF_CHECK_EQUAL(without->denial.reason, "noise");
  CAF_CHECK_EQUAL(commits(), 1u);
}

CAF_TEST([DL10][GP21] a denial through a link is of the directory and is lifted by either spelling when both are gone) {
  make("/home/real/app");
  machine.files.put_symlink("/home/link", "/home/real");
  CAF_CHECK_EQUAL(deny("/home/link/app")->denial.path, "/home/real/app");
  CAF_CHECK_EQUAL(deny("/home/real/app")->denial.version.seq, 1u);
  CAF_CHECK(undeny("/home/link/app")->was_denied);
  CAF_REQUIRE(deny("/home/link/app"));
  machine.files.aside(
      [](auto& files) { CAF_REQUIRE(files.unlink(no_handle, "/home/real/app", unlink_kind::directory)); });
  // The link is there still.
  CAF_CHECK(undeny("/home/link/app")->was_denied);
  CAF_REQUIRE(deny("/home/link/app"));
  machine.files.aside([](auto& files) {
    CAF_REQUIRE(files.unlink(no_handle, "/home/real", unlink_kind::directory));
    CAF_REQUIRE(files.unlink(no_handle, "/home/link", unlink_kind::file));
  });
  CAF_CHECK((denied() == paths{"/home/real/app"}));
  CAF_CHECK(!undeny("/home/link/app")->was_denied);
  CAF_CHECK(undeny("/home/real/app")->was_denied);
}

CAF_TEST(the spelling that is shown lifts a denial whose directory has become a link to another) {
  make("/home/one");
  make("/home/two");
  CAF_REQUIRE(deny("/home/one"));
  CAF_REQUIRE(deny("/home/two"));
  machine.files.aside([](auto& files) { CAF_REQUIRE(files.unlink(no_handle, "/home/one", unlink_kind::directory)); });
  machine.files.put_symlink("/home/one", "/home/two");
  CAF_CHECK_EQUAL(undeny("/home/one")->path, "/home/one");
  CAF_CHECK((denied() == paths{"/home/two"}));
  CAF_CHECK_EQUAL(undeny("/home/one")->path, "/home/two");
}

CAF_TEST([DL11] denials outlive the process and an index that is gone) {
  CAF_REQUIRE(deny("/home/one", "noise"));
  begin_anew();
  CAF_CHECK((denied() == paths{"/home/one"}));
  kill();
  machine.restart_process();
  for (const std::string file : {"/home/data/index.db", "/home/data/index.db-wal"})
    if (machine.files.exists(file))
      machine.files.aside([&](auto& files) { CAF_REQUIRE(files.unlink(no_handle, file, unlink_kind::file)); });
  start();
  CAF_CHECK((denied() == paths{"/home/one"}));
  CAF_CHECK_EQUAL(denials().front().reason, "noise");
}

CAF_TEST([GP21] a directory in which an agent lives is denied only with its unregistration) {
  const auto agent = rooted("/home/src/a", "a");
  CAF_CHECK_EQUAL(code(deny("/home/src/a")), "denied-registered");
  CAF_CHECK(denied().empty());
  CAF_REQUIRE(ask_for<agent_unregistered>(unregister_agent{{}, agent.text, true, false}));
  CAF_CHECK((denied() == paths{"/home/src/a"}));
  CAF_CHECK_EQUAL(denials().front().reason, "unregistered");
  // Who denies it then says so himself.
  CAF_CHECK_EQUAL(deny("/home/src/a", "no more")->denial.reason, "no more");
}

CAF_TEST(an agent below a directory that is denied stays and its edits are seen) {
  (void)rooted("/home/src/own", "own");
  put("/home/src/group/found", text_of(id_a, "found"));
  CAF_CHECK_EQUAL(sweep().discovered, 1u);
  CAF_REQUIRE(deny("/home/src/group"));
  put("/home/src/group/found", text_of(id_a, "renamed"));
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.synced, 1u);
  CAF_CHECK_EQUAL(row(id_a).name, "renamed");
  CAF_CHECK(row(id_a).status == agent_status::active);
}

CAF_TEST(a command registers nothing where a person has denied it until that is taken back) {
  make("/home/src/a");
  CAF_REQUIRE(deny("/home/src/a", "noise"));
  const auto refused = place("/home/src/a", "a");
  CAF_CHECK_EQUAL(code(refused), "path-denied");
  CAF_CHECK_EQUAL(exit_code(refused.error().kind), 4);
  CAF_CHECK(refused.error().message.find("`muster undeny /home/src/a`") != std::string::npos);
  CAF_CHECK(!has_manifest("/home/src/a"));
  // A directory below is named by nobody who denied.
  make("/home/src/a/below");
  CAF_CHECK(place("/home/src/a/below", "below"));
  CAF_CHECK(undeny("/home/src/a"));
  CAF_CHECK(place("/home/src/a", "a"));
}

CAF_TEST(nobody moves to where a person has denied it) {
  const auto agent = rooted("/home/src/a", "a");
  CAF_REQUIRE(deny("/home/src/b"));
  move("/home/src/a", "/home/src/b");
  CAF_CHECK_EQUAL(code(ask_for<agent_placed>(move_agent{{}, agent.text, "/home/src/b"})), "path-denied");
  CAF_CHECK_EQUAL(code(place("/home/src/b", "a")), "path-denied");
  CAF_CHECK_EQUAL(sweep().moved, 0u);
  CAF_CHECK(row(agent.text).status == agent_status::unreachable);
  CAF_CHECK(undeny("/home/src/b"));
  CAF_CHECK_EQUAL(sweep().moved, 1u);
}

CAF_TEST(a request id makes a repetition the same answer and another request a refusal) {
  const auto first = deny("/home/one", "noise", "r1");
  const auto again = deny("/home/one", "noise", "r1");
  CAF_REQUIRE(first && again);
  CAF_CHECK(again->denial.version == first->denial.version);
  CAF_CHECK_EQUAL(again->denial.reason, "noise");
  CAF_CHECK(again->denial.at == first->denial.at);
  CAF_CHECK_EQUAL(exit_code(deny("/home/two", "noise", "r1").error().kind), 4);
  const auto lifted = undeny("/home/one", "r2");
  begin_anew();
  const auto repeated = undeny("/home/one", "r2");
  CAF_REQUIRE(lifted && repeated);
  CAF_CHECK(repeated->was_denied && repeated->version == lifted->version);
  CAF_CHECK_EQUAL(deny("/home/one", "noise", "r1")->denial.version.seq, 1u);
  CAF_CHECK(denied().empty());
  CAF_CHECK_EQUAL(commits(), 2u);
}

CAF_TEST(a request that had nothing to do is answered the same again) {
  const auto first = undeny("/home/one", "r1");
  CAF_REQUIRE(first && !first->was_denied);
  CAF_REQUIRE(deny("/home/one"));
  const auto again = undeny("/home/one", "r1");
  CAF_REQUIRE(again);
  CAF_CHECK(!again->was_denied);
  CAF_CHECK((denied() == paths{"/home/one"}));
  const auto denied_already = deny("/home/one", {}, "r2");
  CAF_REQUIRE(denied_already);
  CAF_CHECK(deny("/home/one", {}, "r2")->denial.version == denied_already->denial.version);
}

CAF_TEST(a path that names no directory is refused) {
  CAF_CHECK_EQUAL(code(deny("relative")), "path-not-absolute");
  CAF_CHECK_EQUAL(code(deny("/")), "path-unusable");
  CAF_CHECK_EQUAL(code(deny("/home/../x")), "path-unusable");
  CAF_CHECK_EQUAL(code(undeny("")), "path-not-absolute");
  machine.files.put_symlink("/home/round", "/home/round");
  CAF_CHECK_EQUAL(code(deny("/home/round/x")), "path-loop");
  machine.files.put_symlink("/home/top", "/");
  CAF_CHECK_EQUAL(code(deny("/home/top")), "path-unusable");
}

CAF_TEST(an agent that waits is admitted by its name and its mail is held until then) {
  const auto own = rooted("/home/src/team/own", "own");
  put("/home/src/team/found", text_of(id_a, "found"));
  const auto report = sweep();
  CAF_REQUIRE_EQUAL(problems(report, "unadmitted"), 1u);
  const auto said = std::ranges::find(report.problems, "unadmitted", &sweep_problem::kind)->message;
  CAF_CHECK(said.find("`muster admit " + std::string(id_a) + "`") != std::string::npos);
  CAF_CHECK((open_ones() == paths{own.text}));
  const auto waiting = row(id_a);
  CAF_CHECK(waiting.status == agent_status::unadmitted);
  CAF_REQUIRE_EQUAL(waiting.problems.size(), 1u);
  CAF_CHECK(waiting.problems.front().message.find("`muster admit " + std::string(id_a) + "`") != std::string::npos);
  const auto shown = ask_for<agent_shown>(show_agent{std::string(id_a)});
  CAF_CHECK(shown && shown->rules.empty() && shown->agent.row.problems.size() == 1);
  const auto admitted = admit("found");
  CAF_REQUIRE(admitted);
  CAF_REQUIRE_EQUAL(admitted->agents.size(), 1u);
  CAF_CHECK_EQUAL(admitted->agents.front().agent.text, id_a);
  CAF_CHECK_EQUAL(admitted->agents.front().namespace_name, "team");
  CAF_CHECK(admitted->agents.front().version.seq == 3);
  CAF_CHECK_EQUAL(open_ones().size(), 2u);
  CAF_CHECK(row(id_a).status == agent_status::active);
  CAF_CHECK(row(id_a).problems.empty());
  CAF_CHECK(admit("found"));
  CAF_CHECK_EQUAL(commits(), 3u);
}

CAF_TEST(all that wait in a namespace are admitted at once) {
  (void)rooted("/home/src/team/own", "own");
  put("/home/src/team/a", text_of(id_a, "a"));
  put("/home/src/team/b", text_of(id_b, "b"));
  put("/home/src/other/c", text_of("01JF5K3W8RZQ0V7B2M4N6P8S9C", "c", R"(, "namespace": "team2")"));
  (void)sweep();
  const auto before = commits();
  const auto admitted = admit({}, "Team", "r1");
  CAF_REQUIRE(admitted);
  CAF_CHECK_EQUAL(admitted->agents.size(), 2u);
  CAF_CHECK(!admitted->more);
  CAF_CHECK_EQUAL(commits(), before + 1);
  CAF_CHECK_EQUAL(open_ones().size(), 4u);
  CAF_CHECK(row(id_a).status == agent_status::active && row(id_b).status == agent_status::active);
  const auto again = admit({}, "Team", "r1");
  CAF_REQUIRE(again);
  CAF_REQUIRE_EQUAL(again->agents.size(), 2u);
  CAF_CHECK(again->agents.front().agent == admitted->agents.front().agent);
  CAF_CHECK(again->agents.front().content_hash == admitted->agents.front().content_hash);
  CAF_CHECK(admit({}, "team")->agents.empty());
  CAF_CHECK_EQUAL(commits(), before + 1);
}

CAF_TEST(an edit of the namespace waits and a command does not) {
  (void)rooted("/home/src/team/own", "own");
  const auto guest = rooted("/home/src/guest/app", "guest");
  (void)sweep();
  machine.clock.advance(std::chrono::seconds{10});
  edit("/home/src/guest/app", R"("namespace": "guest")", R"("namespace": "team")");
  (void)sweep();
  CAF_CHECK_EQUAL(row(guest.text).namespace_name, "team");
  CAF_CHECK(row(guest.text).status == agent_status::unadmitted);
  CAF_CHECK_EQUAL(open_ones().size(), 1u);
  // Whoever types the namespace means it, be it the one that is there.
  update_agent asked;
  asked.selector = guest.text;
  asked.assignments.push_back({{"namespace"}, "\"team\""});
  CAF_REQUIRE(ask_for<agent_placed>(asked));
  CAF_CHECK(row(guest.text).status == agent_status::active);
  CAF_CHECK_EQUAL(open_ones().size(), 2u);
}

CAF_TEST(to register what waits admits it and its endpoint opens at once) {
  (void)rooted("/home/src/team/own", "own");
  put("/home/src/team/found", text_of(id_a, "found"));
  (void)sweep();
  register_agent asked;
  asked.path = "/home/src/team/found";
  CAF_REQUIRE(ask_for<agent_placed>(asked));
  CAF_CHECK_EQUAL(open_ones().size(), 2u);
}

CAF_TEST(one agent is admitted or one namespace and nothing else) {
  CAF_CHECK_EQUAL(code(admit("")), "admit-what");
  CAF_CHECK_EQUAL(code(admit("a", "b")), "admit-what");
  CAF_CHECK_EQUAL(exit_code(admit("").error().kind), 2);
  CAF_CHECK_EQUAL(exit_code(admit("nobody").error().kind), 3);
  CAF_CHECK_EQUAL(exit_code(admit({}, "---").error().kind), 4);
}

CAF_TEST_FIXTURE_SCOPE_END()

// The denial is asked for at every event of a sweep that takes what is below.
CAF_TEST(a denial that is made while a sweep is at work holds from its commit on) {
  std::size_t before = 0;
  std::size_t after = 0;
  std::size_t wrong = 0;
  for (std::size_t events = 1; events < 400; ++events) {
    started_world world;
    (void)world.rooted("/home/src/own", "own");
    world.put("/home/src/no/below", world.text_of(id_a, "below"));
    const auto swept = world.ask_later<sweep_report>(world.muster, sweep_now{});
    for (std::size_t i = 0; i < events && world.sched.has_job(); ++i)
      world.sched.run_once();
    const bool over = swept->has_value();
    const auto denial = world.deny("/home/src/no");
    (void)world.sweep();
    const auto log = world.ask_for<log_read>(show_log{});
    if (!denial || !log) {
      ++wrong;
      break;
    }
    sequence placed = 0;
    for (const auto& made : log->commits)
      for (const auto& each : made.ops)
        if (const auto* put = std::get_if<place_put>(&each); put && put->agent.text == id_a)
          placed = made.seq;
    wrong += placed > denial->denial.version.seq ? 1 : 0;
    ++(placed == 0 ? before : after);
    if (over)
      break;
  }
  std::printf("lane denial_test: %zu times denied before it was taken, %zu times after, %zu wrong\n", before, after,
              wrong);
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK(before > 10 && after > 0);
}

// Its request was answered as still under way; what it does goes on.
CAF_TEST(a directory is denied only when nothing is being taken below it any more) {
  using namespace std::chrono_literals;
  started_world world;
  (void)world.rooted("/home/src/own", "own");
  world.put("/home/src/no/below", world.text_of(id_a, "below"));
  const auto board = std::make_shared<tap_board>();
  tap_workers(world.options, world.sys, board);
  world.options.supervisor.request_limit = 5s;
  world.begin_anew();
  board->lateness = 9s;
  board->rules.push_back({"write_journal intend", 0, mishap::slow, 1});
  const auto swept = world.ask_later<sweep_report>(world.muster, sweep_now{});
  for (int second = 0; second < 6; ++second)
    world.pass(1s);
  const auto denial = world.ask_later<path_denied>(world.muster, deny_path{{}, "/home/src/no", {}, {}, {}});
  world.pass(1s);
  CAF_CHECK_EQUAL(code_of(denial), "silence");
  for (int second = 0; second < 3; ++second)
    world.pass(1s);
  CAF_REQUIRE_EQUAL(code_of(denial), "done");
  const auto log = world.ask_for<log_read>(show_log{});
  CAF_REQUIRE(log && log->commits.size() == 3);
  CAF_CHECK(std::holds_alternative<deny_put>(log->commits[0].ops.back()));
  CAF_CHECK(std::holds_alternative<place_put>(log->commits[1].ops.back()));
}

} // namespace muster::test
