#include "muster/store/displacement.hpp"
#include "muster/store/json_text.hpp"
#include "muster/store/manifest_meaning.hpp"
#include "muster/store/namespace_rules.hpp"
#include "muster/supervisor/plan_parts.hpp"

#include <algorithm>
#include <utility>

namespace muster {

using namespace plan_parts;

namespace {

/// What becomes of a place whose manifest is valid and the agent's own.
class file_observation {
public:
  file_observation(const agent_facts& known, const plan_ground& ground, const manifest_bytes& seen,
                   const manifest_document& file)
      : known_(known),
        ground_(ground),
        seen_(seen),
        file_(file),
        all_(differences_of(file, known.found, seen_values(known.agent, known.history))) {}

  /// Fills in what it comes to; `into.note` is there.
  void tell(planned_observation& into) const {
    const auto& status = known_.found.status;
    into.note->status = known_.found.here->admitted ? agent_status::active : agent_status::unadmitted;
    if (is_gone(status))
      into.what = observation::resurrected;
    tell_bad_namespace(into.note->problems);
    if (has_news()) {
      into.what = observation::synced;
      into.change = observed();
      if (!into.change->intent.place_after->admitted)
        into.note->status = agent_status::unadmitted;
      return;
    }
    std::vector<std::string> left;
    into.change = write_through(left);
    for (const auto& field : left)
      into.note->problems.push_back(
          {"held",
           "what another machine says of '" + field + "' would make the manifest invalid and is not written to it",
           {},
           known_.found.here->path});
    if (into.change)
      into.what = observation::written;
    else if (known_.found.held != seen_.hash)
      into.record = held_file{known_.agent, known_.found.here->path, seen_.hash, seen_.key,
                              all_.empty() ? held_fields::as_folded : held_fields::as_before};
    else
      into.note->key = seen_.key;
  }

  /// There is an edit in it, or the placement has to follow its namespace.
  [[nodiscard]] bool has_news() const {
    return !std::ranges::all_of(all_, &field_difference::behind) || place_after() != *known_.found.here;
  }

  [[nodiscard]] std::optional<planned_change> write_through(std::vector<std::string>& left) const {
    const auto bytes = brought_up_to_date(file_, all_, known_.found, left);
    if (bytes == file_.bytes())
      return std::nullopt;
    const auto after = manifest_document::read(bytes);
    if (!after)
      return std::nullopt;
    const auto& here = *known_.found.here;
    auto plan = plan_for(saga_kind::write_through, known_.agent, here, here, ground_);
    plan.intent.before = image_of(file_.bytes());
    plan.intent.after = image_of(bytes);
    plan.intent.where = where_of(known_.sight);
    plan.answer.content_hash = content_hash(after->document());
    plan.relay_may_owe = true;
    plan.held = held_file{known_.agent, here.path, file_hash(bytes), std::nullopt, held_fields::as_folded};
    return plan;
  }

private:
  [[nodiscard]] placement place_after() const {
    auto place = *known_.found.here;
    const auto is_behind =
        std::ranges::any_of(all_, [](const auto& each) { return each.behind && each.field == "namespace"; });
    const auto name = is_behind ? std::nullopt : explicit_namespace(file_);
    if (!name || *name == place.namespace_name)
      return place;
    place.namespace_name = *name;
    place.admitted = known_.namespaces_in_use &&
                     std::ranges::find(*known_.namespaces_in_use, *name) == known_.namespaces_in_use->end();
    return place;
  }

  [[nodiscard]] planned_change observed() const {
    const auto& before = *known_.found.here;
    const auto after = place_after();
    const auto kind = before.namespace_name == after.namespace_name ? saga_kind::observe : saga_kind::change_namespace;
    auto plan = plan_for(kind, known_.agent, before, after, ground_);
    plan.relay_may_owe = true;
    plan.intent.before = plan.intent.after = image_of(file_.bytes());
    std::vector<field_edit> edits;
    for (const auto& each : all_)
      if (!each.behind)
        edits.push_back(found_edit(each, known_.found));
    add_put(plan.intent.ops, known_.agent, std::move(edits));
    if (before != after)
      plan.intent.ops.emplace_back(put_of(ground_, known_.agent, after));
    plan.answer.content_hash = content_hash(file_.document());
    // Without its key a file that is behind as well, or whose edit may lose, is
    // looked at again.
    const bool is_over =
        std::ranges::none_of(all_, [&](const auto& each) { return each.behind || is_concurrent(each, known_.found); });
    plan.held = held_file{known_.agent, before.path, seen_.hash, is_over ? std::optional(seen_.key) : std::nullopt,
                          held_fields::of_commit};
    return plan;
  }

