#define CAF_SUITE claims_test

#include "muster/supervisor/claims.hpp"

#include "muster/store/splitmix.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <set>

using namespace muster;

namespace {

claim_key agent(const char* name) {
  return {claim_key::kind::agent, name};
}
claim_key path(const char* name) {
  return {claim_key::kind::path, name};
}
saga_id saga(const std::string& name) {
  return saga_id{name};
}

/// Takes for a saga of the agent "a<name>".
claim_outcome take(claims& all, const std::string& name, claim_set keys,
                   claim_conflict when_taken = claim_conflict::wait) {
  return all.take(saga(name), agent_id{"a" + name}, std::move(keys), when_taken);
}
bool granted(const claim_outcome& outcome) {
  return std::holds_alternative<claims_granted>(outcome);
}
bool waits(const claim_outcome& outcome) {
  return std::holds_alternative<claims_waiting>(outcome);
}
std::string refusal(const claim_outcome& outcome) {
  const auto* why = std::get_if<failure>(&outcome);
  return why ? std::to_string(exit_code(why->kind)) + " " + std::string{why->code} : "none";
}

} // namespace

CAF_TEST(claims are taken all at once or not at all) {
  claims all;
  CAF_CHECK(granted(take(all, "1", {agent("x"), path("/p")})));
  CAF_CHECK(waits(take(all, "2", {agent("y"), path("/p")})));
  CAF_CHECK(!all.holds(saga("2")));
  CAF_CHECK(granted(take(all, "3", {agent("z"), path("/q")})));
  CAF_CHECK(all.release(saga("1")) == std::vector{saga("2")});
  CAF_CHECK(all.holds(saga("2")));
}

CAF_TEST(an agent and a path of the same name are two keys) {
  claims all;
  CAF_CHECK(granted(take(all, "1", {agent("x")})));
  CAF_CHECK(granted(take(all, "2", {path("x")})));
}

CAF_TEST(a key named twice is one key) {
  claims all;
  CAF_CHECK(granted(take(all, "1", {agent("x"), path("/p"), agent("x"), path("/p")})));
  CAF_CHECK(all.release(saga("1")).empty());
  CAF_CHECK(granted(take(all, "2", {agent("x"), path("/p")})));
}

CAF_TEST(twenty registrations on one path get their turns in the order they came) {
  claims all;
  for (int i = 0; i < 20; ++i)
    CAF_CHECK_EQUAL(granted(take(all, std::to_string(100 + i), {path("/p")})), i == 0);
  for (int i = 0; i < 19; ++i)
    CAF_CHECK(all.release(saga(std::to_string(100 + i))) == std::vector{saga(std::to_string(101 + i))});
}

CAF_TEST(nobody overtakes a saga that waits for more than one key) {
  claims all;
  CAF_CHECK(granted(take(all, "1", {path("/p")})));
  CAF_CHECK(waits(take(all, "2", {path("/p"), path("/q")})));
  CAF_CHECK(waits(take(all, "3", {path("/q")})));
  CAF_CHECK(all.release(saga("1")) == std::vector{saga("2")});
  CAF_CHECK(all.release(saga("2")) == std::vector{saga("3")});
}

CAF_TEST(a saga that gives up waiting lets the others through) {
  claims all;
  CAF_CHECK(granted(take(all, "1", {path("/p")})));
  CAF_CHECK(waits(take(all, "2", {path("/p"), path("/q")})));
  CAF_CHECK(waits(take(all, "3", {path("/q")})));
  CAF_CHECK(all.release(saga("2")) == std::vector{saga("3")});
  CAF_CHECK(all.release(saga("1")).empty());
}

CAF_TEST(those that get their keys at once are told in the order they came) {
  claims all;
  CAF_CHECK(granted(take(all, "1", {path("/p"), path("/q")})));
  CAF_CHECK(waits(take(all, "3", {path("/q")})));
  CAF_CHECK(waits(take(all, "2", {path("/p")})));
  CAF_CHECK((all.release(saga("1")) == std::vector{saga("3"), saga("2")}));
}

