#include "muster/store/index_writer.hpp"

#include "muster/store/fold_view.hpp"
#include "muster/store/index_tables.hpp"
#include "muster/store/row_hash.hpp"

#include <algorithm>
#include <optional>

namespace muster {

namespace {

constexpr std::string_view upsert_instance =
    "INSERT INTO instances (number, id, folded, retired_by, retired_seq, refused) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (number) DO UPDATE SET folded = excluded.folded, retired_by = excluded.retired_by, "
    "retired_seq = excluded.retired_seq, refused = excluded.refused";
constexpr std::string_view upsert_refusal =
    "INSERT INTO refusals (instance, entry, seq, position, reason) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (instance, entry) DO NOTHING";
constexpr std::string_view upsert_head =
    "INSERT INTO heads (subject, key, rank, author, seq, at, origin, value, made_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
    "?) "
    "ON CONFLICT (subject, key, rank) DO UPDATE SET author = excluded.author, seq = excluded.seq, at = excluded.at, "
    "origin = excluded.origin, value = excluded.value, made_by = excluded.made_by";
constexpr std::string_view delete_ranks_from = "DELETE FROM heads WHERE subject = ? AND key = ? AND rank >= ?";
constexpr std::string_view delete_spare = "DELETE FROM heads WHERE subject = ? AND key = ? AND rank = -1";
constexpr std::string_view insert_note =
    "INSERT INTO notes (subject, key, kind, author, seq, saw) VALUES (?, ?, ?, ?, ?, ?)";
constexpr std::string_view delete_notes = "DELETE FROM notes WHERE subject = ? AND key = ?";
constexpr std::string_view insert_conflict = "INSERT INTO conflicts (subject, key, id) VALUES (?, ?, ?)";
constexpr std::string_view select_conflict = "SELECT subject, key, id FROM conflicts WHERE subject = ? AND key = ?";
constexpr std::string_view delete_conflict = "DELETE FROM conflicts WHERE subject = ? AND key = ?";
constexpr std::string_view upsert_placement =
    "INSERT INTO placements (agent, owner, seq, at, dropped, path, scan_root, namespace, admitted) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (agent, owner) DO UPDATE SET seq = excluded.seq, at = excluded.at, dropped = excluded.dropped, "
    "path = excluded.path, scan_root = excluded.scan_root, namespace = excluded.namespace, "
    "admitted = excluded.admitted";
constexpr std::string_view insert_drop = "INSERT INTO drops (agent, owner, author, seq) VALUES (?, ?, ?, ?)";
constexpr std::string_view delete_drops = "DELETE FROM drops WHERE agent = ? AND owner = ?";
constexpr std::string_view upsert_denial =
    "INSERT INTO denials (owner, path, seq, at, reason, made_by, strategy) VALUES (?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (owner, path) DO UPDATE SET seq = excluded.seq, at = excluded.at, reason = excluded.reason, "
    "made_by = excluded.made_by, strategy = excluded.strategy";
constexpr std::string_view upsert_rule = "INSERT INTO rules (number, source, target, action) VALUES (?, ?, ?, ?) "
                                         "ON CONFLICT (number) DO UPDATE SET action = excluded.action";
constexpr std::string_view select_rule = "SELECT number, source, target, action FROM rules WHERE number = ?";
constexpr std::string_view upsert_checksum = "INSERT INTO facts (name, value) VALUES ('checksum', ?) "
                                             "ON CONFLICT (name) DO UPDATE SET value = excluded.value";

} // namespace

sqlite_result<std::uint64_t> index_writer::put(std::string_view sql, std::string_view table,
                                               std::span<const sqlite_value> values) {
  if (auto done = to_.prepare(sql).bind(values).run(); !done)
    return done.error();
  const auto hash = hash_row(table, values);
  checksum_ += hash;
  return hash;
}

sqlite_result<void> index_writer::discount(std::string_view select, std::string_view table,
                                           std::initializer_list<sqlite_value> values) {
  auto& rows = to_.prepare(select).bind(values);
  const sqlite_reading until_the_end(rows);
  while (true) {
    auto row = rows.step();
    if (!row)
      return row.error();
    if (!*row)
      return {};
    checksum_ -= hash_of_row(rows, table);
  }
}

sqlite_result<std::uint64_t> index_writer::put_instance(instance_index number, std::uint64_t sum_before) {
  const auto& record = instances_[number];
  const auto index = static_cast<std::int64_t>(number);
  sqlite_value retired_by;
  sqlite_value retired_seq;
  if (record.retired_by) {
    retired_by = record.retired_by->instance.text;
    retired_seq = record.retired_by->seq;
  }
  checksum_ -= sum_before;
  auto hash = put(upsert_instance, index_table::instances,
                  {index, record.id.text, record.folded, retired_by, retired_seq, record.refused});
  if (!hash)
    return hash;
  auto sum = *hash;
  for (std::size_t i = 0; i < record.refusals.size(); ++i) {
    const auto& refused = record.refusals[i];
    auto entry = put(upsert_refusal, index_table::refusals,
                     {index, i, refused.seq, refused.position, static_cast<std::int64_t>(refused.reason)});
    if (!entry)
      return entry;
    sum += *entry;
  }
  return sum;
}

sqlite_result<void> index_writer::put_heads(const register_place& place, const shared_register& content,
                                            stored_rows& now) {
  const auto put_head = [&](std::int64_t rank, const register_head& head) -> sqlite_result<void> {
    auto hash = put(upsert_head, index_table::heads,
                    {place.subject, place.key, rank, static_cast<std::int64_t>(head.author), head.seq, head.at.value,
                     static_cast<std::int64_t>(head.origin), head.value, head.by});
    if (!hash)
      return hash.error();
    now.sum += *hash;
    return {};
  };
  if (content.unusual && content.unusual->spare) {
    now.spare = true;
    if (auto done = put_head(-1, *content.unusual->spare); !done)
      return done;
  }
  if (content.heads.size() == 1) {
    now.heads = 1;
    return put_head(0, content.heads[0]);
  }
  if (content.heads.empty())
    return {};
  for (const auto* head : ranked_heads(content, place.judge))
    if (auto done = put_head(now.heads++, *head); !done)
      return done;
  return {};
}

sqlite_result<void> index_writer::put_notes(const register_place& place, const shared_register& content,
                                            stored_rows& now) {
  const auto put_note = [&](note_kind kind, instance_index author, sequence seq,
                            std::string_view saw) -> sqlite_result<void> {
    now.notes = true;
    auto hash =
        put(insert_note, index_table::notes,
            {place.subject, place.key, static_cast<std::int64_t>(kind), static_cast<std::int64_t>(author), seq, saw});
    if (!hash)
      return hash.error();
    now.sum += *hash;
    return {};
  };
  for (const auto& entry : content.seen) {
    const bool told = std::any_of(content.heads.begin(), content.heads.end(), [&](const register_head& head) {
      return head.author == entry.instance && head.seq == entry.through;
    });
    if (told)
      continue;
    if (auto done = put_note(note_kind::seen, entry.instance, entry.through, ""); !done)
      return done;
  }
  if (!content.unusual)
    return {};
  // One row for each op: where many instances write a key, each saw all others.
  const auto& claims = content.unusual->claims;
  std::string saw;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    saw.append(saw.empty() ? "" : " ")
        .append(std::to_string(static_cast<std::uint64_t>(claims[i].instance)))
        .append(":")
        .append(std::to_string(claims[i].through));
    if (i + 1 < claims.size() && claims[i + 1].author == claims[i].author && claims[i + 1].seq == claims[i].seq)
      continue;
    if (auto done = put_note(note_kind::claims, claims[i].author, claims[i].seq, saw); !done)
      return done;
    saw.clear();
  }
  for (const auto& [author, seq] : content.unusual->open_ops)
    if (auto done = put_note(note_kind::open_op, author, seq, ""); !done)
      return done;
  return {};
}

