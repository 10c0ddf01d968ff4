#pragma once

#include "muster/messages/op.hpp"
#include "muster/store/boxed.hpp"
#include "muster/store/instance_table.hpp"
#include "muster/store/winner.hpp"

#include <boost/container/small_vector.hpp>

#include <span>
#include <vector>

namespace muster {

/// How an op came about.
enum class head_origin : std::uint8_t { put, adopted, resolved };

/// An op on a shared key that no other op supersedes.
struct register_head {
  instance_index author{};
  head_origin origin = head_origin::put;
  sequence seq = 0;
  stamp at;
  std::optional<std::string> value; ///< nothing: removed
  std::string by;                   ///< of a resolution: "human" or "auto:<policy>"
  friend bool operator==(const register_head&, const register_head&) = default;
};

/// One entry of a `saw` or of a state vector.
struct seen_entry {
  instance_index instance{};
  sequence through = 0;
  friend bool operator==(const seen_entry&, const seen_entry&) = default;
};

/// Says that the op (author, seq) saw the ops of `instance`, who is another,
/// up to `through`; some of them may still be to come.
struct open_claim {
  instance_index author{};
  sequence seq = 0;
  instance_index instance{};
  sequence through = 0;
  friend bool operator==(const open_claim&, const open_claim&) = default;
};

/// How many ops one author may have on a key that none of its own later ones
/// has seen.
inline constexpr std::size_t max_open_ops = 64;

/// How many claims about others the open ops of one author may make on a key.
inline constexpr std::size_t max_open_claims = 1024;

/// What is kept of the ops on one shared key. The same set of ops leaves the
/// same heads in whatever order they came, as long as those of one feed came
/// in the order of the feed.
///
/// R1  An op is a head unless an op that it did not see saw it. (An author
///     sees nothing of its own feed from its own op on, whatever it says; of
///     two ops that both say they saw the other, neither supersedes.)
/// R2  Where R1 leaves none, which takes a ring of false claims, the greatest
///     of all ops is the value: there is always one.
/// R3  `seen` has, for each author, the highest seq of this key that is folded;
///     it is what an edit made now has to give as its `saw`.
/// R4  `unusual` is there only while an open op has seen ops of others, while an
///     op that is superseded outranks all heads, or while an author has several
///     open ops. (An op is open while no later one of its author has seen it.)
/// R5  Of one author at most `max_open_ops` ops are open; further ones are
///     refused. So the heads are bounded.
/// R6  Whoever saw an open op of its own has seen what that one saw. So what
///     open ops claim is all that counts, and it is a function of each author's
///     own feed alone.
/// R7  The open ops of one author make at most `max_open_claims` claims about
///     others; an op beyond is refused. So what an op costs is bounded.
struct shared_register {
  boost::container::small_vector<register_head, 1> heads; ///< in no meaningful order
  boost::container::small_vector<seen_entry, 1> seen;     ///< in no meaningful order

  struct rarities {
    std::vector<open_claim> claims;     ///< of the open ops, those of one beside each other
    std::optional<register_head> spare; ///< the greatest of the superseded
    /// Rising for each author: its ops that none of its own has seen, of authors
    /// that have several. Of any other author that is its latest.
    std::vector<seen_entry> open_ops;
    friend bool operator==(const rarities&, const rarities&) = default;
  };
  boxed<rarities> unusual;

  [[nodiscard]] bool empty() const noexcept { return seen.empty(); }
};

/// How much a rule's value forbids: deny 2, none 1, allow 0.
[[nodiscard]] std::uint8_t restriction_of(const std::optional<std::string>& rule_value) noexcept;

/// What it takes to tell which of two heads wins.
struct register_judge {
  const instance_table& instances;
  key_meaning key;
  bool is_rule = false; ///< of concurrent actions the most restrictive wins
  [[nodiscard]] contender enter(const register_head& head) const;
  /// Whether `a` wins over `b`.
  [[nodiscard]] bool outranks(const register_head& a, const register_head& b) const;
};

[[nodiscard]] register_judge judge_field(const instance_table& instances, meaning_function meaning,
                                         std::string_view field) noexcept;
[[nodiscard]] register_judge judge_rule(const instance_table& instances) noexcept;

/// Takes one op in, or says why not, which changes nothing: `repeated_key` if
/// one of its author at its seq or beyond is there already, or
/// `too_many_open` (R5, R7).
[[nodiscard]] std::optional<refusal_reason> apply(shared_register& to, register_head op,
                                                  std::span<const seen_entry> saw, const register_judge& judge);

/// The highest seq of this key by `author` that is folded; 0 if there is none.
[[nodiscard]] sequence seen_of(const shared_register& of, instance_index author) noexcept;

/// The `saw` of an op made now by somebody who has folded all that is here.
[[nodiscard]] saw_vector saw_now(const shared_register& of, const instance_table& instances);

/// All heads (of R2, the one), the winner first, the others by falling rank.
/// Pointers into the register. Empty only for a register without ops.
[[nodiscard]] std::vector<const register_head*> ranked_heads(const shared_register& of, const register_judge& judge);

/// The winner; null only for a register without ops.
[[nodiscard]] const register_head* winner_of(const shared_register& of, const register_judge& judge);

/// Whether the heads do not all mean the same.
[[nodiscard]] bool is_contested(const shared_register& of, const register_judge& judge);

} // namespace muster
