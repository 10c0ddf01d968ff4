#define CAF_SUITE fold_history_sim

#include "tests/support/fold_history.hpp"

#include "tests/support/test_scale.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <clocale>
#include <cstdio>

using namespace muster;
using namespace fold_history;

namespace {

constexpr std::uint64_t first_seed = 20260101;

/// The shortest beginning of a history that fails.
void print_failure(std::uint64_t seed, manner how) {
  for (std::size_t steps = 1;; ++steps) {
    totals ignored;
    history one{seed, how, steps};
    one.run(ignored);
    if (one.complaint().empty())
      continue;
    std::printf("history with seed %llu fails after %zu steps: %s\n%s\n", static_cast<unsigned long long>(seed), steps,
                one.complaint().c_str(), one.describe().c_str());
    return;
  }
}

/// Runs `count` histories; prints those that fail, the first few in full.
totals run_histories(std::uint64_t from, std::uint64_t count, manner how) {
  totals sum;
  for (std::uint64_t i = from; i < from + count; ++i) {
    history one{first_seed + i, how};
    one.run(sum);
    if (!one.complaint().empty() && ++sum.failed <= 3)
      print_failure(first_seed + i, how);
  }
  return sum;
}

void print(const char* name, const totals& sum) {
  std::printf("lane fold_history_sim: %s, seeds from %llu: histories %llu, commits %llu, folds from nothing %llu, "
              "dumps compared %llu, keys judged by the oracle %llu, conflicts %llu, forks %llu, failed %llu\n",
              name, static_cast<unsigned long long>(first_seed), static_cast<unsigned long long>(sum.histories),
              static_cast<unsigned long long>(sum.commits), static_cast<unsigned long long>(sum.refolds),
              static_cast<unsigned long long>(sum.dumps), static_cast<unsigned long long>(sum.keys),
              static_cast<unsigned long long>(sum.conflicts), static_cast<unsigned long long>(sum.forks),
              static_cast<unsigned long long>(sum.failed));
  const auto n = [](std::uint64_t number) { return static_cast<unsigned long long>(number); };
  std::printf(
      "lane fold_history_sim: %s had 2, 3, 4, 5 instances in %llu, %llu, %llu, %llu histories, distrust in %llu, "
      "a partition in %llu, a clock in 2099 in %llu; retirements %llu, resolutions %llu, losses %llu, commits "
      "repaired %llu, commits repeated %llu\n",
      name, n(sum.instances[2]), n(sum.instances[3]), n(sum.instances[4]), n(sum.instances[5]), n(sum.distrusting),
      n(sum.partitioned), n(sum.in_2099), n(sum.retirements), n(sum.resolutions), n(sum.losses), n(sum.repaired),
      n(sum.repeated));
  std::fflush(stdout);
}

/// All that the histories are there for has come by.
bool has_everything(const totals& sum) {
  return std::all_of(sum.instances.begin() + 2, sum.instances.end(), [](auto count) { return count > 0; }) &&
         std::min({sum.distrusting, sum.partitioned, sum.in_2099, sum.retirements, sum.resolutions, sum.losses,
                   sum.repaired, sum.repeated, sum.forks, sum.conflicts}) > 0;
}

} // namespace

CAF_TEST([SY-01] equal sets of feeds give equal dumps and incremental equals from nothing in lane one) {
  const auto sum = run_histories(0, test_scale(3500), manner::honest);
  print("honest in lane one", sum);
  CAF_CHECK_EQUAL(sum.failed, 0u);
  CAF_CHECK(has_everything(sum));
}

CAF_TEST([SY-01] equal sets of feeds give equal dumps and incremental equals from nothing in lane two) {
  const auto sum = run_histories(3500, test_scale(3500), manner::honest);
  print("honest in lane two", sum);
  CAF_CHECK_EQUAL(sum.failed, 0u);
  CAF_CHECK(has_everything(sum));
}

CAF_TEST([SY-01] equal sets of feeds give equal dumps and incremental equals from nothing in lane three) {
  const auto sum = run_histories(7000, test_scale(3500), manner::honest);
  print("honest in lane three", sum);
  CAF_CHECK_EQUAL(sum.failed, 0u);
  CAF_CHECK(has_everything(sum));
}

CAF_TEST([SY-01] equal sets of feeds give equal dumps and incremental equals from nothing in lane four) {
  const auto sum = run_histories(10500, test_scale(3500), manner::honest);
  print("honest in lane four", sum);
  CAF_CHECK_EQUAL(sum.failed, 0u);
  CAF_CHECK(has_everything(sum));
}

CAF_TEST(equal sets of feeds with false claims of what was seen give equal dumps in lane one) {
  const auto sum = run_histories(0, test_scale(3000), manner::lying);
  print("lying in lane one", sum);
  CAF_CHECK_EQUAL(sum.failed, 0u);
  CAF_CHECK(has_everything(sum));
}

CAF_TEST(equal sets of feeds with false claims of what was seen give equal dumps in lane two) {
  const auto sum = run_histories(3000, test_scale(3000), manner::lying);
  print("lying in lane two", sum);
  CAF_CHECK_EQUAL(sum.failed, 0u);
  CAF_CHECK(has_everything(sum));
}

CAF_TEST(neither the locale nor what else is in memory can reach the result) {
  const std::string old_locale = std::setlocale(LC_ALL, nullptr);
  constexpr const char* locales[] = {"C", "C.UTF-8", "", "tr_TR.UTF-8"};
  std::vector<std::unique_ptr<char[]>> noise;
  std::uint64_t bad = 0;
  const auto count = test_scale(400);
  for (std::uint64_t i = 0; i < count; ++i) {
    totals ignored;
    history one{first_seed + i, manner::honest};
    one.run(ignored);
    noise.push_back(std::make_unique<char[]>(1 + i % 700));
    std::setlocale(LC_ALL, locales[i % std::size(locales)]);
    history again{first_seed + i, manner::honest};
    again.run(ignored);
    std::setlocale(LC_ALL, old_locale.c_str());
    if (one.describe() != again.describe())
      ++bad;
  }
  std::printf("lane fold_history_sim: run twice, histories %llu, different %llu\n",
              static_cast<unsigned long long>(count), static_cast<unsigned long long>(bad));
  CAF_CHECK_EQUAL(bad, 0u);
}
