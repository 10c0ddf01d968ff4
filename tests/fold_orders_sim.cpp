#define CAF_SUITE fold_orders_sim

#include "tests/support/fold_fixture.hpp"
#include "tests/support/fold_oracle.hpp"
#include "tests/support/test_scale.hpp"

#include <caf/test/unit_test.hpp>

#include <array>
#include <cstdio>

using namespace muster;
using fold_fixture::loose_meaning;

namespace {

/// Which of what came before it an op says it saw.
enum class knowledge { nothing, own_feed, everything, alternating };

/// One set of ops, numbered in the order in which they were made.
struct op_set {
  std::size_t count = 0;
  std::array<std::uint8_t, 6> author{};
  std::array<std::uint8_t, 6> key{};
  std::array<std::uint8_t, 6> stamp{};
  knowledge known = knowledge::nothing;
};

using registers = std::array<shared_register, 2>;

/// The content of a register without the order of its lists.
bool same_content(const shared_register& one, const shared_register& other) {
  if (one.heads == other.heads && one.seen == other.seen && one.unusual == other.unusual)
    return true;
  auto a = one;
  auto b = other;
  const auto by_author = [](const auto& x, const auto& y) {
    return std::tie(x.author, x.seq) < std::tie(y.author, y.seq);
  };
  const auto sort = [&](shared_register& of) {
    std::sort(of.heads.begin(), of.heads.end(), by_author);
    std::sort(of.seen.begin(), of.seen.end(), [](const auto& x, const auto& y) { return x.instance < y.instance; });
    if (of.unusual) {
      std::sort(of.unusual->claims.begin(), of.unusual->claims.end(), [](const auto& x, const auto& y) {
        return std::tie(x.author, x.seq, x.instance) < std::tie(y.author, y.seq, y.instance);
      });
      std::sort(of.unusual->open_ops.begin(), of.unusual->open_ops.end(), [](const auto& x, const auto& y) {
        return std::tie(x.instance, x.through) < std::tie(y.instance, y.through);
      });
    }
  };
  sort(a);
  sort(b);
  return a.heads == b.heads && a.seen == b.seen && a.unusual == b.unusual;
}

struct counts {
  std::uint64_t sets = 0;
  std::uint64_t steps = 0;
  std::uint64_t bad = 0;
};

/// Folds one set in all orders that keep each feed's own: for every subset that
/// can be reached, every op that may have come last has to lead to the same
/// content. By induction all orders do.
class all_orders {
public:
  all_orders(const instance_table& instances, const std::array<instance_index, 3>& authors)
      : judge_(judge_field(instances, &loose_meaning, "color")), instances_(instances), authors_(authors) {}

  void run(const op_set& set, counts& sum) {
    build(set);
    ++sum.sets;
    states_[0] = registers{};
    for (unsigned subset = 1; subset < 1u << set.count; ++subset) {
      reached_[subset] = false;
      for (std::size_t last = 0; last < set.count; ++last) {
        const unsigned before = subset & ~(1u << last);
        if (before == subset || !reached_[before] || (needs_[last] & ~before) != 0 || (follows_[last] & before) != 0)
          continue;
        ++sum.steps;
        auto next = states_[before];
        if (apply(next[set.key[last]], heads_[last], saws_[last], judge_))
          ++sum.bad;
        if (!reached_[subset])
          states_[subset] = std::move(next);
        else if (!same_content(next[0], states_[subset][0]) || !same_content(next[1], states_[subset][1]))
          ++sum.bad;
        reached_[subset] = true;
      }
    }
    check_oracle(set, sum);
  }

private:
  void build(const op_set& set) {
    constexpr const char* values[] = {"1", "2", "3", "1", "4", "2"};
    std::array<sequence, 3> seqs{};
    reached_[0] = true;
    for (std::size_t i = 0; i < set.count; ++i) {
      auto& head = heads_[i];
      head = {};
      head.author = authors_[set.author[i]];
      head.seq = ++seqs[set.author[i]];
      head.at = stamp{set.stamp[i]};
      head.value = values[i];
      needs_[i] = follows_[i] = 0;
      std::array<sequence, 3> seen{};
      for (std::size_t j = 0; j < set.count; ++j) {
        if (set.author[j] == set.author[i])
          (j < i ? needs_ : follows_)[i] |= j == i ? 0u : 1u << j;
        if (j < i && set.key[j] == set.key[i] && sees(set, i, j))
          seen[set.author[j]] = heads_[j].seq;
      }
      saws_[i].clear();
      for (std::size_t author = 0; author < 3; ++author)
        if (seen[author] != 0)
          saws_[i].push_back({authors_[author], seen[author]});
    }
  }

  static bool sees(const op_set& set, std::size_t i, std::size_t j) {
    switch (set.known) {
      case knowledge::nothing: return false;
      case knowledge::own_feed: return set.author[i] == set.author[j];
      case knowledge::everything: return true;
      case knowledge::alternating: return i % 2 == 0 || set.author[i] == set.author[j];
    }
    std::abort();
  }

  void check_oracle(const op_set& set, counts& sum) {
    const auto& last = states_[(1u << set.count) - 1];
    for (std::uint8_t key = 0; key < 2; ++key) {
      std::vector<fold_oracle::shared_op> ops;
      for (std::size_t i = 0; i < set.count; ++i)
        if (set.key[i] == key) {
          saw_vector saw;
          for (const auto& entry : saws_[i])
            saw[instances_[entry.instance].id] = entry.through;
          ops.push_back({{instances_[heads_[i].author].id, heads_[i].seq}, heads_[i].at, heads_[i].value, false, saw});
        }
      if (ops.empty())
        continue;
      const auto verdict = fold_oracle::judge(ops, false, judge_.key);
      const auto candidates = candidates_of(last[key], judge_);
      std::set<commit_id> heads;
      for (const auto& each : candidates)
        heads.insert(each.id);
      if (heads != verdict.heads || candidates.front().id != verdict.winner ||
          is_contested(last[key], judge_) != verdict.contested)
        ++sum.bad;
    }
  }

