#define CAF_SUITE fold_memory_test

#include "muster/store/fold_memory.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>

using namespace muster;

namespace {

void enter(fold_memory& into, const std::string& id) {
  CAF_REQUIRE(into.agent(agent_id{id}, {}));
}

std::vector<std::string> ids_of(const fold_memory& memory) {
  std::vector<std::string> result;
  for (const auto& [id, record] : memory.agents())
    result.push_back(id->text);
  return result;
}

/// The ids as they come out when they went in from front to back and the other
/// way round; they are to be given sorted.
void check_order(const std::vector<std::string>& sorted) {
  fold_memory forth;
  fold_memory back;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    enter(forth, sorted[i]);
    enter(back, sorted[sorted.size() - 1 - i]);
  }
  CAF_CHECK_EQUAL(ids_of(forth), sorted);
  CAF_CHECK_EQUAL(ids_of(back), sorted);
}

} // namespace

CAF_TEST(agents are in the order of the bytes of their ids) {
  using namespace std::string_literals;
  check_order({});
  check_order({"one"});
  check_order({"01ARZ3NDEKTSV4RRFFQ6000001", "01ARZ3NDEKTSV4RRFFQ6000002", "01ARZ3NDEKTSV4RRFFQ6100000"});
  // One that begins another, ends where they part, and differs late or by a NUL.
  check_order({"a", "a\0"s, "a\0\0"s, "aa", "aaaaaaaa", "aaaaaaaaa", "aaaaaaaaab", "aaaaaaaab", "b"});
  check_order({"same", "same early \x01 late", "same early \x02 a", "same early \x02 b", "same\x7f", "same\x80",
               "same\xc3\xa9", "same\xff"});
}

CAF_TEST(agents whose hashes are alike are told apart) {
  // So many that some share the 32 bits of a slot.
  constexpr std::size_t count = 300'000;
  fold_memory memory;
  for (std::size_t i = 0; i < count; ++i)
    (*memory.agent(agent_id{std::to_string(i)}, {}))->place(instance_index{}).seq = i;
  CAF_CHECK_EQUAL(memory.agents().size(), count);
  std::size_t right = 0;
  for (std::size_t i = 0; i < count; ++i)
    if (const auto* found = memory.find_agent(agent_id{std::to_string(i)}))
      right += found->placements.size() == 1 && found->placements[0].seq == i ? 1 : 0;
  CAF_CHECK_EQUAL(right, count);
  CAF_CHECK(memory.find_agent(agent_id{"nobody"}) == nullptr);
}

CAF_TEST(an agent has each field once and by name however many there are) {
  agent_record record;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < 40; ++i) {
    names.push_back("field " + std::to_string(i * 7 % 40 + 10));
    CAF_CHECK(record.find_field(names.back()) == nullptr);
    record.field(names.back()).seen.push_back({instance_index{}, i + 1});
    for (std::size_t known = 0; known < names.size(); ++known) {
      CAF_REQUIRE(record.find_field(names[known]) == &record.field(names[known]));
      CAF_REQUIRE_EQUAL(record.find_field(names[known])->seen[0].through, known + 1);
    }
  }
  CAF_CHECK_EQUAL(record.fields.size(), names.size());
  CAF_CHECK(std::ranges::is_sorted(record.fields, {}, &agent_record::named_register::name));
}
