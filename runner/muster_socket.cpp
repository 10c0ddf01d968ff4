#include "muster/runner/muster_socket.hpp"

#include <cstdlib>

#include <sys/socket.h>

namespace muster {

std::string socket_address(handle data) {
  return "/proc/self/fd/" + std::to_string(static_cast<int>(data)) + "/" + std::string(socket_name);
}

std::optional<std::uint32_t> peer_user(int socket) noexcept {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return std::nullopt;
  return peer.uid;
}

unsigned http_status(failure_kind kind) noexcept {
  switch (kind) {
    case failure_kind::failed: return 500;
    case failure_kind::usage: return 400;
    case failure_kind::not_found: return 404;
    case failure_kind::refused: return 422;
    case failure_kind::unreachable: return 502;
    case failure_kind::release_mismatch: return 409;
    case failure_kind::damaged: return 500;
    case failure_kind::busy: return 503;
    case failure_kind::unknown_outcome: return 504;
  }
  std::abort();
}

} // namespace muster
