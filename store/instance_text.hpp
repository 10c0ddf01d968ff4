#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/ids.hpp"

#include <string>
#include <string_view>

namespace muster {

/// An instance id as people see it: the 52 characters, a dash, and 4 check
/// characters, the first 20 bits of SHA-256("muster instance check 1\n", id) in
/// base 32. A mistyped id passes the check once in a million.
[[nodiscard]] std::string shown_instance(const instance_id& id);

/// Reads an id with or without its check characters, in any case, with or
/// without the dash. Refused: "not-an-instance", "instance-mistyped".
[[nodiscard]] expected<instance_id> parse_instance(std::string_view text);

} // namespace muster
