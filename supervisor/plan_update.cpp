#include "muster/store/json_write.hpp"
#include "muster/store/manifest_meaning.hpp"
#include "muster/store/namespace_rules.hpp"
#include "muster/supervisor/assigned_fields.hpp"
#include "muster/supervisor/plan_parts.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace muster {

using namespace plan_parts;

namespace {

/// What a field is set to, if that is a text.
std::optional<std::string> string_in(const field_change& change) {
  const auto value = json::document::parse(change.text.value_or("null"));
  return value && value->root().is(json::kind::string) ? std::optional(value->root().as_string()) : std::nullopt;
}

constexpr std::string_view namespace_field = "namespace";

/// A change of an agent's fields by a command: what is asked for becomes the
/// manifest after, and the commit is what that says and the fold does not.
class field_change_plan {
public:
  field_change_plan(saga_kind kind, const agent_facts& known, const plan_ground& ground)
      : kind_(kind), known_(known), ground_(ground) {}

  /// Reads what is there. Else nothing more may be asked.
  std::optional<failure> open() {
    if (!known_.found.exists)
      return no_such_agent(known_.agent);
    if (!is_here()) {
      auto folded = folded_manifest(known_.agent, known_.found);
      if (!folded)
        return about(folded.error(), known_.agent, {});
      file_ = std::move(*folded);
      return std::nullopt;
    }
    auto file = manifest_of(known_.agent, known_.sight, known_.found.here->path);
    if (!file)
      return std::move(file).error();
    file_ = std::move(*file);
    differences_ = differences_of(*file_, known_.found, seen_values(known_.agent, known_.history));
    return std::nullopt;
  }

  [[nodiscard]] const manifest_document& file() const { return *file_; }

  /// What a field is now: what the file says, unless the fold has moved on.
  [[nodiscard]] std::optional<std::string> present(const std::string& field) const {
    for (const auto& each : differences_)
      if (each.field == field && each.behind)
        return value_in(known_.found, field);
    const auto value = file_->document().root().find(field);
    return value ? std::optional(std::string(value.text())) : std::nullopt;
  }

  /// The plan in which these fields become so.
  expected<planned> make(std::vector<field_change> changes) {
    if (auto why = spell_namespace(changes))
      return std::move(*why);
    for (const auto& each : changes)
      named_.insert(each.name);
    auto bytes = apply_changes(*file_, changes);
    if (!bytes)
      return about(bytes.error(), known_.agent, is_here() ? known_.found.here->path : "");
    auto after = manifest_document::read(std::move(*bytes));
    if (!after)
      return about(after.error(), known_.agent, is_here() ? known_.found.here->path : "");
    return is_here() ? here(*after) : elsewhere(*after);
  }

private:
  [[nodiscard]] bool is_here() const noexcept { return known_.found.here.has_value(); }

  /// A namespace is written as it is used.
  std::optional<failure> spell_namespace(std::vector<field_change>& changes) const {
    for (auto& each : changes) {
      const auto given = each.name == namespace_field ? string_in(each) : std::nullopt;
      if (!given)
        continue;
      auto name = usable_namespace(*given);
      if (!name)
        return std::move(name).error();
      each.text = json::quote(*name);
    }
    return std::nullopt;
  }

  std::vector<field_edit> edits(const manifest_document& after) const {
    std::vector<field_edit> result;
    for (auto& each : differences_of(after, known_.found, seen_values(known_.agent, known_.history)))
      if (named_.contains(each.field))
        result.push_back(made_edit(each, known_.found));
      else if (is_edited(each.field))
        result.push_back(found_edit(each, known_.found));
    return result;
  }

  [[nodiscard]] bool is_edited(const std::string& field) const {
    return std::ranges::any_of(differences_, [&](const auto& each) { return each.field == field && !each.behind; });
  }

  expected<placement> place_after(const manifest_document& after) const {
    auto place = *known_.found.here;
    const bool named = named_.contains(std::string(namespace_field));
    if (auto name = explicit_namespace(after))
      place.namespace_name = std::move(*name);
    else if (named && (!after.fields().name_space || is_blank(*after.fields().name_space))) {
      auto derived = resolve_namespace(
          {.path = place.path, .scan_root = place.scan_root, .managed_home = ground_.managed_home, .given = {}});
      if (!derived)
        return std::move(derived).error();
      place.namespace_name = std::move(derived->name);
    } else if (named)
      return usable_namespace(*after.fields().name_space).error();
    if (place.namespace_name != known_.found.here->namespace_name)
      place.admitted = named || !is_in_use(place.namespace_name);
    else if (named && kind_ == saga_kind::update)
      place.admitted = true;
    return place;
  }

  [[nodiscard]] bool is_in_use(const std::string& name) const {
    return !known_.namespaces_in_use ||
           std::ranges::find(*known_.namespaces_in_use, name) != known_.namespaces_in_use->end();
  }

