#include "muster/store/index_state.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

constexpr std::string_view select_checksum = "SELECT value FROM facts WHERE name = 'checksum'";
constexpr std::string_view select_last_agent = "SELECT max(number) FROM agents";
constexpr std::string_view select_last_rule = "SELECT max(number) FROM rules";
constexpr std::string_view select_agents_of =
    "SELECT number, id FROM agents WHERE number IN (SELECT agent FROM placements WHERE owner = ?)";

bool is_registration(std::string_view field) noexcept {
  return field == "registeredAt" || field == "registeredBy";
}

} // namespace

index_state::index_state(sqlite_connection& on, const index_meaning& meaning)
    : on_(on), reader_(on, instances(), meaning.field), writer_(on, instances(), meaning.field, meaning.content) {}

failure index_state::why(const sqlite_error& error, std::string_view doing) const {
  return as_failure(error, doing, on_.path());
}

expected<std::unique_ptr<index_state>> index_state::load(sqlite_connection& on, const index_meaning& meaning) {
  std::unique_ptr<index_state> result(new index_state(on, meaning));
  if (auto loaded = result->load_all(); !loaded)
    return result->why(loaded.error(), "reading the instances of the index");
  return result;
}

sqlite_result<void> index_state::load_all() {
  auto sums = read_instances(on_, instances());
  if (!sums)
    return sums.error();
  instance_sums_ = std::move(*sums);
  auto checksum = on_.number(select_checksum);
  auto last_agent = on_.number(select_last_agent);
  auto last_rule = on_.number(select_last_rule);
  if (!checksum || !last_agent || !last_rule)
    return !checksum ? checksum.error() : !last_agent ? last_agent.error() : last_rule.error();
  writer_.start_from(static_cast<std::uint64_t>(*checksum));
  agents_ = *last_agent;
  rules_ = *last_rule;
  return {};
}

sqlite_result<void> index_state::load_placements(held_agent& into) {
  into.has_placements = true;
  if (into.is_new)
    return {};
  auto read = reader_.placements(into.number);
  if (!read)
    return read.error();
  into.record.placements = std::move(read->registers);
  for (std::size_t i = 0; i < into.record.placements.size(); ++i)
    into.placements.emplace(into.record.placements[i].owner, read->rows[i]);
  return {};
}

expected<agent_record*> index_state::agent(const agent_id& id, const agent_parts& parts) {
  auto [place, fresh] = held_agents_.try_emplace(id);
  auto& held = place->second;
  if (fresh) {
    auto number = reader_.agent_number(id);
    if (!number)
      return why(number.error(), "looking an agent up in the index");
    held.is_new = *number == 0;
    held.number = held.is_new ? ++agents_ : *number;
  }
  for (const auto field : parts.fields) {
    if (held.fields.contains(field))
      continue;
    auto& rows = held.fields[std::string(field)];
    if (held.is_new)
      continue;
    auto read = reader_.one_register(held.number, field);
    if (!read)
      return why(read.error(), "reading a field of an agent from the index");
    rows = read->rows;
    held.record.field(field) = std::move(read->content);
  }
  if (parts.placements && !held.has_placements)
    if (auto loaded = load_placements(held); !loaded)
      return why(loaded.error(), "reading the placements of an agent from the index");
  return &held.record;
}

expected<shared_register*> index_state::rule(const rule_key& key) {
  auto [place, fresh] = held_rules_.try_emplace(key);
  auto& held = place->second;
  if (fresh) {
    auto number = reader_.rule_number(key);
    if (!number)
      return why(number.error(), "looking a rule up in the index");
    held.number = *number == 0 ? ++rules_ : *number;
    auto read =
        *number == 0 ? sqlite_result<index_reader::field>(index_reader::field{}) : reader_.one_register(-*number, {});
    if (!read)
      return why(read.error(), "reading a rule from the index");
    held.content = std::move(read->content);
    held.rows = read->rows;
  }
  return &held.content;
}

expected<denial_record*> index_state::denial(const denial_key& key) {
  auto [place, fresh] = held_denials_.try_emplace(key);
  auto& held = place->second;
  if (fresh) {
    auto read = reader_.denial(key);
    if (!read)
      return why(read.error(), "reading a denial from the index");
    held.record = std::move(read->record);
    held.rows = read->rows;
  }
  return &held.record;
}

