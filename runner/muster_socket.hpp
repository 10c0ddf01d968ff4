#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What both ends of `muster.sock` agree on (docs/api.md).
namespace muster {

inline constexpr std::string_view socket_name = "muster.sock";
/// Tells the release of whoever speaks.
inline constexpr std::string_view release_header = "Muster-Release";

/// The socket of an open data directory, in few enough bytes for a socket
/// address however long the directory's path is.
[[nodiscard]] std::string socket_address(handle data);

/// The user at the other end of a connected socket, as the kernel knows it.
[[nodiscard]] std::optional<std::uint32_t> peer_user(int socket) noexcept;

/// The status of an answer that is a failure.
[[nodiscard]] unsigned http_status(failure_kind kind) noexcept;

} // namespace muster
