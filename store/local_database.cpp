#include "muster/store/local_database.hpp"

#include "muster/store/database_files.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/schema_objects.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace muster {

namespace {

constexpr std::string_view create_stamp =
    "CREATE TABLE IF NOT EXISTS stamp (name TEXT PRIMARY KEY, value TEXT NOT NULL) "
    "WITHOUT ROWID";
constexpr std::string_view upsert_fingerprint = "INSERT INTO stamp (name, value) VALUES ('schema', ?) "
                                                "ON CONFLICT (name) DO UPDATE SET value = excluded.value";
constexpr std::string_view select_fingerprint = "SELECT count(*) FROM stamp WHERE name = 'schema' AND value = ?";
constexpr std::string_view select_version = "PRAGMA user_version";
constexpr std::string_view checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";

// Where the file format keeps what we read without SQLite: the magic, who may
// write (a number that SQLite does not know makes the file read-only), and
// `user_version`, in big-endian order.
constexpr std::string_view magic("SQLite format 3\0", 16);
constexpr std::size_t write_format_offset = 18;
constexpr char last_write_format = 2;
constexpr std::size_t version_offset = 60;
constexpr std::size_t header_bytes = 100;

failure newer(std::int64_t version, std::int64_t ours, const std::string& path) {
  return {.kind = failure_kind::release_mismatch,
          .code = "local-newer",
          .message = "the local database is of version " + std::to_string(version) + " and this muster knows up to " +
                     std::to_string(ours) + ": upgrade this muster; nothing was changed",
          .path = path};
}

/// What stands in the file itself. Opening it with SQLite would change files.
struct file_header {
  bool sound = false;
  std::int64_t version = 0;
};

os_result<file_header> read_header(const environment& env, const std::string& path) {
  auto file = open_regular(env.files, no_handle, path);
  if (!file)
    return file.error();
  auto bytes = read_full(env.files, file->get(), 0, header_bytes);
  if (!bytes)
    return bytes.error();
  file_header result;
  result.sound = bytes->size() == header_bytes && bytes->starts_with(magic) && (*bytes)[write_format_offset] >= 0 &&
                 (*bytes)[write_format_offset] <= last_write_format;
  if (result.sound) {
    std::uint32_t version = 0;
    for (std::size_t i = 0; i < sizeof version; ++i)
      version = version << 8U | static_cast<unsigned char>((*bytes)[version_offset + i]);
    result.version = static_cast<std::int32_t>(version);
  }
  return result;
}

sqlite_result<void> take_step(sqlite_connection& on, const local_step& step) {
  auto transaction = sqlite_transaction::begin(on);
  if (!transaction)
    return transaction.error();
  if (auto made = on.run(create_stamp); !made)
    return made;
  if (auto run = step.run(on); !run)
    return run;
  auto fingerprint = schema_fingerprint(on);
  if (!fingerprint)
    return fingerprint.error();
  if (auto stamped = on.run(upsert_fingerprint, {*fingerprint}); !stamped)
    return stamped;
  // SQLite binds no parameters in a pragma.
  if (auto stamped = on.execute("PRAGMA user_version = " + std::to_string(step.version)); !stamped)
    return stamped;
  return transaction->commit();
}

/// Every structure and every table as the last step left them.
sqlite_result<void> check_content(sqlite_connection& on, std::int64_t version, local_database::audit how) {
  if (how == local_database::audit::whole)
    if (auto sound = on.check(); !sound)
      return sound;
  auto fingerprint = schema_fingerprint(on);
  if (!fingerprint)
    return fingerprint.error();
  if (version == 0)
    return *fingerprint == fingerprint_of_nothing() ? sqlite_result<void>()
                                                    : sqlite_error(SQLITE_NOTADB, "it is not a database of ours");
  auto known = on.number(select_fingerprint, {*fingerprint});
  if (!known && known.error().primary() != SQLITE_ERROR)
    return known.error();
  if (!known || *known != 1)
    return sqlite_error(SQLITE_CORRUPT, "its tables are not those that were made");
  return {};
}

sqlite_result<void> bring_up(sqlite_connection& on, std::int64_t version, std::span<const local_step> steps,
                             local_database::audit how) {
  if (auto sound = check_content(on, version, how); !sound)
    return sound;
  bool moved = false;
  for (const auto& step : steps)
    if (step.version > version) {
      moved = true;
      if (auto taken = take_step(on, step); !taken)
        return taken;
    }
  // So that the version stands in the file itself, where the next one looks.
  return moved ? on.run(checkpoint) : sqlite_result<void>();
}

/// Damage is what the file is; anything else is what the disk does.
bool is_damage(const sqlite_error& why) {
  return why.primary() == SQLITE_CORRUPT || why.primary() == SQLITE_NOTADB;
}

struct attempt {
  std::optional<sqlite_connection> opened;
  std::optional<failure> refused;
  std::optional<sqlite_error> error;
};

attempt try_to_open(const environment& env, const std::string& path, std::span<const local_step> steps,
                    local_database::audit how) {
  auto connection = sqlite_connection::open(env, path, sqlite_durability::full);
  if (!connection)
    return {.opened = {}, .refused = {}, .error = connection.error()};
  auto version = connection->number(select_version);
  if (!version)
    return {.opened = {}, .refused = {}, .error = version.error()};
  const auto ours = steps.empty() ? 0 : steps.back().version;
  if (*version > ours)
    return {.opened = {}, .refused = newer(*version, ours, path), .error = {}};
  if (auto up = *version < 0 ? sqlite_error(SQLITE_CORRUPT, "its version is below zero")
                             : bring_up(*connection, *version, steps, how);
      !up)
    return {.opened = {}, .refused = {}, .error = up.error()};
  return {.opened = std::move(*connection), .refused = {}, .error = {}};
}

failure cannot_set_aside(os_error why, const std::string& path) {
  return {.kind = failure_kind::failed,
          .code = "local-file",
          .message = std::string("setting the damaged local database aside failed: ") + std::strerror(why.code) +
                     "; check the data directory",
          .path = path,
          .system_errno = why.code};
}

} // namespace

