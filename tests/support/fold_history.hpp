#pragma once

#include "tests/support/fold_fixture.hpp"
#include "tests/support/fold_oracle.hpp"

#include <array>
#include <deque>
#include <memory>

/// Random histories of a few instances, each with its own partial view, and
/// what must hold after every step of them.
namespace fold_history {

using namespace muster;

/// The same numbers on every machine and with every standard library.
class dice {
public:
  explicit dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// 0 to `bound` - 1.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  bool one_in(std::size_t n) { return below(n) == 0; }

private:
  std::uint64_t state_;
};

/// Whether authors tell the truth about what they saw.
enum class manner { honest, lying };

/// What the histories had in them, and how often it was judged.
struct totals {
  std::array<std::uint64_t, 6> instances{}; ///< histories by the number of theirs
  std::uint64_t distrusting = 0;            ///< histories in which somebody does not take a feed
  std::uint64_t partitioned = 0;            ///< histories that begin in two halves
  std::uint64_t in_2099 = 0;                ///< histories with a clock there
  std::uint64_t retirements = 0;
  std::uint64_t resolutions = 0;
  std::uint64_t losses = 0;   ///< an instance lost the end of a feed that it held
  std::uint64_t repaired = 0; ///< commits that came again after that
  std::uint64_t repeated = 0; ///< commits that came a second time
  std::uint64_t histories = 0;
  std::uint64_t commits = 0;
  std::uint64_t refolds = 0;
  std::uint64_t dumps = 0;
  std::uint64_t keys = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t forks = 0;
  std::uint64_t failed = 0;
};

/// One of the instances: its feed, and its fold of what it has received.
struct actor {
  instance_id id;
  std::vector<commit> feed;
  std::vector<commit> other_feed; ///< what a forking instance shows to some
  std::vector<bool> trusts;       ///< by number of the instance
  bool is_shown_other = false;    ///< which branch of the fork it is given
  std::uint64_t clock = 0;
  std::map<instance_id, sequence> lost; ///< up to where it had a feed before it lost the end
  std::unique_ptr<fold_fixture::folded> view = std::make_unique<fold_fixture::folded>();
  std::vector<commit> received;                             ///< all that `view` has folded, in that order
  std::map<fold_oracle::key, std::vector<saw_vector>> past; ///< older states of the keys it wrote
};

class history {
public:
  /// Ends after `most_steps`, so that the shortest one that fails can be found.
  history(std::uint64_t seed, manner how, std::size_t most_steps = ~std::size_t{0});
  void run(totals& sum);
  /// What does not hold; empty if all does.
  [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }
  /// The commits in the order in which they were made, and the last views.
  [[nodiscard]] std::string describe() const;

private:
  void step();
  void write(actor& who);
  op random_op(actor& who);
  op random_put(actor& who, bool adopted);
  op random_resolve(actor& who);
  op random_rule(actor& who);
  op random_drop(actor& who);
  saw_vector random_saw(actor& who, const fold_oracle::key& key, const shared_register* content);
  void receive(actor& to, std::size_t from, std::size_t how_many);
  /// The end of a feed that it has received is damaged; the rest is folded anew.
  void lose(actor& who, std::size_t from);
  [[nodiscard]] bool are_apart(const actor& one, std::size_t other) const;
  void count_ingredients();
  void receive_all();
  [[nodiscard]] const commit& shown(const actor& to, std::size_t from, sequence seq) const;

  void check(actor& who, const fold_limits& limits);
  void check_oracle(const fold_fixture::folded& view, const std::vector<commit>& commits);
  void check_agreement();
  /// In a random order that keeps each feed's own.
  [[nodiscard]] std::vector<commit> shuffled(const std::vector<commit>& commits);
  void complain(const std::string& what);

  dice dice_;
  manner how_;
  std::size_t most_steps_;
  std::deque<actor> actors_;
  std::optional<std::size_t> forker_;
  sequence fork_at_ = 0;
  std::size_t steps_apart_ = 0; ///< for so many nothing passes between two halves
  std::vector<commit> made_;
  std::string complaint_;
  totals* sum_ = nullptr;
};

/// What a fold says of its shared keys, as the oracle says it.
[[nodiscard]] fold_oracle::verdicts verdicts_of(const fold_memory& memory, meaning_function meaning);
[[nodiscard]] fold_oracle::live_placements live_placements_of(const fold_memory& memory);

} // namespace fold_history
