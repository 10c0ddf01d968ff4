#define CAF_SUITE change_company_test

#include "muster/actors/change_company.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace muster;
using namespace std::chrono_literals;
using wait = change_company::wait;

namespace {

constexpr std::size_t few = 3;

held_file file_of(const std::string& agent, bool seen) {
  held_file result;
  result.agent = agent_id{agent};
  result.path = "/p/" + agent;
  if (seen)
    result.key.emplace();
  return result;
}

/// Of an edit that a sweep has found; without a key, of a file that was written.
index_change edit(const std::string& agent, bool seen = true) {
  fold_commit fold;
  fold.made.ops.emplace_back(agent_put{agent_id{agent}, {}});
  fold.held = file_of(agent, seen);
  return fold;
}

index_change arrival(const std::string& agent) {
  fold_commit fold;
  place_put put;
  put.agent = agent_id{agent};
  fold.made.ops.emplace_back(std::move(put));
  fold.held = file_of(agent, false);
  return fold;
}

index_change held(const std::string& agent) {
  record_held result;
  result.held = file_of(agent, true);
  return result;
}

index_change note(const std::string& agent, bool by_sweep = true) {
  note_observation result;
  result.agent = agent_id{agent};
  if (by_sweep)
    result.at.emplace();
  return result;
}

} // namespace

CAF_TEST(what nobody is said to follow waits for the mail that is there) {
  change_company company(10ms, few);
  CAF_CHECK(company.joined(edit("a", false), 1) == wait::for_mail);
  CAF_CHECK(company.joined(arrival("b"), 2) == wait::as_before);
  company.parted();
  CAF_CHECK(company.joined(note("a", false), 1) == wait::for_mail);
}

CAF_TEST(arrivals wait for each other until there are few) {
  change_company company(10ms, few);
  CAF_CHECK(company.joined(arrival("a"), 1) == wait::for_others);
  CAF_CHECK(company.patience() == 10ms);
  CAF_CHECK(company.joined(arrival("b"), 2) == wait::as_before);
  CAF_CHECK(company.joined(arrival("c"), 3) == wait::for_mail);
}

CAF_TEST(what waits goes with who does not) {
  change_company company(10ms, few);
  CAF_CHECK(company.joined(arrival("a"), 1) == wait::for_others);
  CAF_CHECK(company.joined(edit("b", false), 2) == wait::for_mail);
}

CAF_TEST(edits that a sweep found wait for their notes however many they are) {
  change_company company(10ms, few);
  CAF_CHECK(company.joined(edit("a"), 1) == wait::for_others);
  CAF_CHECK(company.patience() == 10ms);
  for (std::size_t i = 2; i <= 6; ++i)
    CAF_CHECK(company.joined(edit(std::string(i, 'b')), i) == wait::as_before);
  CAF_CHECK(company.joined(held("c"), 7) == wait::as_before);
  CAF_CHECK(company.joined(note("a"), 8) == wait::as_before);
  for (std::size_t i = 2; i <= 6; ++i)
    CAF_CHECK(company.joined(note(std::string(i, 'b')), 7 + i) == wait::as_before);
  CAF_CHECK(company.joined(note("c"), 14) == wait::for_mail);
}

CAF_TEST(notes alone wait as long as the disk took before) {
  change_company company(10ms, few);
  CAF_CHECK(company.joined(note("a"), 1) == wait::for_mail);
  company.parted();
  company.kept(3ms);
  CAF_CHECK(company.joined(note("a"), 1) == wait::for_others);
  CAF_CHECK(company.patience() == 3ms);
  CAF_CHECK(company.joined(note("b"), 2) == wait::as_before);
  company.parted();
  company.kept(1min);
  CAF_CHECK(company.joined(note("c"), 1) == wait::for_others);
  CAF_CHECK(company.patience() == 10ms);
}

CAF_TEST(a note whose edit went before waits for no other) {
  change_company company(10ms, few);
  CAF_CHECK(company.joined(edit("a"), 1) == wait::for_others);
  const auto first = company.group();
  company.parted();
  CAF_CHECK(company.group() != first);
  CAF_CHECK(company.joined(note("a"), 1) == wait::for_mail);
}

CAF_TEST(nothing waits where nothing may) {
  change_company company(0ms, few);
  company.kept(3ms);
  CAF_CHECK(company.joined(edit("a"), 1) == wait::for_mail);
  company.parted();
  CAF_CHECK(company.joined(arrival("a"), 1) == wait::for_mail);
  company.parted();
  CAF_CHECK(company.joined(note("a"), 1) == wait::for_mail);
}
