#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/ids.hpp"
#include "muster/messages/op.hpp"
#include "muster/messages/placement.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What those who take part in a saga say of it to each other.
namespace muster {

/// A ULID; stands in the journal and in the commit.
using saga_id = text_id<struct saga_tag>;

/// Chosen by the caller, so that a repetition can be told from a new request.
using request_id = text_id<struct request_tag>;

/// Counts the lives of the supervisor, from 1. What was sent in an earlier life
/// is fenced off: whoever works drops a command of an older epoch, and a saga
/// drops an answer to one.
struct epoch {
  std::uint64_t value = 0;
  friend auto operator<=>(const epoch&, const epoch&) = default;
};

/// How new a statement to the relay is. Of two statements about one endpoint
/// the greater version holds, in whatever order they arrive.
struct statement_version {
  epoch life;
  std::uint64_t n = 0;
  friend auto operator<=>(const statement_version&, const statement_version&) = default;
};

/// Names one thing that a saga asked for. An answer counts only with the ticket
/// that the saga waits for, so late and repeated answers, and those of an
/// earlier epoch, fall away by themselves.
struct saga_ticket {
  epoch life;
  saga_id saga;
  std::uint32_t n = 0;
  friend bool operator==(const saga_ticket&, const saga_ticket&) = default;
};

/// The rows of the table of sagas (supervisor/saga_steps.hpp).
enum class saga_kind : std::uint8_t {
  register_agent,
  adopt,
  update,
  revert,
  resolve,
  merge_draft,
  change_namespace,
  move,
  unregister,            ///< the manifest goes, or is set aside
  unregister_keeping,    ///< the manifest stays, and its path is denied
  unregister_everywhere, ///< as `unregister`, and every other holder obeys
  write_through,
  observe,
  change_remote, ///< update, revert, resolve, draft merge of an agent elsewhere
  change_rule,
  change_denial,
  retire_peer,
  admit, ///< agents that wait in a namespace
};

/// The steps and the duties that a saga is made of.
enum class saga_step : std::uint8_t {
  none, ///< fills the rows up
  intend,
  write_manifest,
  upsert_row,
  set_endpoint,
  move_endpoint,
  close_endpoint,
  commit,
  fold_commit,
  open_endpoint,
  retire_manifest,
  remove_endpoint,
  record_held,
};

/// What a relay that fails means for a command.
enum class relay_mode : std::uint8_t {
  strict,   ///< it undoes the command's saga
  eventual, ///< the endpoint is owed
  none,     ///< there is no relay
};

/// The bytes of a manifest file and their SHA-256 in hexadecimal.
struct manifest_image {
  std::string hash;
  std::string bytes;
  friend bool operator==(const manifest_image&, const manifest_image&) = default;
};

/// What the relay is to know of one agent. The same statement twice is once.
struct endpoint_statement {
  std::string subject;
  std::string namespace_name;
  friend bool operator==(const endpoint_statement&, const endpoint_statement&) = default;
};

/// Which directory stood at a path when somebody looked. Devices may be numbered
/// anew at a boot, so equal inodes mean the same directory, too.
struct directory_mark {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const directory_mark&, const directory_mark&) = default;
};

/// What a saga will do and what it replaces: all that a recovery needs. It is
/// journalled whole before anything is done.
///
/// `before` and `after` are the manifest file (absent: no file); they are equal
/// where the saga does not write it before its commit. `where` is the project
/// directory, so that a volume that is away is not taken for a file that is gone.
struct saga_intent {
  saga_id saga = {};
  saga_kind kind = saga_kind::update;
  agent_id agent = {};
  std::string path = {}; ///< the project directory, absolute; of a move, the new one
  request_id request = {};
  std::string request_hash = {}; ///< SHA-256 in hexadecimal; empty without a request id
  std::optional<manifest_image> before = {};
  std::optional<manifest_image> after = {};
  std::optional<placement> place_before = {};
  std::optional<placement> place_after = {};
  std::optional<endpoint_statement> endpoint_before = {};
  std::optional<endpoint_statement> endpoint_after = {};
  std::vector<op> ops = {}; ///< what the commit will carry
  std::optional<directory_mark> where = {};
  friend bool operator==(const saga_intent&, const saga_intent&) = default;
};

/// The three answers a caller can get. Exactly one is given for each saga.
struct saga_answer {
  enum class outcome : std::uint8_t {
    done,     ///< `commit` says where it stands (seq 0: nothing had to be committed)
    not_done, ///< `why` is the first error, with the name of its step
    unknown,  ///< `why` is of kind `unknown_outcome`
  };
  outcome what = outcome::done;
  commit_id commit = {};
  std::optional<failure> why = {};
};

} // namespace muster
