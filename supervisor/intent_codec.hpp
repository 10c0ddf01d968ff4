#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/saga.hpp"

#include <string>
#include <string_view>

/// A saga's intent as the one JSON value that the journal keeps of it; the
/// grammar stands in docs/formats.md. An intent has one spelling, and what
/// decodes encodes to the same bytes.
namespace muster {

/// Refused ("intent-…") is an intent whose ops no feed would take.
[[nodiscard]] expected<std::string> encode_intent(const saga_intent& what, const instance_id& own);

/// The failure is of kind damaged, "intent-damaged": it does not read, or
/// another release wrote it.
[[nodiscard]] expected<saga_intent> decode_intent(const saga_id& saga, std::string_view text, const instance_id& own);

} // namespace muster
