#include "muster/supervisor/claim_desk.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace muster {

namespace {

/// Keys of which it is remembered when they were given back.
constexpr std::size_t remembered_keys = 4096;

} // namespace

void claim_desk::take(const saga_id& saga, const agent_id& agent, const claim_set& keys, claim_conflict when_taken,
                      turn then) {
  const auto outcome = claims_.take(saga, agent, keys, when_taken);
  if (const auto* why = std::get_if<failure>(&outcome))
    return then(*why);
  taken_[saga] = keys;
  if (std::holds_alternative<claims_granted>(outcome))
    return then({});
  waiting_.emplace(saga, std::move(then));
  for (const auto& owing : std::get<claims_waiting>(outcome).settle)
    settle_(owing);
}

void claim_desk::release(const saga_id& saga) {
  const auto taken = taken_.extract(saga);
  if (taken.empty())
    return;
  ++moment_;
  if (given_back_.size() + taken.mapped().size() > remembered_keys) {
    given_back_.clear();
    forgotten_ = moment_;
  }
  for (const auto& key : taken.mapped())
    given_back_[key] = moment_;
  waiting_.erase(saga);
  owing_.erase(saga);
  call(claims_.release(saga));
}

void claim_desk::hand_over(const saga_id& from, const saga_id& to) {
  if (!claims_.holds(from))
    return;
  claims_.hand_over(from, to);
  auto taken = taken_.extract(from);
  taken.key() = to;
  taken_.insert(std::move(taken));
}

void claim_desk::owes(const saga_id& saga, const failure& why) {
  if (!taken_.contains(saga))
    return;
  const auto settled_in_vain = !owing_.insert(saga).second;
  const auto somebody_waits = claims_.owe(saga);
  if (!somebody_waits)
    return;
  if (!settled_in_vain)
    return settle_(saga);
  std::vector<saga_id> granted;
  for (const auto& refused : claims_.settling_failed(saga, granted)) {
    taken_.erase(refused);
    if (auto waiting = waiting_.extract(refused))
      waiting.mapped()(claims::refusal_behind(saga, why));
  }
  call(granted);
}

claim_set claim_desk::owed_with(const std::vector<std::string>& texts) const {
  claim_set result;
  for (const auto& saga : owing_) {
    const auto& keys = taken_.at(saga);
    if (std::ranges::any_of(keys, [&](const claim_key& key) { return std::ranges::count(texts, key.text) > 0; }))
      result.insert(result.end(), keys.begin(), keys.end());
  }
  return result;
}

claim_set claim_desk::wanted_by_others(const saga_id& but, const std::vector<std::string>& texts) const {
  claim_set result;
  for (const auto& [saga, keys] : taken_)
    if (saga != but)
      std::ranges::copy_if(keys, std::back_inserter(result),
                           [&](const claim_key& key) { return std::ranges::count(texts, key.text) > 0; });
  return result;
}

bool claim_desk::given_back_since(std::uint64_t moment, const claim_set& keys) const {
  return moment < forgotten_ || std::ranges::any_of(keys, [&](const claim_key& key) {
           const auto found = given_back_.find(key);
           return found != given_back_.end() && found->second > moment;
         });
}

void claim_desk::call(const std::vector<saga_id>& granted) {
  for (const auto& saga : granted)
    if (auto waiting = waiting_.extract(saga))
      waiting.mapped()({});
}

} // namespace muster
