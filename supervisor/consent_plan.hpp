#pragma once

#include "muster/messages/denial_messages.hpp"
#include "muster/supervisor/change_plan.hpp"

#include <optional>
#include <string>
#include <vector>

/// Plans of what a person has said about directories and agents that nobody
/// asked for: plain functions, as those of change_plan.hpp.
namespace muster {

struct denial_facts {
  std::string path;                     ///< that the request means
  std::optional<agent_id> agent;        ///< that lives there
  std::string home;                     ///< of that agent, as the roster spells it
  std::optional<known_denial> standing; ///< of `path`
  std::vector<std::string> arriving;    ///< there or below it a scan is at work
  std::string user;                     ///< who denies, if the request does not say
};

/// Denies a directory. What the request does not say stays as it stands; the
/// same once more is nothing new. The failure is
/// - refused, "denied-registered": an agent lives there;
/// - refused, "denial-text": a text is too long, or not UTF-8.
[[nodiscard]] expected<planned> plan_denial(const deny_path& asked, const denial_facts& known,
                                            const plan_ground& ground);

struct undenial_facts {
  std::string path;                        ///< that the request means
  std::optional<known_denial> as_typed;    ///< of the path by the letter
  std::optional<known_denial> as_resolved; ///< of the directory it leads to
};

/// Ends a denial: the one that is spelled so comes first, for it may be of a
/// directory that is gone. None there is nothing new.
[[nodiscard]] expected<planned> plan_undenial(const undenial_facts& known, const plan_ground& ground);

struct admission_facts {
  struct candidate {
    agent_id agent;
    agent_found found;
  };
  std::vector<candidate> agents; ///< the one that was named, or those of a namespace
  bool named = true;             ///< the one
};

/// Admits those who wait. The failure, of one that was named, is
/// "agent-not-found" or "agent-not-here".
[[nodiscard]] expected<planned> plan_admission(const admission_facts& known, const plan_ground& ground);

} // namespace muster
