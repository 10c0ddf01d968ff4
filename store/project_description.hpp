#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace muster {

/// How much of a file that describes a project is read, and how long, in
/// characters, what is told of it may be.
inline constexpr std::size_t description_bytes = 4096;
inline constexpr std::size_t description_characters = 200;

/// The first paragraph of a Markdown text that is no heading, on one line; cut
/// with "..." where it is too long. Empty if there is none, or if it is no UTF-8.
[[nodiscard]] std::string describe_project(std::string_view markdown);

} // namespace muster
