#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace muster {

/// What the caller can do about a failure. Each kind has one exit code of the
/// runner; a new kind needs a line in `exit_code` and `to_string`.
enum class failure_kind : std::uint8_t {
  /// A disk, a database or the relay refused. Try again once that is mended.
  failed = 1,
  /// The call itself is wrong: an option is unknown or missing.
  usage,
  /// There is no such agent, path, peer or conflict.
  not_found,
  /// The request is understood and not permitted as things stand: a value the
  /// grammar rejects, an occupied path, a precondition that does not hold.
  refused,
  /// A daemon, peer or relay does not answer.
  unreachable,
  /// What is stored or sent is of another release.
  release_mismatch,
  /// Stored data is damaged. `muster doctor` says more.
  damaged,
  /// Too much in flight, a device hangs, or somebody else holds the directory.
  busy,
  /// It may or may not have happened. Repeat with the same request id.
  unknown_outcome,
};

/// The runner's exit code for a kind; fixed for scripts.
[[nodiscard]] int exit_code(failure_kind kind) noexcept;

/// The kind's name in JSON answers.
[[nodiscard]] std::string_view to_string(failure_kind kind) noexcept;

/// Why something was not done: what, where, why and what now, in one sentence
/// that ends up before a person. Context is added once, where it is known.
struct failure {
  failure_kind kind = failure_kind::failed;
  /// A fixed id for tests and scripts, such as "manifest-symlink".
  std::string_view code;
  /// Says what was wrong, why, and what to do about it.
  std::string message;
  /// The file or directory it happened at, as raw bytes; may be empty.
  std::string path = {};
  /// The saga step or the system call that failed; may be empty.
  std::string step = {};
  /// The agent it concerns; may be empty.
  std::string agent = {};
  /// errno of the system call behind it, 0 if there was none.
  int system_errno = 0;
};

/// A value, or why there is none.
template <class T>
using expected = boost::system::result<T, failure>;

/// Required by `boost::system::result::value()`: reading the value of a
/// failure is a programmer's error and ends the process with the message.
[[noreturn]] void throw_exception_from_error(const failure& why, const boost::source_location& where);

} // namespace muster
