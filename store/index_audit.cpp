#include "muster/store/index_audit.hpp"

#include "muster/store/index_tables.hpp"
#include "muster/store/row_hash.hpp"
#include "muster/store/schema_objects.hpp"
#include "muster/store/schema_texts.hpp"
#include "muster/store/sha256.hpp"

#include <sqlite3.h>

namespace muster {

namespace {

constexpr std::string_view select_schema = "SELECT value FROM facts WHERE name = 'schema'";
constexpr std::string_view insert_schema = "INSERT INTO facts (name, value) VALUES ('schema', ?)";
constexpr std::string_view select_checksum = "SELECT value FROM facts WHERE name = 'checksum'";

/// The stored hash; empty if this is no index at all.
sqlite_result<std::string> stored_schema(sqlite_connection& file) {
  auto& row = file.prepare(select_schema).bind({});
  const sqlite_reading until_the_end(row);
  auto found = row.step();
  if (!found && found.error().primary() == SQLITE_ERROR)
    return std::string();
  if (!found)
    return found.error();
  return *found ? std::string(row.text(0)) : std::string();
}

sqlite_result<std::uint64_t> sum_of(sqlite_connection& file, const std::string& select, std::string_view table) {
  auto& rows = file.prepare(select).bind({});
  const sqlite_reading until_the_end(rows);
  std::uint64_t sum = 0;
  while (true) {
    auto row = rows.step();
    if (!row)
      return row.error();
    if (!*row)
      return sum;
    sum += hash_of_row(rows, table);
  }
}

bool is_digest(std::string_view text) noexcept {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

} // namespace

const std::string& index_schema_hash() {
  static const std::string hash = to_hex(sha256::of(index_schema_text));
  return hash;
}

sqlite_result<index_file_state> audit_index(sqlite_connection& file) {
  auto schema = stored_schema(file);
  if (!schema)
    return schema.error();
  if (*schema != index_schema_hash())
    return is_digest(*schema) ? index_file_state::other_schema : index_file_state::foreign;
  auto same = has_schema(file, index_schema_text);
  if (!same)
    return same.error();
  if (!*same)
    return index_file_state::foreign;
  if (auto sound = file.check(); !sound)
    return sound.error();
  static const auto selects = [] {
    std::array<std::string, index_table::all.size()> result;
    for (std::size_t i = 0; i < result.size(); ++i)
      result[i] = "SELECT * FROM " + std::string(index_table::all[i]);
    return result;
  }();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < selects.size(); ++i) {
    auto part = sum_of(file, selects[i], index_table::all[i]);
    if (!part)
      return part.error();
    sum += *part;
  }
  auto stored = file.number(select_checksum);
  if (!stored)
    return stored.error();
  if (static_cast<std::uint64_t>(*stored) != sum)
    return sqlite_error(SQLITE_CORRUPT, "its rows are not those that were written");
  return index_file_state::ours;
}

sqlite_result<void> create_index_tables(sqlite_connection& file) {
  if (auto made = file.execute(index_schema_text); !made)
    return made;
  return file.run(insert_schema, {index_schema_hash()});
}

std::string_view index_difference(bool feeds_are_whole) noexcept {
  return feeds_are_whole
             ? "the index is not what the feeds say; 'muster rebuild' folds it anew"
             : "the index is not what can be read of the feeds, one of which is damaged, and may be all that is "
               "left of the rest: keep it, and see what 'muster doctor' says of the feeds";
}

} // namespace muster
