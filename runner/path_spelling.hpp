#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Paths in documents: as they are, or "hex:" and their bytes in hexadecimal
/// where they are not UTF-8, as feeds spell them.
namespace muster {

[[nodiscard]] std::string spell_path(std::string_view bytes);

/// The bytes of a path as a document spells it; nothing if it begins with
/// "hex:" and what follows is no hexadecimal.
[[nodiscard]] std::optional<std::string> read_path(std::string_view spelled);

} // namespace muster