CAF_TEST(a sweep claims too and does not wait) {
  claims all;
  CAF_CHECK(granted(take(all, "1", {agent("x"), path("/p")})));
  CAF_CHECK_EQUAL(refusal(take(all, "2", {agent("x")}, claim_conflict::refuse)), "8 claims-taken");
  CAF_CHECK_EQUAL(all.in_flight(), 1u);
  CAF_CHECK(all.release(saga("1")).empty());
  CAF_CHECK(granted(take(all, "2", {agent("x")}, claim_conflict::refuse)));
  CAF_CHECK(waits(take(all, "3", {agent("x")})));
}

CAF_TEST(a path that is being given to another id is refused by that name) {
  claims all;
  CAF_CHECK(granted(take(all, "1", {path("/p")})));
  const auto refused = take(all, "2", {path("/p")}, claim_conflict::refuse);
  CAF_CHECK_EQUAL(refusal(refused), "4 path-claimed");
  CAF_CHECK_EQUAL(std::get<failure>(refused).agent, "a1");
}

CAF_TEST(more than what may be in flight is busy) {
  claims all{{.in_flight = 2, .owing = 1}};
  CAF_CHECK(granted(take(all, "1", {path("/1")})));
  CAF_CHECK(waits(take(all, "2", {path("/1")})));
  CAF_CHECK_EQUAL(refusal(take(all, "3", {path("/3")})), "8 claims-full");
  CAF_CHECK(all.owe(saga("1")));
  CAF_CHECK_EQUAL(all.in_flight(), 1u);
  CAF_CHECK_EQUAL(refusal(take(all, "3", {path("/3")})), "8 claims-full");
}

CAF_TEST(a saga may have only so many keys) {
  claims all{{.keys = 2}};
  CAF_CHECK(granted(take(all, "1", {path("/1"), path("/2"), path("/1")})));
  CAF_CHECK_EQUAL(refusal(take(all, "2", {path("/3"), path("/4"), path("/5")})), "4 claims-too-many");
  CAF_CHECK_EQUAL(all.in_flight(), 1u);
}

CAF_TEST(an owed undo keeps its claims and the next saga on them settles it first) {
  claims all;
  CAF_CHECK(granted(take(all, "1", {agent("x"), path("/p")})));
  CAF_CHECK(!all.owe(saga("1")));
  CAF_CHECK(all.owing_sagas() == std::vector{saga("1")});
  CAF_CHECK_EQUAL(refusal(take(all, "s", {path("/p")}, claim_conflict::refuse)), "4 path-claimed");
  const auto next = take(all, "2", {agent("x"), path("/p")});
  CAF_REQUIRE(waits(next));
  CAF_CHECK(std::get<claims_waiting>(next).settle == std::vector{saga("1")});
  CAF_CHECK(all.release(saga("1")) == std::vector{saga("2")});
  CAF_CHECK_EQUAL(all.owing(), 0u);
}

CAF_TEST(claims that are handed over are held and owed and given back by who has them then) {
  claims all;
  CAF_CHECK(granted(take(all, "1", {agent("x"), path("/p")})));
  const auto next = take(all, "2", {agent("x")});
  CAF_REQUIRE(waits(next));
  all.hand_over(saga("1"), saga("3"));
  CAF_CHECK(!all.holds(saga("1")) && all.holds(saga("3")));
  CAF_CHECK_EQUAL(all.in_flight(), 2u);
  CAF_CHECK(all.release(saga("1")).empty());
  CAF_CHECK(all.owe(saga("3")));
  CAF_CHECK(all.owing_sagas() == std::vector{saga("3")});
  CAF_CHECK(all.release(saga("3")) == std::vector{saga("2")});
  CAF_CHECK_EQUAL(all.owing(), 0u);
}

