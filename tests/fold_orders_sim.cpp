#define CAF_SUITE fold_orders_sim

#include "tests/support/fold_fixture.hpp"
#include "tests/support/fold_oracle.hpp"
#include "tests/support/test_scale.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <span>
#include <vector>

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

/// What a set of ops is to a register.
class folded_set {
public:
  folded_set(const instance_table& instances, const std::array<instance_index, 3>& authors)
      : judge_(judge_field(instances, &loose_meaning, "color")), instances_(instances), authors_(authors) {}

  void enter(const op_set& set) {
    constexpr const char* values[] = {"1", "2", "3", "1", "4", "2"};
    std::array<sequence, 3> seqs{};
    for (std::size_t i = 0; i < set.count; ++i) {
      auto& head = heads_[i];
      head.author = authors_[set.author[i]];
      head.seq = ++seqs[set.author[i]];
      head.at = stamp{set.stamp[i]};
      head.value = values[i];
      std::array<sequence, 3> seen{};
      for (std::size_t j = 0; j < i; ++j)
        if (set.key[j] == set.key[i] && sees(set, i, j))
          seen[set.author[j]] = heads_[j].seq;
      saws_[i].clear();
      for (std::size_t author = 0; author < 3; ++author)
        if (seen[author] != 0)
          saws_[i].push_back({authors_[author], seen[author]});
    }
  }

  /// Folds op `i`; false if that is refused.
  [[nodiscard]] bool fold_into(shared_register& to, std::size_t i) const {
    return !apply(to, heads_[i], saws_[i], judge_);
  }

  /// Whether a register of these ops is what the definition says.
  [[nodiscard]] bool is_true(const shared_register& result, std::span<const std::size_t> members) const {
    std::vector<fold_oracle::shared_op> ops;
    for (const auto i : members) {
      saw_vector saw;
      for (const auto& entry : saws_[i])
        saw[instances_[entry.instance].id] = entry.through;
      ops.push_back({{instances_[heads_[i].author].id, heads_[i].seq}, heads_[i].at, heads_[i].value, false, saw});
    }
    const auto verdict = fold_oracle::judge(ops, false, judge_.key);
    const auto candidates = candidates_of(result, judge_);
    std::set<commit_id> heads;
    for (const auto& each : candidates)
      heads.insert(each.id);
    return heads == verdict.heads && candidates.front().id == verdict.winner &&
           is_contested(result, judge_) == verdict.contested;
  }

private:
  static bool sees(const op_set& set, std::size_t i, std::size_t j) {
    switch (set.known) {
      case knowledge::nothing: return false;
      case knowledge::own_feed: return set.author[i] == set.author[j];
      case knowledge::everything: return true;
      case knowledge::alternating: return i % 2 == 0 || set.author[i] == set.author[j];
    }
    std::abort();
  }

  register_judge judge_;
  const instance_table& instances_;
  std::array<instance_index, 3> authors_;
  std::array<register_head, 6> heads_;
  std::array<std::vector<seen_entry>, 6> saws_;
};

/// Folds the ops on the first key of a set in all orders that keep each feed's
/// own: for every subset that can be reached, every op that may have come last
/// has to lead to the same content. If all orders of each smaller subset end
/// alike, all orders of this one that end with the same op do, and so all of
/// them: by induction all orders of the set do, at 2^n folds instead of n!.
class all_orders {
public:
  void run(const op_set& set, const folded_set& ops, counts& sum) {
    ++sum.sets;
    gather(set);
    for (unsigned subset = 1; subset < 1u << members_.size(); ++subset) {
      reached_[subset] = false;
      for (std::size_t last = 0; last < members_.size(); ++last) {
        const unsigned before = subset & ~(1u << last);
        if (before == subset || !reached_[before] || (needs_[last] & ~before) != 0 || (follows_[last] & before) != 0)
          continue;
        ++sum.steps;
        auto next = states_[before];
        sum.bad += !ops.fold_into(next, members_[last]);
        if (!reached_[subset])
          states_[subset] = std::move(next);
        else
          sum.bad += !same_content(next, states_[subset]);
        reached_[subset] = true;
      }
    }
    sum.bad += !ops.is_true(result(), members_);
  }

  [[nodiscard]] const shared_register& result() const { return states_[(1u << members_.size()) - 1]; }

private:
  void gather(const op_set& set) {
    members_.clear();
    for (std::size_t i = 0; i < set.count; ++i)
      if (set.key[i] == 0)
        members_.push_back(i);
    for (std::size_t a = 0; a < members_.size(); ++a) {
      needs_[a] = follows_[a] = 0;
      for (std::size_t b = 0; b < members_.size(); ++b)
        if (a != b && set.author[members_[a]] == set.author[members_[b]])
          (b < a ? needs_ : follows_)[a] |= 1u << b;
    }
    states_[0] = {};
    reached_[0] = true;
  }

