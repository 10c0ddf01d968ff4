#pragma once

#include "muster/messages/op.hpp"
#include "muster/store/sha256.hpp"
#include "muster/store/winner.hpp"

#include <algorithm>
#include <set>
#include <tuple>

/// What a fold must say, worked out from the words of the design with no
/// regard to cost: every op is compared with every other.
namespace fold_oracle {

using namespace muster;

struct shared_op {
  commit_id id;
  stamp at;
  std::optional<std::string> value;
  bool adopted = false;
  saw_vector saw;
};

struct verdict {
  std::set<commit_id> heads;
  commit_id winner;
  bool contested = false;
  friend bool operator==(const verdict&, const verdict&) = default;
};

/// A field has the agent's id and its name, a rule "" and "source>target".
using key = std::pair<std::string, std::string>;
using verdicts = std::map<key, verdict>;

inline bool says_it_saw(const shared_op& a, const shared_op& b) {
  auto entry = a.saw.find(b.id.instance);
  if (entry == a.saw.end() || (a.id.instance == b.id.instance && b.id.seq >= a.id.seq))
    return false;
  return entry->second >= b.id.seq;
}

inline bool supersedes(const shared_op& a, const shared_op& b) {
  return says_it_saw(a, b) && !says_it_saw(b, a);
}

/// Gives each op what those open ops of its author saw that it saw. `ops` of one
/// author rise; an op is open until a later one of its author has seen it.
inline void close_over_own_feeds(std::vector<shared_op>& ops) {
  for (auto op = ops.begin(); op != ops.end(); ++op)
    for (auto seen = ops.begin(); seen != op; ++seen) {
      const auto is_later_and_saw_it = [&](const shared_op& other) {
        return other.id.instance == op->id.instance && says_it_saw(other, *seen);
      };
      if (seen->id.instance != op->id.instance || !says_it_saw(*op, *seen) ||
          std::any_of(seen, op, is_later_and_saw_it))
        continue;
      for (const auto& [instance, through] : seen->saw)
        if (instance != op->id.instance)
          op->saw[instance] = std::max(op->saw[instance], through);
    }
}

inline auto standing(const shared_op& op, bool is_rule, const key_meaning& meaning) {
  const int restriction = !is_rule ? 0 : !op.value ? 1 : *op.value == "deny" ? 2 : 0;
  return std::tuple(restriction, !op.adopted, op.at, to_hex(sha256::of(meaning.of(op.value))), op.id);
}

inline verdict judge(std::vector<shared_op> ops, bool is_rule, const key_meaning& meaning) {
  close_over_own_feeds(ops);
  const auto greater = [&](const shared_op* a, const shared_op* b) {
    return standing(*a, is_rule, meaning) > standing(*b, is_rule, meaning);
  };
  std::vector<const shared_op*> heads;
  std::vector<const shared_op*> all;
  for (const auto& op : ops) {
    all.push_back(&op);
    if (std::none_of(ops.begin(), ops.end(), [&](const shared_op& other) { return supersedes(other, op); }))
      heads.push_back(&op);
  }
  if (heads.empty())
    heads.push_back(*std::min_element(all.begin(), all.end(), greater));
  verdict result;
  result.winner = (*std::min_element(heads.begin(), heads.end(), greater))->id;
  std::set<std::string> meanings;
  for (const auto* head : heads) {
    result.heads.insert(head->id);
    meanings.insert(meaning.of(head->value));
  }
  result.contested = meanings.size() > 1;
  return result;
}

/// Collects the ops of each shared key; of one commit only the first on a key.
class reader {
public:
  void read(const commit& from) {
    for (const auto& each : from.ops)
      std::visit([&](const auto& op) { enter(from, op); }, each);
  }
  [[nodiscard]] verdicts judge_all(meaning_function meaning) const {
    verdicts result;
    for (const auto& [key, ops] : ops_)
      result[key] = judge(ops, key.first.empty(), key.first.empty() ? key_meaning{} : key_meaning{meaning, key.second});
    return result;
  }

private:
  void enter(const commit& from, const agent_put& op) {
    for (const auto& edit : op.fields)
      add({op.agent.text, edit.field}, from, edit.value, op.adopted, edit.saw);
  }
  void enter(const commit& from, const rule_put& op) {
    add({"", op.source + ">" + op.target}, from, op.action == rule_action::deny ? "deny" : "allow", false, op.saw);
  }
  void enter(const commit& from, const rule_drop& op) {
    add({"", op.source + ">" + op.target}, from, std::nullopt, false, op.saw);
  }
  void enter(const commit& from, const resolve& op) {
    if (!op.saw.contains(op.chosen.instance) || op.saw.at(op.chosen.instance) < op.chosen.seq)
      return;
    if (const auto* field = std::get_if<field_key>(&op.key))
      add({field->agent.text, field->field}, from, op.value, false, op.saw);
    else if (const auto& rule = std::get<rule_key>(op.key); !op.value || *op.value == "allow" || *op.value == "deny")
      add({"", rule.source + ">" + rule.target}, from, op.value, false, op.saw);
  }
  template <class Other>
  void enter(const commit&, const Other&) {}

  void add(const key& at, const commit& from, const std::optional<std::string>& value, bool adopted,
           const saw_vector& saw) {
    const commit_id id{from.instance, from.seq};
    auto& ops = ops_[at];
    if (std::none_of(ops.begin(), ops.end(), [&](const shared_op& op) { return op.id == id; }))
      ops.push_back({id, from.at, value, adopted, saw});
  }

  std::map<key, std::vector<shared_op>> ops_;
};

/// (agent, owner, seq of the put) of each placement that stands.
using live_placements = std::set<std::tuple<std::string, std::string, sequence>>;

inline live_placements find_live(const std::vector<commit>& commits) {
  std::map<std::pair<std::string, std::string>, std::pair<sequence, bool>> latest;
  // Of each author that which it names last of an owner's.
  std::map<std::tuple<std::string, std::string, instance_id>, sequence> named;
  std::set<std::string> retired;
  const auto state = [&](const commit& from, const agent_id& agent, const instance_id& owner, bool put) {
    auto& last = latest[{agent.text, owner.text}];
    if (owner == from.instance && from.seq > last.first)
      last = {from.seq, put};
  };
  for (const auto& from : commits)
    for (const auto& each : from.ops) {
      if (const auto* put = std::get_if<place_put>(&each))
        state(from, put->agent, put->owner, true);
      if (const auto* drop = std::get_if<place_drop>(&each))
        state(from, drop->agent, drop->owner, false);
      if (const auto* drop = std::get_if<agent_drop>(&each))
        for (const auto& [owner, seq] : drop->placements) {
          auto& last = named[{drop->agent.text, owner.text, from.instance}];
          last = std::max(last, seq);
        }
      if (const auto* retire = std::get_if<peer_retire>(&each))
        retired.insert(retire->instance.text);
    }
  live_placements dropped;
  for (const auto& [key, seq] : named)
    dropped.insert({std::get<0>(key), std::get<1>(key), seq});
  live_placements live;
  for (const auto& [key, last] : latest)
    if (last.second && !retired.contains(key.second) && !dropped.contains({key.first, key.second, last.first}))
      live.insert({key.first, key.second, last.first});
  return live;
}

} // namespace fold_oracle
