#include "muster/store/sqlite_error.hpp"

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>

namespace muster {

namespace {

struct meaning {
  failure_kind kind;
  std::string_view code;
  std::string_view advice;
};

meaning meaning_of(int primary_code) noexcept {
  switch (primary_code) {
    case SQLITE_FULL: return {failure_kind::failed, "database-full", "make space on the disk"};
    case SQLITE_IOERR: return {failure_kind::failed, "database-io", "check the disk"};
    case SQLITE_CORRUPT: return {failure_kind::damaged, "database-corrupt", "run muster doctor"};
    case SQLITE_NOTADB: return {failure_kind::damaged, "database-not-a-database", "run muster doctor"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {failure_kind::busy, "database-busy", "close the other program that has it open"};
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY: return {failure_kind::failed, "database-read-only", "check the permissions of the file"};
    case SQLITE_CANTOPEN: return {failure_kind::failed, "database-cannot-open", "check the data directory"};
    default: return {failure_kind::failed, "database-error", "run muster doctor"};
  }
}

} // namespace

void throw_exception_from_error(const sqlite_error& why, const boost::source_location& where) {
  std::fprintf(stderr, "muster: the value of a failed database call was read at %s:%u: %s\n", where.file_name(),
               static_cast<unsigned>(where.line()), why.message.c_str());
  std::abort();
}

sqlite_error last_sqlite_error(sqlite3* of, int code) {
  sqlite_error result(code, ::sqlite3_errstr(code));
  if (of && ::sqlite3_extended_errcode(of) == code) {
    result.message = ::sqlite3_errmsg(of);
    if (result.primary() == SQLITE_IOERR || result.primary() == SQLITE_CANTOPEN || result.primary() == SQLITE_FULL)
      result.system_errno = ::sqlite3_system_errno(of);
  }
  return result;
}

failure as_failure(const sqlite_error& why, std::string_view doing, std::string_view path) {
  const auto meaning = meaning_of(why.primary());
  std::string text{doing};
  text.append(" failed: ").append(why.message).append(" (SQLite ").append(std::to_string(why.code)).append("); ");
  text.append(meaning.advice);
  return {.kind = meaning.kind,
          .code = meaning.code,
          .message = std::move(text),
          .path = std::string(path),
          .system_errno = why.system_errno};
}

} // namespace muster
