#pragma once

#include "muster/messages/ids.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace muster {

/// For one key: instance -> the highest seq of that key which the author of an
/// op had folded. Op `a` supersedes op `b` of the same key when a's `saw` has
/// b's instance at b's seq or beyond.
/// docs/decisions/0003 says what becomes of claims that cannot be true.
using saw_vector = std::map<instance_id, sequence>;

/// One top-level field of one agent's manifest: set to a JSON value (canonical
/// text), or removed.
struct field_edit {
  std::string field;
  std::optional<std::string> value;
  saw_vector saw;
  friend bool operator==(const field_edit&, const field_edit&) = default;
};

/// Sets or removes fields of an agent; each is a key of its own. `adopted`:
/// content that nobody had seen, taken over for an id the roster already held;
/// it loses to any head that is not adopted.
struct agent_put {
  agent_id agent;
  std::vector<field_edit> fields; ///< at least one, sorted by name, no name twice
  bool adopted = false;
  friend bool operator==(const agent_put&, const agent_put&) = default;
};

/// `unregister --everywhere`: drops the placements its author saw. A placement
/// made elsewhere meanwhile, or afterwards, stands.
struct agent_drop {
  agent_id agent;
  saw_vector placements; ///< instance -> seq of the very `place_put` that is dropped
  friend bool operator==(const agent_drop&, const agent_drop&) = default;
};

/// Where an agent lives on `owner`, which must be the feed's own instance.
struct place_put {
  agent_id agent;
  instance_id owner;
  std::string path;      ///< absolute; bytes
  std::string scan_root; ///< empty: none recorded
  std::string namespace_name;
  bool admitted = true;
  friend bool operator==(const place_put&, const place_put&) = default;
};

struct place_drop {
  agent_id agent;
  instance_id owner;
  friend bool operator==(const place_drop&, const place_drop&) = default;
};

enum class rule_action : std::uint8_t { allow, deny };

/// Whether agents of one namespace may reach those of another.
struct rule_put {
  std::string source;
  std::string target;
  rule_action action = rule_action::deny;
  saw_vector saw;
  friend bool operator==(const rule_put&, const rule_put&) = default;
};

struct rule_drop {
  std::string source;
  std::string target;
  saw_vector saw;
  friend bool operator==(const rule_drop&, const rule_drop&) = default;
};

/// A directory that `owner`, the feed's own instance, does not want registered.
struct deny_put {
  instance_id owner;
  std::string path;
  std::string reason;
  std::string by;
  std::string strategy;
  friend bool operator==(const deny_put&, const deny_put&) = default;
};

struct deny_drop {
  instance_id owner;
  std::string path;
  friend bool operator==(const deny_drop&, const deny_drop&) = default;
};

/// The shared key a resolution settles.
struct field_key {
  agent_id agent;
  std::string field;
  friend auto operator<=>(const field_key&, const field_key&) = default;
};
struct rule_key {
  std::string source;
  std::string target;
  friend auto operator<=>(const rule_key&, const rule_key&) = default;
};

/// Settles a conflict: supersedes all heads it saw with the candidate chosen,
/// whose value it repeats, so that it stands without the candidate's feed.
/// Refused if `saw` does not cover `chosen`.
struct resolve {
  std::variant<field_key, rule_key> key;
  commit_id chosen;
  std::optional<std::string> value; ///< of a field: JSON or removed; of a rule: "allow", "deny" or none
  std::string by;                   ///< "human" or "auto:<policy>"
  saw_vector saw;
  friend bool operator==(const resolve&, const resolve&) = default;
};

/// The machine is lost: its placements count as dropped.
struct peer_retire {
  instance_id instance;
  friend bool operator==(const peer_retire&, const peer_retire&) = default;
};

/// A new kind must be handled by every visitor before anything compiles.
using op = std::variant<agent_put, agent_drop, place_put, place_drop, rule_put, rule_drop, deny_put, deny_drop, resolve,
                        peer_retire>;

/// Ops that took effect together: the unit of acknowledgement and of sharing.
struct commit {
  instance_id instance; ///< the feed it stands in
  sequence seq = 0;
  stamp at;
  std::string saga;    ///< ULID of the saga that made it; may be empty
  std::string request; ///< the caller's request id; may be empty
  /// SHA-256 of the request, in hex; empty without a request id.
  std::string request_hash;
  std::vector<op> ops;
  friend bool operator==(const commit&, const commit&) = default;
};

} // namespace muster
