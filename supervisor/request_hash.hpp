#pragma once

#include "muster/messages/denial_messages.hpp"
#include "muster/messages/requests.hpp"

#include <string>

/// What binds a request id to its request: SHA-256, in hexadecimal, of
/// everything that is asked for but the id. Two requests have one hash exactly
/// when all their members are equal.
namespace muster {

[[nodiscard]] std::string hash_of(const register_agent& asked);
[[nodiscard]] std::string hash_of(const update_agent& asked);
[[nodiscard]] std::string hash_of(const revert_agent& asked);
[[nodiscard]] std::string hash_of(const move_agent& asked);
[[nodiscard]] std::string hash_of(const unregister_agent& asked);
[[nodiscard]] std::string hash_of(const deny_path& asked);
[[nodiscard]] std::string hash_of(const undeny_path& asked);
[[nodiscard]] std::string hash_of(const admit_agents& asked);

} // namespace muster
