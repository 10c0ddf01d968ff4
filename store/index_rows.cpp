#include "muster/store/index_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace muster {

namespace {

// Whatever the optimizer thinks, the table named first drives the search.
std::string select_rows(std::string_view from, std::string_view where) {
  std::string sql = "SELECT agents.id, placements.owner, placements.seq, placements.at, placements.path, scan_root, "
                    "placements.namespace, admitted, name, display_name, runtime, registered_at, capabilities_json, "
                    "EXISTS (SELECT 1 FROM conflicts WHERE subject = agents.number), content_hash FROM ";
  sql.append(from).append(" ON agents.number = placements.agent WHERE placements.path IS NOT NULL AND dropped = 0");
  return sql.append(where);
}

const std::string& sql_of(row_filter::by what) {
  constexpr std::string_view places_first = "placements CROSS JOIN agents";
  constexpr std::string_view agents_first = "agents CROSS JOIN placements";
  static const std::array texts{
      select_rows(places_first, ""),
      select_rows(agents_first, " AND agents.id = ?"),
      select_rows(places_first, " AND placements.owner = ? AND placements.path = ?"),
      select_rows(agents_first, " AND agents.name = ?"),
      // It stops at the first id that does not begin so.
      select_rows(agents_first, " AND agents.id >= ? ORDER BY agents.id"),
      select_rows(places_first, " AND placements.namespace = ?"),
  };
  return texts[static_cast<std::size_t>(what)];
}

constexpr std::string_view count_conflicts = "SELECT count(*) FROM conflicts";

/// As many of its digits as fit; nothing if it is none.
std::uint64_t beginning_of(std::string_view hash) noexcept {
  constexpr std::size_t digits = 16;
  std::uint64_t result = 0;
  const auto* const end = hash.data() + std::min(digits, hash.size());
  return std::from_chars(hash.data(), end, result, 16).ec == std::errc() ? result : 0;
}

index_row read_row(const sqlite_statement& row, instance_index owner) {
  return {.agent = row.text(0),
          .owner = owner,
          .seq = row.natural(2),
          .at = stamp{row.natural(3)},
          .path = row.text(4),
          .scan_root = row.text(5),
          .namespace_name = row.text(6),
          .admitted = row.integer(7) != 0,
          .name = row.text(8),
          .display_name = row.text(9),
          .runtime = row.text(10),
          .registered_at = row.text(11),
          .capabilities_json = row.text(12),
          .contested = row.integer(13) != 0,
          .content = beginning_of(row.text(14))};
}

} // namespace

expected<void> index_file::each_row(const row_filter& which, const take_row& take) {
  auto read = read_rows(which, take);
  if (which.what == row_filter::by::everything)
    connection_.forget_pages();
  return read;
}

expected<void> index_file::read_rows(const row_filter& which, const take_row& take) {
  constexpr std::string_view doing = "reading the roster from the index";
  auto& rows = connection_.prepare(sql_of(which.what));
  switch (which.what) {
    case row_filter::by::everything: rows.bind({}); break;
    case row_filter::by::path: {
      const auto owner = instances().find(which.owner);
      if (!owner)
        return {};
      rows.bind({static_cast<std::int64_t>(*owner), which.text});
      break;
    }
    case row_filter::by::agent:
    case row_filter::by::name:
    case row_filter::by::id_prefix:
    case row_filter::by::in_namespace: rows.bind({which.text}); break;
  }
  const sqlite_reading until_the_end(rows);
  for (std::size_t taken = 0; taken < which.limit;) {
    auto row = rows.step();
    if (!row)
      return why(row.error(), doing);
    if (!*row || (which.what == row_filter::by::id_prefix && !rows.text(0).starts_with(which.text)))
      return {};
    const auto owner = rows.natural(1);
    if (owner >= instances().records().size())
      return why(corrupt_row("placements", "names an instance that there is not"), doing);
    if (instances()[instance_index(owner)].retired_by)
      continue;
    take(read_row(rows, instance_index(owner)));
    ++taken;
  }
  return {};
}

expected<std::optional<denial_record>> index_file::denial(const denial_key& key) {
  auto row = state_->reader().denial(key);
  if (!row)
    return why(row.error(), "reading a denial from the index");
  return row->found ? std::optional<denial_record>(std::move(row->record)) : std::nullopt;
}

expected<std::uint64_t> index_file::conflicts() {
  auto count = connection_.number(count_conflicts);
  if (!count)
    return why(count.error(), "counting the conflicts in the index");
  return static_cast<std::uint64_t>(*count);
}

} // namespace muster
