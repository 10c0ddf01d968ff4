#define CAF_SUITE release_test

#include "tests/support/index_fixture.hpp"

#include "muster/store/release_gate.hpp"
#include "muster/store/release_stage.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using index_fixture::machine;

namespace {

expected<void> does_nothing(release_stage&) {
  return {};
}

expected<void> rewrites_a_feed(release_stage& stage) {
  return stage.put("feeds/one", "rewritten for " + std::to_string(stage.number()));
}

expected<void> gives_up(release_stage& stage) {
  if (auto put = stage.put("feeds/one", "half"); !put)
    return put;
  return failure{.kind = failure_kind::failed, .code = "given-up", .message = "it cannot be done"};
}

constexpr std::array durable{release_step{2, release_break::durable, &rewrites_a_feed},
                             release_step{3, release_break::durable, &does_nothing}};
constexpr std::array with_break{release_step{2, release_break::durable, &does_nothing},
                                release_step{3, release_break::clean, &does_nothing}};
constexpr std::array with_shared_break{release_step{2, release_break::clean_shared, &does_nothing}};
constexpr std::array failing{release_step{2, release_break::durable, &gives_up}};

release_step numbered(release_number number) {
  return {number, release_break::durable, &does_nothing};
}

/// A data directory of a release.
machine directory_of(std::string_view stamp) {
  machine here;
  auto& files = here.world.files;
  files.put_file("/data/instance.json", stamp);
  files.put_file("/data/index.db", "an index");
  files.put_file("/data/index.db-wal", "its log");
  files.put_file("/data/local.db", "observed");
  files.put_directory("/data/feeds");
  files.put_file("/data/feeds/one", "a feed");
  return here;
}

expected<release_passage> pass(machine& here, std::span<const release_step> steps, release_number current) {
  auto env = here.env();
  const open_file data(env.files, env.files.open(no_handle, "/data", {.directory = true}).value());
  return pass_release_gate(env, data.get(), steps, current);
}

std::string content(machine& here, const char* path) {
  return here.world.files.exists(path) ? here.world.files.file_content(path) : "nothing";
}

} // namespace

CAF_TEST([RL-01] [RL-03] nothing is pending in an empty registry or at our own release) {
  CAF_CHECK(pending_steps({}, 1, 1).empty());
  CAF_CHECK(pending_steps(durable, 3, 3).empty());
}

CAF_TEST([RL-02] [RL-04] pending are exactly the steps above the stored release in rising order) {
  const auto from_one = pending_steps(durable, 1, 3);
  CAF_REQUIRE_EQUAL(from_one.size(), 2u);
  CAF_CHECK_EQUAL(from_one[0].number, 2u);
  CAF_CHECK_EQUAL(from_one[1].number, 3u);
  const auto from_two = pending_steps(durable, 2, 3);
  CAF_REQUIRE_EQUAL(from_two.size(), 1u);
  CAF_CHECK_EQUAL(from_two[0].number, 3u);
}

CAF_TEST([RL-05] [RL-09] the shipped registry and any without gaps are well formed) {
  CAF_CHECK(check_steps(shipped_steps(), current_release).has_value());
  CAF_CHECK(check_steps({}, 1).has_value());
  CAF_CHECK(check_steps(durable, 3).has_value());
}

CAF_TEST([RL-06] [RL-07] [RL-08] a registry with a gap or a duplicate or a step above our release is refused) {
  const std::array gap{numbered(2), numbered(4)};
  const std::array missing_first{numbered(3)};
  const std::array duplicate{numbered(2), numbered(2), numbered(3)};
  const std::array unordered{numbered(3), numbered(2)};
  CAF_CHECK(check_steps(gap, 4).has_error());
  CAF_CHECK(check_steps(missing_first, 3).has_error());
  CAF_CHECK(check_steps(duplicate, 3).has_error());
  CAF_CHECK(check_steps(unordered, 3).has_error());
  CAF_CHECK(check_steps(durable, 2).has_error());
  CAF_CHECK(check_steps(durable, 4).has_error());
  CAF_CHECK_EQUAL(check_steps(durable, 2).error().code, "release-registry");
}

CAF_TEST([RL-10] a clean break says that it is one) {
  CAF_CHECK(with_break[1].kind == release_break::clean);
  CAF_CHECK(plan_release({.stored = 2}, with_break, 3) == release_plan::break_cleanly);
}

CAF_TEST([RL-12] [RL-13] [RL-14] [RL-15] the plan stamps the new and passes ours and refuses the newer and migrates the older) {
  CAF_CHECK(plan_release({}, durable, 3) == release_plan::stamp);
  CAF_CHECK(plan_release({.stored = 3}, durable, 3) == release_plan::proceed);
  CAF_CHECK(plan_release({.stored = 4}, durable, 3) == release_plan::refuse_newer);
  CAF_CHECK(plan_release({.stored = 1}, durable, 3) == release_plan::migrate);
}

CAF_TEST([RL-16] our own release proceeds and nothing is touched) {
  auto here = directory_of("{\"release\":1}\n");
  const auto before = here.world.files.fingerprint();
  CAF_CHECK(pass(here, shipped_steps(), 1).value().plan == release_plan::proceed);
  CAF_CHECK_EQUAL(here.world.files.fingerprint(), before);
}

CAF_TEST([RL-17] [RL-21] a newer directory is refused and nothing is touched) {
  auto here = directory_of("{\"release\":7,\"more\":[]}\n");
  const auto before = here.world.files.fingerprint();
  auto refused = pass(here, shipped_steps(), 1);
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK_EQUAL(refused.error().code, "release-newer");
  CAF_CHECK_EQUAL(exit_code(refused.error().kind), 6);
  CAF_CHECK_EQUAL(refused.error().message,
                  "the data directory is of release 7 and this muster of release 1: upgrade this muster; nothing was "
                  "changed");
  CAF_CHECK_EQUAL(here.world.files.fingerprint(), before);
}

