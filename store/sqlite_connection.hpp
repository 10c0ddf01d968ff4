#pragma once

#include "muster/store/environment.hpp"
#include "muster/store/sqlite_statement.hpp"

#include <unordered_map>

struct sqlite3;

namespace muster {

/// When SQLite syncs.
enum class sqlite_durability : std::uint8_t {
  none,   ///< never; for a file that is synced and renamed into place when it is whole
  normal, ///< at checkpoints: a power loss may take the last transactions, in their order
  full,   ///< at each commit
};

/// The only way to a database file.
///
/// 1. One connection a file, and nobody else in it: the lock is exclusive and
///    taken at the first read. Hence no shared memory file.
/// 2. What the file says is not trusted: no triggers, no views, no functions in
///    the schema, no extensions, no other databases, no map of it in memory.
/// 3. The file is private to us (0600) and never reached through a symbolic
///    link at the end of its path.
/// 4. Statements are prepared once, by their text.
class sqlite_connection {
public:
  /// Opens the file, creating an empty one if there is none. With
  /// `sqlite_durability::none` the journal is in memory, else it is a WAL.
  [[nodiscard]] static sqlite_result<sqlite_connection> open(const environment& env, const std::string& path,
                                                             sqlite_durability durability);

  /// The statement of this text, which must outlive the connection. Only one
  /// read of it at a time.
  sqlite_statement& prepare(std::string_view sql);

  /// Runs a statement without results.
  sqlite_result<void> run(std::string_view sql, std::initializer_list<sqlite_value> values = {}) {
    return prepare(sql).bind(values).run();
  }
  /// Runs all statements of a text.
  sqlite_result<void> execute(const std::string& script);
  /// The number in the first column of the first row; 0 without rows.
  sqlite_result<std::int64_t> number(std::string_view sql, std::initializer_list<sqlite_value> values = {});

  /// Whether the file that is open no longer lies at its path: somebody
  /// deleted, moved or replaced it.
  sqlite_result<bool> has_moved();
  /// Whether the file, once it was read, says that it may be written to.
  [[nodiscard]] bool takes_writes() const noexcept;
  /// Reads the whole file; the error says what is wrong with it.
  sqlite_result<void> check();

  /// Gives up the memory of pages: for after a reading of all there is.
  void forget_pages() noexcept;

  /// Closes now. The connection is gone whatever the answer; an error says that
  /// the last checkpoint is still to be done, which the next opening does.
  sqlite_result<void> close();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  struct closer {
    void operator()(sqlite3* database) const noexcept;
  };

  sqlite_connection(sqlite3* database, std::string path) : database_(database), path_(std::move(path)) {}
  sqlite_result<void> set_up(sqlite_durability durability);

  // Statements go before their connection.
  std::unique_ptr<sqlite3, closer> database_;
  std::unordered_map<std::string_view, std::unique_ptr<sqlite_statement>> statements_;
  std::string path_;
};

/// Rolls back unless committed. The connection must outlive it.
class sqlite_transaction {
public:
  [[nodiscard]] static sqlite_result<sqlite_transaction> begin(sqlite_connection& on);
  sqlite_transaction(sqlite_transaction&& other) noexcept : on_(std::exchange(other.on_, nullptr)) {}
  sqlite_transaction& operator=(sqlite_transaction&&) = delete;
  ~sqlite_transaction();

  /// After an error it may or may not have happened: only opening the file
  /// anew tells.
  sqlite_result<void> commit();

private:
  explicit sqlite_transaction(sqlite_connection& on) noexcept : on_(&on) {}
  sqlite_connection* on_;
};

} // namespace muster
