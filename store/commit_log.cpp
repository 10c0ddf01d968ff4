#include "muster/store/commit_log.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

namespace muster {

namespace {

std::size_t size_of(const std::optional<std::string>& text) {
  return text ? text->size() : 0;
}

std::size_t size_of(const saw_vector& saw) {
  std::size_t sum = 0;
  for (const auto& entry : saw)
    sum += sizeof entry + entry.first.text.size();
  return sum;
}

// What an op holds beside its own bytes.
struct op_weight {
  std::size_t operator()(const agent_put& x) const {
    auto sum = x.agent.text.size();
    for (const auto& edit : x.fields)
      sum += sizeof edit + edit.field.size() + size_of(edit.value) + size_of(edit.saw);
    return sum;
  }
  std::size_t operator()(const agent_drop& x) const { return x.agent.text.size() + size_of(x.placements); }
  std::size_t operator()(const place_put& x) const {
    return x.agent.text.size() + x.owner.text.size() + x.path.size() + x.scan_root.size() + x.namespace_name.size();
  }
  std::size_t operator()(const place_drop& x) const { return x.agent.text.size() + x.owner.text.size(); }
  std::size_t operator()(const rule_put& x) const { return x.source.size() + x.target.size() + size_of(x.saw); }
  std::size_t operator()(const rule_drop& x) const { return x.source.size() + x.target.size() + size_of(x.saw); }
  std::size_t operator()(const deny_put& x) const {
    return x.owner.text.size() + x.path.size() + x.reason.size() + x.by.size() + x.strategy.size();
  }
  std::size_t operator()(const deny_drop& x) const { return x.owner.text.size() + x.path.size(); }
  std::size_t operator()(const resolve& x) const {
    const auto* field = std::get_if<field_key>(&x.key);
    const auto* rule = std::get_if<rule_key>(&x.key);
    const auto key = field ? field->agent.text.size() + field->field.size() : rule->source.size() + rule->target.size();
    return key + x.chosen.instance.text.size() + size_of(x.value) + x.by.size() + size_of(x.saw);
  }
  std::size_t operator()(const peer_retire& x) const { return x.instance.text.size(); }
};

std::size_t weight_of(const commit& what) {
  auto sum =
      sizeof what + what.instance.text.size() + what.saga.size() + what.request.size() + what.request_hash.size();
  for (const auto& each : what.ops)
    sum += sizeof each + std::visit(op_weight{}, each);
  return sum;
}

// Of two the later, so that the earliest is on top of a heap.
bool is_later(const commit& a, const commit& b) {
  return order_of(a) > order_of(b);
}

} // namespace

const agent_id* agent_of(const op& what) {
  struct finder {
    const agent_id* operator()(const agent_put& x) const { return &x.agent; }
    const agent_id* operator()(const agent_drop& x) const { return &x.agent; }
    const agent_id* operator()(const place_put& x) const { return &x.agent; }
    const agent_id* operator()(const place_drop& x) const { return &x.agent; }
    const agent_id* operator()(const rule_put&) const { return nullptr; }
    const agent_id* operator()(const rule_drop&) const { return nullptr; }
    const agent_id* operator()(const deny_put&) const { return nullptr; }
    const agent_id* operator()(const deny_drop&) const { return nullptr; }
    const agent_id* operator()(const resolve& x) const {
      const auto* key = std::get_if<field_key>(&x.key);
      return key ? &key->agent : nullptr;
    }
    const agent_id* operator()(const peer_retire&) const { return nullptr; }
  };
  return std::visit(finder{}, what);
}

bool concerns(const commit& what, const agent_id& agent) {
  return std::ranges::any_of(what.ops, [&](const op& each) {
    const auto* id = agent_of(each);
    return id && *id == agent;
  });
}

commit_order order_of(const commit& what) {
  return {what.at, {what.instance, what.seq}};
}

bool commit_filter::admits(const commit& what) const {
  if (!instance.empty() && what.instance != instance)
    return false;
  if (since && (what.instance == since->id.instance ? what.seq <= since->id.seq : order_of(what) <= *since))
    return false;
  return agent.empty() || concerns(what, agent);
}

void commit_log::take(const commit& next) {
  if (!filter_.admits(next) || limit_ == 0 || (dropped_ && order_of(next) < *dropped_))
    return;
  held_bytes_ += weight_of(next);
  held_.push_back(next);
  std::ranges::push_heap(held_, is_later);
  while (held_.size() > limit_ || (held_bytes_ > bytes_ && held_.size() > 1))
    drop_earliest();
}

void commit_log::drop_earliest() {
  std::ranges::pop_heap(held_, is_later);
  held_bytes_ -= weight_of(held_.back());
  dropped_ = order_of(held_.back());
  held_.pop_back();
}

std::vector<commit> commit_log::newest_first() && {
  std::ranges::sort(held_, is_later);
  return std::move(held_);
}

} // namespace muster
