#include "muster/store/fold.hpp"

#include <algorithm>

namespace muster {

/// Folds the ops of one commit, one after the other.
class op_folder {
public:
  op_folder(fold& owner, const commit& in, instance_index author, fold_changes* changes)
      : fold_(owner), state_(owner.state_), commit_(in), author_(author), changes_(changes) {}

  expected<void> run() {
    for (position_ = 0; position_ < commit_.ops.size(); ++position_)
      if (auto done = std::visit(*this, commit_.ops[position_]); !done)
        return done;
    return {};
  }

  expected<void> operator()(const agent_put& op) {
    fold_.fields_.clear();
    for (const auto& edit : op.fields)
      fold_.fields_.push_back(edit.field);
    auto agent = state_.agent(op.agent, {.fields = fold_.fields_});
    if (!agent)
      return agent.error();
    // Few get more than two further ones, and growing would leave holes of what was outgrown.
    if ((*agent)->fields.empty())
      (*agent)->fields.reserve(op.fields.size() + 2);
    for (const auto& edit : op.fields)
      put(**agent, op.agent, edit.field, head(edit.value, op.adopted ? head_origin::adopted : head_origin::put),
          edit.saw);
    return {};
  }

  expected<void> operator()(const agent_drop& op) {
    auto agent = state_.agent(op.agent, {.placements = true});
    if (!agent)
      return agent.error();
    if (!has_room_for(op, **agent))
      return refuse(refusal_reason::too_many_open);
    for (const auto& [owner, seq] : op.placements) {
      if (seq == 0) // names none
        continue;
      auto& place = (*agent)->place(state_.instances().enter(owner));
      const auto known = std::ranges::find(place.dropped, author_, &named_drop::author);
      if (known == place.dropped.end())
        place.dropped.push_back({author_, seq});
      else if (known->seq < seq)
        known->seq = seq;
      else
        continue;
      if (changes_ != nullptr)
        changes_->placements.push_back({op.agent, owner});
    }
    return {};
  }

  expected<void> operator()(const place_put& op) {
    return place(op.agent, op.owner, placement{op.path, op.scan_root, op.namespace_name, op.admitted});
  }
  expected<void> operator()(const place_drop& op) { return place(op.agent, op.owner, std::nullopt); }

  expected<void> operator()(const rule_put& op) {
    return rule({op.source, op.target}, head(op.action == rule_action::allow ? "allow" : "deny", head_origin::put),
                op.saw);
  }
  expected<void> operator()(const rule_drop& op) {
    return rule({op.source, op.target}, head(std::nullopt, head_origin::put), op.saw);
  }

  expected<void> operator()(const deny_put& op) {
    return deny({op.owner, op.path}, denial{op.reason, op.by, op.strategy});
  }
  expected<void> operator()(const deny_drop& op) { return deny({op.owner, op.path}, std::nullopt); }

  expected<void> operator()(const resolve& op) {
    const auto seen = op.saw.find(op.chosen.instance);
    if (seen == op.saw.end() || seen->second < op.chosen.seq)
      return refuse(refusal_reason::choice_not_seen);
    auto chosen = head(op.value, head_origin::resolved);
    chosen.by = op.by;
    if (const auto* key = std::get_if<rule_key>(&op.key)) {
      if (op.value && *op.value != "allow" && *op.value != "deny")
        return refuse(refusal_reason::bad_value);
      return rule(*key, std::move(chosen), op.saw);
    }
    const auto& key = std::get<field_key>(op.key);
    const std::string_view field = key.field;
    auto agent = state_.agent(key.agent, {.fields = {&field, 1}});
    if (!agent)
      return agent.error();
    put(**agent, key.agent, key.field, std::move(chosen), op.saw);
    return {};
  }

  expected<void> operator()(const peer_retire& op) {
    auto& record = state_.instances()[state_.instances().enter(op.instance)];
    const commit_id here{commit_.instance, commit_.seq};
    if (changes_ != nullptr) {
      changes_->instances.push_back(op.instance);
      if (!record.retired_by)
        changes_->retired.push_back(op.instance);
    }
    if (!record.retired_by || here < *record.retired_by)
      record.retired_by = here;
    return {};
  }

private:
  register_head head(std::optional<std::string> value, head_origin origin) const {
    return {
        .author = author_, .origin = origin, .seq = commit_.seq, .at = commit_.at, .value = std::move(value), .by = {}};
  }

  // Whatever its author has dropped before stays, so this depends on its own feed alone.
  bool has_room_for(const agent_drop& op, const agent_record& agent) const {
    if (op.placements.size() > max_drops)
      return false;
    auto count = op.placements.size();
    for (const auto& place : agent.placements)
      if (std::ranges::find(place.dropped, author_, &named_drop::author) != place.dropped.end() &&
          !op.placements.contains(state_.instances()[place.owner].id))
        ++count;
    return count <= max_drops;
  }

