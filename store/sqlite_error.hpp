#pragma once

#include "muster/messages/failure.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <utility>

struct sqlite3;

namespace muster {

/// What SQLite says of a call that failed.
struct sqlite_error {
  sqlite_error() = default;
  /// Takes two values at least, so that a number returned as a `sqlite_result`
  /// is the value.
  sqlite_error(int extended_code, std::string text, int errno_value = 0)
      : code(extended_code), system_errno(errno_value), message(std::move(text)) {}

  int code = 0;         ///< the extended result code
  int system_errno = 0; ///< of the system call behind it; 0 if there was none
  std::string message;

  /// The result code without its extension.
  [[nodiscard]] int primary() const noexcept { return code & 0xff; }
};

template <class T>
using sqlite_result = boost::system::result<T, sqlite_error>;

[[noreturn]] void throw_exception_from_error(const sqlite_error& why, const boost::source_location& where);

/// The error of the last call on a connection, which may be null.
[[nodiscard]] sqlite_error last_sqlite_error(sqlite3* of, int code);

/// The same as a failure: `doing` says what was being done to the database at
/// `path`. The result code stands in the message, the errno is kept.
[[nodiscard]] failure as_failure(const sqlite_error& why, std::string_view doing, std::string_view path);

} // namespace muster
