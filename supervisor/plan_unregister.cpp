#include "muster/store/absence_proof.hpp"
#include "muster/supervisor/plan_parts.hpp"

#include <algorithm>
#include <utility>

namespace muster {

using namespace plan_parts;

namespace {

bool is_system(const agent_facts& known, const plan_ground& ground) {
  return std::ranges::find(ground.system_allow, known.agent.text) != ground.system_allow.end() &&
         value_in(known.found, "isSystem") == "true";
}

std::optional<failure> refuse(const unregister_agent& asked, const agent_facts& known, const plan_ground& ground) {
  if (asked.keep_manifest && asked.everywhere)
    return failure{.kind = failure_kind::usage,
                   .code = "unregister-both",
                   .message = "--everywhere removes the manifests of all machines, so --keep-manifest cannot go "
                              "with it: leave one of them out",
                   .agent = known.agent.text};
  if (!known.found.exists)
    return no_such_agent(known.agent);
  if (is_system(known, ground))
    return refused("system-agent",
                   "agent " + known.agent.text +
                       " is a system agent: take its id out of the setting system.allow first",
                   known.agent);
  if (!known.found.here && !asked.everywhere)
    return not_here(known.agent, "unregister it on the machine where it lives, or with --everywhere");
  return std::nullopt;
}

bool is_anothers(const agent_facts& known) {
  const auto held = agent_in(known.sight);
  return held && *held != known.agent;
}

/// The file, if no more is in it than commits have. Any other is unknown, which
/// the file store sets aside.
std::optional<manifest_image> known_image(const agent_facts& known) {
  const auto* bytes = std::get_if<manifest_bytes>(&known.sight);
  if (!bytes)
    return std::nullopt;
  const auto file = manifest_document::read(bytes->bytes);
  if (!file)
    return std::nullopt;
  const auto all = differences_of(*file, known.found, seen_values(known.agent, known.history));
  if (!std::ranges::all_of(all, &field_difference::behind))
    return std::nullopt;
  return image_of(bytes->bytes);
}

/// Nobody can tell a directory that is gone from one on a volume that is away.
std::string note_on_absence(const no_manifest& seen, const std::string& directory) {
  if (!seen.project_gone)
    return "there was no manifest at " + directory + " to remove";
  return "the directory " + directory + " is not there, so no manifest was removed: if it is on a volume that is " +
         "away, a sweep finds the manifest when that is back and registers the agent again, unless `muster deny " +
         shell_word(directory) + "` keeps it from that";
}

planned_change plan_everywhere_else(const agent_facts& known, const plan_ground& ground) {
  auto plan = plan_for(saga_kind::change_remote, known.agent, std::nullopt, std::nullopt, ground);
  plan.intent.ops.emplace_back(agent_drop{known.agent, known.found.placements});
  return plan;
}

} // namespace

expected<planned> plan_unregister(const unregister_agent& asked, const agent_facts& known, const plan_ground& ground) {
  if (auto why = refuse(asked, known, ground))
    return std::move(*why);
  if (!known.found.here)
    return plan_everywhere_else(known, ground);
  const auto& here = *known.found.here;
  // Another agent's file is not ours to take away.
  const bool spares_file = asked.keep_manifest || is_anothers(known);
  const auto kind = spares_file        ? saga_kind::unregister_keeping
                    : asked.everywhere ? saga_kind::unregister_everywhere
                                       : saga_kind::unregister;
  auto plan = plan_for(kind, known.agent, here, std::nullopt, ground);
  plan.answer.path = here.path;
  if (asked.everywhere)
    plan.intent.ops.emplace_back(agent_drop{known.agent, known.found.placements});
  else
    plan.intent.ops.emplace_back(place_drop{known.agent, ground.own});
  if (asked.keep_manifest)
    plan.intent.ops.emplace_back(denial_of_unregistering(ground, here.path));
  else if (spares_file)
    plan.notes.push_back("the manifest at " + here.path + " is of another agent and stays");
  if (const auto* absent = std::get_if<no_manifest>(&known.sight); absent && !spares_file)
    plan.notes.push_back(note_on_absence(*absent, here.path));
  const auto* bytes = std::get_if<manifest_bytes>(&known.sight);
  const auto seen = bytes ? std::optional(image_of(bytes->bytes)) : std::nullopt;
  plan.intent.before = plan.intent.after = spares_file ? seen : known_image(known);
  if (bytes && !spares_file && !plan.intent.before)
    plan.notes.push_back("the manifest at " + here.path +
                         " says what the history does not have, so it is kept there as " +
                         ".dork/agent.json.set-aside-<time>-<n>");
  plan.intent.where = where_of(known.sight);
  // A volume that goes away before it can be looked at again would pass for a file that is gone.
  if (!plan.intent.where && std::holds_alternative<manifest_obscured>(known.sight))
    plan.intent.where = unseen_directory;
  return plan;
}

} // namespace muster
