#define CAF_SUITE winner_test

#include "muster/store/winner.hpp"

#include "tests/support/fold_fixture.hpp"
#include "tests/support/fold_history.hpp"

#include "muster/store/sha256.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>

using namespace muster;

namespace {

using text = std::optional<std::string>;

const text low{"\"a\""};
const text high{"\"b\""};
const key_meaning field{&fold_fixture::loose_meaning, "color"};

/// Of one field, all there is to tell contenders apart, in few values each.
std::vector<contender> all_kinds(const std::vector<text>& values) {
  std::vector<contender> result;
  for (const std::uint8_t restriction : {0, 1, 2})
    for (const bool adopted : {false, true})
      for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}})
        for (const auto& value : values)
          for (const char* instance : {"a", "b"})
            for (const sequence seq : {1, 2})
              result.push_back({restriction, adopted, stamp{at}, &value, instance, seq});
  return result;
}

bool same_commit(const contender& a, const contender& b) {
  return a.restriction == b.restriction && a.adopted == b.adopted && a.at == b.at && a.value == b.value &&
         a.instance == b.instance && a.seq == b.seq;
}

/// The text of what they would show if they won.
std::string shown(const contender& c) {
  return std::to_string(c.restriction) + (c.adopted ? "a" : "-") + std::to_string(c.at.value) + field.of(*c.value);
}

} // namespace

CAF_TEST([LW-01] the older loses and the newer wins and on an exact tie the lower hash loses) {
  // The premise: which of the two has the higher hash.
  CAF_REQUIRE(sha256::of(field.of(high)) > sha256::of(field.of(low)));
  const contender old_high{.at = stamp{1}, .value = &high, .instance = "b", .seq = 1};
  const contender new_low{.at = stamp{2}, .value = &low, .instance = "a", .seq = 1};
  CAF_CHECK(compare_contenders(old_high, new_low, field) < 0);
  CAF_CHECK(compare_contenders(new_low, old_high, field) > 0);
  const contender tie{.at = stamp{1}, .value = &low, .instance = "z", .seq = 9};
  CAF_CHECK(compare_contenders(tie, old_high, field) < 0);
}

CAF_TEST([LW-03] the later stamp wins whatever the hash and a tie goes to the higher hash) {
  struct row {
    std::uint64_t at_a;
    const text* a;
    std::uint64_t at_b;
    const text* b;
    int winner;
  };
  const row table[] = {{2, &low, 1, &high, 1},
                       {1, &low, 2, &high, -1},
                       {2, &high, 1, &low, 1},
                       {1, &high, 2, &low, -1},
                       {1, &high, 1, &low, 1},
                       {1, &low, 1, &high, -1},
                       // The counter tells apart what the same millisecond holds.
                       {(7u << 16) | 1, &low, 7u << 16, &high, 1}};
  for (const auto& each : table) {
    const contender a{.at = stamp{each.at_a}, .value = each.a, .instance = "a", .seq = 1};
    const contender b{.at = stamp{each.at_b}, .value = each.b, .instance = "b", .seq = 1};
    CAF_CHECK((compare_contenders(a, b, field) > 0) == (each.winner > 0));
  }
}

CAF_TEST(adopted content loses to any that is not whatever its stamp) {
  const contender adopted{.adopted = true, .at = stamp{~std::uint64_t{0}}, .value = &high, .instance = "a", .seq = 1};
  const contender living{.at = stamp{0}, .value = &low, .instance = "b", .seq = 1};
  CAF_CHECK(compare_contenders(adopted, living, field) < 0);
}

CAF_TEST(the hash is of the meaning and not of the bytes) {
  const text shouted{"\"B\""};
  const contender a{.at = stamp{1}, .value = &high, .instance = "a", .seq = 5};
  const contender b{.at = stamp{1}, .value = &shouted, .instance = "b", .seq = 1};
  const contender other{.at = stamp{1}, .value = &low, .instance = "c", .seq = 1};
  // Equal in meaning, so the identity decides, which nobody can see.
  CAF_CHECK(compare_contenders(a, b, field) < 0);
  // And both stand alike to a third.
  CAF_CHECK((compare_contenders(a, other, field) > 0) == (compare_contenders(b, other, field) > 0));
}

CAF_TEST([LW-05] of two different heads exactly one wins whichever is asked first) {
  const std::vector<text> values{std::nullopt, text{"\"a\""}, text{"\"A\""}, text{"\"b\""}, text{"\"default\""}};
  const auto all = all_kinds(values);
  std::uint64_t pairs = 0;
  std::uint64_t bad = 0;
  for (const auto& a : all)
    for (const auto& b : all) {
      ++pairs;
      const auto ab = compare_contenders(a, b, field);
      const auto ba = compare_contenders(b, a, field);
      const bool antisymmetric = (ab > 0) == (ba < 0) && (ab < 0) == (ba > 0);
      const bool total = same_commit(a, b) ? ab == 0 : a.value == b.value || ab != 0 || shown(a) == shown(b);
      if (!antisymmetric || !total)
        ++bad;
    }
  std::printf("lane winner_test: pairs %llu, bad %llu\n", static_cast<unsigned long long>(pairs),
              static_cast<unsigned long long>(bad));
  CAF_CHECK_EQUAL(bad, 0u);
}

CAF_TEST(the winner is transitive over generated triples) {
  constexpr std::uint64_t seed = 4711;
  const std::vector<text> values{std::nullopt, text{"\"a\""}, text{"\"A\""}, text{"\"b\""}, text{"\"default\""}};
  const auto all = all_kinds(values);
  fold_history::dice dice{seed};
  std::uint64_t bad = 0;
  constexpr std::uint64_t rounds = 100000;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    const auto& a = all[dice.below(all.size())];
    const auto& b = all[dice.below(all.size())];
    const auto& c = all[dice.below(all.size())];
    if (compare_contenders(a, b, field) > 0 && compare_contenders(b, c, field) > 0 &&
        compare_contenders(a, c, field) <= 0)
      ++bad;
  }
  std::printf("lane winner_test: triples %llu, seed %llu, bad %llu\n", static_cast<unsigned long long>(rounds),
              static_cast<unsigned long long>(seed), static_cast<unsigned long long>(bad));
  CAF_CHECK_EQUAL(bad, 0u);
}

CAF_TEST(the identity of a commit never decides between values that mean different things) {
  const std::vector<text> values{std::nullopt, text{"\"a\""}, text{"\"A\""}, text{"\"b\""}, text{"\"default\""}};
  std::uint64_t bad = 0;
  for (const auto& value_a : values)
    for (const auto& value_b : values) {
      if (field.of(value_a) == field.of(value_b))
        continue;
      const contender first{.at = stamp{1}, .value = &value_a, .instance = "a", .seq = 1};
      const contender second{.at = stamp{1}, .value = &value_b, .instance = "b", .seq = 2};
      const contender first_swapped{.at = stamp{1}, .value = &value_a, .instance = "b", .seq = 2};
      const contender second_swapped{.at = stamp{1}, .value = &value_b, .instance = "a", .seq = 1};
      if (compare_contenders(first, second, field) != compare_contenders(first_swapped, second_swapped, field))
        ++bad;
    }
  CAF_CHECK_EQUAL(bad, 0u);
}