  std::span<const seen_entry> enter(const saw_vector& saw) {
    fold_.saw_.clear();
    for (const auto& [instance, through] : saw)
      fold_.saw_.push_back({state_.instances().enter(instance), through});
    return fold_.saw_;
  }

  void put(agent_record& agent, const agent_id& id, const std::string& field, register_head op, const saw_vector& saw) {
    const auto judge = judge_field(state_.instances(), fold_.settings_.meaning, field);
    if (const auto refused = muster::apply(agent.field(field), std::move(op), enter(saw), judge))
      refuse(*refused);
    else if (changes_ != nullptr)
      changes_->fields.push_back({id, field});
  }

  expected<void> rule(const rule_key& key, register_head op, const saw_vector& saw) {
    auto record = state_.rule(key);
    if (!record)
      return record.error();
    if (const auto refused = muster::apply(**record, std::move(op), enter(saw), judge_rule(state_.instances())))
      return refuse(*refused);
    if (changes_ != nullptr)
      changes_->rules.push_back(key);
    return {};
  }

  expected<void> place(const agent_id& id, const instance_id& owner, std::optional<placement> value) {
    if (owner != commit_.instance)
      return refuse(refusal_reason::not_own_key);
    auto agent = state_.agent(id, {.placements = true});
    if (!agent)
      return agent.error();
    auto& record = (*agent)->place(author_);
    if (record.seq >= commit_.seq)
      return refuse(refusal_reason::repeated_key);
    record.seq = commit_.seq;
    record.at = commit_.at;
    record.value = std::move(value);
    if (changes_ != nullptr)
      changes_->placements.push_back({id, owner});
    return {};
  }

  expected<void> deny(const denial_key& key, std::optional<denial> value) {
    if (key.owner != commit_.instance)
      return refuse(refusal_reason::not_own_key);
    auto record = state_.denial(key);
    if (!record)
      return record.error();
    if ((*record)->seq >= commit_.seq)
      return refuse(refusal_reason::repeated_key);
    **record = {.seq = commit_.seq, .at = commit_.at, .value = std::move(value)};
    if (changes_ != nullptr)
      changes_->denials.push_back(key);
    return {};
  }

  expected<void> refuse(refusal_reason reason) {
    auto& record = state_.instances()[author_];
    ++record.refused;
    if (record.refusals.size() < max_listed_refusals)
      record.refusals.push_back({commit_.seq, static_cast<std::uint32_t>(position_), reason});
    return {};
  }

  fold& fold_;
  fold_state& state_;
  const commit& commit_;
  instance_index author_;
  fold_changes* changes_;
  std::size_t position_ = 0;
};

namespace {

template <class T>
void sort_once_each(std::vector<T>& keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

} // namespace

fold::fold(fold_state& state, fold_settings settings) : state_(state), settings_(std::move(settings)) {}

expected<fold_changes> fold::apply(const commit& next) {
  fold_changes changes;
  if (auto done = run(next, &changes); !done)
    return done.error();
  sort_once_each(changes.fields);
  sort_once_each(changes.placements);
  sort_once_each(changes.rules);
  sort_once_each(changes.denials);
  sort_once_each(changes.instances);
  sort_once_each(changes.retired);
  return changes;
}

expected<void> fold::take(const commit& next) {
  return run(next, nullptr);
}

expected<void> fold::run(const commit& next, fold_changes* changes) {
  auto limit = settings_.limits.find(next.instance);
  if (limit != settings_.limits.end() && next.seq >= limit->second)
    return {};
  const auto known = state_.instances().find(next.instance);
  const auto folded = known ? state_.instances()[*known].folded : 0;
  if (next.seq != 0 && next.seq <= folded)
    return {};
  if (next.seq != folded + 1)
    return failure{.kind = failure_kind::failed,
                   .code = "feed-gap",
                   .message = "commit " + std::to_string(next.seq) + " of instance " + next.instance.text +
                              " cannot be folded because its feed is folded through " + std::to_string(folded) +
                              "; fold the commits between first"};
  const auto author = state_.instances().enter(next.instance);
  if (auto done = op_folder(*this, next, author, changes).run(); !done)
    return done;
  state_.instances()[author].folded = next.seq;
  if (changes != nullptr)
    changes->instances.push_back(next.instance);
  return {};
}

bool fold::holds_within(const instance_table& instances, const fold_limits& limits) {
  return std::all_of(limits.begin(), limits.end(), [&](const auto& limit) {
    const auto index = instances.find(limit.first);
    return !index || instances[*index].folded < limit.second;
  });
}

} // namespace muster
