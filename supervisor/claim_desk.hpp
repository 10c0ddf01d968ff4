#pragma once

#include "muster/supervisor/claims.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

namespace muster {

/// The claims, with what each saga does once it has them.
///
/// A saga that waits behind one that owes something has that one settled first;
/// if that fails it is refused.
class claim_desk {
public:
  /// Has it got its keys? Called once, at once or later.
  using turn = std::function<void(expected<void>)>;
  /// Tries to settle what a saga owes.
  using settler = std::function<void(const saga_id&)>;

  claim_desk(const claims_options& options, settler settle) : claims_(options), settle_(std::move(settle)) {}

  void take(const saga_id& saga, const agent_id& agent, const claim_set& keys, claim_conflict when_taken, turn then);

  /// The saga is over, or gives up waiting: then its turn does not come.
  void release(const saga_id& saga);
  /// Another saga, which claimed nothing, goes on with its claims. Ignored for
  /// one that holds none.
  void hand_over(const saga_id& from, const saga_id& to);
  /// It owes something, or still does after it was settled in vain. Ignored for
  /// a saga that claimed nothing.
  void owes(const saga_id& saga, const failure& why);

  [[nodiscard]] bool holds(const saga_id& saga) const { return claims_.holds(saga); }
  [[nodiscard]] std::size_t owing() const noexcept { return claims_.owing(); }
  [[nodiscard]] std::vector<saga_id> owing_sagas() const { return claims_.owing_sagas(); }

  /// All keys of those that owe something on an agent or path of these.
  [[nodiscard]] claim_set owed_with(const std::vector<std::string>& texts) const;

  /// The keys of these that others have, or wait for.
  [[nodiscard]] claim_set wanted_by_others(const saga_id& but, const std::vector<std::string>& texts) const;

  /// Now, for `given_back_since`.
  [[nodiscard]] std::uint64_t moment() const noexcept { return moment_; }
  /// Whether somebody may have had one of the keys since then, and is done with
  /// it: what was looked at may be other now.
  [[nodiscard]] bool given_back_since(std::uint64_t moment, const claim_set& keys) const;

private:
  void call(const std::vector<saga_id>& granted);

  claims claims_;
  settler settle_;
  std::map<saga_id, turn> waiting_;
  std::map<saga_id, claim_set> taken_;
  std::set<saga_id> owing_;
  std::uint64_t moment_ = 0;
  std::map<claim_key, std::uint64_t> given_back_;
  std::uint64_t forgotten_ = 0; ///< of no key it is known what was before
};

} // namespace muster