sqlite_result<void> index_writer::take_away(const register_place& place, const stored_rows& before,
                                            const stored_rows& now) {
  if (before.heads > now.heads)
    if (auto done = to_.run(delete_ranks_from, {place.subject, place.key, now.heads}); !done)
      return done;
  if (before.spare && !now.spare)
    return to_.run(delete_spare, {place.subject, place.key});
  return {};
}

sqlite_result<stored_rows> index_writer::put_register(const register_place& place, const shared_register& content,
                                                      const stored_rows& before) {
  stored_rows now;
  checksum_ -= before.sum;
  if (before.notes)
    if (auto done = to_.run(delete_notes, {place.subject, place.key}); !done)
      return done.error();
  if (auto done = put_heads(place, content, now); !done)
    return done.error();
  if (auto done = take_away(place, before, now); !done)
    return done.error();
  if (auto done = put_notes(place, content, now); !done)
    return done.error();
  return now;
}

sqlite_result<void> index_writer::put_conflict(const register_place& place, const std::string& id,
                                               const stored_rows& before) {
  if (before.conflict) {
    if (auto done = discount(select_conflict, index_table::conflicts, {place.subject, place.key}); !done)
      return done;
    if (auto done = to_.run(delete_conflict, {place.subject, place.key}); !done)
      return done;
  }
  if (id.empty())
    return {};
  if (auto done = put(insert_conflict, index_table::conflicts, {place.subject, place.key, id}); !done)
    return done.error();
  return {};
}