expected<void> index_state::write_back(const fold_changes& changes) {
  changed_instances_.insert(changes.instances.begin(), changes.instances.end());
  // The rows of agents are made of who is there and who is retired; how far each
  // has come is written once for all commits.
  const bool asked = !changes.retired.empty() || instance_sums_.size() != instances().records().size();
  auto done = asked ? write_instances() : sqlite_result<void>();
  if (done)
    done = write_fields(changes.fields);
  if (done)
    done = write_placements(changes.placements);
  if (done)
    done = write_agents(changes);
  if (done)
    done = write_rest(changes);
  forget();
  if (!done)
    return why(done.error(), "writing a commit to the index");
  return {};
}

expected<void> index_state::finish() {
  if (auto done = write_instances(); !done)
    return why(done.error(), "writing the instances to the index");
  if (auto done = writer_.put_checksum(); !done)
    return why(done.error(), "writing the sum of the rows to the index");
  return {};
}

sqlite_result<void> index_state::write_instances() {
  const auto put = [&](instance_index number) -> sqlite_result<void> {
    auto& sum = instance_sums_[static_cast<std::size_t>(number)];
    auto now = writer_.put_instance(number, sum);
    if (!now)
      return now.error();
    sum = *now;
    return {};
  };
  const auto known = instance_sums_.size();
  instance_sums_.resize(instances().records().size());
  for (auto number = known; number < instance_sums_.size(); ++number)
    if (auto done = put(instance_index(number)); !done)
      return done;
  for (const auto& id : std::exchange(changed_instances_, {}))
    if (const auto number = instances().find(id); number && static_cast<std::size_t>(*number) < known)
      if (auto done = put(*number); !done)
        return done;
  return {};
}

sqlite_result<void> index_state::write_fields(const std::vector<field_key>& keys) {
  for (const auto& key : keys) {
    auto& held = held_agents_.at(key.agent);
    auto& rows = held.fields.at(key.field);
    auto now = writer_.put_field(held.number, key.agent, key.field, *held.record.find_field(key.field), rows);
    if (!now)
      return now.error();
    rows = *now;
  }
  return {};
}

sqlite_result<void> index_state::write_placements(const std::vector<placement_key>& keys) {
  for (const auto& key : keys) {
    auto& held = held_agents_.at(key.agent);
    const auto owner = *instances().find(key.owner);
    auto& rows = held.placements[owner];
    auto now = writer_.put_placement(held.number, held.record.place(owner), rows);
    if (!now)
      return now.error();
    rows = *now;
  }
  return {};
}

sqlite_result<void> index_state::write_agents(const fold_changes& changes) {
  for (const auto& [id, held] : held_agents_) {
    const auto of_it = [agent = &id](const auto& key) { return key.agent == *agent; };
    if (std::none_of(changes.fields.begin(), changes.fields.end(), of_it) &&
        std::none_of(changes.placements.begin(), changes.placements.end(), of_it))
      continue;
    const bool registration_changed =
        std::any_of(changes.fields.begin(), changes.fields.end(),
                    [&](const field_key& key) { return of_it(key) && is_registration(key.field); });
    auto done = held.is_new ? writer_.put_new_agent(held.number, id.text, held.record)
                            : writer_.refresh_agent(held.number, id.text,
                                                    registration_changed ? index_writer::registration::follows
                                                                         : index_writer::registration::stays);
    if (!done)
      return done;
  }
  for (const auto& id : changes.retired)
    if (auto done = refresh_agents_of(*instances().find(id)); !done)
      return done;
  return {};
}

sqlite_result<void> index_state::refresh_agents_of(instance_index retired) {
  std::vector<std::pair<std::int64_t, std::string>> agents;
  {
    auto& rows = on_.prepare(select_agents_of).bind({static_cast<std::int64_t>(retired)});
    const sqlite_reading until_the_end(rows);
    while (true) {
      auto row = rows.step();
      if (!row)
        return row.error();
      if (!*row)
        break;
      agents.emplace_back(rows.integer(0), rows.text(1));
    }
  }
  for (const auto& [number, id] : agents)
    if (auto done = writer_.refresh_agent(number, id, index_writer::registration::stays); !done)
      return done;
  return {};
}

sqlite_result<void> index_state::write_rest(const fold_changes& changes) {
  for (const auto& key : changes.rules) {
    auto& held = held_rules_.at(key);
    auto now = writer_.put_rule(held.number, key, held.content, held.rows);
    if (!now)
      return now.error();
    held.rows = *now;
  }
  for (const auto& key : changes.denials) {
    const auto& held = held_denials_.at(key);
    if (auto done = writer_.put_denial(key, held.record, held.rows); !done)
      return done;
  }
  return {};
}

void index_state::forget() {
  held_agents_.clear();
  held_rules_.clear();
  held_denials_.clear();
}

} // namespace muster
