#include "muster/store/index_reader.hpp"

#include "muster/store/fold_view.hpp"
#include "muster/store/index_tables.hpp"
#include "muster/store/row_hash.hpp"
#include "muster/store/whole_number.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <limits>

namespace muster {

namespace {

constexpr std::string_view select_heads =
    "SELECT subject, key, rank, author, seq, at, origin, value, made_by FROM heads WHERE subject = ? AND key = ? "
    "ORDER BY rank";
constexpr std::string_view select_all_heads =
    "SELECT subject, key, rank, author, seq, at, origin, value, made_by FROM heads WHERE subject = ? "
    "ORDER BY key, rank";
constexpr std::string_view select_notes =
    "SELECT subject, key, kind, author, seq, saw FROM notes WHERE subject = ? AND key = ? "
    "ORDER BY kind, author, seq";
constexpr std::string_view select_all_notes =
    "SELECT subject, key, kind, author, seq, saw FROM notes WHERE subject = ? "
    "ORDER BY key, kind, author, seq";
constexpr std::string_view select_placements =
    "SELECT agent, owner, seq, at, dropped, path, scan_root, namespace, admitted FROM placements WHERE agent = ?";
constexpr std::string_view select_drops =
    "SELECT agent, owner, author, seq FROM drops WHERE agent = ? ORDER BY owner, author";
constexpr std::string_view select_denial =
    "SELECT owner, path, seq, at, reason, made_by, strategy FROM denials WHERE owner = ? AND path = ?";
constexpr std::string_view select_rule_number = "SELECT number FROM rules WHERE source = ? AND target = ?";
constexpr std::string_view select_agent_number = "SELECT number FROM agents WHERE id = ?";
constexpr std::string_view select_agent_ids = "SELECT number, id FROM agents ORDER BY id";
constexpr std::string_view select_rule_keys = "SELECT number, source, target FROM rules ORDER BY source, target";
constexpr std::string_view select_denial_keys = "SELECT owner, path FROM denials ORDER BY owner, path";
constexpr std::string_view select_instances =
    "SELECT number, id, folded, retired_by, retired_seq, refused FROM instances ORDER BY number";
constexpr std::string_view select_refusals =
    "SELECT instance, entry, seq, position, reason FROM refusals ORDER BY instance, entry";

sequence& through_of(shared_register& of, instance_index author) {
  for (auto& entry : of.seen)
    if (entry.instance == author)
      return entry.through;
  return of.seen.emplace_back(seen_entry{author, 0}).through;
}

/// Runs `take` on every row.
template <class Take>
sqlite_result<void> for_each_row(sqlite_statement& rows, Take&& take) {
  const sqlite_reading until_the_end(rows);
  while (true) {
    auto row = rows.step();
    if (!row)
      return row.error();
    if (!*row)
      return {};
    if (sqlite_result<void> taken = take(rows); !taken)
      return taken;
  }
}

} // namespace

sqlite_error corrupt_row(std::string_view table, std::string_view what) {
  return {SQLITE_CORRUPT, "a row of table " + std::string(table) + " " + std::string(what)};
}

sqlite_result<instance_index> index_reader::author(std::int64_t number) const {
  if (number < 0 || static_cast<std::uint64_t>(number) >= instances_.records().size())
    return corrupt_row("heads", "names an instance that there is not");
  return static_cast<instance_index>(number);
}

sqlite_result<void> index_reader::read_head(const sqlite_statement& row, int first, field& into) const {
  auto made_by = author(row.integer(first + 1));
  const auto origin = row.integer(first + 4);
  if (!made_by)
    return made_by.error();
  if (origin < 0 || origin > static_cast<std::int64_t>(head_origin::resolved))
    return corrupt_row(index_table::heads, "has an origin that there is not");
  register_head head{.author = *made_by,
                     .origin = static_cast<head_origin>(origin),
                     .seq = row.natural(first + 2),
                     .at = stamp{row.natural(first + 3)},
                     .value = row.optional_text(first + 5),
                     .by = std::string(row.text(first + 6))};
  into.rows.sum += hash_of_row(row, index_table::heads);
  if (row.integer(first) < 0) {
    into.rows.spare = true;
    into.content.unusual.make().spare = std::move(head);
  } else {
    ++into.rows.heads;
    into.content.heads.push_back(std::move(head));
  }
  return {};
}

sqlite_result<void> index_reader::read_note(const sqlite_statement& row, int first, field& into) const {
  const auto made_by = author(row.integer(first + 1));
  if (!made_by)
    return corrupt_row(index_table::notes, "names an instance that there is not");
  into.rows.notes = true;
  into.rows.sum += hash_of_row(row, index_table::notes);
  const auto seq = row.natural(first + 2);
  switch (static_cast<note_kind>(row.integer(first))) {
    case note_kind::seen: through_of(into.content, *made_by) = seq; return {};
    case note_kind::claims: return read_claims(row.text(first + 3), *made_by, seq, into.content);
    case note_kind::open_op: into.content.unusual.make().open_ops.push_back({*made_by, seq}); return {};
  }
  return corrupt_row(index_table::notes, "is of a kind that there is not");
}

sqlite_result<void> index_reader::read_claims(std::string_view saw, instance_index by, sequence seq,
                                              shared_register& into) const {
  while (!saw.empty()) {
    const auto entry = saw.substr(0, saw.find(' '));
    saw.remove_prefix(std::min(entry.size() + 1, saw.size()));
    const auto colon = std::min(entry.find(':'), entry.size());
    const auto number = whole_number(entry.substr(0, colon));
    const auto through = whole_number(entry.substr(std::min(colon + 1, entry.size())));
    if (!number || !through || *number >= instances_.records().size())
      return corrupt_row(index_table::notes, "does not say what was seen");
    into.unusual.make().claims.push_back({by, seq, static_cast<instance_index>(*number), *through});
  }
  return {};
}

void index_reader::complete(field& read) {
  for (const auto& head : read.content.heads) {
    auto& through = through_of(read.content, head.author);
    through = std::max(through, head.seq);
  }
}

sqlite_result<index_reader::field> index_reader::one_register(std::int64_t subject, std::string_view key) {
  field result;
  auto heads = for_each_row(from_.prepare(select_heads).bind({subject, key}),
                            [&](const sqlite_statement& row) { return read_head(row, 2, result); });
  if (!heads)
    return heads.error();
  auto notes = for_each_row(from_.prepare(select_notes).bind({subject, key}),
                            [&](const sqlite_statement& row) { return read_note(row, 2, result); });
  if (!notes)
    return notes.error();
  complete(result);
  const register_judge judge = subject < 0 ? judge_rule(instances_) : judge_field(instances_, meaning_, key);
  if (result.content.heads.size() > 1 && is_contested(result.content, judge))
    result.rows.conflict = true;
  return result;
}

sqlite_result<void> index_reader::all_registers(std::int64_t subject, agent_record& into) {
  std::vector<std::pair<std::string, field>> read;
  const auto of_key = [&](std::string_view key) -> field& {
    auto place = std::lower_bound(read.begin(), read.end(), key,
                                  [](const auto& entry, std::string_view name) { return entry.first < name; });
    if (place == read.end() || place->first != key)
      place = read.emplace(place, std::string(key), field{});
    return place->second;
  };
  auto heads = for_each_row(from_.prepare(select_all_heads).bind({subject}),
                            [&](const sqlite_statement& row) { return read_head(row, 2, of_key(row.text(1))); });
  if (!heads)
    return heads;
  auto notes = for_each_row(from_.prepare(select_all_notes).bind({subject}),
                            [&](const sqlite_statement& row) { return read_note(row, 2, of_key(row.text(1))); });
  if (!notes)
    return notes;
  into.fields.reserve(read.size());
  for (auto& [key, content] : read) {
    complete(content);
    into.fields.push_back({std::move(key), std::move(content.content)});
  }
  return {};
}

sqlite_result<index_reader::places> index_reader::placements(std::int64_t agent) {
  places result;
  auto rows = for_each_row(from_.prepare(select_placements).bind({agent}),
                           [&](const sqlite_statement& row) -> sqlite_result<void> {
                             auto owner = author(row.integer(1));
                             if (!owner)
                               return corrupt_row(index_table::placements, "names an instance that there is not");
                             auto& place = result.registers.emplace_back();
                             place.owner = *owner;
                             place.seq = row.natural(2);
                             place.at = stamp{row.natural(3)};
                             if (!row.is_null(5))
                               place.value = placement{std::string(row.text(5)), std::string(row.text(6)),
                                                       std::string(row.text(7)), row.integer(8) != 0};
                             result.rows.push_back({.sum = hash_of_row(row, index_table::placements)});
                             return {};
                           });
  if (!rows)
    return rows.error();
  auto drops =
      for_each_row(from_.prepare(select_drops).bind({agent}), [&](const sqlite_statement& row) -> sqlite_result<void> {
        const auto made_by = author(row.integer(2));
        if (!made_by)
          return corrupt_row(index_table::drops, "names an instance that there is not");
        for (std::size_t i = 0; i < result.registers.size(); ++i)
          if (static_cast<std::int64_t>(result.registers[i].owner) == row.integer(1)) {
            result.registers[i].dropped.push_back({*made_by, row.natural(3)});
            result.rows[i].drops = true;
            result.rows[i].sum += hash_of_row(row, index_table::drops);
            return {};
          }
        return corrupt_row(index_table::drops, "belongs to no placement");
      });
  if (!drops)
    return drops.error();
  return result;
}

sqlite_result<index_reader::deny_row> index_reader::denial(const denial_key& key) {
  deny_row result;
  auto rows = for_each_row(from_.prepare(select_denial).bind({key.owner.text, key.path}),
                           [&](const sqlite_statement& row) -> sqlite_result<void> {
                             result.found = true;
                             result.record.seq = row.natural(2);
                             result.record.at = stamp{row.natural(3)};
                             if (!row.is_null(4))
                               result.record.value = muster::denial{std::string(row.text(4)), std::string(row.text(5)),
                                                                    std::string(row.text(6))};
                             result.rows.sum = hash_of_row(row, index_table::denials);
                             return {};
                           });
  if (!rows)
    return rows.error();
  return result;
}

sqlite_result<std::int64_t> index_reader::rule_number(const rule_key& key) {
  return from_.number(select_rule_number, {key.source, key.target});
}

sqlite_result<std::int64_t> index_reader::agent_number(const agent_id& id) {
  return from_.number(select_agent_number, {id.text});
}

sqlite_result<agent_record> index_reader::agent(std::int64_t number) {
  agent_record result;
  if (auto read = all_registers(number, result); !read)
    return read.error();
  auto places = placements(number);
  if (!places)
    return places.error();
  result.placements = std::move(places->registers);
  return result;
}

sqlite_result<std::vector<std::pair<std::int64_t, agent_id>>> index_reader::agent_ids() {
  std::vector<std::pair<std::int64_t, agent_id>> result;
  auto rows =
      for_each_row(from_.prepare(select_agent_ids).bind({}), [&](const sqlite_statement& row) -> sqlite_result<void> {
        result.emplace_back(row.integer(0), agent_id{std::string(row.text(1))});
        return {};
      });
  if (!rows)
    return rows.error();
  return result;
}

sqlite_result<std::vector<std::pair<std::int64_t, rule_key>>> index_reader::rule_keys() {
  std::vector<std::pair<std::int64_t, rule_key>> result;
  auto rows =
      for_each_row(from_.prepare(select_rule_keys).bind({}), [&](const sqlite_statement& row) -> sqlite_result<void> {
        result.emplace_back(row.integer(0), rule_key{std::string(row.text(1)), std::string(row.text(2))});
        return {};
      });
  if (!rows)
    return rows.error();
  return result;
}

sqlite_result<std::vector<denial_key>> index_reader::denial_keys() {
  std::vector<denial_key> result;
  auto rows =
      for_each_row(from_.prepare(select_denial_keys).bind({}), [&](const sqlite_statement& row) -> sqlite_result<void> {
        result.push_back({instance_id{std::string(row.text(0))}, std::string(row.text(1))});
        return {};
      });
  if (!rows)
    return rows.error();
  return result;
}

sqlite_result<std::vector<std::uint64_t>> read_instances(sqlite_connection& from, instance_table& into) {
  std::vector<std::uint64_t> sums;
  auto rows =
      for_each_row(from.prepare(select_instances).bind({}), [&](const sqlite_statement& row) -> sqlite_result<void> {
        const auto number = sums.size();
        if (row.natural(0) != number || into.enter(instance_id{std::string(row.text(1))}) != instance_index(number))
          return corrupt_row(index_table::instances, "is not numbered as it should be");
        auto& record = into[instance_index(number)];
        record.folded = row.natural(2);
        if (!row.is_null(3))
          record.retired_by = commit_id{instance_id{std::string(row.text(3))}, row.natural(4)};
        record.refused = row.natural(5);
        sums.push_back(hash_of_row(row, index_table::instances));
        return {};
      });
  if (!rows)
    return rows.error();
  auto refusals =
      for_each_row(from.prepare(select_refusals).bind({}), [&](const sqlite_statement& row) -> sqlite_result<void> {
        const auto number = row.natural(0);
        const auto reason = row.integer(4);
        if (number >= sums.size() || into[instance_index(number)].refusals.size() >= max_listed_refusals ||
            reason < 0 || reason > static_cast<std::int64_t>(refusal_reason::too_many_open) ||
            row.natural(3) > std::numeric_limits<std::uint32_t>::max())
          return corrupt_row(index_table::refusals, "cannot be");
        into[instance_index(number)].refusals.push_back(
            {row.natural(2), static_cast<std::uint32_t>(row.natural(3)), static_cast<refusal_reason>(reason)});
        sums[number] += hash_of_row(row, index_table::refusals);
        return {};
      });
  if (!refusals)
    return refusals.error();
  return sums;
}

} // namespace muster
