#pragma once

#include "muster/store/fold.hpp"
#include "muster/store/fold_dump.hpp"
#include "muster/store/fold_view.hpp"

#include <utility>

/// Short words for tests of the fold.
namespace fold_fixture {

using namespace muster;

/// Case does not matter, and absence means "default": enough to have values
/// that differ in bytes and not in meaning.
inline std::string loose_meaning(std::string_view, const std::optional<std::string>& value) {
  std::string text = value.value_or("\"default\"");
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return text;
}

inline instance_id at_home(const char* name) {
  return instance_id{name};
}

inline saw_vector saw(std::initializer_list<std::pair<const char*, sequence>> entries) {
  saw_vector result;
  for (const auto& [name, through] : entries)
    result.emplace(instance_id{name}, through);
  return result;
}

inline commit make(const char* instance, sequence seq, std::uint64_t at, std::vector<op> ops) {
  commit result;
  result.instance = instance_id{instance};
  result.seq = seq;
  result.at = stamp{at};
  result.ops = std::move(ops);
  return result;
}

inline op put(const char* field, std::optional<std::string> value, saw_vector seen = {}, bool adopted = false) {
  return agent_put{agent_id{"one"}, {{field, std::move(value), std::move(seen)}}, adopted};
}

inline op place(const char* agent, const char* owner, const char* name_space = "n", const char* path = "/p") {
  return place_put{agent_id{agent}, instance_id{owner}, path, "/", name_space, true};
}

inline op settle(const char* field, commit_id chosen, std::optional<std::string> value, saw_vector seen,
                 const char* by = "human") {
  return resolve{field_key{agent_id{"one"}, field}, std::move(chosen), std::move(value), by, std::move(seen)};
}

inline op rule(rule_action action, saw_vector seen = {}) {
  return rule_put{"s", "t", action, std::move(seen)};
}

/// A fold in memory that takes commits as they are written.
class folded {
public:
  folded() = default;
  explicit folded(fold_limits limits, std::size_t hash_seed = 0)
      : memory_(hash_seed), fold_(memory_, {.meaning = &loose_meaning, .limits = std::move(limits)}) {}
  folded(const folded&) = delete;
  folded& operator=(const folded&) = delete;

  fold_changes take(const commit& next) { return fold_.apply(next).value(); }
  folded& with(std::initializer_list<commit> commits) {
    for (const auto& each : commits)
      take(each);
    return *this;
  }
  expected<fold_changes> try_to_take(const commit& next) { return fold_.apply(next); }

  [[nodiscard]] std::string dump() const { return muster::dump(memory_, &loose_meaning); }
  [[nodiscard]] agent_view agent(const char* id = "one") const {
    const auto* record = memory_.find_agent(agent_id{id});
    return record != nullptr ? view_agent(agent_id{id}, *record, memory_.instances(), &loose_meaning) : agent_view{};
  }
  /// The winner's value; "-" if it is removed, "?" if there is none.
  [[nodiscard]] std::string value(const char* field, const char* id = "one") const {
    for (const auto& each : agent(id).fields)
      if (each.name == field)
        return each.winner.value.value_or("-");
    return "?";
  }
  [[nodiscard]] std::vector<candidate> heads(const char* field) const {
    const auto* record = memory_.find_agent(agent_id{"one"});
    const auto* content = record != nullptr ? record->find_field(field) : nullptr;
    if (content == nullptr)
      return {};
    return candidates_of(*content, judge_field(memory_.instances(), &loose_meaning, field));
  }
  [[nodiscard]] std::optional<rule_action> rule() const {
    const auto* content = memory_.find_rule({"s", "t"});
    return content != nullptr ? action_of(*content, memory_.instances()) : std::nullopt;
  }
  [[nodiscard]] const instance_record* instance(const char* id) const {
    const auto index = memory_.instances().find(instance_id{id});
    return index ? &memory_.instances()[*index] : nullptr;
  }
  fold_memory& memory() { return memory_; }
  [[nodiscard]] const fold_memory& memory() const { return memory_; }

private:
  fold_memory memory_;
  fold fold_{memory_, {.meaning = &loose_meaning, .limits = {}}};
};

} // namespace fold_fixture
