#pragma once

#include "muster/store/sqlite_connection.hpp"
#include "muster/store/stored_records.hpp"

#include <functional>

namespace muster {

/// Makes records of rows. Rows are not trusted: one that cannot be is an error
/// with SQLite's code for a corrupt file.
class index_reader {
public:
  /// `meaning` is what the fold uses; both outlive the reader.
  index_reader(sqlite_connection& from, const instance_table& instances, meaning_function meaning) noexcept
      : from_(from), instances_(instances), meaning_(meaning) {}

  struct field {
    shared_register content;
    stored_rows rows;
  };

  /// One register; empty if there is none. `subject` and `key` as in the schema.
  sqlite_result<field> one_register(std::int64_t subject, std::string_view key);
  /// All registers of an agent that have ops, by field.
  sqlite_result<void> all_registers(std::int64_t subject, agent_record& into);
  struct places {
    std::vector<placement_register> registers;
    std::vector<stored_rows> rows; ///< of each
  };
  sqlite_result<places> placements(std::int64_t agent);
  struct deny_row {
    denial_record record;
    stored_rows rows;
    bool found = false;
  };
  sqlite_result<deny_row> denial(const denial_key& key);
  /// 0 if there is none.
  sqlite_result<std::int64_t> rule_number(const rule_key& key);
  sqlite_result<std::int64_t> agent_number(const agent_id& id);

  /// The whole record of an agent.
  sqlite_result<agent_record> agent(std::int64_t number);

  /// Each number and id, by id.
  sqlite_result<std::vector<std::pair<std::int64_t, agent_id>>> agent_ids();
  sqlite_result<std::vector<std::pair<std::int64_t, rule_key>>> rule_keys();
  sqlite_result<std::vector<denial_key>> denial_keys();

private:
  sqlite_result<void> read_head(const sqlite_statement& row, int first, field& into) const;
  sqlite_result<void> read_note(const sqlite_statement& row, int first, field& into) const;
  sqlite_result<void> read_claims(std::string_view saw, instance_index by, sequence seq, shared_register& into) const;
  sqlite_result<instance_index> author(std::int64_t number) const;
  /// What the heads tell of who is folded how far.
  static void complete(field& read);

  sqlite_connection& from_;
  const instance_table& instances_;
  meaning_function meaning_;
};

/// Enters all instances with what is known of each, and their rows' sums.
[[nodiscard]] sqlite_result<std::vector<std::uint64_t>> read_instances(sqlite_connection& from, instance_table& into);

[[nodiscard]] sqlite_error corrupt_row(std::string_view table, std::string_view what);

} // namespace muster
