#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/op.hpp"
#include "muster/store/subject_trie.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace muster {

/// Whether senders that match `source` may reach subjects that match `target`.
struct access_rule {
  std::string source;
  std::string target;
  int priority = 0;
  rule_action action = rule_action::deny;
  friend bool operator==(const access_rule&, const access_rule&) = default;
};

/// May it, and by which rule. Without one nothing was granted, or the question
/// made no sense. The rule is good until rules change.
struct access_verdict {
  bool allowed = false;
  const access_rule* by = nullptr;
};

struct relay_rules_options {
  std::size_t rules = 200'000;
  subject_limits subjects;
  /// Patterns on one side that one subject matches. Beyond that nothing is
  /// allowed: so many rules nobody can have meant.
  std::size_t matching = 64;
};

/// Who may send to whom.
///
/// 1. What no rule allows is not allowed.
/// 2. Of all rules that match both sides the one of the highest priority decides;
///    of equal ones a deny.
/// 3. An answer takes no longer with more rules, only with more patterns that
///    match.
class relay_rules {
public:
  explicit relay_rules(const relay_rules_options& options = {}) : options_(options) {}

  /// Takes the place of a rule with the same sides and priority. Refused
  /// ("subject-invalid"), or busy ("relay-full").
  expected<void> put(const access_rule& rule);
  /// True if it was there.
  bool drop(const std::string& source, const std::string& target, int priority);

  [[nodiscard]] access_verdict verdict(std::string_view from, std::string_view to) const;
  [[nodiscard]] std::size_t size() const noexcept { return rules_.size(); }

private:
  using rule_place = std::tuple<std::string, std::string, int>;
  struct placed_rule {
    access_rule rule;
    std::uint64_t sides = 0; ///< the numbers of its patterns
  };

  [[nodiscard]] static std::uint64_t sides_of(subject_trie::number source, subject_trie::number target) noexcept {
    return std::uint64_t{source} << 32 | target;
  }
  void unlink(const placed_rule& which);

  relay_rules_options options_;
  std::map<rule_place, placed_rule> rules_;
  subject_trie sources_;
  subject_trie targets_;
  /// By the numbers of both sides, the weightiest first.
  boost::unordered_flat_map<std::uint64_t, std::vector<const access_rule*>> by_sides_;
};

/// "Access denied: A -> B", and the rule that says so.
[[nodiscard]] failure access_denied(std::string_view from, std::string_view to, const access_verdict& why);

} // namespace muster
