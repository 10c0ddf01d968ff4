#include "muster/store/index_memory.hpp"

#include "muster/store/fold_view.hpp"
#include "muster/store/index_agent_row.hpp"

namespace muster {

namespace {

std::string no_hash(const std::string&) {
  return {};
}

constexpr std::size_t name_column = 0;
constexpr std::size_t display_name_column = 1;
constexpr std::size_t runtime_column = 3;
constexpr std::size_t capabilities_column = 4;

} // namespace

expected<void> index_memory::apply(std::span<const commit> commits) {
  for (const auto& each : commits)
    if (auto taken = fold_.take(each); !taken)
      return taken;
  return {};
}

expected<std::optional<agent_record>> index_memory::agent(const agent_id& id) {
  const auto* found = records_.find_agent(id);
  return found ? std::optional<agent_record>(*found) : std::nullopt;
}

expected<void> index_memory::each_agent(const std::function<void(const agent_id&, const agent_record&)>& take) {
  for (const auto& [id, record] : records_.agents())
    take(*id, *record);
  return {};
}

expected<void> index_memory::each_rule(const std::function<void(const rule_key&, const shared_register&)>& take) {
  for (const auto& [key, record] : records_.rules())
    take(key, record);
  return {};
}

expected<shared_register> index_memory::rule(const rule_key& key) {
  const auto* found = records_.find_rule(key);
  return found ? *found : shared_register();
}

expected<void> index_memory::each_denial(const std::function<void(const denial_key&, const denial_record&)>& take) {
  for (const auto& [key, record] : records_.denials())
    take(key, record);
  return {};
}

void index_memory::take_rows(const agent_id& id, const agent_record& record, const row_filter& which,
                             const take_row& take, std::size_t& taken) const {
  const auto& instances = records_.instances();
  std::vector<field_winner> winners;
  index_row row{.agent = id.text};
  for (const auto& [field, content] : record.fields) {
    if (content.empty())
      continue;
    const auto judge = judge_field(instances, meaning_, field);
    winners.push_back({field, &winner_of(content, judge)->value});
    row.contested = row.contested || is_contested(content, judge);
  }
  const agent_row texts(id.text, winners, &no_hash);
  row.name = texts.columns()[name_column].text();
  if (which.what == row_filter::by::name && row.name != which.text)
    return;
  row.display_name = texts.columns()[display_name_column].text();
  row.runtime = texts.columns()[runtime_column].text();
  row.capabilities_json = texts.columns()[capabilities_column].text();
  row.registered_at = texts.registered_at().text();
  for (const auto& place : record.placements) {
    if (taken == which.limit || !is_live(place, instances))
      continue;
    if (which.what == row_filter::by::path &&
        (place.value->path != which.text || instances[place.owner].id != which.owner))
      continue;
    if (which.what == row_filter::by::in_namespace && place.value->namespace_name != which.text)
      continue;
    row.owner = place.owner;
    row.seq = place.seq;
    row.at = place.at;
    row.path = place.value->path;
    row.scan_root = place.value->scan_root;
    row.namespace_name = place.value->namespace_name;
    row.admitted = place.value->admitted;
    take(row);
    ++taken;
  }
}

expected<void> index_memory::each_row(const row_filter& which, const take_row& take) {
  std::size_t taken = 0;
  if (which.what == row_filter::by::agent) {
    const agent_id id{which.text};
    if (const auto* found = records_.find_agent(id))
      take_rows(id, *found, which, take, taken);
    return {};
  }
  for (const auto& [id, record] : records_.agents())
    if (which.what != row_filter::by::id_prefix || id->text.starts_with(which.text))
      take_rows(*id, *record, which, take, taken);
  return {};
}

expected<std::optional<denial_record>> index_memory::denial(const denial_key& key) {
  const auto* found = records_.find_denial(key);
  return found ? std::optional<denial_record>(*found) : std::nullopt;
}

expected<std::uint64_t> index_memory::conflicts() {
  const auto& instances = records_.instances();
  std::uint64_t count = 0;
  for (const auto& [id, record] : records_.agents())
    for (const auto& [field, content] : record->fields)
      count += is_contested(content, judge_field(instances, meaning_, field)) ? 1 : 0;
  for (const auto& [key, content] : records_.rules())
    count += is_contested(content, judge_rule(instances)) ? 1 : 0;
  return count;
}

} // namespace muster
