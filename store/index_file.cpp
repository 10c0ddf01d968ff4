#include "muster/store/index_file.hpp"

#include "muster/store/index_audit.hpp"

#include <sqlite3.h>

#include <cstdlib>

namespace muster {

index_file::index_file(sqlite_connection connection, const index_options& options)
    : connection_(std::move(connection)), options_(options) {}

expected<std::unique_ptr<index_file>> index_file::open(const environment& env, const std::string& path,
                                                       const index_options& options, audit how) {
  auto connection = sqlite_connection::open(env, path, sqlite_durability::normal);
  if (!connection)
    return as_failure(connection.error(), "opening the index", path);
  std::unique_ptr<index_file> result(new index_file(std::move(*connection), options));
  if (how == audit::whole)
    if (auto sound = result->audit_rows(); !sound)
      return sound.error();
  if (auto loaded = result->load(); !loaded)
    return loaded.error();
  return result;
}

expected<void> index_file::audit_rows() {
  auto state = audit_index(connection_);
  if (!state)
    return why(state.error(), "checking the index");
  switch (*state) {
    case index_file_state::ours: return {};
    case index_file_state::other_schema:
      return failure{.kind = failure_kind::damaged,
                     .code = "index-other-schema",
                     .message = "the index was made by another version of muster and is folded anew",
                     .path = connection_.path()};
    case index_file_state::foreign:
      return failure{.kind = failure_kind::damaged,
                     .code = "index-foreign",
                     .message = "the file is not an index of muster, or not only that",
                     .path = connection_.path()};
  }
  std::abort();
}

expected<void> index_file::close() {
  auto closed = connection_.close();
  if (!closed)
    return why(closed.error(), "closing the index");
  return {};
}

expected<void> index_file::load() {
  auto state = index_state::load(connection_, options_.meaning);
  if (!state)
    return state.error();
  state_ = std::move(*state);
  fold_ = std::make_unique<fold>(*state_, options_.fold());
  // A header that forbids it would be noticed by the first commit only.
  if (!connection_.takes_writes())
    return why({SQLITE_CORRUPT, "its header says that it takes no writes"}, "opening the index");
  return {};
}

expected<void> index_file::apply(std::span<const commit> commits) {
  constexpr std::string_view doing = "writing commits to the index";
  auto transaction = sqlite_transaction::begin(connection_);
  if (!transaction)
    return why(transaction.error(), doing);
  for (const auto& each : commits) {
    auto changes = fold_->apply(each);
    if (!changes)
      return changes.error();
    if (auto written = state_->write_back(*changes); !written)
      return written;
  }
  if (auto written = state_->finish(); !written)
    return written;
  if (auto done = transaction->commit(); !done)
    return why(done.error(), doing);
  return {};
}

expected<std::optional<agent_record>> index_file::agent(const agent_id& id) {
  constexpr std::string_view doing = "reading an agent from the index";
  auto number = state_->reader().agent_number(id);
  if (!number)
    return why(number.error(), doing);
  if (*number == 0)
    return std::optional<agent_record>();
  auto record = state_->reader().agent(*number);
  if (!record)
    return why(record.error(), doing);
  return std::optional<agent_record>(std::move(*record));
}

expected<void> index_file::each_agent(const std::function<void(const agent_id&, const agent_record&)>& take) {
  constexpr std::string_view doing = "reading the agents from the index";
  auto ids = state_->reader().agent_ids();
  if (!ids)
    return why(ids.error(), doing);
  for (const auto& [number, id] : *ids) {
    auto record = state_->reader().agent(number);
    if (!record)
      return why(record.error(), doing);
    take(id, *record);
  }
  return {};
}

expected<void> index_file::each_rule(const std::function<void(const rule_key&, const shared_register&)>& take) {
  constexpr std::string_view doing = "reading the rules from the index";
  auto keys = state_->reader().rule_keys();
  if (!keys)
    return why(keys.error(), doing);
  for (const auto& [number, key] : *keys) {
    auto rule = state_->reader().one_register(-number, {});
    if (!rule)
      return why(rule.error(), doing);
    take(key, rule->content);
  }
  return {};
}

expected<shared_register> index_file::rule(const rule_key& key) {
  constexpr std::string_view doing = "reading a rule from the index";
  auto number = state_->reader().rule_number(key);
  if (!number)
    return why(number.error(), doing);
  if (*number == 0)
    return shared_register();
  auto found = state_->reader().one_register(-*number, {});
  if (!found)
    return why(found.error(), doing);
  return std::move(found->content);
}

expected<void> index_file::each_denial(const std::function<void(const denial_key&, const denial_record&)>& take) {
  constexpr std::string_view doing = "reading the denials from the index";
  auto keys = state_->reader().denial_keys();
  if (!keys)
    return why(keys.error(), doing);
  for (const auto& key : *keys) {
    auto row = state_->reader().denial(key);
    if (!row)
      return why(row.error(), doing);
    take(key, row->record);
  }
  return {};
}

expected<bool> index_file::has_moved() {
  auto moved = connection_.has_moved();
  if (!moved)
    return why(moved.error(), "looking for the index at its path");
  return *moved;
}

} // namespace muster
