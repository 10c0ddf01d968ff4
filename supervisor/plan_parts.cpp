#include "muster/supervisor/plan_parts.hpp"

#include "muster/store/feed_limits.hpp"
#include "muster/store/manifest_meaning.hpp"
#include "muster/store/namespace_rules.hpp"
#include "muster/store/sha256.hpp"

#include <algorithm>
#include <utility>

namespace muster {

expected<std::string> project_directory(std::string_view path) {
  const auto refused = [&](std::string_view code, std::string message) {
    return failure{
        .kind = failure_kind::refused, .code = code, .message = std::move(message), .path = std::string(path)};
  };
  if (!path.starts_with('/'))
    return refused("path-not-absolute", "a project is named by its absolute path, which begins with '/'");
  std::string clean;
  while (!path.empty()) {
    const auto name = path.substr(0, path.find('/'));
    if (name == "." || name == "..")
      return refused("path-unusable", "the path goes through '" + std::string(name) + "': name the directory itself");
    if (!name.empty())
      clean.append("/").append(name);
    path.remove_prefix(std::min(name.size() + 1, path.size()));
  }
  if (clean.empty())
    return refused("path-unusable", "the root of the file system is no project: name a directory below it");
  if (clean.size() > feed_limits::path_bytes || clean.find('\0') != std::string::npos)
    return refused("path-unusable", "the path is longer than " + std::to_string(feed_limits::path_bytes) +
                                        " bytes, or has a zero byte in it: name another directory");
  return clean;
}

std::optional<agent_id> agent_in(const manifest_sight& sight) {
  if (const auto* bytes = std::get_if<manifest_bytes>(&sight))
    if (const auto file = manifest_document::read(bytes->bytes))
      return agent_id{file->fields().id};
  return std::nullopt;
}

claim_set claims_on(const agent_id& agent, const std::vector<std::string>& paths) {
  claim_set keys;
  if (!agent.empty())
    keys.push_back({claim_key::kind::agent, agent.text});
  for (const auto& path : paths)
    if (!path.empty())
      keys.push_back({claim_key::kind::path, path});
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

namespace plan_parts {

failure refused(std::string_view code, std::string message, const agent_id& agent, std::string_view path) {
  return {.kind = failure_kind::refused,
          .code = code,
          .message = std::move(message),
          .path = std::string(path),
          .agent = agent.text};
}

failure no_such_agent(const agent_id& agent) {
  auto why =
      refused("agent-not-found", "there is no agent " + agent.text + ": `muster list` shows those there are", agent);
  why.kind = failure_kind::not_found;
  return why;
}

failure not_here(const agent_id& agent, std::string_view advice) {
  return refused("agent-not-here", "agent " + agent.text + " does not live on this instance: " + std::string(advice),
                 agent);
}

failure about(const manifest_refusal& why, const agent_id& agent, std::string_view directory) {
  failure result = why;
  result.agent = agent.text;
  if (result.path.empty())
    result.path = directory;
  return result;
}

expected<manifest_document> manifest_at(const manifest_sight& sight, const std::string& directory) {
  if (std::holds_alternative<no_manifest>(sight))
    return refused("manifest-absent",
                   "there is no manifest at " + directory + ": put .dork/agent.json back, or unregister the agent", {},
                   directory);
  if (const auto* obscured = std::get_if<manifest_obscured>(&sight)) {
    auto why = obscured->why;
    if (why.kind != failure_kind::busy)
      why.kind = failure_kind::refused;
    return why;
  }
  auto file = manifest_document::read(std::get<manifest_bytes>(sight).bytes);
  if (file)
    return std::move(*file);
  return refused("manifest-invalid",
                 "the manifest at " + directory + " is not valid, so nothing is written to it: " +
                     file.error().message + "; `muster manifest check` lists all that is wrong",
                 {}, directory);
}

expected<manifest_document> manifest_of(const agent_id& agent, const manifest_sight& sight,
                                        const std::string& directory) {
  auto file = manifest_at(sight, directory);
  if (!file) {
    file.error().agent = agent.text;
    return file;
  }
  if (file->fields().id != agent.text)
    return refused("path-holds-another",
                   "the manifest at " + directory + " is of agent " + file->fields().id + " and not of " + agent.text +
                       ": put the right one back, or unregister " + agent.text,
                   agent, directory);
  return file;
}

manifest_image image_of(std::string_view bytes) {
  return {to_hex(file_hash(bytes)), std::string(bytes)};
}

std::optional<directory_mark> where_of(const manifest_sight& sight) {
  return std::visit([](const auto& one) { return one.where; }, sight);
}

bool has_left(const manifest_sight& old, const manifest_sight& now) {
  const auto* obscured = std::get_if<manifest_obscured>(&old);
  return is_same_file(old, now) || (obscured && obscured->why.code == "project-symlink");
}

bool is_same_file(const manifest_sight& a, const manifest_sight& b) {
  const auto* one = std::get_if<manifest_bytes>(&a);
  const auto* other = std::get_if<manifest_bytes>(&b);
  return one && other && one->key.inode != 0 && one->key.inode == other->key.inode &&
         one->key.device == other->key.device;
}

incumbent incumbent_at(const manifest_sight& sight, const agent_id& agent) {
  if (std::holds_alternative<no_manifest>(sight))
    return incumbent::let_go;
  const auto held = agent_in(sight);
  if (!held)
    return incumbent::cannot_tell;
  return *held == agent ? incumbent::holds : incumbent::let_go;
}

void add_put(std::vector<op>& ops, const agent_id& agent, std::vector<field_edit> edits, bool adopted) {
  if (edits.empty())
    return;
  std::ranges::sort(edits, {}, &field_edit::field);
  ops.emplace_back(agent_put{agent, std::move(edits), adopted});
}

place_put put_of(const plan_ground& ground, const agent_id& agent, const placement& where) {
  return {agent, ground.own, where.path, where.scan_root, where.namespace_name, where.admitted};
}

planned finished(planned_change plan, const commit_id& version) {
  if (!plan.intent.ops.empty())
    return plan;
  plan.answer.version = version;
  if (plan.intent.before == plan.intent.after)
    return nothing_new{std::move(plan.answer)};
  plan.intent.kind = saga_kind::write_through;
  plan.held->fields = held_fields::as_before;
  return plan;
}

namespace {

constexpr std::string_view unregistered_reason = "unregistered";
constexpr std::string_view unregistered_by = "muster";

} // namespace

deny_put denial_of_unregistering(const plan_ground& ground, const std::string& directory) {
  return {ground.own, directory, std::string(unregistered_reason), std::string(unregistered_by), "manual"};
}

bool is_of_unregistering(std::string_view reason, std::string_view by) {
  return reason == unregistered_reason && by == unregistered_by;
}

std::optional<failure> refuse_denied(const path_found& place, const std::string& directory) {
  if (!place.denied || is_of_unregistering(place.denied->reason, place.denied->by))
    return std::nullopt;
  const auto& why = *place.denied;
  return refused("path-denied",
                 directory + " is denied" + (why.by.empty() ? "" : " by " + why.by) +
                     (why.reason.empty() ? "" : " (" + why.reason + ")") + ": type `muster undeny " +
                     shell_word(directory) + "` first",
                 {}, directory);
}

std::optional<failure> refuse_blank(std::string_view name) {
  if (name.empty() || !is_blank(name))
    return std::nullopt;
  return refused("name-blank", "a name of blanks cannot be seen: give the agent one that can");
}

void lift_denial(planned_change& plan, const path_found& place, const plan_ground& ground) {
  if (!place.denied)
    return;
  plan.intent.ops.emplace_back(deny_drop{ground.own, plan.intent.path});
  plan.notes.push_back("the denial of " + plan.intent.path +
                       (place.denied->reason.empty() ? "" : " (" + place.denied->reason + ")") + " is lifted");
}

planned_change plan_for(saga_kind kind, const agent_id& agent, std::optional<placement> before,
                        std::optional<placement> after, const plan_ground& ground) {
  const auto endpoint_of = [&](const placement& at) {
    return endpoint_statement{subject_of(ground.relay_prefix, at.namespace_name, agent), at.namespace_name};
  };
  planned_change plan;
  plan.intent.kind = kind;
  plan.intent.agent = agent;
  plan.answer.agent = agent;
  plan.claims = claims_on(agent, {before ? before->path : "", after ? after->path : ""});
  if (before) {
    plan.intent.path = before->path;
    plan.intent.endpoint_before = endpoint_of(*before);
  }
  if (after) {
    plan.intent.path = after->path;
    plan.intent.endpoint_after = endpoint_of(*after);
    plan.answer.path = after->path;
    plan.answer.namespace_name = after->namespace_name;
    plan.answer.subject = plan.intent.endpoint_after->subject;
  }
  plan.intent.place_before = std::move(before);
  plan.intent.place_after = std::move(after);
  return plan;
}

std::optional<std::string> explicit_namespace(const manifest_document& file) {
  const auto& given = file.fields().name_space;
  if (!given || is_blank(*given))
    return std::nullopt;
  auto name = usable_namespace(*given);
  return name ? std::optional(std::move(*name)) : std::nullopt;
}

planned_change relocation(const agent_id& agent, const agent_found& found, std::string directory,
                          const manifest_document& file, const plan_ground& ground, std::string_view found_under) {
  auto after = *found.here;
  after.path = std::move(directory);
  if (is_below(after.path, ground.managed_home))
    after.scan_root = ground.managed_home;
  else if (!is_below(after.path, after.scan_root))
    after.scan_root = is_below(after.path, found_under) ? found_under : std::string_view();
  auto plan = plan_for(saga_kind::move, agent, found.here, after, ground);
  plan.moving = true;
  plan.intent.before = plan.intent.after = image_of(file.bytes());
  plan.intent.ops.emplace_back(put_of(ground, agent, after));
  plan.answer.content_hash = content_hash(file.document());
  // With the old hash an edit made on the way is still found.
  if (found.held)
    plan.held = held_file{agent, after.path, *found.held, std::nullopt, held_fields::as_before};
  return plan;
}

failure still_held(const agent_id& agent, const std::string& at, const std::string& wanted) {
  return refused("agent-copied",
                 "agent " + agent.text + " lives at " + at + ", whose manifest is still there, so the one at " +
                     wanted + " is a copy: give the copy another id, or remove the manifest at " + at,
                 agent, wanted);
}

failure incumbent_unreadable(const agent_id& agent, const std::string& at, const std::string& wanted) {
  return refused("incumbent-unreadable",
                 "agent " + agent.text + " lives at " + at + ", and it cannot be told whether its manifest is still " +
                     "there: make that readable, then try again",
                 agent, wanted);
}

failure path_held(const agent_id& by, const std::string& directory, const manifest_sight* let_go) {
  if (let_go && agent_in(*let_go) == by)
    return refused("path-held",
                   directory + " is the place of agent " + by.text +
                       ", and the two have changed places: move one of the directories aside, `muster register` it " +
                       "there, then the other one",
                   by, directory);
  return refused("path-held",
                 directory + " is the place of agent " + by.text + ": type `muster unregister " + shell_word(by.text) +
                     "` first, or `muster move` if it lives elsewhere now",
                 by, directory);
}

} // namespace plan_parts

} // namespace muster