  void tell_bad_namespace(std::vector<agent_problem>& problems) const {
    const auto& given = file_.fields().name_space;
    if (given && !is_blank(*given) && !explicit_namespace(file_))
      problems.push_back({"namespace",
                          "the namespace in the manifest cannot be used, so the agent stays in " +
                              known_.found.here->namespace_name + ": name another in the manifest",
                          {},
                          known_.found.here->path});
  }

  const agent_facts& known_;
  const plan_ground& ground_;
  const manifest_bytes& seen_;
  const manifest_document& file_;
  std::vector<field_difference> all_;
};

void tell_absence(const no_manifest& seen, const std::string& project, planned_observation& into) {
  into.what = seen.project_gone ? observation::unreachable : observation::missing;
  into.note->status = seen.project_gone ? agent_status::unreachable : agent_status::manifest_missing;
  into.note->reason =
      seen.project_gone ? "the directory " + project + " is not there" : "there is no manifest at " + project;
}

void tell_another(const std::string& other, const std::string& project, planned_observation& into) {
  into.what = observation::refused;
  into.note->status = agent_status::manifest_missing;
  into.note->reason = displaced_by(project, other);
  into.note->problems.push_back({std::string(displaced_problem), displacement_advice(project, other), {}, project});
}

} // namespace

planned_observation plan_observation(const std::string& project, const agent_facts& known, const plan_ground& ground) {
  planned_observation result;
  if (!known.found.here || known.found.here->path != project) {
    result.what = observation::refused;
    return result;
  }
  result.note.emplace();
  result.note->agent = known.agent;
  result.note->path = project;
  if (const auto* absent = std::get_if<no_manifest>(&known.sight)) {
    tell_absence(*absent, project, result);
    return result;
  }
  if (const auto* obscured = std::get_if<manifest_obscured>(&known.sight)) {
    result.what = observation::unreadable;
    result.note->status = agent_status::unreadable;
    result.note->reason = obscured->why.message;
    return result;
  }
  const auto& seen = std::get<manifest_bytes>(known.sight);
  const auto file = manifest_document::read(seen.bytes);
  if (!file) {
    result.what = observation::invalid;
    result.note->status = agent_status::manifest_invalid;
    result.note->reason = file.error().message;
    result.note->key = seen.key;
  } else if (file->fields().id != known.agent.text) {
    tell_another(file->fields().id, project, result);
    result.note->key = seen.key;
  } else
    file_observation(known, ground, seen, *file).tell(result);
  return result;
}

std::vector<agent_problem> problems_to_report(const planned_observation& plan) {
  auto result = plan.note->problems;
  if (plan.what == observation::unreadable)
    result.push_back({"unreadable", plan.note->reason, {}, {}});
  if (plan.what == observation::invalid)
    result.push_back({"manifest-invalid", plan.note->reason + "; the last good content stands", {}, {}});
  if (plan.what == observation::synced && plan.note->status == agent_status::unadmitted)
    result.push_back(
        {"unadmitted",
         "its namespace was in use when its manifest took it there, so none of its rules let it send: type "
         "`muster admit " +
             shell_word(plan.note->agent.text) + "` to let it in",
         {},
         {}});
  return result;
}

planned_observation plan_removal(const std::string& project, const agent_facts& known, std::chrono::nanoseconds grace,
                                 const plan_ground& ground) {
  auto result = plan_observation(project, known, ground);
  if (!result.note || !is_gone(result.note->status) || !known.found.absent_for || *known.found.absent_for < grace)
    return result;
  // A device that comes back meanwhile brings the file back, which is not ours to take away.
  auto plan = plan_for(saga_kind::unregister_keeping, known.agent, *known.found.here, std::nullopt, ground);
  plan.answer.path = project;
  plan.intent.ops.emplace_back(place_drop{known.agent, ground.own});
  const auto* bytes = std::get_if<manifest_bytes>(&known.sight);
  plan.intent.before = plan.intent.after = bytes ? std::optional(image_of(bytes->bytes)) : std::nullopt;
  plan.relay_may_owe = true;
  result.what = observation::removed;
  result.change = std::move(plan);
  result.note.reset();
  return result;
}

std::optional<planned_change> plan_write_through(const agent_facts& known, const plan_ground& ground) {
  const auto* seen = std::get_if<manifest_bytes>(&known.sight);
  if (!seen || !known.found.here)
    return std::nullopt;
  const auto file = manifest_document::read(seen->bytes);
  if (!file || file->fields().id != known.agent.text)
    return std::nullopt;
  const file_observation observed(known, ground, *seen, *file);
  std::vector<std::string> left;
  return observed.has_news() ? std::nullopt : observed.write_through(left);
}

} // namespace muster
