#pragma once

#include "muster/messages/failure.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Failures as documents, and back at the other end of a socket.
namespace muster {

/// `{"error":{…}}`.
[[nodiscard]] std::string failure_document(const failure& why, std::string_view request_id);

/// The failure that such a document tells of; nothing if it is none.
[[nodiscard]] std::optional<failure> read_failure_document(std::string_view document);

/// The kind with that name.
[[nodiscard]] std::optional<failure_kind> failure_kind_named(std::string_view name) noexcept;

/// A code with a place to live until the process ends, since failures outlive
/// whoever told them. At most 512 are kept, each of at most 64 characters of
/// a-z, 0-9 and "-"; all others are "unknown-code".
[[nodiscard]] std::string_view lasting_code(std::string_view code);

} // namespace muster