sqlite_result<stored_rows> index_writer::put_field(std::int64_t agent, const agent_id& id, const std::string& field,
                                                   const shared_register& content, const stored_rows& before) {
  const register_place place{agent, field, judge_field(instances_, meaning_, field)};
  auto now = put_register(place, content, before);
  if (!now)
    return now;
  std::optional<conflict> dispute;
  if (content.heads.size() > 1)
    dispute = conflict_of(field_key{id, field}, content, place.judge);
  now->conflict = dispute.has_value();
  if (auto done = put_conflict(place, dispute ? dispute->id : std::string(), before); !done)
    return done.error();
  return now;
}

sqlite_result<stored_rows> index_writer::put_rule(std::int64_t number, const rule_key& key,
                                                  const shared_register& content, const stored_rows& before) {
  const register_place place{-number, {}, judge_rule(instances_)};
  auto now = put_register(place, content, before);
  if (!now)
    return now;
  const auto dispute = conflict_of(key, content, place.judge);
  now->conflict = dispute.has_value();
  if (auto done = put_conflict(place, dispute ? dispute->id : std::string(), before); !done)
    return done.error();
  if (auto done = discount(select_rule, index_table::rules, {number}); !done)
    return done.error();
  sqlite_value action;
  if (const auto holds = action_of(content, instances_))
    action = *holds == rule_action::allow ? "allow" : "deny";
  if (auto done = put(upsert_rule, index_table::rules, {number, key.source, key.target, action}); !done)
    return done.error();
  return now;
}

sqlite_result<stored_rows> index_writer::put_placement(std::int64_t agent, const placement_register& place,
                                                       const stored_rows& before) {
  stored_rows now;
  checksum_ -= before.sum;
  const auto owner = static_cast<std::int64_t>(place.owner);
  std::array<sqlite_value, 9> row{agent, owner, place.seq, place.at.value, is_dropped_by_others(place)};
  if (place.value) {
    row[5] = place.value->path;
    row[6] = place.value->scan_root;
    row[7] = place.value->namespace_name;
    row[8] = place.value->admitted;
  }
  auto hash = put(upsert_placement, index_table::placements, row);
  if (!hash)
    return hash.error();
  now.sum = *hash;
  if (before.drops)
    if (auto done = to_.run(delete_drops, {agent, owner}); !done)
      return done.error();
  for (const auto& [author, seq] : place.dropped) {
    auto drop = put(insert_drop, index_table::drops, {agent, owner, static_cast<std::int64_t>(author), seq});
    if (!drop)
      return drop.error();
    now.sum += *drop;
    now.drops = true;
  }
  return now;
}

sqlite_result<void> index_writer::put_denial(const denial_key& key, const denial_record& record,
                                             const stored_rows& before) {
  checksum_ -= before.sum;
  std::array<sqlite_value, 7> row{key.owner.text, key.path, record.seq, record.at.value};
  if (record.value) {
    row[4] = record.value->reason;
    row[5] = record.value->by;
    row[6] = record.value->strategy;
  }
  if (auto done = put(upsert_denial, index_table::denials, row); !done)
    return done.error();
  return {};
}

sqlite_result<void> index_writer::put_checksum() {
  return to_.run(upsert_checksum, {checksum_});
}

} // namespace muster