  std::vector<std::size_t> members_;
  std::array<unsigned, 6> needs_{};   ///< of each member: those of its feed before it
  std::array<unsigned, 6> follows_{}; ///< and after it
  std::array<shared_register, 64> states_;
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

/// Goes through every set of `count` ops on two keys with three stamps of three
/// authors, or every `stride`-th of them from the `first` on.
///
/// `per_key`: an op on one key neither reads nor changes the register of another,
/// so what the second key's ops do to the first key is to take seqs of their
/// feeds, and each key can be looked at by itself. Their stamps do not matter then
/// and stay 0; as every op may be on either key, each key of each set comes by.
template <class Visit>
void for_each_set(std::size_t count, bool per_key, std::uint64_t stride, std::uint64_t first, Visit visit) {
  std::uint64_t number = 0;
  op_set set;
  set.count = count;
  const auto stamp = [&](auto& self, std::size_t i) -> void {
    if (i == count) {
      for (const auto known :
           {knowledge::nothing, knowledge::own_feed, knowledge::everything, knowledge::alternating}) {
        set.known = known;
        if (number++ % stride == first)
          visit(set);
      }
      return;
    }
    for (std::uint8_t value = 0; value < (per_key && set.key[i] == 1 ? 1 : 3); ++value) {
      set.stamp[i] = value;
      self(self, i + 1);
    }
  };
  for (const auto& authorship : authorships(count))
    for (unsigned second = 0; second < (1u << count) - 1; ++second) { // at least one op is on the first key
      set.author = authorship;
      for (std::size_t i = 0; i < count; ++i)
        set.key[i] = second >> i & 1;
      stamp(stamp, 0);
    }
}

struct fixture {
  instance_table instances;
  // Entered in another order than that of their ids.
  std::array<instance_index, 3> authors{instances.enter(instance_id{"m"}), instances.enter(instance_id{"z"}),
                                        instances.enter(instance_id{"c"})};
  folded_set ops{instances, authors};
  all_orders orders;

  void check_all(std::size_t count, std::uint64_t stride, std::uint64_t first = 0) {
    counts sum;
    for_each_set(count, true, stride, first, [&](const op_set& set) {
      ops.enter(set);
      orders.run(set, ops, sum);
    });
    std::printf("lane fold_orders_sim: %zu ops, one in %llu of the keys of all sets: keys %llu, steps %llu, bad %llu\n",
                count, static_cast<unsigned long long>(stride), static_cast<unsigned long long>(sum.sets),
                static_cast<unsigned long long>(sum.steps), static_cast<unsigned long long>(sum.bad));
    CAF_CHECK_EQUAL(sum.bad, 0u);
  }
};

/// Whether each op comes after those of its feed before it.
bool keeps_feeds(const op_set& set, const std::vector<std::size_t>& order) {
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (order[j] > order[i] && set.author[order[j]] == set.author[order[i]])
        return false;
  return true;
}

/// All sets where the machine has the time, else as many as an ordinary run.
std::uint64_t stride_for(std::uint64_t ordinary) {
  const auto scale = test_scale(10);
  return scale == 100 ? 1 : ordinary * 10 / scale;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(fold_orders_tests, fixture)

CAF_TEST(all orders of all sets of up to five ops on two keys with three stamps end alike) {
  for (const std::size_t count : {1, 2, 3, 4, 5})
    check_all(count, stride_for(1));
}

// In parts, so that each test ends long before CAF's watchdog barks.
CAF_TEST(all orders of the first third of all sets of six ops on two keys end alike) {
  check_all(6, 3 * stride_for(1), 0);
}

CAF_TEST(all orders of the second third of all sets of six ops on two keys end alike) {
  check_all(6, 3 * stride_for(1), 1);
}

CAF_TEST(all orders of the last third of all sets of six ops on two keys end alike) {
  check_all(6, 3 * stride_for(1), 2);
}

// By itself, without the induction and without taking the keys apart.
CAF_TEST(a sample of six ops on two keys folded from nothing in each of their orders ends alike) {
  counts sum;
  for_each_set(6, false, stride_for(40'009), 0, [&](const op_set& set) {
    ++sum.sets;
    ops.enter(set);
    std::vector<std::size_t> order{0, 1, 2, 3, 4, 5};
    std::optional<std::array<shared_register, 2>> expected;
    do {
      if (!keeps_feeds(set, order))
        continue;
      std::array<shared_register, 2> registers;
      for (const auto i : order)
        sum.bad += !ops.fold_into(registers[set.key[i]], i);
      sum.steps += order.size();
      if (!expected)
        expected = registers;
      sum.bad += !same_content(registers[0], (*expected)[0]) || !same_content(registers[1], (*expected)[1]);
    } while (std::ranges::next_permutation(order).found);
    counts same;
    orders.run(set, ops, same);
    sum.bad += same.bad + !same_content(orders.result(), (*expected)[0]);
  });
  std::printf("lane fold_orders_sim: orders one by one: sets %llu, steps %llu, bad %llu\n",
              static_cast<unsigned long long>(sum.sets), static_cast<unsigned long long>(sum.steps),
              static_cast<unsigned long long>(sum.bad));
  CAF_CHECK_EQUAL(sum.bad, 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