  register_judge judge_;
  const instance_table& instances_;
  std::array<instance_index, 3> authors_;
  std::array<register_head, 6> heads_;
  std::array<std::vector<seen_entry>, 6> saws_;
  std::array<unsigned, 6> needs_{};
  std::array<unsigned, 6> follows_{};
  std::array<registers, 64> states_;
  std::array<bool, 64> reached_{};
};

/// All ways to spread `count` ops over up to three authors, who differ in
/// nothing but their names: the first op is the first author's, and so on.
std::vector<std::array<std::uint8_t, 6>> authorships(std::size_t count) {
  std::vector<std::array<std::uint8_t, 6>> result;
  std::size_t total = 1;
  for (std::size_t i = 0; i < count; ++i)
    total *= 3;
  for (std::size_t code = 0; code < total; ++code) {
    std::array<std::uint8_t, 6> authors{};
    std::uint8_t next = 0;
    bool canonical = true;
    std::size_t rest = code;
    for (std::size_t i = 0; i < count; ++i, rest /= 3) {
      authors[i] = static_cast<std::uint8_t>(rest % 3);
      canonical = canonical && authors[i] <= next;
      next = std::max<std::uint8_t>(next, static_cast<std::uint8_t>(authors[i] + 1));
    }
    if (canonical)
      result.push_back(authors);
  }
  return result;
}

/// Every set of `count` ops on one key or two with three stamps, or every
/// `stride`-th of them from the `first` on.
counts run_all(std::size_t count, std::size_t keys_used, std::uint64_t stride, std::uint64_t first) {
  instance_table instances;
  // Entered in another order than that of their ids.
  const std::array authors{instances.enter(instance_id{"m"}), instances.enter(instance_id{"z"}),
                           instances.enter(instance_id{"c"})};
  all_orders folder{instances, authors};
  counts sum;
  std::uint64_t number = 0;
  op_set set;
  set.count = count;
  std::size_t stamps = 1;
  for (std::size_t i = 0; i < count; ++i)
    stamps *= 3;
  for (const auto& authorship : authorships(count))
    for (std::size_t keys = 0; keys < (keys_used == 1 ? 1 : std::size_t{1} << (count - 1));
         ++keys) // the first op's key is the first key
      for (std::size_t code = 0; code < stamps; ++code)
        for (const auto known :
             {knowledge::nothing, knowledge::own_feed, knowledge::everything, knowledge::alternating}) {
          if (number++ % stride != first)
            continue;
          std::size_t rest = code;
          for (std::size_t i = 0; i < count; ++i, rest /= 3) {
            set.author[i] = authorship[i];
            set.key[i] = i == 0 ? 0 : static_cast<std::uint8_t>((keys >> (i - 1)) & 1);
            set.stamp[i] = static_cast<std::uint8_t>(rest % 3);
          }
          set.known = known;
          folder.run(set, sum);
        }
  return sum;
}

void check_all(std::size_t count, std::size_t keys_used, std::uint64_t stride, std::uint64_t first = 0) {
  const auto sum = run_all(count, keys_used, stride, first);
  std::printf("lane fold_orders_sim: %zu ops, keys %zu, one in %llu of the sets: sets %llu, steps %llu, bad %llu\n",
              count, keys_used, static_cast<unsigned long long>(stride), static_cast<unsigned long long>(sum.sets),
              static_cast<unsigned long long>(sum.steps), static_cast<unsigned long long>(sum.bad));
  CAF_CHECK_EQUAL(sum.bad, 0u);
}

/// All sets where the machine has the time, else as many as an ordinary run.
std::uint64_t stride_for(std::uint64_t ordinary) {
  const auto scale = test_scale(10);
  return scale == 100 ? 1 : ordinary * 10 / scale;
}

} // namespace

CAF_TEST(all orders of all sets of up to four ops on two keys with three stamps end alike) {
  for (const std::size_t count : {1, 2, 3, 4})
    check_all(count, 2, stride_for(1));
}

// In thirds, so that each test ends long before CAF's watchdog barks.
CAF_TEST(all orders of the first third of all sets of five ops on two keys end alike) {
  check_all(5, 2, 3 * stride_for(1), 0);
}

CAF_TEST(all orders of the second third of all sets of five ops on two keys end alike) {
  check_all(5, 2, 3 * stride_for(1), 1);
}

CAF_TEST(all orders of the last third of all sets of five ops on two keys end alike) {
  check_all(5, 2, 3 * stride_for(1), 2);
}

// What two keys add to one is that the seqs of a key have gaps, of which the
// smaller sets have all there are.
CAF_TEST(all orders of the first third of all sets of six ops on one key end alike) {
  check_all(6, 1, 3 * stride_for(1), 0);
}

CAF_TEST(all orders of the second third of all sets of six ops on one key end alike) {
  check_all(6, 1, 3 * stride_for(1), 1);
}

CAF_TEST(all orders of the last third of all sets of six ops on one key end alike) {
  check_all(6, 1, 3 * stride_for(1), 2);
}

CAF_TEST(all orders of one in many sets of six ops on two keys end alike) {
  check_all(6, 2, stride_for(173));
}
