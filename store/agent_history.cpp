#include "muster/store/agent_history.hpp"

#include "muster/store/fold_view.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace muster {

namespace {

void cover(state_vector& ends, const saw_vector& saw) {
  for (const auto& [instance, through] : saw)
    ends[instance] = std::max(ends[instance], through);
}

// Whether an op sets or removes fields of the agent.
bool edits(const op& what, const agent_id& agent) {
  if (const auto* put = std::get_if<agent_put>(&what))
    return put->agent == agent;
  const auto* settled = std::get_if<resolve>(&what);
  const auto* key = settled ? std::get_if<field_key>(&settled->key) : nullptr;
  return key && key->agent == agent;
}

} // namespace

agent_history::agent_history(agent_id agent, const commit& version, meaning_function meaning)
    : agent_(std::move(agent)),
      version_(order_of(version)),
      meaning_(meaning),
      fold_(memory_, {.meaning = meaning, .limits = {}}) {
  for (const auto& each : version.ops) {
    if (const auto* put = std::get_if<agent_put>(&each))
      for (const auto& edit : put->fields)
        cover(ends_, edit.saw);
    if (const auto* settled = std::get_if<resolve>(&each))
      cover(ends_, settled->saw);
  }
  ends_[version.instance] = version.seq;
}

void agent_history::look(const commit& next) {
  if (next.instance == version_.id.instance || order_of(next) > version_)
    return;
  auto& end = ends_[next.instance];
  end = std::max(end, next.seq);
}

expected<void> agent_history::take(const commit& next) {
  const auto end = ends_.find(next.instance);
  if (end == ends_.end() || next.seq > end->second)
    return {};
  // The fold wants every commit of a feed, so that none is missed.
  commit ours;
  ours.instance = next.instance;
  ours.seq = next.seq;
  ours.at = next.at;
  std::ranges::copy_if(next.ops, std::back_inserter(ours.ops), [&](const op& each) { return edits(each, agent_); });
  return fold_.take(ours);
}

std::map<std::string, std::string> agent_history::fields() const {
  std::map<std::string, std::string> result;
  const auto* record = memory_.find_agent(agent_);
  if (!record)
    return result;
  for (const auto& field : record->fields)
    if (const auto* winner = winner_of(field.content, judge_field(memory_.instances(), meaning_, field.name)))
      if (winner->value)
        result.emplace(field.name, *winner->value);
  return result;
}

expected<std::map<std::string, std::string>> fields_as_of(commit_source& feeds, const agent_id& agent,
                                                          const commit& version, meaning_function meaning) {
  agent_history history(agent, version, meaning);
  auto read = feeds.read({}, [&](const commit& next) -> expected<void> {
    history.look(next);
    return {};
  });
  if (read)
    read = feeds.read({}, [&](const commit& next) { return history.take(next); });
  if (!read)
    return read.error();
  return history.fields();
}

} // namespace muster