  expected<planned> here(const manifest_document& after) const {
    auto place = place_after(after);
    if (!place)
      return std::move(place).error();
    const auto& before = known_.found.here;
    const bool renamed = place->namespace_name != before->namespace_name;
    auto plan = plan_for(renamed ? saga_kind::change_namespace : kind_, known_.agent, before, *place, ground_);
    add_put(plan.intent.ops, known_.agent, edits(after));
    if (*before != *place)
      plan.intent.ops.emplace_back(put_of(ground_, known_.agent, *place));
    plan.intent.before = image_of(file_->bytes());
    plan.intent.after = image_of(after.bytes());
    plan.intent.where = where_of(known_.sight);
    plan.held = held_file{known_.agent, place->path, file_hash(after.bytes()), std::nullopt, held_fields::of_commit};
    plan.answer.content_hash = content_hash(after.document());
    plan.observe_first = std::ranges::any_of(
        differences_, [&](const auto& each) { return !each.behind && named_.contains(each.field); });
    return finished(std::move(plan), known_.found.version);
  }

  expected<planned> elsewhere(const manifest_document& after) const {
    auto plan = plan_for(saga_kind::change_remote, known_.agent, std::nullopt, std::nullopt, ground_);
    add_put(plan.intent.ops, known_.agent, edits(after));
    plan.answer.namespace_name = explicit_namespace(after).value_or("");
    if (!plan.answer.namespace_name.empty())
      plan.answer.subject = subject_of(ground_.relay_prefix, plan.answer.namespace_name, known_.agent);
    plan.answer.content_hash = content_hash(after.document());
    return finished(std::move(plan), known_.found.version);
  }

  saga_kind kind_;
  const agent_facts& known_;
  const plan_ground& ground_;
  std::optional<manifest_document> file_;
  std::vector<field_difference> differences_;
  std::set<std::string> named_;
};

std::optional<failure> refuse_precondition(const update_agent& asked, const agent_id& agent,
                                           const manifest_document& file) {
  if (!asked.if_hash || *asked.if_hash == to_hex(content_hash(file.document())) ||
      *asked.if_hash == to_hex(file_hash(file.bytes())))
    return std::nullopt;
  return refused("manifest-changed",
                 "the manifest of agent " + agent.text + " is not what --if-hash says: its content hash is " +
                     to_hex(content_hash(file.document())) + "; look at it with `muster show`, then try again",
                 agent);
}

std::optional<failure> refuse_system(const std::vector<field_change>& changes, const agent_id& agent,
                                     const plan_ground& ground) {
  const bool granted = std::ranges::find(ground.system_allow, agent.text) != ground.system_allow.end();
  const bool wanted = std::ranges::any_of(
      changes, [](const auto& each) { return each.name == "isSystem" && each.text && *each.text == "true"; });
  if (granted || !wanted)
    return std::nullopt;
  return refused("system-not-allowed",
                 "agent " + agent.text + " may not be a system agent: add its id to the setting system.allow first",
                 agent);
}

std::optional<failure> refuse_name(const std::vector<field_change>& changes) {
  const auto change = std::ranges::find(changes, "name", &field_change::name);
  const auto name = change == changes.end() ? std::nullopt : string_in(*change);
  return name ? refuse_blank(*name) : std::nullopt;
}

} // namespace

expected<planned> plan_update(const update_agent& asked, const agent_facts& known, const plan_ground& ground) {
  field_change_plan plan(saga_kind::update, known, ground);
  if (auto why = plan.open())
    return std::move(*why);
  if (auto why = refuse_precondition(asked, known.agent, plan.file()))
    return std::move(*why);
  auto changes = field_changes(asked, [&](const std::string& field) { return plan.present(field); });
  if (!changes)
    return std::move(changes).error();
  if (auto why = refuse_system(*changes, known.agent, ground))
    return std::move(*why);
  if (auto why = refuse_name(*changes))
    return std::move(*why);
  return plan.make(std::move(*changes));
}

expected<planned> plan_revert(const version_found& version, const agent_facts& known, const plan_ground& ground) {
  field_change_plan plan(saga_kind::revert, known, ground);
  if (auto why = plan.open())
    return std::move(*why);
  std::vector<field_change> changes;
  std::set<std::string> now;
  for (const auto& [field, of_fold] : known.found.fields)
    now.insert(field);
  for (const auto member : plan.file().document().root())
    now.insert(member.key());
  for (const auto& [field, value] : version.fields) {
    now.erase(field);
    if (field != "id")
      changes.push_back({field, value, unknown_members::drop});
  }
  now.erase("id");
  for (const auto& field : now)
    changes.push_back({field, std::nullopt, unknown_members::drop});
  return plan.make(std::move(changes));
}

} // namespace muster
