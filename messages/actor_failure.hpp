#pragma once

#include "muster/messages/caf.hpp"
#include "muster/messages/failure.hpp"

#include <string_view>

namespace muster {

/// Registers our message types; before the first actor system is made. May be
/// called twice.
void register_message_types();

/// A failure as what a handler answers.
[[nodiscard]] caf::error to_error(failure why);

/// What an error from another actor means here. One of ours keeps everything,
/// and gets `step` if it has none. Any other (a time-out, a receiver that is
/// gone, an exception half-way) is of kind `unknown_outcome`: it says nothing
/// about what happened.
[[nodiscard]] failure to_failure(const caf::error& error, std::string_view step);

} // namespace muster
