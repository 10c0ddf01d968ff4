#pragma once

#include "muster/store/environment.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// Takes bytes out of a segment without deleting any, and saves what is in it
/// once more.
namespace muster {

/// Moves what follows the first `keep` bytes into `<segment>.cut-<time>`, or the
/// whole file if `keep` is 0. Durable when it returns; a crash on the way may
/// leave a copy more. The name of the cut file.
[[nodiscard]] os_result<std::string> cut_tail(environment env, handle directory, std::string_view segment,
                                              std::uint64_t keep);

/// Leaves the first `keep` bytes as the segment and the whole file as it was
/// under `<segment>.damaged-<time>`, in one step; nothing is left of the
/// segment if `keep` is 0. The name of the damaged file.
[[nodiscard]] os_result<std::string> put_damaged_aside(environment env, handle directory, std::string_view segment,
                                                       std::uint64_t keep);

/// Writes what follows the first `sure` of these bytes to where it stands in the
/// segment, and syncs.
[[nodiscard]] os_result<void> write_again(disk& files, handle directory, const std::string& segment,
                                          std::string_view bytes, std::uint64_t sure);

/// Makes the segment anew of these bytes, under a name that is durable when it returns.
[[nodiscard]] os_result<void> make_anew(disk& files, handle directory, const std::string& segment,
                                        std::string_view bytes);

} // namespace muster
