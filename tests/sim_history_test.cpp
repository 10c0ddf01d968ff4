#define CAF_SUITE sim_history_test

#include "tests/sim/sim_history.hpp"

#include "tests/sim/scenario.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster::sim;

CAF_TEST(a change that is over hides what ended before it began) {
  sim_history history(1);
  const auto first = history.begin(0, "[t1]", false, "first");
  history.end(first, false, true);
  CAF_CHECK(!history.objection(0, "[t1]", true));
  CAF_CHECK(history.objection(0, "", true));
  const auto second = history.begin(0, "[t2]", false, "second");
  CAF_CHECK(!history.objection(0, "[t1]", true));
  CAF_CHECK(!history.objection(0, "[t2]", true));
  history.end(second, false, true);
  CAF_CHECK(history.objection(0, "[t1]", true));
  CAF_CHECK(!history.objection(0, "[t2]", true));
}

CAF_TEST(changes at the same time may end in any order) {
  sim_history history(1);
  const auto one = history.begin(0, "[t1]", false, "one");
  const auto other = history.begin(0, "[t2]", false, "other");
  history.end(one, false, true);
  history.end(other, false, true);
  CAF_CHECK(!history.objection(0, "[t1]", true));
  CAF_CHECK(!history.objection(0, "[t2]", true));
}

CAF_TEST(what was refused may be there for a while and not in the end) {
  sim_history history(1);
  history.end(history.begin(0, "[t1]", false, "refused"), true, false);
  CAF_CHECK(!history.objection(0, "[t1]", false));
  CAF_CHECK(history.objection(0, "[t1]", true));
  CAF_CHECK(!history.objection(0, "", true));
}

CAF_TEST(an unknown outcome may be there and hides nothing) {
  sim_history history(1);
  history.end(history.begin(0, "[t1]", false, "done"), false, true);
  (void)history.begin(0, "[t2]", false, "unknown");
  CAF_CHECK(!history.objection(0, "[t1]", true));
  CAF_CHECK(!history.objection(0, "[t2]", true));
}

CAF_TEST(a change whose agent moved away counts where it turned out to be) {
  sim_history history(2);
  auto roaming = history.begin(0, "[t1]", true, "update");
  CAF_CHECK(!history.objection(1, "[t1]", true));
  roaming = history.turn_to(roaming, 1);
  history.end(roaming, false, true);
  CAF_CHECK(!history.objection(1, "[t1]", true));
  CAF_CHECK(history.objection(0, "[t1]", true));
  CAF_CHECK(history.objection(1, "", true));
}

CAF_TEST(an old content that is put back may be brought up to date to what hands took away) {
  sim_history history(1);
  history.edited(0, "{\"description\": \"[t1]\"}", true, "a save");
  history.edited(0, "{\"description\": \"[t2]\"}", true, "a save");
  history.edited(0, {}, true, "a removal");
  CAF_CHECK(history.objection(0, "[t2]", true));
  history.edited(0, "{\"description\": \"[t1]\"}", false, "put back");
  CAF_CHECK(!history.objection(0, "[t2]", true));
  CAF_CHECK(!history.objection(0, "[t1]", true));
}

CAF_TEST(what a hand wrote it wrote in one project) {
  sim_history history(2);
  const std::string bytes = "{\"description\": \"[t1]\"}";
  CAF_CHECK(!history.was_spread_by_hand("[t1]"));
  history.edited(1, bytes, true, "a copy");
  CAF_CHECK(history.was_written_by_hand(1, bytes));
  CAF_CHECK(!history.was_written_by_hand(0, bytes));
  CAF_CHECK(history.was_spread_by_hand("[t1]"));
}

CAF_TEST(what was refused may come back with a directory that a hand moved) {
  sim_history history(2);
  for (const std::size_t project : {0, 1})
    history.end(history.begin(project, "[t1]", false, "refused"), true, false);
  history.note_moved_away(1);
  CAF_CHECK(history.objection(0, "[t1]", true));
  CAF_CHECK(!history.objection(1, "[t1]", true));
  const std::string bytes = "{\"description\": \"[t2]\"}";
  CAF_CHECK(history.objection(0, "[t2]", true));
  history.moved_back(0, bytes);
  CAF_CHECK(!history.objection(0, "[t2]", true));
  CAF_CHECK(!history.was_written_by_hand(0, bytes));
}

CAF_TEST(a file says in a word what it holds) {
  CAF_CHECK_EQUAL(gist_of("{\"description\": \"x [t12]\", \"note\": \"[t3]\"}"), "[t12]");
  CAF_CHECK_EQUAL(gist_of("{\"name\": \"x\"}"), "plain");
  CAF_CHECK_EQUAL(gist_of("{\"description\": \"x [t12]\""), "broken[t12]");
  CAF_CHECK_EQUAL(gist_of(""), "broken");
}

CAF_TEST(a scenario reads as it is written) {
  int wrong = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto world = scenario::draw(seed);
    wrong += scenario::read(world.text()) == world ? 0 : 1;
    wrong += scenario::draw(seed) == world ? 0 : 1;
  }
  CAF_CHECK_EQUAL(wrong, 0);
  CAF_CHECK(!scenario::read("seed x\n"));
  CAF_CHECK(!scenario::read("step 1 2 fly 0 0 0\n"));
  CAF_CHECK(!scenario::read("step 1 2 update 0 0\n"));
  CAF_CHECK(!scenario::read("set gravity 1\n"));
}
