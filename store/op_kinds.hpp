#pragma once

#include "muster/messages/op.hpp"

#include <array>
#include <string_view>

/// The spellings that `op_codec` writes and reads.
namespace muster {

/// The kinds in the order of `op`.
inline constexpr std::array<std::string_view, 10> op_kinds = {"agent.put", "agent.drop", "place.put", "place.drop",
                                                              "rule.put",  "rule.drop",  "deny.put",  "deny.drop",
                                                              "resolve",   "peer.retire"};
static_assert(op_kinds.size() == std::variant_size_v<op>, "a new kind of op needs a name, a writer and a reader");

inline constexpr std::string_view allow_word = "allow";
inline constexpr std::string_view deny_word = "deny";
/// Before the bytes of a path that is not UTF-8.
inline constexpr std::string_view hex_path_prefix = "hex:";

/// 16 lower-case hexadecimal digits.
void append_stamp(std::string& to, stamp at);

} // namespace muster
