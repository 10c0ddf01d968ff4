#include "muster/store/sqlite_connection.hpp"

#include "muster/store/whole_number.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace muster {

namespace {

// A value of ours is at most a manifest's worth; this is what a file may make
// us allocate at once.
constexpr int max_value_bytes = 16 * 1024 * 1024;
constexpr int busy_milliseconds = 5000;

constexpr std::array allowed_pragmas{std::string_view("integrity_check"), std::string_view("user_version"),
                                     std::string_view("wal_checkpoint")};

int authorize(void*, int action, const char* first, const char*, const char*, const char*) {
  switch (action) {
    case SQLITE_ATTACH:
    case SQLITE_DETACH: return SQLITE_DENY;
    case SQLITE_PRAGMA:
      return std::find(allowed_pragmas.begin(), allowed_pragmas.end(), first) != allowed_pragmas.end() ? SQLITE_OK
                                                                                                       : SQLITE_DENY;
    default: return SQLITE_OK;
  }
}

sqlite_error system_error(int system_errno, std::string message) {
  return {SQLITE_CANTOPEN, std::move(message), system_errno};
}

/// SQLite would create it for everybody to read, and follow a link.
sqlite_result<void> ensure_private_file(disk& files, const std::string& path) {
  auto status = files.status(no_handle, path, false);
  if (status && status->type != file_type::regular)
    return system_error(0, "something that is not a regular file lies at its path");
  if (status)
    return {};
  if (status.error().code != ENOENT)
    return system_error(status.error().code, "its path cannot be read");
  auto made = files.open(no_handle, path,
                         {.access = open_how::access_mode::read_write,
                          .create = true,
                          .exclusive = true,
                          .no_follow = true,
                          .mode = 0600});
  if (!made)
    return sqlite_error(made.error().code == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN, "it cannot be created",
                        made.error().code);
  (void)files.close(*made);
  return {};
}

/// A page that the disk does not give out is told as a finding, too, and is no
/// damage.
int code_of_finding(std::string_view told) {
  constexpr std::string_view unread = "unable to get the page. error code=";
  if (const auto at = told.find(unread); at != std::string_view::npos) {
    const auto rest = told.substr(at + unread.size());
    const auto code = whole_number(rest.substr(0, rest.find_first_not_of("0123456789")));
    return code && *code != 0 && *code < 65536 ? static_cast<int>(*code) : SQLITE_CORRUPT;
  }
  return told.find("failed to get page") == std::string_view::npos ? SQLITE_CORRUPT : SQLITE_IOERR_READ;
}

} // namespace

void sqlite_connection::closer::operator()(sqlite3* database) const noexcept {
  (void)::sqlite3_close_v2(database);
}

sqlite_result<sqlite_connection> sqlite_connection::open(const environment& env, const std::string& path,
                                                         sqlite_durability durability) {
  if (auto there = ensure_private_file(env.files, path); !there)
    return there.error();
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  const int code = ::sqlite3_open_v2(path.c_str(), &opened, flags, env.sqlite_vfs);
  sqlite_connection result(opened, path);
  if (code != SQLITE_OK)
    return last_sqlite_error(opened, code);
  if (auto ready = result.set_up(durability); !ready)
    return ready.error();
  return result;
}

sqlite_result<void> sqlite_connection::set_up(sqlite_durability durability) {
  auto* database = database_.get();
  ::sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  ::sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  ::sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  ::sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  ::sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  ::sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  ::sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  ::sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
  ::sqlite3_limit(database, SQLITE_LIMIT_LENGTH, max_value_bytes);
  ::sqlite3_busy_timeout(database, busy_milliseconds);

  // The exclusive lock comes before the WAL, which then needs no shared memory.
  const bool logged = durability != sqlite_durability::none;
  std::string script = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON;"
                       "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = OFF;"
                       "PRAGMA journal_size_limit = 16777216; PRAGMA synchronous = ";
  script += durability == sqlite_durability::full     ? "FULL;"
            : durability == sqlite_durability::normal ? "NORMAL;"
                                                      : "OFF;";
  if (auto done = execute(script); !done)
    return done;
  {
    sqlite_statement& mode = prepare(logged ? "PRAGMA journal_mode = WAL" : "PRAGMA journal_mode = MEMORY");
    const sqlite_reading until_the_end(mode);
    auto row = mode.step();
    if (!row)
      return row.error();
    if (!*row || mode.text(0) != (logged ? "wal" : "memory"))
      return sqlite_error(SQLITE_CANTOPEN, "it does not take the journal we ask for");
  }
  ::sqlite3_set_authorizer(database, &authorize, nullptr);
  return {};
}

sqlite_statement& sqlite_connection::prepare(std::string_view sql) {
  auto& slot = statements_[sql];
  if (!slot) {
    sqlite3_stmt* prepared = nullptr;
    const int code = ::sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    slot = code == SQLITE_OK ? std::make_unique<sqlite_statement>(prepared)
                             : std::make_unique<sqlite_statement>(last_sqlite_error(database_.get(), code));
  }
  return *slot;
}

sqlite_result<void> sqlite_connection::execute(const std::string& script) {
  const int code = ::sqlite3_exec(database_.get(), script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    return last_sqlite_error(database_.get(), code);
  return {};
}

sqlite_result<std::int64_t> sqlite_connection::number(std::string_view sql,
                                                      std::initializer_list<sqlite_value> values) {
  auto& statement = prepare(sql).bind(values);
  const sqlite_reading until_the_end(statement);
  auto row = statement.step();
  if (!row)
    return row.error();
  return *row ? statement.integer(0) : 0;
}

sqlite_result<bool> sqlite_connection::has_moved() {
  int moved = 0;
  const int code = ::sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (code != SQLITE_OK)
    return last_sqlite_error(database_.get(), code);
  return moved != 0;
}

bool sqlite_connection::takes_writes() const noexcept {
  return ::sqlite3_db_readonly(database_.get(), "main") == 0;
}

sqlite_result<void> sqlite_connection::check() {
  const auto examine = [this]() -> sqlite_result<void> {
    auto& statement = prepare("PRAGMA integrity_check(1)").bind({});
    const sqlite_reading until_the_end(statement);
    auto row = statement.step();
    if (!row)
      return row.error();
    const auto told = *row ? statement.text(0) : std::string_view("no answer");
    if (told != "ok")
      return sqlite_error(code_of_finding(told), std::string(told));
    return {};
  };
  auto sound = examine();
  forget_pages();
  return sound;
}

void sqlite_connection::forget_pages() noexcept {
  (void)sqlite3_db_release_memory(database_.get());
}

sqlite_result<void> sqlite_connection::close() {
  statements_.clear();
  auto* database = database_.release();
  const int code = ::sqlite3_close_v2(database);
  if (code != SQLITE_OK)
    return sqlite_error(code, ::sqlite3_errstr(code));
  return {};
}

sqlite_result<sqlite_transaction> sqlite_transaction::begin(sqlite_connection& on) {
  if (auto begun = on.run("BEGIN IMMEDIATE"); !begun)
    return begun.error();
  return sqlite_transaction(on);
}

sqlite_transaction::~sqlite_transaction() {
  // SQLite may have rolled back by itself; then this is refused, which is right.
  if (on_)
    (void)on_->run("ROLLBACK");
}

sqlite_result<void> sqlite_transaction::commit() {
  auto done = on_->run("COMMIT");
  if (done)
    on_ = nullptr;
  return done;
}

} // namespace muster
