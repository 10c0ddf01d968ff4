#include "muster/store/roster_table.hpp"

#include "muster/store/datetime.hpp"
#include "muster/store/json.hpp"
#include "muster/store/namespace_rules.hpp"
#include "muster/store/shell_word.hpp"

#include <algorithm>
#include <iterator>

namespace muster {

namespace {

using text = roster_entry::text;

constexpr unsigned counter_bits = 16;
constexpr std::size_t growth = 8; ///< by an eighth

std::chrono::milliseconds time_of(stamp at) noexcept {
  return std::chrono::milliseconds(static_cast<std::int64_t>(at.value >> counter_bits));
}

std::string decoded(json::value string) {
  return string.is(json::kind::string) ? string.as_string() : std::string(string.text());
}

/// Hands over each element of a list of texts, until `take` says stop.
template <class Take>
void each_capability(std::string_view list, Take&& take) {
  if (list.size() <= 2)
    return;
  auto document = json::document::parse(std::string(list), {.bytes = list.size()});
  if (!document)
    return;
  for (const auto element : document->root()) {
    const auto plain = element.is(json::kind::string) ? element.plain_string() : std::nullopt;
    if (plain ? take(*plain) : take(decoded(element)))
      return;
  }
}

struct by_agent {
  bool operator()(const roster_entry& a, const roster_entry& b) const noexcept {
    return a.get(text::agent) < b.get(text::agent);
  }
  bool operator()(const roster_entry& a, std::string_view b) const noexcept { return a.get(text::agent) < b; }
  bool operator()(std::string_view a, const roster_entry& b) const noexcept { return a < b.get(text::agent); }
};

agent_problem clock_problem(std::chrono::milliseconds ahead) {
  return {"clock",
          "it was placed at a time that is " +
              std::to_string(std::chrono::duration_cast<std::chrono::minutes>(ahead).count()) +
              " minutes ahead of this machine's clock; check the clocks",
          {},
          {}};
}

} // namespace

roster_entry::roster_entry(const index_row& row)
    : at(row.at), owner(row.owner), admitted(row.admitted), contested(row.contested), content(row.content) {
  const std::array<std::string_view, texts> all{row.agent,          row.name, row.display_name,  row.runtime,
                                                row.namespace_name, row.path, row.registered_at, row.capabilities_json};
  std::size_t size = 0;
  for (const auto each : all)
    size += each.size();
  bytes_.reserve(size);
  for (std::size_t i = 0; i < texts; ++i)
    ends_[i] = static_cast<std::uint32_t>(bytes_.append(all[i]).size());
  newness_ = parse_datetime(row.registered_at).value_or(time_of(row.at)).count();
}

std::string_view roster_entry::get(text which) const noexcept {
  const auto i = static_cast<std::size_t>(which);
  const auto begin = i == 0 ? 0 : ends_[i - 1];
  return std::string_view(bytes_).substr(begin, ends_[i] - begin);
}

bool roster_entry::has_capability(std::string_view wanted) const {
  bool found = false;
  each_capability(get(text::capabilities_json), [&](std::string_view each) { return found = each == wanted; });
  return found;
}

std::vector<std::string> roster_entry::capabilities() const {
  std::vector<std::string> result;
  each_capability(get(text::capabilities_json), [&](std::string_view each) {
    result.emplace_back(each);
    return false;
  });
  return result;
}

void roster_table::clear() {
  entries_.clear();
  scan_roots_.clear();
  numbers_.clear();
}

roster_entry& roster_table::append(const index_row& row) {
  make_room(1);
  return entries_.emplace_back(made_of(row));
}

roster_entry roster_table::made_of(const index_row& row) {
  roster_entry result(row);
  result.scan_root = number_of(row.scan_root);
  return result;
}

/// Room for twice as many would be as much memory as all the rest.
void roster_table::make_room(std::size_t more) {
  const auto needed = entries_.size() + more;
  if (needed > entries_.capacity())
    entries_.reserve(std::max(needed, entries_.size() + entries_.size() / growth + growth));
}

std::uint32_t roster_table::number_of(std::string_view scan_root) {
  if (const auto known = numbers_.find(scan_root); known != numbers_.end())
    return known->second;
  const auto number = static_cast<std::uint32_t>(scan_roots_.size());
  scan_roots_.emplace_back(scan_root);
  numbers_.emplace(scan_root, number);
  return number;
}

void roster_table::sort() {
  std::sort(entries_.begin(), entries_.end(), by_agent());
}

void roster_table::replace(const std::set<agent_id>& agents, std::vector<roster_entry> now) {
  std::stable_sort(now.begin(), now.end(), by_agent());
  std::vector<std::string_view> gone;
  std::vector<roster_entry> come;
  for (const auto& agent : agents) {
    const auto [first, last] = std::equal_range(now.begin(), now.end(), std::string_view(agent.text), by_agent());
    const auto before = of(agent.text);
    if (before.size() == static_cast<std::size_t>(last - first)) {
      std::move(first, last, before.begin());
      continue;
    }
    if (!before.empty())
      gone.push_back(agent.text);
    come.insert(come.end(), std::make_move_iterator(first), std::make_move_iterator(last));
  }
  if (!gone.empty())
    std::erase_if(entries_, [&](const roster_entry& each) {
      return std::binary_search(gone.begin(), gone.end(), each.get(text::agent));
    });
  make_room(come.size());
  const auto middle =
      entries_.insert(entries_.end(), std::make_move_iterator(come.begin()), std::make_move_iterator(come.end()));
  std::inplace_merge(entries_.begin(), middle, entries_.end(), by_agent());
}

std::span<roster_entry> roster_table::of(std::string_view agent) {
  const auto [first, last] = std::equal_range(entries_.begin(), entries_.end(), agent, by_agent());
  return {first, last};
}

std::span<const roster_entry> roster_table::after(std::string_view agent) const {
  return {std::upper_bound(entries_.begin(), entries_.end(), agent, by_agent()), entries_.end()};
}

agent_status status_of(const roster_entry& entry, const roster_view& how) {
  if (how.instances[entry.owner].id != how.own)
    return agent_status::remote;
  if (entry.observed == agent_status::active && !entry.admitted)
    return agent_status::unadmitted;
  return entry.observed;
}

absence absence_of(const roster_entry& entry, const roster_view& how) {
  switch (status_of(entry, how)) {
    case agent_status::unreachable: return absence::no_project;
    // There is a key only of a file that is there.
    case agent_status::manifest_missing: return entry.key ? absence::displaced : absence::no_manifest;
    case agent_status::active:
    case agent_status::manifest_invalid:
    case agent_status::unreadable:
    case agent_status::unadmitted:
    case agent_status::remote: break;
  }
  return absence::none;
}

agent_health health_of(const roster_entry& entry, const roster_view& how) {
  return health_of(entry.last_seen, how.now, health_limits_of(how.now_holds));
}

roster_row to_row(const roster_entry& entry, const roster_view& how, std::size_t namesakes) {
  const auto string = [&](text which) { return std::string(entry.get(which)); };
  roster_row row{.id = agent_id{string(text::agent)},
                 .name = string(text::name),
                 .display_name = string(text::display_name),
                 .runtime = string(text::runtime),
                 .namespace_name = string(text::namespace_name),
                 .path = string(text::path),
                 .subject = {},
                 .instance = how.instances[entry.owner].id,
                 .status = status_of(entry, how),
                 .health = health_of(entry, how),
                 .last_seen = entry.last_seen,
                 .registered_at = string(text::registered_at),
                 .capabilities = entry.capabilities(),
                 .problems = {}};
  row.subject = subject_of(how.prefix, row.namespace_name, row.id);
  if (namesakes != 0)
    row.problems.push_back({"name-clash",
                            std::to_string(namesakes) + (namesakes == 1 ? " other agent is" : " other agents are") +
                                " called " + row.name + " in namespace " + row.namespace_name +
                                "; name them by id, or give one another name",
                            {},
                            {}});
  if (entry.contested)
    row.problems.push_back({"conflict", "some of its fields were changed in several places at once", {}, {}});
  if (row.status == agent_status::unadmitted)
    row.problems.push_back(
        {"unadmitted",
         "a scan or an edit put it into the namespace " + row.namespace_name +
             ", which was in use, so none of its rules apply and its mail waits: type `muster admit " +
             shell_word(row.id.text) + "` to let it in",
         time_of(entry.at),
         {}});
  if (const auto ahead = time_of(entry.at) - how.now; ahead > how.now_holds.max_skew)
    row.problems.push_back(clock_problem(ahead));
  return row;
}

namesake_counts::namesake_counts(std::span<const roster_entry> all) {
  claims_.reserve(all.size());
  for (const auto& entry : all) {
    const auto agent = entry.get(text::agent);
    auto& known = claims_[{entry.get(text::namespace_name), entry.get(text::name)}];
    if (known.agents == 0 || known.last != agent)
      ++known.agents;
    known.last = agent;
  }
}

std::size_t namesake_counts::of(const roster_entry& entry) const {
  const auto name = entry.get(text::name);
  const auto known = claims_.find({entry.get(text::namespace_name), name});
  return name.empty() || known == claims_.end() ? 0 : known->second.agents - 1;
}

} // namespace muster
