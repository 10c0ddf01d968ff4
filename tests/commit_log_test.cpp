#define CAF_SUITE commit_log_test

#include "muster/store/commit_log.hpp"

#include "tests/support/feed_samples.hpp"

#include "muster/store/splitmix.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>

using namespace muster;
using namespace muster::test;

namespace {

commit make(const char* instance, sequence seq, std::uint64_t at, const char* agent = "a") {
  commit result;
  result.instance = instance_id{instance};
  result.seq = seq;
  result.at = stamp{at};
  result.ops.push_back(place_drop{agent_id{agent}, result.instance});
  return result;
}

std::vector<commit> log_of(commit_filter filter, std::size_t limit, const std::vector<commit>& commits,
                           std::size_t bytes = commit_log::most_bytes) {
  commit_log log(std::move(filter), limit, bytes);
  for (const auto& each : commits)
    log.take(each);
  return std::move(log).newest_first();
}

} // namespace

CAF_TEST(whatever the order the latest are kept and given newest first) {
  splitmix random{7};
  std::size_t wrong = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<commit> commits;
    for (sequence seq = 1; seq <= 30; ++seq)
      for (const char* instance : {"a", "b"})
        commits.push_back(make(instance, seq, random.next() % 20));
    auto expected = commits;
    std::ranges::sort(expected, [](const auto& x, const auto& y) { return order_of(x) > order_of(y); });
    for (std::size_t i = commits.size(); i > 1; --i)
      std::swap(commits[i - 1], commits[random.next() % i]);
    const auto limit = random.next() % 70;
    expected.resize(std::min<std::size_t>(limit, expected.size()));
    wrong += log_of({}, limit, commits) != expected;
  }
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(it holds no more bytes than it may and leaves out the earliest) {
  std::vector<commit> commits;
  for (sequence seq = 1; seq <= 10; ++seq) {
    commits.push_back(make("a", seq, seq));
    commits.back().ops = sample_commit(std::string(seq == 5 ? 100'000 : 1'000, 'x')).ops;
  }
  const auto newest = log_of({}, 100, commits, 50'000);
  CAF_REQUIRE_EQUAL(newest.size(), 5u);
  CAF_CHECK_EQUAL(newest.back().seq, 6u);
  std::ranges::reverse(commits);
  CAF_CHECK(log_of({}, 100, commits, 50'000) == newest);
  CAF_CHECK_EQUAL(log_of({}, 100, {commits[5]}, 1).size(), 1u);
}

CAF_TEST(a filter narrows by agent and instance and version) {
  const std::vector<commit> commits{make("a", 1, 10, "x"), make("a", 2, 5, "y"), make("b", 1, 7, "x"),
                                    make("b", 2, 20, "y")};
  const auto seqs = [&](commit_filter filter) {
    std::string result;
    for (const auto& each : log_of(std::move(filter), 9, commits))
      result += each.instance.text + std::to_string(each.seq) + " ";
    return result;
  };
  CAF_CHECK_EQUAL(seqs({}), "b2 a1 b1 a2 ");
  CAF_CHECK_EQUAL(seqs({agent_id{"x"}, {}, {}}), "a1 b1 ");
  CAF_CHECK_EQUAL(seqs({{}, instance_id{"b"}, {}}), "b2 b1 ");
  // Later in its own feed, though the clock had gone back.
  CAF_CHECK_EQUAL(seqs({{}, {}, order_of(commits[0])}), "b2 a2 ");
  CAF_CHECK_EQUAL(seqs({agent_id{"y"}, instance_id{"b"}, order_of(commits[0])}), "b2 ");
}

CAF_TEST(ops tell which agent they are about) {
  std::size_t about = 0;
  for (const auto& each : every_op(sample_instance(1), sample_instance(2)))
    about += agent_of(each) != nullptr;
  CAF_CHECK_EQUAL(about, 9u);
}
