#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"

#include <string>
#include <string_view>

namespace muster {

/// Links that are followed on the way; as Linux does.
inline constexpr std::size_t most_links = 40;

/// The directory that an absolute path leads to, without links or dots. From
/// the first name on that does not exist, or that nobody lets us look at, the
/// rest is taken by the letter. The failure is
/// - refused, "path-loop": links lead to links without end;
/// - refused, "path-unusable": a link makes it longer than any path;
/// - as `disk_failure` says, where a look fails otherwise.
[[nodiscard]] expected<std::string> canonical_path(disk& files, std::string_view path);

} // namespace muster
