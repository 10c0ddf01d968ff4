#pragma once

#include "muster/messages/digest.hpp"
#include "muster/messages/failure.hpp"
#include "muster/messages/ids.hpp"
#include "muster/messages/saga.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What hosts and the runner ask of a runtime. Each ends in one of three
/// answers: done, not done, or unknown; then it is repeated with its request id.
namespace muster {

/// Registers a project directory. One that holds a valid manifest is adopted,
/// id kept; what is given here and differs from it is refused.
struct register_agent {
  request_id request;
  std::string path;
  std::optional<std::string> name;
  std::optional<std::string> display_name;
  std::optional<std::string> runtime;
  std::optional<std::string> namespace_name;
  std::optional<std::string> description;
  std::vector<std::string> capabilities;
  std::string scan_root; ///< empty: none
  std::string by;        ///< empty: the runner's user
};

/// Where an agent stands after a request.
struct agent_placed {
  agent_id agent;
  std::string path;
  std::string namespace_name;
  std::string subject;
  sha256_digest content_hash{};
  bool adopted = false;
  commit_id version;
};

/// One member to set (JSON text) or remove; the path goes into objects, such as
/// `behavior`, `responseMode`.
struct field_assignment {
  std::vector<std::string> path;
  std::optional<std::string> value;
};

struct update_agent {
  request_id request;
  std::string selector;
  std::vector<field_assignment> assignments;
  std::vector<std::string> add_capabilities;
  std::vector<std::string> remove_capabilities;
  /// Only if the content hash of the manifest is still this.
  std::optional<std::string> if_hash;
};

/// Makes the content that an agent had as of a commit current again.
struct revert_agent {
  request_id request;
  std::string selector;
  commit_id version;
};

/// The directory has moved; the placement follows.
struct move_agent {
  request_id request;
  std::string selector;
  std::string path;
};

struct unregister_agent {
  request_id request;
  std::string selector;
  bool keep_manifest = false;
  bool everywhere = false;
};
struct agent_unregistered {
  agent_id agent;
};

struct stamp_heartbeat {
  std::string selector;
  std::string event;
};
struct heartbeat_stamped {
  agent_id agent;
  std::chrono::milliseconds at{0};
};

struct sweep_now {
  bool accept_removals = false;
};
struct sweep_problem {
  agent_id agent; ///< may be empty
  std::string path;
  std::string kind;
  std::string message;
};
struct sweep_report {
  std::size_t synced = 0;
  std::size_t unreachable = 0;
  std::size_t removed = 0;
  std::size_t resurrected = 0;
  std::size_t discovered = 0;
  std::size_t moved = 0;
  std::size_t refused = 0;
  std::size_t invalid = 0;
  std::size_t missing = 0;
  std::size_t unreadable = 0;
  std::size_t unchanged = 0;
  std::size_t errors = 0;
  std::chrono::milliseconds took{0};
  std::vector<sweep_problem> problems; ///< the first, bounded by options
};

/// Ends the runtime in order: no new requests, open sagas finished or
/// journalled, everything synced.
struct stop_runtime {};
struct runtime_stopped {};

} // namespace muster
