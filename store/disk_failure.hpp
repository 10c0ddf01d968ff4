#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"

#include <string_view>

namespace muster {

/// The failure for a system call that the disk refused: `step` says what was
/// tried, in words that follow "cannot", and `path` where. The code and the
/// advice follow from the errno: disk-full, disk-read-only, disk-denied,
/// disk-descriptors, disk-vanished or disk-error.
[[nodiscard]] failure disk_failure(std::string_view step, std::string_view path, os_error why);

/// What to do about it, as in "make room and try again".
[[nodiscard]] std::string_view disk_advice(os_error why) noexcept;

/// "EACCES, Permission denied".
[[nodiscard]] std::string errno_text(os_error why);

} // namespace muster
