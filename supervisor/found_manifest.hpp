#pragma once

#include "muster/messages/file_messages.hpp"
#include "muster/messages/saga.hpp"
#include "muster/supervisor/recovery.hpp"

namespace muster {

/// What the manifest holds now, against what a saga's intent replaced and
/// wrote: a column of the table of recovery.
[[nodiscard]] found_file found_against(const saga_intent& intent, const manifest_sight& sight);

/// How to look at it. Where the saga may have written the file, its absence has to
/// be proved: a volume that is away comes back with what was written.
[[nodiscard]] read_manifest question_after(const saga_intent& intent);

} // namespace muster
