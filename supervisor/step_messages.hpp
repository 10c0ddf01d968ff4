#pragma once

#include "muster/messages/feed_messages.hpp"
#include "muster/messages/file_messages.hpp"
#include "muster/messages/index_messages.hpp"
#include "muster/messages/relay_messages.hpp"
#include "muster/messages/saga.hpp"

#include <optional>
#include <variant>
#include <vector>

/// What a step of a saga says to the actor that does it, and what its undo says:
/// the table of saga_steps.hpp in messages.
namespace muster {

/// Statements to the relay bridge, in this order; whoever sends them gives them
/// their versions.
struct endpoint_statements {
  std::vector<state_endpoint> each;
};

using step_message = std::variant<write_manifest, restore_manifest, retire_manifest, stage_row, unstage_row,
                                  append_commit, fold_commit, record_held, endpoint_statements>;

/// An endpoint that is open from a commit on.
struct opened_endpoint {
  agent_id agent;
  endpoint_statement endpoint;
  friend bool operator==(const opened_endpoint&, const opened_endpoint&) = default;
};

/// What becomes known while a saga is under way.
struct saga_findings {
  std::optional<commit> made; ///< its commit, once there is one
  /// What the file holds when it is done, as far as that is news to the index.
  std::optional<held_file> held;
  bool moving = false;                     ///< as in `stage_row`
  std::vector<opened_endpoint> opens = {}; ///< of an admission
  bool written = false;                    ///< by a life before this one: the file holds what is to be written
};

/// Of any step but `intend`.
[[nodiscard]] step_message message_of(saga_step step, epoch life, const saga_intent& intent,
                                      const saga_findings& findings);

/// Of a step that has an undo.
[[nodiscard]] step_message undo_of(saga_step step, epoch life, const saga_intent& intent);

/// The endpoint that a saga has stated before its commit, if it is not there without it.
[[nodiscard]] std::optional<endpoint_under_way> endpoint_brought_by(const saga_intent& intent);

/// What the manifest file holds after a saga that was carried out.
[[nodiscard]] std::optional<held_file> held_after(const saga_intent& intent);

/// The version of a manifest that an image is of.
[[nodiscard]] file_version version_of(const std::optional<manifest_image>& image);

} // namespace muster
