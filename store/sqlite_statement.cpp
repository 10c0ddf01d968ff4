#include "muster/store/sqlite_statement.hpp"

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>

namespace muster {

namespace {

int bind_one(sqlite3_stmt* to, int index, const sqlite_value& value) noexcept {
  switch (value.type()) {
    case sqlite_value::kind::null: return ::sqlite3_bind_null(to, index);
    case sqlite_value::kind::integer: return ::sqlite3_bind_int64(to, index, value.integer());
    case sqlite_value::kind::text: {
      // A null pointer would bind NULL; an empty text is not that.
      const char* bytes = value.text().data() ? value.text().data() : "";
      return ::sqlite3_bind_text64(to, index, bytes, value.text().size(), SQLITE_STATIC, SQLITE_UTF8);
    }
  }
  std::abort();
}

} // namespace

void sqlite_statement::finalizer::operator()(sqlite3_stmt* statement) const noexcept {
  ::sqlite3_finalize(statement);
}

sqlite_result<bool> sqlite_statement::step() {
  if (unprepared_)
    return *unprepared_;
  const int code = bind_code_ != SQLITE_OK ? bind_code_ : ::sqlite3_step(statement_.get());
  if (code == SQLITE_ROW)
    return true;
  if (code == SQLITE_DONE)
    return false;
  return last_sqlite_error(::sqlite3_db_handle(statement_.get()), code);
}

sqlite_result<void> sqlite_statement::run() {
  const sqlite_reading until_the_end(*this);
  while (true) {
    auto row = step();
    if (!row)
      return row.error();
    if (!*row)
      return {};
  }
}

void sqlite_statement::reset() noexcept {
  // The code repeats what the last step told.
  if (statement_)
    (void)::sqlite3_reset(statement_.get());
  bind_code_ = SQLITE_OK;
}

std::int64_t sqlite_statement::integer(int column) const noexcept {
  return ::sqlite3_column_int64(statement_.get(), column);
}

std::string_view sqlite_statement::text(int column) const noexcept {
  const auto* bytes = reinterpret_cast<const char*>(::sqlite3_column_text(statement_.get(), column));
  const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(statement_.get(), column));
  if (!bytes && !is_null(column)) {
    // As everywhere else, being out of memory ends the process.
    std::fputs("muster: out of memory while reading a database\n", stderr);
    std::abort();
  }
  return {bytes, bytes ? size : 0};
}

bool sqlite_statement::is_null(int column) const noexcept {
  return ::sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::optional<std::string> sqlite_statement::optional_text(int column) const {
  if (is_null(column))
    return std::nullopt;
  return std::string(text(column));
}

sqlite_statement& sqlite_statement::bind(std::span<const sqlite_value> values) {
  reset();
  if (!statement_)
    return *this;
  int index = 0;
  for (const auto& value : values)
    if (const int code = bind_one(statement_.get(), ++index, value); code != SQLITE_OK)
      bind_code_ = code;
  return *this;
}

int sqlite_statement::columns() const noexcept {
  return ::sqlite3_column_count(statement_.get());
}

sqlite_value sqlite_statement::value(int column) const noexcept {
  switch (::sqlite3_column_type(statement_.get(), column)) {
    case SQLITE_INTEGER: return integer(column);
    case SQLITE_TEXT: return text(column);
    default: return nullptr;
  }
}

} // namespace muster
