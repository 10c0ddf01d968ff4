#pragma once

#include "muster/messages/access_messages.hpp"
#include "muster/messages/file_messages.hpp"
#include "muster/messages/index_messages.hpp"
#include "muster/messages/requests.hpp"
#include "muster/messages/scan_messages.hpp"
#include "muster/supervisor/claims.hpp"
#include "muster/supervisor/step_messages.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// From a request and what is known to a saga, or to why there is none. Plain
/// functions of their arguments; the supervisor gathers the facts under the
/// claims of the saga, so that they still hold when it begins.
///
/// 1. Nothing is planned over a file that is invalid, unreadable or another
///    agent's.
/// 2. Edits in a file that no commit has yet go into the same commit, each with
///    what the file held as its `saw`. The file wins.
/// 3. A request that changes nothing adds nothing.
/// 4. Every refusal says what to type instead, where there is something.
namespace muster {

/// What holds for every plan.
struct plan_ground {
  instance_id own = {};
  std::string relay_prefix = "relay.agent.";
  std::string managed_home = {}; ///< empty: none
  /// The ids that may be system agents.
  std::vector<std::string> system_allow = {};
};

/// A saga to be run. Of the intent the supervisor adds what it alone knows:
/// `saga`, `request` and `request_hash`.
struct planned_change {
  saga_intent intent;
  /// Without `version`, which is the commit's; of a write-through with the
  /// version that is there.
  agent_placed answer;
  /// What the file holds once the saga is done, for `fold_commit` or
  /// `record_held`. Without a `key`: that of a file just written is racy.
  std::optional<held_file> held;
  /// It overwrites an edit in the file that no commit has: take what the file
  /// holds as a sweep would, then plan anew, so that the edit is in the history.
  bool observe_first = false;
  /// The placement is given up at `place_before` for `place_after`.
  bool moving = false;
  /// Of an admission: the endpoints that are open from its commit on.
  std::vector<opened_endpoint> opens;
  /// Nobody has asked for it, so a relay that fails does not refuse it.
  bool relay_may_owe = false;
  /// What it must hold; more than was claimed: let go, claim these, look again.
  claim_set claims;
  /// What the caller should know beside the answer, a sentence each.
  std::vector<std::string> notes;
};

/// Everything is as it is asked for: the answer, with the version that made it so.
struct nothing_new {
  agent_placed answer;
};

using planned = std::variant<planned_change, nothing_new>;

/// The project directory as everybody spells it: absolute, without trailing or
/// repeated slashes. Refused ("path-not-absolute", "path-unusable"): anything
/// else, and `.` and `..`, which only a disk could resolve.
[[nodiscard]] expected<std::string> project_directory(std::string_view path);

/// Whose manifest is there, if it is a valid one.
[[nodiscard]] std::optional<agent_id> agent_in(const manifest_sight& sight);

/// The keys of a saga on an agent and directories; empty texts are none.
[[nodiscard]] claim_set claims_on(const agent_id& agent, const std::vector<std::string>& paths);

struct registration_facts {
  manifest_sight sight; ///< of the directory
  path_found place;     ///< of the directory
  agent_found agent;    ///< of `agent_in(sight)`, if there is one
  /// At `agent.here`, if that is another directory. Nothing: cannot be told.
  std::optional<manifest_sight> incumbent;
  /// The commits on the agent, if it exists and does not live here.
  std::vector<commit> history;
  /// Of one that was found: whether others have the namespace it comes into.
  bool namespace_in_use = true;
  agent_id fresh;   ///< a ULID nobody has
  std::string now;  ///< as manifests write it
  std::string user; ///< who registers, if the request does not say
};

/// Registers a new agent, or adopts the one whose valid manifest is there. One
/// whose place here let go of it has moved (a saga of kind `move`). Without
/// `runtime` a new agent's is `other`, which claims nothing. The failure is
/// - not found, "project-not-found": there is no such directory;
/// - usage, "name-missing": a new agent has no name;
/// - refused, "register-differs": an option is not what the manifest says; the
///   message has the `muster update` to type;
/// - refused, "path-held": the roster has another agent there;
/// - refused, "path-denied": a person has denied the directory;
/// - refused, "agent-copied": it lives elsewhere here, which still holds it;
/// - refused, "incumbent-unreadable": it cannot be told whether it does;
/// - refused, "manifest-…" or "namespace-…": a value breaks its rule;
/// - refused or busy, as the file was seen: invalid, unreadable.
[[nodiscard]] expected<planned> plan_registration(const register_agent& asked, const registration_facts& known,
                                                  const plan_ground& ground);

/// Takes the valid manifest that a scan has found, as a registration without
/// options, but that a scan is no command: its namespace is never refused, and
/// an agent new in one that is in use is not admitted. Nothing new where the
/// path, or one above it, is denied, or the agent lives there already. The failure is
/// "project-not-found", "manifest-absent", "path-held", "agent-copied" or
/// "incumbent-unreadable", or as the file was seen.
[[nodiscard]] expected<planned> plan_discovery(const take_found& found, const registration_facts& known,
                                               const plan_ground& ground);

/// Of an agent that the roster may hold.
struct agent_facts {
  agent_id agent;
  agent_found found;
  /// At `found.here`; of no account without one.
  manifest_sight sight;
  /// The commits on the agent, if it lives here, `found.held` says nothing, and
  /// its manifest differs from `found`.
  std::vector<commit> history;
  /// Those that have agents or rules; nothing: all may have.
  std::optional<std::vector<std::string>> namespaces_in_use;
};

/// Sets and removes members of the manifest. Of an agent that lives elsewhere
/// only, a saga of kind `change_remote`; of a namespace that changes,
/// `change_namespace`. The failure is
/// - not found, "agent-not-found";
/// - refused, "manifest-changed": it is not what `if_hash` says (its content or file hash);
/// - refused, "manifest-absent" and as the file was seen;
/// - refused, "manifest-…", "namespace-…", "system-not-allowed": a value is not allowed.
[[nodiscard]] expected<planned> plan_update(const update_agent& asked, const agent_facts& known,
                                            const plan_ground& ground);

/// Makes all fields what they were as of a version. Fails as an update does.
[[nodiscard]] expected<planned> plan_revert(const version_found& version, const agent_facts& known,
                                            const plan_ground& ground);

struct move_facts {
  agent_id agent;
  agent_found found;
  manifest_sight old_sight; ///< at `found.here`
  manifest_sight new_sight;
  path_found new_place;
};

/// The placement follows its directory, with its namespace. Edits in the file are
/// left to the next sweep. The failure is "agent-not-found", "agent-not-here",
/// "agent-copied", "incumbent-unreadable", "path-held", "path-denied",
/// "move-no-manifest" or "move-another-agent", or as the file was seen.
[[nodiscard]] expected<planned> plan_move(const move_agent& asked, const move_facts& known, const plan_ground& ground);

/// Ends a placement, or with `everywhere` all that are known. What the file says
/// and no commit has is set aside, never removed; another agent's file is left
/// alone. The failure is "agent-not-found", "agent-not-here", "system-agent" or,
/// of both options, usage "unregister-both".
[[nodiscard]] expected<planned> plan_unregister(const unregister_agent& asked, const agent_facts& known,
                                                const plan_ground& ground);

/// Says by hand that agents of one namespace may, or may not, reach those of the
/// other; nothing: says it no more. The names are normal and fit together.
[[nodiscard]] expected<planned> plan_rule(const rule_key& rule, std::optional<rule_action> action,
                                          const rule_found& known);

/// What is to be done about one place that a sweep looked at. At most one of
/// `change` and `record` is there; the note is made after either.
struct planned_observation {
  observation what = observation::unchanged;
  std::optional<planned_change> change;
  std::optional<held_file> record;
  /// Without its epoch; with the file's key only if nothing else is planned, so
  /// that a file whose saga fails is looked at again. Nothing: nothing is known of the place any more.
  std::optional<note_observation> note;
};

/// Takes what a sweep saw. A file that is behind is brought up to date, one that
/// was edited is committed, one that cannot be taken keeps its last good content
/// and gets a status.
[[nodiscard]] planned_observation plan_observation(const std::string& project, const agent_facts& known,
                                                   const plan_ground& ground);

/// What whoever sweeps is told of a place that has a note: what is noted of it, and why it could not be taken.
[[nodiscard]] std::vector<agent_problem> problems_to_report(const planned_observation& plan);

/// What becomes of a place whose grace is over: the removal of an agent that is
/// provably gone still, and of which that much absence was counted. No file is
/// touched. Anything else is an observation.
[[nodiscard]] planned_observation plan_removal(const std::string& project, const agent_facts& known,
                                               std::chrono::nanoseconds grace, const plan_ground& ground);

/// Brings a file up to date that holds only what is known. Nothing if it is,
/// or if anything in it is news.
[[nodiscard]] std::optional<planned_change> plan_write_through(const agent_facts& known, const plan_ground& ground);

} // namespace muster