expected<local_database> local_database::open(const environment& env, const std::string& path,
                                              std::span<const local_step> steps, audit how) {
  std::string begun_anew;
  auto presence = look_at_database(env, path);
  if (!presence)
    return cannot_set_aside(presence.error(), path);
  if (*presence == database_presence::remains || *presence == database_presence::empty)
    begun_anew = "the local database was begun anew because it was empty or only its log was left";
  if (*presence == database_presence::present) {
    auto header = read_header(env, path);
    const auto ours = steps.empty() ? 0 : steps.back().version;
    if (header && header->sound && header->version > ours)
      return newer(header->version, ours, path);
    // What cannot be read is SQLite's to tell.
    if (header && !header->sound)
      begun_anew = "the local database was set aside and begun anew because its header is damaged";
  }
  for (int tries = 0; tries != 2; ++tries) {
    if (!begun_anew.empty())
      if (auto aside = set_database_aside(env, path); !aside)
        return cannot_set_aside(aside.error(), path);
    auto tried = try_to_open(env, path, steps, how);
    if (tried.refused)
      return *tried.refused;
    if (tried.opened) {
      local_database result(std::move(*tried.opened));
      result.begun_anew_ = std::move(begun_anew);
      return result;
    }
    auto why = as_failure(*tried.error, "opening the local database", path);
    if (!is_damage(*tried.error) || !begun_anew.empty())
      return why;
    begun_anew = "the local database was set aside and begun anew because " + why.message;
  }
  std::abort();
}

expected<void> local_database::close() {
  const auto path = connection_.path();
  if (auto closed = connection_.close(); !closed)
    return as_failure(closed.error(), "closing the local database", path);
  return {};
}

} // namespace muster
