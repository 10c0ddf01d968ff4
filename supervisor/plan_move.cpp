#include "muster/supervisor/plan_parts.hpp"

#include <utility>

namespace muster {

using namespace plan_parts;

namespace {

std::optional<failure> refuse_agent(const move_facts& known) {
  if (!known.found.exists)
    return no_such_agent(known.agent);
  if (!known.found.here)
    return not_here(known.agent, "move it on the machine where it lives");
  return std::nullopt;
}

std::optional<failure> refuse_incumbent(const move_facts& known, const std::string& wanted) {
  const auto& old = known.found.here->path;
  if (has_left(known.old_sight, known.new_sight))
    return std::nullopt;
  switch (incumbent_at(known.old_sight, known.agent)) {
    case incumbent::holds: return still_held(known.agent, old, wanted);
    case incumbent::cannot_tell: return incumbent_unreadable(known.agent, old, wanted);
    case incumbent::let_go: return std::nullopt;
  }
  return std::nullopt;
}

expected<manifest_document> moved_manifest(const move_facts& known, const std::string& directory) {
  if (std::holds_alternative<no_manifest>(known.new_sight))
    return refused("move-no-manifest",
                   "there is no manifest at " + directory + ": move the project there, with its .dork, first",
                   known.agent, directory);
  auto file = manifest_at(known.new_sight, directory);
  if (file && file->fields().id != known.agent.text)
    return refused("move-another-agent",
                   "the manifest at " + directory + " is of agent " + file->fields().id + " and not of " +
                       known.agent.text + ": name the directory that has moved",
                   known.agent, directory);
  return file;
}

} // namespace

expected<planned> plan_move(const move_agent& asked, const move_facts& known, const plan_ground& ground) {
  auto directory = project_directory(asked.path);
  if (!directory)
    return std::move(directory).error();
  if (auto why = refuse_agent(known))
    return std::move(*why);
  if (known.new_place.agent && *known.new_place.agent != known.agent)
    return path_held(*known.new_place.agent, *directory, &known.old_sight);
  const auto file = moved_manifest(known, *directory);
  if (!file)
    return file.error();
  auto plan = relocation(known.agent, known.found, *directory, *file, ground);
  if (known.found.here->path == *directory) {
    plan.answer.version = known.found.version;
    return nothing_new{std::move(plan.answer)};
  }
  if (auto why = refuse_incumbent(known, *directory))
    return std::move(*why);
  if (auto why = refuse_denied(known.new_place, *directory))
    return std::move(*why);
  lift_denial(plan, known.new_place, ground);
  return plan;
}

} // namespace muster
