#pragma once

#include "muster/messages/ids.hpp"
#include "muster/messages/index_messages.hpp"
#include "muster/messages/placement.hpp"
#include "muster/messages/requests.hpp"
#include "muster/messages/saga.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

/// What is said about directories that nobody wants registered, and about
/// agents that nobody has asked for.
namespace muster {

// -- to a muster --------------------------------------------------------------

/// No scan and no sweep registers what lies at the path or below it. The path is
/// taken as the file system resolves it, the end that does not exist by the
/// letter. Refused ("denied-registered") where an agent lives at that very path;
/// one that lives below it stays.
struct deny_path {
  request_id request;
  std::string path;
  std::string reason;   ///< empty: none, or that of the denial that stands
  std::string by;       ///< empty: the user
  std::string strategy; ///< that offered it; empty: `manual`
};

/// As `list_denials` tells it.
struct known_denial {
  std::string path;
  std::string reason;
  std::string by;
  std::chrono::milliseconds at{0};
  std::string strategy;
  commit_id version; ///< the commit that made it
};
struct path_denied {
  known_denial denial;
};

/// The denial of the path ends: the one spelled so, else the one of the
/// directory that it leads to.
struct undeny_path {
  request_id request;
  std::string path;
};
struct path_undenied {
  std::string path;        ///< of the denial; as it was asked for if there was none
  bool was_denied = false; ///< else nothing had to be done
  commit_id version;
};

/// The denials of this instance, the newest first. Also to the index.
struct list_denials {
  std::string path; ///< only that of this very path; empty: all
};
struct denials_listed {
  std::vector<known_denial> denials;
};

/// Lets an agent that a scan or an edit put into a namespace use the rules of
/// that: one, or all that wait there. Either is named.
struct admit_agents {
  request_id request;
  std::string selector;
  std::string namespace_name;
};
struct agents_admitted {
  std::vector<agent_placed> agents;
  bool more = false; ///< of the namespace, which have to be asked for again
};

// -- to the index -------------------------------------------------------------

/// Who waits in a namespace of this instance to be admitted.
struct find_unadmitted {
  std::string namespace_name;
  std::size_t limit = 256;
};
struct unadmitted_found {
  std::vector<agent_id> agents;
  bool more = false; ///< than the limit
};

// -- to the file store --------------------------------------------------------

/// Which directory a path leads to: links are followed as far as it exists, and
/// what does not is taken by the letter.
struct resolve_path {
  std::string project; ///< absolute, without dots
};
struct path_resolved {
  std::string path;
};

} // namespace muster
