#define CAF_SUITE event_log_test

#include "muster/actors/event_log.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <random>

using namespace muster;

namespace {

lifecycle_event one_of(event_kind what) {
  lifecycle_event result;
  result.what = what;
  return result;
}

event_log filled(std::size_t events, std::size_t bound) {
  event_log result("log", bound);
  for (std::size_t i = 0; i < events; ++i)
    result.add(one_of(event_kind::updated));
  return result;
}

std::vector<std::uint64_t> numbers(const event_log::page& of) {
  std::vector<std::uint64_t> result;
  for (const auto& each : of.events)
    result.push_back(each.number);
  return result;
}

using list = std::vector<std::uint64_t>;

} // namespace

CAF_TEST(an empty log has nothing to read) {
  const event_log log("log", 4);
  CAF_CHECK_EQUAL(log.last(), 1u);
  CAF_CHECK(!log.has_more(1));
  const auto page = log.read(1, 10);
  CAF_CHECK(page.events.empty() && !page.missed && page.next == 1);
}

CAF_TEST(events are numbered one by one and read in order) {
  const auto log = filled(5, 10);
  CAF_CHECK_EQUAL(numbers(log.read(1, 10)), (list{2, 3, 4, 5, 6}));
  CAF_CHECK_EQUAL(numbers(log.read(4, 10)), (list{5, 6}));
  CAF_CHECK(log.read(6, 10).events.empty());
  CAF_CHECK(!log.has_more(6));
}

CAF_TEST(a page ends at its limit and the next goes on there) {
  const auto log = filled(5, 10);
  const auto first = log.read(1, 2);
  CAF_CHECK_EQUAL(numbers(first), (list{2, 3}));
  CAF_CHECK_EQUAL(first.next, 3u);
  CAF_CHECK(log.has_more(first.next));
  CAF_CHECK_EQUAL(numbers(log.read(first.next, 2)), (list{4, 5}));
}

CAF_TEST(what is over the bound is forgotten and told by its numbers) {
  const auto log = filled(9, 4);
  const auto page = log.read(2, 2);
  CAF_CHECK(page.missed == (events_missed{3, 6}));
  CAF_CHECK_EQUAL(numbers(page), (list{7, 8}));
  CAF_CHECK_EQUAL(page.next, 8u);
  CAF_CHECK(!log.read(6, 2).missed);
  CAF_CHECK(log.read(5, 2).missed == (events_missed{6, 6}));
}

CAF_TEST(a break is missed by whoever reads across it and by nobody else) {
  auto log = filled(2, 4);
  log.break_off();
  CAF_CHECK_EQUAL(log.last(), 4u);
  const auto across = log.read(3, 5);
  CAF_CHECK(across.missed == (events_missed{4, 4}));
  CAF_CHECK(across.events.empty());
  CAF_CHECK_EQUAL(across.next, 4u);
  log.add(one_of(event_kind::moved));
  CAF_CHECK_EQUAL(numbers(log.read(4, 5)), (list{5}));
  CAF_CHECK(!log.read(4, 5).missed);
  CAF_CHECK(log.read(1, 5).missed == (events_missed{2, 4}));
}

CAF_TEST(a position of another log or beyond the end has missed what was before this one) {
  const auto log = filled(2, 4);
  CAF_CHECK(log.read(0, 9).missed == (events_missed{1, 1}));
  CAF_CHECK_EQUAL(numbers(log.read(0, 9)), (list{2, 3}));
  CAF_CHECK_EQUAL(log.number_of({"log", 2}), 2u);
  CAF_CHECK_EQUAL(log.number_of({"log", 3}), 3u);
  CAF_CHECK_EQUAL(log.number_of({"log", 4}), 0u);
  CAF_CHECK_EQUAL(log.number_of({"other", 2}), 0u);
}

CAF_TEST(whoever reads on gets every number once or is told that it is lost) {
  std::mt19937_64 chance(20'261'121);
  std::size_t violations = 0;
  std::size_t lost = 0;
  for (int round = 0; round < 300; ++round) {
    event_log log("log", 1 + chance() % 9);
    std::uint64_t at = 1;
    const auto read = [&](std::size_t limit) {
      const auto page = log.read(at, limit);
      auto expected = at + 1;
      if (page.missed) {
        violations += page.missed->first == expected && page.missed->last >= expected ? 0 : 1;
        lost += page.missed->last - page.missed->first + 1;
        expected = page.missed->last + 1;
      }
      for (const auto& each : page.events)
        violations += each.number == expected++ ? 0 : 1;
      violations += page.next + 1 == expected ? 0 : 1;
      at = page.next;
    };
    for (int step = 0; step < 60; ++step)
      switch (chance() % 8) {
        case 0: read(1 + chance() % 5); break;
        case 1: log.break_off(); break;
        default: log.add(one_of(event_kind::updated));
      }
    while (log.has_more(at))
      read(3);
    violations += at == log.last() ? 0 : 1;
  }
  CAF_CHECK_EQUAL(violations, 0u);
  CAF_CHECK(lost > 0);
}
