#include "muster/store/held_versions.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/feed_limits.hpp"

#include <vector>

namespace muster {

namespace {

constexpr std::size_t most_text = std::size_t{256} * 1024;

/// The ops of a commit that write a field of the agent.
struct visitor {
  held_versions& into;
  const commit& made;
  const agent_id& agent;
  meaning_function meaning;

  void hold(const std::string& field, const std::optional<std::string>& value, saw_vector saw) const {
    saw[made.instance] = made.seq;
    into.set(field, {std::move(saw), sha256::of(meaning(field, value))});
  }
  void operator()(const agent_put& put) const {
    if (put.agent == agent)
      for (const auto& edit : put.fields)
        hold(edit.field, edit.value, edit.saw);
  }
  void operator()(const resolve& choice) const {
    if (const auto* key = std::get_if<field_key>(&choice.key); key && key->agent == agent)
      hold(key->field, choice.value, choice.saw);
  }
  void operator()(const agent_drop&) const {}
  void operator()(const place_put&) const {}
  void operator()(const place_drop&) const {}
  void operator()(const rule_put&) const {}
  void operator()(const rule_drop&) const {}
  void operator()(const deny_put&) const {}
  void operator()(const deny_drop&) const {}
  void operator()(const peer_retire&) const {}
};

bool read_saw(canonical_reader& from, saw_vector& into) {
  if (!from.expect("[", line_problems::wrong_type))
    return false;
  while (!from.accept("]")) {
    std::string instance;
    std::uint64_t seq = 0;
    if (!into.empty() && !from.expect(",", line_problems::not_canonical))
      return false;
    if (!from.string(instance, most_text) || !from.expect(",", line_problems::not_canonical) ||
        !from.counting_number(seq, feed_limits::last_sequence) ||
        !into.emplace(instance_id{std::move(instance)}, seq).second)
      return false;
  }
  return true;
}

bool read_noted(canonical_reader& from, held_versions& into) {
  commit_id which;
  if (!from.string(which.instance.text, most_text) || !from.expect(",", line_problems::not_canonical) ||
      !from.counting_number(which.seq, feed_limits::last_sequence))
    return false;
  into.note(std::move(which));
  return true;
}

bool read_fields(canonical_reader& from, const saw_vector& saw, held_versions& into) {
  if (!from.expect("[", line_problems::wrong_type))
    return false;
  for (bool first = true; !from.accept("]"); first = false) {
    std::string field;
    held_field what{saw, {}};
    if (!first && !from.expect(",", line_problems::not_canonical))
      return false;
    if (!from.string(field, most_text) || !from.expect(",", line_problems::not_canonical) || !from.hex(what.meaning))
      return false;
    into.set(std::move(field), std::move(what));
  }
  return true;
}

} // namespace

void held_versions::take(const commit& made, const agent_id& agent, meaning_function meaning) {
  for (const auto& each : made.ops)
    std::visit(visitor{*this, made, agent, meaning}, each);
}

void held_versions::take_late(const commit& made, const agent_id& agent, meaning_function meaning) {
  held_versions said;
  said.take(made, agent, meaning);
  for (auto& [field, what] : said.fields_) {
    const auto* known = find(field);
    const auto later = known ? known->saw.find(made.instance) : saw_vector::const_iterator{};
    if (!known || later == known->saw.end() || later->second < made.seq)
      set(field, std::move(what));
  }
}

void held_versions::set(std::string field, held_field what) {
  fields_.insert_or_assign(std::move(field), std::move(what));
}

const held_field* held_versions::find(std::string_view field) const {
  const auto found = fields_.find(field);
  return found == fields_.end() ? nullptr : &found->second;
}

std::string held_versions::encode() const {
  using entry = std::pair<const std::string, held_field>;
  std::map<saw_vector, std::vector<const entry*>> groups;
  for (const auto& each : fields_)
    groups[each.second.saw].push_back(&each);
  std::string text = "[";
  if (noted_.seq > 0) {
    append_quoted(text, noted_.instance.text);
    text.append(",").append(std::to_string(noted_.seq));
  }
  for (const auto& [saw, fields] : groups) {
    text += text.size() == 1 ? "[[" : ",[[";
    for (const char* comma = ""; const auto& [instance, seq] : saw) {
      append_quoted(text.append(comma), instance.text);
      text.append(",").append(std::to_string(seq));
      comma = ",";
    }
    text += "],[";
    for (const char* comma = ""; const auto* each : fields) {
      append_quoted(text.append(comma), each->first);
      append_hex(text.append(",\""), each->second.meaning);
      text += '"';
      comma = ",";
    }
    text += "]]";
  }
  return text.append("]");
}

std::optional<held_versions> held_versions::decode(std::string_view text) {
  held_versions result;
  canonical_reader from(text);
  if (!from.expect("[", line_problems::wrong_type))
    return {};
  for (bool first = true; !from.accept("]"); first = false) {
    saw_vector saw;
    if (!first && !from.expect(",", line_problems::not_canonical))
      return {};
    const bool is_group = from.accept("[");
    if (first && !is_group) {
      if (!read_noted(from, result))
        return {};
      continue;
    }
    if (!is_group || !read_saw(from, saw) || !from.expect(",", line_problems::not_canonical) ||
        !read_fields(from, saw, result) || !from.expect("]", line_problems::not_canonical))
      return {};
  }
  if (!from.end())
    return {};
  return result;
}

} // namespace muster