CAF_TEST([RL-18] [RL-22] [RL-24] durable steps migrate in place and keep all but the index) {
  auto here = directory_of("{\"a\":1.0,\"release\":1,\"z\":[ ]}\n");
  auto passed = pass(here, durable, 3);
  CAF_REQUIRE(passed.has_value());
  CAF_CHECK(passed->plan == release_plan::migrate);
  CAF_CHECK_EQUAL(passed->from, 1u);
  CAF_CHECK_EQUAL(content(here, "/data/instance.json"), "{\"a\":1.0,\"release\":3,\"z\":[ ]}\n");
  CAF_CHECK_EQUAL(content(here, "/data/feeds/one"), "rewritten for 2");
  CAF_CHECK_EQUAL(content(here, "/data/local.db"), "observed");
  CAF_CHECK_EQUAL(content(here, "/data/index.db"), "nothing");
  CAF_CHECK_EQUAL(content(here, "/data/index.db-wal"), "nothing");
  CAF_CHECK(!here.world.files.exists("/data/release.stage"));
  CAF_CHECK(pass(here, durable, 3).value().plan == release_plan::proceed);
}

CAF_TEST([RL-19] a clean break clears what is derived and observed and never the feeds) {
  auto here = directory_of("{\"release\":2}");
  CAF_CHECK(pass(here, with_break, 3).value().plan == release_plan::break_cleanly);
  CAF_CHECK_EQUAL(content(here, "/data/instance.json"), "{\"release\":3}");
  CAF_CHECK_EQUAL(content(here, "/data/local.db"), "nothing");
  CAF_CHECK_EQUAL(content(here, "/data/index.db"), "nothing");
  CAF_CHECK_EQUAL(content(here, "/data/feeds/one"), "a feed");
}

CAF_TEST(a break that says so moves the feeds aside and deletes none) {
  auto here = directory_of("{\"release\":1}");
  CAF_REQUIRE(pass(here, with_shared_break, 2).has_value());
  CAF_CHECK(!here.world.files.exists("/data/feeds"));
  CAF_CHECK_EQUAL(content(here, "/data/feeds.release-1/one"), "a feed");
}

CAF_TEST([RL-20] data without a stamp and a stamp that cannot be read are refused and never begun anew) {
  for (const auto* stamp :
       {"", "{}", "{\"release\":\"1\"}", "{\"release\":0}", "{\"release\":1.5}", "{\"release\":1e3}",
        "{\"release\":99999999999999999999}", "[1]", "garbage", "{\"release\":1}x"}) {
    auto here = directory_of(stamp);
    const auto before = here.world.files.fingerprint();
    auto refused = pass(here, durable, 3);
    CAF_REQUIRE(refused.has_error());
    CAF_CHECK_EQUAL(refused.error().code, "release-unreadable");
    CAF_CHECK_EQUAL(exit_code(refused.error().kind), 7);
    CAF_CHECK_EQUAL(here.world.files.fingerprint(), before);
  }
  auto here = directory_of("");
  CAF_REQUIRE(here.world.files.unlink(no_handle, "/data/instance.json", unlink_kind::file));
  auto refused = pass(here, durable, 3);
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK_EQUAL(refused.error().code, "release-unstamped");
}

CAF_TEST(a new directory is let pass and left to whoever makes its identity) {
  machine here;
  const auto before = here.world.files.fingerprint();
  CAF_CHECK(pass(here, shipped_steps(), 1).value().plan == release_plan::stamp);
  CAF_CHECK_EQUAL(here.world.files.fingerprint(), before);
}

CAF_TEST(a step that fails leaves the release before it) {
  auto here = directory_of("{\"release\":1}");
  auto failed = pass(here, failing, 2);
  CAF_REQUIRE(failed.has_error());
  CAF_CHECK_EQUAL(failed.error().code, "given-up");
  CAF_CHECK_EQUAL(content(here, "/data/feeds/one"), "a feed");
  CAF_CHECK_EQUAL(content(here, "/data/index.db"), "an index");
  CAF_CHECK(pass(here, {}, 1).has_value());
  CAF_CHECK(!here.world.files.exists("/data/release.stage"));
}

CAF_TEST(a step cannot name what is not in the data directory) {
  auto here = directory_of("{\"release\":1}");
  auto env = here.env();
  const open_file data(env.files, env.files.open(no_handle, "/data", {.directory = true}).value());
  auto stage = release_stage::begin(env, data.get(), 2);
  CAF_REQUIRE(stage.has_value());
  for (const auto* name : {"", "/etc/passwd", "..", "../x", "a/../../x", "a\nb"})
    CAF_CHECK(stage->put(name, "x").has_error());
}

CAF_TEST([RL-26] a mismatch names both numbers and the side to upgrade) {
  CAF_CHECK_EQUAL(release_mismatch(3, 3, "peer"), "");
  CAF_CHECK_EQUAL(release_mismatch(3, 2, "peer"),
                  "peer is of release 2 and this muster of release 3: upgrade the muster over there");
  CAF_CHECK_EQUAL(release_mismatch(3, 0, "peer"),
                  "peer is of release 0 and this muster of release 3: upgrade the muster over there");
  CAF_CHECK_EQUAL(release_mismatch(3, 4, "peer"),
                  "peer is of release 4 and this muster of release 3: upgrade this muster");
}
