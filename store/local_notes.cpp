#include "muster/store/local_notes.hpp"

#include "muster/store/local_held.hpp"
#include "muster/store/local_last_seen.hpp"
#include "muster/store/local_sweeps.hpp"

#include <utility>

namespace muster {

namespace {

constexpr std::string_view reading = "reading what was seen on this machine";
constexpr std::string_view writing = "writing what was seen on this machine";

} // namespace

void local_notes::open(local_database::audit how) {
  transaction_.reset();
  database_.reset();
  ++generation_;
  auto opened = local_database::open(env_, path_, shipped_local_steps(), how);
  if (!opened) {
    problem_ = opened.error();
    return;
  }
  problem_.reset();
  database_.emplace(std::move(*opened));
  if (!database_->begun_anew().empty())
    begun_anew_ = database_->begun_anew();
}

bool local_notes::close() {
  transaction_.reset();
  const bool whole = database_ && database_->close();
  database_.reset();
  ++generation_;
  return whole;
}

bool local_notes::ready() {
  if (!database_)
    open(local_database::audit::whole);
  return database_.has_value();
}

expected<void> local_notes::reachable() {
  if (!ready())
    return *problem_;
  return {};
}

failure local_notes::broken(const sqlite_error& why, std::string_view doing) {
  auto result = as_failure(why, doing, path_);
  if (transaction_)
    lost_ = result;
  transaction_.reset();
  database_.reset();
  ++generation_;
  problem_ = result;
  return result;
}

expected<void> local_notes::audit() {
  if (!ready())
    return *problem_;
  if (auto sound = database_->connection().check(); !sound)
    return as_failure(sound.error(), "checking the local database", path_);
  return {};
}

template <class Result, class Read>
Result local_notes::read(Read&& work) {
  if (!ready())
    return {};
  auto found = work(database_->connection());
  if (found)
    return std::move(*found);
  (void)broken(found.error(), reading);
  return {};
}

expected<void> local_notes::begin() {
  if (lost_)
    return *lost_;
  if (transaction_)
    return {};
  // What is written to a file that is gone would be lost.
  if (database_)
    if (auto moved = database_->connection().has_moved(); !moved || *moved)
      open(local_database::audit::whole);
  if (!ready())
    return *problem_;
  auto begun = sqlite_transaction::begin(database_->connection());
  if (!begun)
    return broken(begun.error(), writing);
  transaction_.emplace(std::move(*begun));
  return {};
}

template <class Write>
expected<void> local_notes::write(Write&& work) {
  if (auto begun = begin(); !begun) {
    lost_ = begun.error();
    return begun;
  }
  if (sqlite_result<void> done = work(database_->connection()); !done)
    return broken(done.error(), writing);
  return {};
}

expected<void> local_notes::commit() {
  if (auto lost = std::exchange(lost_, std::nullopt))
    return *lost;
  if (!transaction_)
    return {};
  auto done = transaction_->commit();
  if (!done) {
    auto why = broken(done.error(), writing);
    lost_.reset();
    return why;
  }
  transaction_.reset();
  return {};
}

std::optional<observed_place> local_notes::observed(const agent_id& agent, const std::string& path) {
  return read<std::optional<observed_place>>(
      [&](sqlite_connection& on) { return local_observed(on).find(agent, path); });
}

held_versions local_notes::held(const agent_id& agent, const std::string& path) {
  return read<held_versions>([&](sqlite_connection& on) { return local_held(on).find(agent, path); });
}

std::optional<std::chrono::milliseconds> local_notes::last_seen(const agent_id& agent) {
  return read<std::optional<std::chrono::milliseconds>>(
      [&](sqlite_connection& on) { return local_last_seen(on).find(agent); });
}

std::string local_notes::last_event(const agent_id& agent) {
  return read<std::string>([&](sqlite_connection& on) { return local_last_seen(on).event_of(agent); });
}

std::optional<remembered_sweep> local_notes::last_sweep() {
  return read<std::optional<remembered_sweep>>([&](sqlite_connection& on) { return local_sweeps(on).last(); });
}

void local_notes::each_observed(const std::function<void(std::string_view, std::string_view, observed_place)>& take) {
  if (!ready())
    return;
  auto done = local_observed(database_->connection()).each(take);
  database_->connection().forget_pages();
  if (!done)
    (void)broken(done.error(), reading);
}

void local_notes::each_last_seen(const std::function<void(std::string_view, std::chrono::milliseconds)>& take) {
  if (ready())
    if (auto done = local_last_seen(database_->connection()).each(take); !done)
      (void)broken(done.error(), reading);
}

expected<void> local_notes::put_observed(const agent_id& agent, const std::string& path, const observed_place& seen) {
  return write([&](sqlite_connection& on) { return local_observed(on).put(agent, path, seen); });
}

expected<void> local_notes::put_absence(const agent_id& agent, const std::string& path, const absence_count& absent) {
  return write([&](sqlite_connection& on) { return local_observed(on).put_absence(agent, path, absent); });
}

expected<void> local_notes::put_sweep(const remembered_sweep& which) {
  return write([&](sqlite_connection& on) { return local_sweeps(on).put(which); });
}

expected<void> local_notes::put_held(const agent_id& agent, const std::string& path, const held_versions& what) {
  return write([&](sqlite_connection& on) { return local_held(on).put(agent, path, what); });
}

expected<void> local_notes::put_last_seen(const agent_id& agent, std::chrono::milliseconds at,
                                          const std::string& event) {
  return write([&](sqlite_connection& on) { return local_last_seen(on).put(agent, at, event); });
}

expected<void> local_notes::keep_only(const agent_id& agent, const std::string& path) {
  return write([&](sqlite_connection& on) {
    auto done = local_observed(on).keep_only(agent, path);
    if (done)
      done = local_held(on).keep_only(agent, path);
    if (done && path.empty())
      done = local_last_seen(on).drop(agent);
    return done;
  });
}

} // namespace muster
