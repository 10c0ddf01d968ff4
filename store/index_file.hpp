#pragma once

#include "muster/store/commit_source.hpp"
#include "muster/store/fold_memory.hpp"
#include "muster/store/index_content.hpp"
#include "muster/store/index_state.hpp"

namespace muster {

/// What is made of the fold's settings and what the index knows of manifests.
struct index_options {
  index_meaning meaning;
  fold_limits limits;
  [[nodiscard]] fold_settings fold() const { return {.meaning = meaning.field, .limits = limits}; }
};

/// The index in its file. Never repairs anything: what is wrong is a failure,
/// and what is wrong with the file as a whole has one of the codes
///   index-other-schema  an index that another version made
///   index-foreign       no index of ours at all
///   database-...        what SQLite says of it
class index_file final : public index_content {
public:
  /// `audit`: whether to read the whole file first, or to trust what was made
  /// a moment ago, or what is the very file that was closed (closed_files.hpp).
  enum class audit : std::uint8_t { whole, none };
  static expected<std::unique_ptr<index_file>> open(const environment& env, const std::string& path,
                                                    const index_options& options, audit how);

  /// Makes a new file of records, in one transaction. There must be nothing at
  /// the path; what is there after a failure is to be removed.
  static expected<void> build(const environment& env, const std::string& path, const fold_memory& records,
                              const index_options& options);

  expected<void> apply(std::span<const commit> commits) override;
  expected<std::optional<agent_record>> agent(const agent_id& id) override;
  expected<void> each_agent(const std::function<void(const agent_id&, const agent_record&)>& take) override;
  expected<void> each_rule(const std::function<void(const rule_key&, const shared_register&)>& take) override;
  expected<shared_register> rule(const rule_key& key) override;
  expected<void> each_denial(const std::function<void(const denial_key&, const denial_record&)>& take) override;
  expected<void> each_row(const row_filter& which, const take_row& take) override;
  expected<std::optional<denial_record>> denial(const denial_key& key) override;
  expected<std::uint64_t> conflicts() override;
  [[nodiscard]] const instance_table& instances() const override { return state_->instances(); }

  /// Whether the file at its path is still the one that is open.
  expected<bool> has_moved();
  /// Reads the whole file, as an opening does.
  expected<void> audit_rows();
  /// Closes now; an error says that the next opening has to finish the log.
  expected<void> close();

private:
  index_file(sqlite_connection connection, const index_options& options);
  expected<void> load();
  expected<void> read_rows(const row_filter& which, const take_row& take);
  [[nodiscard]] failure why(const sqlite_error& error, std::string_view doing) const {
    return as_failure(error, doing, connection_.path());
  }

  sqlite_connection connection_;
  index_options options_;
  std::unique_ptr<index_state> state_;
  std::unique_ptr<fold> fold_;
};

} // namespace muster
