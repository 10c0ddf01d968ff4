#pragma once

#include "muster/store/index_agent_row.hpp"
#include "muster/store/sqlite_connection.hpp"
#include "muster/store/stored_records.hpp"

namespace muster {

/// Makes rows of records, and keeps the sum over all rows. Each function says
/// what is known of the rows that hold the record now; those that are written
/// again take what was known before.
class index_writer {
public:
  index_writer(sqlite_connection& to, const instance_table& instances, meaning_function meaning,
               content_hash_function content_hash) noexcept
      : to_(to), instances_(instances), meaning_(meaning), content_hash_(content_hash) {}

  /// The sum over all rows that are there; 0 for a new file.
  void start_from(std::uint64_t checksum) noexcept { checksum_ = checksum; }

  /// The sum of its rows.
  sqlite_result<std::uint64_t> put_instance(instance_index number, std::uint64_t sum_before);
  sqlite_result<stored_rows> put_field(std::int64_t agent, const agent_id& id, const std::string& field,
                                       const shared_register& content, const stored_rows& before);
  sqlite_result<stored_rows> put_placement(std::int64_t agent, const placement_register& place,
                                           const stored_rows& before);
  sqlite_result<void> put_denial(const denial_key& key, const denial_record& record, const stored_rows& before);
  sqlite_result<stored_rows> put_rule(std::int64_t number, const rule_key& key, const shared_register& content,
                                      const stored_rows& before);

  /// `follows`: also what the row says of who registered the agent and when,
  /// which stays as it is otherwise. A new row gets it in any case.
  enum class registration : std::uint8_t { stays, follows };
  /// The row of an agent that had none, of which `record` is all there is.
  sqlite_result<void> put_new_agent(std::int64_t number, std::string_view id, const agent_record& record);
  /// The row of an agent that had one, with what the rows of its registers and
  /// placements say.
  sqlite_result<void> refresh_agent(std::int64_t number, std::string_view id, registration what);

  /// Stores the sum.
  sqlite_result<void> put_checksum();

private:
  /// Runs an upsert and adds the row's hash to the sum; the hash.
  sqlite_result<std::uint64_t> put(std::string_view sql, std::string_view table, std::span<const sqlite_value> values);
  sqlite_result<std::uint64_t> put(std::string_view sql, std::string_view table,
                                   std::initializer_list<sqlite_value> values) {
    return put(sql, table, std::span<const sqlite_value>(values.begin(), values.size()));
  }
  sqlite_result<void> put_agent(std::int64_t number, std::string_view id, bool live,
                                const std::vector<field_winner>& winners, bool is_new, registration what);
  /// Takes the rows that a query finds out of the sum.
  sqlite_result<void> discount(std::string_view select, std::string_view table,
                               std::initializer_list<sqlite_value> values);

  /// Where the rows of a register stand, and how it is judged.
  struct register_place {
    std::int64_t subject;
    std::string_view key;
    register_judge judge;
  };
  /// All rows of a register but its conflict.
  sqlite_result<stored_rows> put_register(const register_place& place, const shared_register& content,
                                          const stored_rows& before);
  sqlite_result<void> take_away(const register_place& place, const stored_rows& before, const stored_rows& now);
  sqlite_result<void> put_heads(const register_place& place, const shared_register& content, stored_rows& now);
  sqlite_result<void> put_notes(const register_place& place, const shared_register& content, stored_rows& now);
  /// `id` is empty if there is no conflict.
  sqlite_result<void> put_conflict(const register_place& place, const std::string& id, const stored_rows& before);

  sqlite_connection& to_;
  const instance_table& instances_;
  meaning_function meaning_;
  content_hash_function content_hash_;
  std::uint64_t checksum_ = 0;
};

} // namespace muster
