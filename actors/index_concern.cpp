#include "muster/actors/index_concern.hpp"

#include "muster/store/namespace_rules.hpp"

#include <algorithm>
#include <variant>

namespace muster {

namespace {

struct path_concern {
  const std::string& path;
  const std::optional<agent_id>& whose;

  bool operator()(const agent_put&) const { return false; }
  bool operator()(const agent_drop& drop) const { return drop.agent == whose; }
  // Whoever lives there may move away by it.
  bool operator()(const place_put& put) const { return put.path == path || put.agent == whose; }
  bool operator()(const place_drop& drop) const { return drop.agent == whose; }
  bool operator()(const rule_put&) const { return false; }
  bool operator()(const rule_drop&) const { return false; }
  // A denial reaches what lies below it.
  bool operator()(const deny_put& put) const { return is_at_or_below(put.path); }
  bool operator()(const deny_drop& drop) const { return is_at_or_below(drop.path); }
  bool operator()(const resolve&) const { return false; }
  bool operator()(const peer_retire&) const { return true; }

  [[nodiscard]] bool is_at_or_below(const std::string& denied) const {
    return path == denied || is_below(path, denied);
  }
};

struct agent_concern {
  const agent_id& agent;

  bool operator()(const agent_put& put) const { return put.agent == agent; }
  bool operator()(const agent_drop& drop) const { return drop.agent == agent; }
  bool operator()(const place_put& put) const { return put.agent == agent; }
  bool operator()(const place_drop& drop) const { return drop.agent == agent; }
  bool operator()(const rule_put&) const { return false; }
  bool operator()(const rule_drop&) const { return false; }
  bool operator()(const deny_put&) const { return false; }
  bool operator()(const deny_drop&) const { return false; }
  bool operator()(const resolve& choice) const {
    const auto* key = std::get_if<field_key>(&choice.key);
    return key && key->agent == agent;
  }
  bool operator()(const peer_retire&) const { return true; }

  bool operator()(const fold_commit& fold) const {
    return (fold.held && fold.held->agent == agent) ||
           std::ranges::any_of(fold.made.ops, [&](const op& each) { return std::visit(*this, each); });
  }
  bool operator()(const record_held& record) const { return record.held.agent == agent; }
  bool operator()(const note_observation& note) const { return note.agent == agent; }
  bool operator()(const note_copies& note) const { return note.agent == agent; }
};

} // namespace

bool concerns_path(const index_change& change, const std::string& path, const std::optional<agent_id>& whose) {
  const auto* fold = std::get_if<fold_commit>(&change);
  return fold && std::ranges::any_of(fold->made.ops, [&](const op& each) {
           return std::visit(path_concern{path, whose}, each);
         });
}

bool concerns_agent(const index_change& change, const agent_id& agent) {
  return std::visit(agent_concern{agent}, change);
}

} // namespace muster
