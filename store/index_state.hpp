#pragma once

#include "muster/store/fold.hpp"
#include "muster/store/index_reader.hpp"
#include "muster/store/index_writer.hpp"

#include <set>

namespace muster {

/// What the index needs to know of manifests.
struct index_meaning {
  meaning_function field = &plain_meaning;
  content_hash_function content = &hash_of_text;
};

/// A fold's records as the rows of one database. Holds the rows that the commit
/// at hand asked for, and all instances; nothing else stays in memory.
///
/// After a failure what is here is not what is in the file: throw it away.
class index_state final : public fold_state {
public:
  /// Reads the instances. The connection outlives the state, which is its only
  /// writer.
  static expected<std::unique_ptr<index_state>> load(sqlite_connection& on, const index_meaning& meaning);

  expected<agent_record*> agent(const agent_id& id, const agent_parts& parts) override;
  expected<shared_register*> rule(const rule_key& key) override;
  expected<denial_record*> denial(const denial_key& key) override;

  /// Writes what a commit changed but for the instances, inside the caller's
  /// transaction, and forgets the records.
  expected<void> write_back(const fold_changes& changes);
  /// Writes the instances that changed since it was called last, and the sum over
  /// all rows; the last thing in a transaction.
  expected<void> finish();

  [[nodiscard]] index_reader& reader() noexcept { return reader_; }

private:
  struct held_agent {
    std::int64_t number = 0;
    bool is_new = false;
    agent_record record;
    std::map<std::string, stored_rows, std::less<>> fields; ///< those that are loaded
    bool has_placements = false;
    std::map<instance_index, stored_rows> placements;
  };
  struct held_rule {
    std::int64_t number = 0;
    shared_register content;
    stored_rows rows;
  };
  struct held_denial {
    denial_record record;
    stored_rows rows;
  };

  index_state(sqlite_connection& on, const index_meaning& meaning);
  sqlite_result<void> load_all();
  sqlite_result<void> load_placements(held_agent& into);

  sqlite_result<void> write_instances();
  sqlite_result<void> write_fields(const std::vector<field_key>& keys);
  sqlite_result<void> write_placements(const std::vector<placement_key>& keys);
  sqlite_result<void> write_agents(const fold_changes& changes);
  sqlite_result<void> write_rest(const fold_changes& changes);
  sqlite_result<void> refresh_agents_of(instance_index retired);
  void forget();
  [[nodiscard]] failure why(const sqlite_error& error, std::string_view doing) const;

  sqlite_connection& on_;
  index_reader reader_;
  index_writer writer_;
  std::vector<std::uint64_t> instance_sums_;
  std::set<instance_id> changed_instances_; ///< that are not written yet
  std::int64_t agents_ = 0;                 ///< the highest number
  std::int64_t rules_ = 0;                  ///< the highest number

  std::map<agent_id, held_agent> held_agents_;
  std::map<rule_key, held_rule> held_rules_;
  std::map<denial_key, held_denial> held_denials_;
};

} // namespace muster
