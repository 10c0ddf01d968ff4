#pragma once

#include "muster/store/sqlite_error.hpp"
#include "muster/store/sqlite_value.hpp"

#include <initializer_list>
#include <memory>
#include <span>

struct sqlite3_stmt;

namespace muster {

/// One SQL statement of a connection, prepared once.
///
/// 1. A failure sticks until `reset`: binding and stepping go on doing nothing
///    and the next `step` or `run` tells. A statement that could not be
///    prepared tells it each time.
/// 2. Texts that are bound, and texts that are read, are not copied: the
///    former must live until `reset`, the latter are good until the next step.
/// 3. Unsigned numbers keep their bits: what was bound comes back.
class sqlite_statement {
public:
  /// Does nothing but fail, as it must when there is no statement.
  explicit sqlite_statement(sqlite_error why) : unprepared_(std::move(why)) {}
  explicit sqlite_statement(sqlite3_stmt* prepared) noexcept : statement_(prepared) {}

  /// Binds all parameters in their order, after a `reset`.
  sqlite_statement& bind(std::span<const sqlite_value> values);
  sqlite_statement& bind(std::initializer_list<sqlite_value> values) {
    return bind(std::span<const sqlite_value>(values.begin(), values.size()));
  }

  /// Goes to the next row; false after the last one.
  sqlite_result<bool> step();
  /// Goes to the end, whatever rows there are, and resets.
  sqlite_result<void> run();
  /// Ready to be bound again. Ends the read that an unfinished step keeps open.
  void reset() noexcept;

  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] std::uint64_t natural(int column) const noexcept { return static_cast<std::uint64_t>(integer(column)); }
  [[nodiscard]] std::string_view text(int column) const noexcept;
  [[nodiscard]] bool is_null(int column) const noexcept;
  [[nodiscard]] int columns() const noexcept;
  /// As it is stored. A real number or a blob, which we never store, is NULL.
  [[nodiscard]] sqlite_value value(int column) const noexcept;
  /// Nothing for NULL.
  [[nodiscard]] std::optional<std::string> optional_text(int column) const;

private:
  struct finalizer {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, finalizer> statement_;
  std::optional<sqlite_error> unprepared_;
  int bind_code_ = 0;
};

/// Resets a statement at the end of a scope, so that no early return leaves a
/// read open.
class sqlite_reading {
public:
  explicit sqlite_reading(sqlite_statement& statement) noexcept : statement_(statement) {}
  sqlite_reading(const sqlite_reading&) = delete;
  sqlite_reading& operator=(const sqlite_reading&) = delete;
  ~sqlite_reading() { statement_.reset(); }

private:
  sqlite_statement& statement_;
};

} // namespace muster
