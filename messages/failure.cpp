#include "muster/messages/failure.hpp"

#include <cstdio>
#include <cstdlib>

namespace muster {

int exit_code(failure_kind kind) noexcept {
  switch (kind) {
    case failure_kind::failed: return 1;
    case failure_kind::usage: return 2;
    case failure_kind::not_found: return 3;
    case failure_kind::refused: return 4;
    case failure_kind::unreachable: return 5;
    case failure_kind::release_mismatch: return 6;
    case failure_kind::damaged: return 7;
    case failure_kind::busy: return 8;
    case failure_kind::unknown_outcome: return 10;
  }
  std::abort();
}

std::string_view to_string(failure_kind kind) noexcept {
  switch (kind) {
    case failure_kind::failed: return "failed";
    case failure_kind::usage: return "usage";
    case failure_kind::not_found: return "not-found";
    case failure_kind::refused: return "refused";
    case failure_kind::unreachable: return "unreachable";
    case failure_kind::release_mismatch: return "release-mismatch";
    case failure_kind::damaged: return "damaged";
    case failure_kind::busy: return "busy";
    case failure_kind::unknown_outcome: return "unknown-outcome";
  }
  std::abort();
}

void throw_exception_from_error(const failure& why, const boost::source_location& where) {
  std::fprintf(stderr, "muster: the value of a failure was read at %s:%u: %s\n", where.file_name(),
               static_cast<unsigned>(where.line()), why.message.c_str());
  std::abort();
}

} // namespace muster
