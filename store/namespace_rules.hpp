#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/ids.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// How agents are grouped, and the address that follows from it. Paths are
/// absolute and compared as they are spelled: no disk is asked.
namespace muster {

/// Of a namespace, and of a token of a subject as it is; longer ones are escaped.
inline constexpr std::size_t namespace_limit = 64;

/// The one spelling of a namespace: small letters, digits and single hyphens
/// between them; anything else becomes a hyphen. What a relay takes for the
/// type of a runtime gets the suffix `-ns`. Empty if nothing is left.
[[nodiscard]] std::string normal_namespace(std::string_view text);

/// The normal spelling, if it is one that can be used: not empty, at most
/// `namespace_limit` long. Else refused, "namespace-empty" or
/// "namespace-too-long".
[[nodiscard]] expected<std::string> usable_namespace(std::string_view text);

/// Whether a text says nothing: empty, or only blanks of any kind. Then a
/// namespace is derived.
[[nodiscard]] bool is_blank(std::string_view text) noexcept;

/// Whether a path lies below a directory; a directory is not below itself. A
/// relative path, or one with `.` or `..` in it, is below nothing.
[[nodiscard]] bool is_below(std::string_view path, std::string_view directory) noexcept;

/// Of whom a namespace is asked. Empty texts say nothing.
struct namespace_question {
  std::string_view path = {};         ///< the project directory
  std::string_view scan_root = {};    ///< what the caller, or the record, names
  std::string_view managed_home = {}; ///< projects below it stand alone
  std::string_view given = {};        ///< of the manifest or the command
};
struct namespace_answer {
  std::string name;
  std::string scan_root; ///< empty: none is to be recorded
};

/// 1. Below the managed home that is the scan root, whatever else is named.
/// 2. What is given holds, normalised.
/// 3. Else the first directory below the scan root names it; without a scan
///    root, the project directory's own name.
/// Refused: what `usable_namespace` refuses, and "namespace-outside-root" if
/// the project is not below the scan root that is named.
[[nodiscard]] expected<namespace_answer> resolve_namespace(const namespace_question& asked);

/// The same for what nobody asked for by hand: where the strict rules refuse,
/// the project directory's own name, cut to the limit, or `default`.
[[nodiscard]] namespace_answer import_namespace(const namespace_question& asked);

/// Whether a text is one token of a subject: letters, digits, `_` and `-`.
[[nodiscard]] bool is_subject_token(std::string_view text) noexcept;

/// The address of an agent: prefix, namespace, id, with a dot before the id.
/// Both are one token each, at most `namespace_limit` long. What is no such
/// token is spelled `_x_` and the base 32 of its SHA-256, and so is what begins
/// with `_x_`, so that different ids have different addresses.
[[nodiscard]] std::string subject_of(std::string_view prefix, std::string_view namespace_name, const agent_id& agent);

} // namespace muster