CAF_TEST(those behind a debt that cannot be settled are refused and others go on) {
  claims all;
  CAF_CHECK(granted(take(all, "1", {path("/p")})));
  CAF_CHECK(waits(take(all, "2", {path("/p"), path("/q")})));
  CAF_CHECK(waits(take(all, "3", {path("/q")})));
  CAF_CHECK(waits(take(all, "4", {path("/p"), path("/r")})));
  CAF_CHECK(all.owe(saga("1")));
  std::vector<saga_id> free;
  CAF_CHECK((all.settling_failed(saga("1"), free) == std::vector{saga("2"), saga("4")}));
  CAF_CHECK(free == std::vector{saga("3")});
  CAF_CHECK(all.holds(saga("1")));
  const auto why = claims::refusal_behind(saga("1"), {failure_kind::failed, "disk-full", "the disk is full"});
  CAF_CHECK_EQUAL(exit_code(why.kind), 8);
  CAF_CHECK_EQUAL(why.code, "saga-owed");
}

CAF_TEST(what a start finds is kept out by no bound and refused behind no debt) {
  claims all{{.in_flight = 1, .owing = 1, .keys = 2}};
  CAF_CHECK(granted(take(all, "1", {path("/p")}, claim_conflict::outlast)));
  CAF_CHECK(!all.owe(saga("1")));
  CAF_CHECK_EQUAL(refusal(take(all, "n", {path("/n")})), "8 claims-full");
  CAF_CHECK(waits(take(all, "2", {path("/p"), path("/q"), path("/r")}, claim_conflict::outlast)));
  CAF_CHECK(granted(take(all, "3", {path("/s")}, claim_conflict::outlast)));
  std::vector<saga_id> free;
  CAF_CHECK(all.settling_failed(saga("1"), free).empty());
  CAF_CHECK(free.empty() && !all.holds(saga("2")));
  CAF_CHECK(all.release(saga("1")) == std::vector{saga("2")});
  CAF_CHECK(all.holds(saga("2")));
}

CAF_TEST(random claims never overlap or starve or leak) {
  constexpr std::uint64_t seed = 20261120;
  splitmix chance{seed};
  std::size_t overlaps = 0;
  std::size_t stuck = 0;
  std::size_t takes = 0;
  for (int round = 0; round < 300; ++round) {
    claims all{{.in_flight = 12, .owing = 4}};
    std::map<saga_id, claim_set> asked;
    std::set<saga_id> have;
    const auto overlap = [&](const saga_id& one) {
      for (const auto& other : have)
        for (const auto& key : asked[one])
          overlaps += other != one && std::ranges::count(asked[other], key) ? 1 : 0;
      have.insert(one);
    };
    const auto drop = [&](saga_id one) {
      have.erase(one);
      asked.erase(one);
      for (const auto& next : all.release(one))
        overlap(next);
    };
    for (int step = 0; step < 60; ++step) {
      const auto what = chance.below(10);
      if (what < 6) {
        const auto id = saga(std::to_string(1000 + step));
        claim_set keys;
        for (auto n = 1 + chance.below(3); n > 0; --n)
          keys.push_back(path(std::to_string(chance.below(5)).c_str()));
        const auto outcome =
            all.take(id, agent_id{"a"}, keys, chance.below(4) ? claim_conflict::wait : claim_conflict::refuse);
        ++takes;
        if (!std::holds_alternative<failure>(outcome))
          asked[id] = keys;
        if (granted(outcome))
          overlap(id);
      } else if (!asked.empty()) {
        auto which = asked.begin();
        std::advance(which, static_cast<long>(chance.below(asked.size())));
        const auto id = which->first;
        if (what == 9 && have.contains(id)) {
          (void)all.owe(id);
          std::vector<saga_id> next;
          for (const auto& refused : all.settling_failed(id, next))
            asked.erase(refused);
          for (const auto& one : next)
            overlap(one);
        } else {
          drop(id);
        }
      }
    }
    while (!have.empty())
      drop(*have.begin());
    stuck += asked.size() + all.in_flight() + all.owing();
  }
  std::printf("lane claims_test: %zu takes, seed %llu\n", takes, static_cast<unsigned long long>(seed));
  CAF_CHECK_EQUAL(overlaps, 0u);
  CAF_CHECK_EQUAL(stuck, 0u);
}
