#include "muster/store/json_write.hpp"
#include "muster/store/manifest_meaning.hpp"
#include "muster/store/manifest_text.hpp"
#include "muster/store/namespace_rules.hpp"
#include "muster/supervisor/plan_parts.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace muster {

using namespace plan_parts;

namespace {

constexpr std::string_view namespace_field = "namespace";

/// The command that makes a manifest what the options say.
class option_differences {
public:
  void compare(std::string_view field, const std::optional<std::string>& asked,
               const std::optional<std::string>& there) {
    if (!asked || asked == there)
      return;
    names_ += (names_.empty() ? "" : ", ") + std::string(field);
    command_ += " --set " + shell_word(std::string(field) + "=" + *asked);
  }

  void compare_capabilities(const std::vector<std::string>& asked, const std::vector<std::string>& there) {
    const std::set<std::string> wanted(asked.begin(), asked.end());
    const std::set<std::string> held(there.begin(), there.end());
    if (asked.empty() || wanted == held)
      return;
    names_ += (names_.empty() ? "" : ", ") + std::string("capabilities");
    for (const auto& each : wanted)
      if (!held.contains(each))
        command_ += " --capability " + shell_word("+" + each);
    for (const auto& each : held)
      if (!wanted.contains(each))
        command_ += " --capability " + shell_word("-" + each);
  }

  [[nodiscard]] bool any() const noexcept { return !names_.empty(); }

  [[nodiscard]] failure refusal(const agent_id& agent, const std::string& directory, bool registered) const {
    return refused("register-differs",
                   "the manifest at " + directory + " says otherwise of " + names_ + ": " +
                       (registered ? "" : "register it without that, then ") + "type `muster update " +
                       shell_word(agent.text) + command_ + "`",
                   agent, directory);
  }

private:
  std::string names_;
  std::string command_;
};

std::optional<std::string> normalised(const std::optional<std::string>& given) {
  if (!given)
    return std::nullopt;
  if (auto name = usable_namespace(*given))
    return std::move(*name);
  return given;
}

/// A request with its paths as everybody spells them.
expected<register_agent> spelled(const register_agent& asked) {
  auto result = asked;
  auto directory = project_directory(asked.path);
  if (!directory)
    return std::move(directory).error();
  result.path = std::move(*directory);
  if (!asked.scan_root.empty() && asked.scan_root != "/") {
    auto root = project_directory(asked.scan_root);
    if (!root)
      return std::move(root).error();
    result.scan_root = std::move(*root);
  }
  if (asked.name)
    if (auto why = refuse_blank(*asked.name))
      return std::move(*why);
  if (asked.namespace_name)
    if (auto name = usable_namespace(*asked.namespace_name); !name)
      return std::move(name).error();
  return result;
}

expected<manifest> first_manifest(const register_agent& asked, const registration_facts& known,
                                  const std::string& namespace_name) {
  manifest fields;
  fields.id = known.fresh.text;
  fields.name = *asked.name;
  fields.display_name = asked.display_name;
  fields.description = asked.description.value_or("");
  fields.capabilities = asked.capabilities;
  fields.name_space = namespace_name;
  fields.registered_at = known.now;
  fields.registered_by = !asked.by.empty() ? asked.by : !known.user.empty() ? known.user : "muster";
  if (asked.runtime) {
    const auto at = std::ranges::find(runtime_names, *asked.runtime);
    if (at == runtime_names.end())
      return refused("manifest-choice", "there is no runtime " + json::quote(asked.runtime->substr(0, 64)) +
                                            ": choose one of those that `muster help register` lists, or `other`");
    fields.runtime = static_cast<agent_runtime>(at - runtime_names.begin());
  }
  return fields;
}

failure no_such_directory(const std::string& path) {
  return {.kind = failure_kind::not_found,
          .code = "project-not-found",
          .message = "there is no directory " + path + ": make it first, or name another",
          .path = path};
}

expected<planned> plan_new(const register_agent& asked, const registration_facts& known, const plan_ground& ground) {
  if (auto why = refuse_denied(known.place, asked.path))
    return std::move(*why);
  if (!asked.name)
    return failure{.kind = failure_kind::usage,
                   .code = "name-missing",
                   .message = "a new agent needs a name: give one with --name",
                   .path = asked.path};
  const auto where = resolve_namespace({.path = asked.path,
                                        .scan_root = asked.scan_root,
                                        .managed_home = ground.managed_home,
                                        .given = asked.namespace_name ? *asked.namespace_name : std::string_view{}});
  if (!where)
    return where.error();
  auto fields = first_manifest(asked, known, where->name);
  if (!fields)
    return std::move(fields).error();
  const auto file = new_manifest(*fields);
  if (!file)
    return about(file.error(), known.fresh, asked.path);

  const placement place{asked.path, where->scan_root, where->name, true};
  auto plan = plan_for(saga_kind::register_agent, known.fresh, std::nullopt, place, ground);
  plan.intent.after = image_of(file->bytes());
  plan.intent.where = where_of(known.sight);
  std::vector<field_edit> edits;
  for (const auto& each : differences_of_newcomer(*file, {}, seen_values({}, {})))
    edits.push_back(made_edit(each, {}));
  add_put(plan.intent.ops, known.fresh, std::move(edits));
  plan.intent.ops.emplace_back(put_of(ground, known.fresh, place));
  lift_denial(plan, known.place, ground);
  plan.answer.content_hash = content_hash(file->document());
  plan.held = held_file{known.fresh, asked.path, file_hash(file->bytes()), std::nullopt, held_fields::of_commit};
  return plan;
}

/// Who wants a manifest to be adopted.
enum class adopter : std::uint8_t { command, scan };

/// The adoption of a valid manifest, step by step.
class adoption {
public:
  adoption(const register_agent& asked, const registration_facts& known, const plan_ground& ground,
           manifest_document file, adopter by = adopter::command)
      : asked_(asked), known_(known), ground_(ground), file_(std::move(file)), agent_{file_.fields().id}, by_(by) {}

  expected<planned> plan() {
    const auto& here = known_.agent.here;
    if (known_.place.agent && *known_.place.agent != agent_)
      return path_held(*known_.place.agent, asked_.path, known_.incumbent ? &*known_.incumbent : nullptr);
    if (by_ == adopter::scan && known_.place.denied)
      return nothing_new{placed_nowhere()};
    // An agent that lives there is no news to anybody.
    if (!here || here->path != asked_.path)
      if (auto why = refuse_denied(known_.place, asked_.path))
        return std::move(*why);
    if (auto why = refuse_differences())
      return std::move(*why);
    if (here && here->path != asked_.path)
      return relocate();
    if (by_ == adopter::scan)
      return place_found();
    auto place = place_after();
    if (!place)
      return std::move(place).error();
    return place_at(std::move(*place));
  }

private:
  [[nodiscard]] bool names_namespace() const {
    return file_.fields().name_space && !is_blank(*file_.fields().name_space);
  }

  [[nodiscard]] bool gives_namespace() const { return asked_.namespace_name && !names_namespace(); }

  std::optional<failure> refuse_differences() const {
    const auto& there = file_.fields();
    option_differences differ;
    differ.compare("name", asked_.name, there.name);
    differ.compare("displayName", asked_.display_name, there.display_name);
    differ.compare("runtime", asked_.runtime, std::string(to_string(there.runtime)));
    differ.compare("description", asked_.description, there.description);
    if (names_namespace())
      differ.compare("namespace", normalised(asked_.namespace_name), normalised(there.name_space));
    else if (known_.agent.here)
      differ.compare("namespace", normalised(asked_.namespace_name), known_.agent.here->namespace_name);
    differ.compare_capabilities(asked_.capabilities, there.capabilities);
    if (!differ.any())
      return std::nullopt;
    return differ.refusal(agent_, asked_.path, known_.agent.here.has_value());
  }

  std::optional<failure> refuse_incumbent(const std::string& old) const {
    if (by_ == adopter::command && known_.incumbent && has_left(*known_.incumbent, known_.sight))
      return std::nullopt;
    switch (known_.incumbent ? incumbent_at(*known_.incumbent, agent_) : incumbent::cannot_tell) {
      case incumbent::holds: return still_held(agent_, old, asked_.path);
      case incumbent::cannot_tell: return incumbent_unreadable(agent_, old, asked_.path);
      case incumbent::let_go: break;
    }
    return std::nullopt;
  }

  expected<planned> relocate() const {
    const auto& old = known_.agent.here->path;
    // A sweep would follow it from one path to the other and back.
    if (by_ == adopter::scan && known_.incumbent && is_same_file(*known_.incumbent, known_.sight))
      return nothing_new{placed_nowhere()};
    if (auto why = refuse_incumbent(old))
      return std::move(*why);
    auto plan = relocation(agent_, known_.agent, asked_.path, file_, ground_, asked_.scan_root);
    plan.notes.push_back("agent " + agent_.text + " has moved here from " + old);
    plan.relay_may_owe = by_ == adopter::scan;
    lift_denial(plan, known_.place, ground_);
    return plan;
  }

  [[nodiscard]] agent_placed placed_nowhere() const {
    agent_placed result;
    result.agent = agent_;
    result.path = asked_.path;
    return result;
  }

  /// Where a scan places what lives nowhere here.
  expected<planned> place_found() {
    if (known_.agent.here || asked_.scan_root.empty())
      return nothing_new{placed_nowhere()};
    auto where = import_namespace({.path = asked_.path,
                                   .scan_root = asked_.scan_root,
                                   .managed_home = ground_.managed_home,
                                   .given = file_.fields().name_space.value_or("")});
    return place_at({asked_.path, std::move(where.scan_root), std::move(where.name), !known_.namespace_in_use});
  }

  expected<placement> place_after() const {
    const auto& here = known_.agent.here;
    const auto& root = asked_.scan_root.empty() && here ? here->scan_root : asked_.scan_root;
    std::string_view given;
    if (names_namespace())
      given = *file_.fields().name_space;
    else if (asked_.namespace_name)
      given = *asked_.namespace_name;
    else if (here)
      given = here->namespace_name;
    auto where = resolve_namespace(
        {.path = asked_.path, .scan_root = root, .managed_home = ground_.managed_home, .given = given});
    if (where)
      return placement{asked_.path, std::move(where->scan_root), std::move(where->name), true};
    auto why = std::move(where).error();
    if (names_namespace())
      why.message = "the namespace in the manifest at " + asked_.path + " cannot be used: " + why.message +
                    ", once the manifest names none";
    return why;
  }

  expected<planned> place_at(placement place) {
    const auto& found = known_.agent;
    const seen_values seen(agent_, known_.history);
    const auto all = found.here     ? differences_of(file_, found, seen)
                     : found.exists ? differences_of_newcomer(file_, found, seen)
                                    : differences_of_newcomer(file_, found, seen_values(agent_, {}));
    auto kind = saga_kind::adopt;
    if (found.here && found.here->namespace_name != place.namespace_name)
      kind = saga_kind::change_namespace;
    auto plan = plan_for(kind, agent_, found.here, place, ground_);
    const bool clone = found.exists && !found.here;
    add_edits(plan, all, clone);
    if (auto why = add_file(plan, all))
      return std::move(*why);
    if (found.here != place)
      plan.intent.ops.emplace_back(put_of(ground_, agent_, place));
    plan.relay_may_owe = by_ == adopter::scan;
    lift_denial(plan, known_.place, ground_);
    return finished(std::move(plan), found.version);
  }

  /// What the file says and the fold does not.
  void add_edits(planned_change& plan, const std::vector<field_difference>& all, bool clone) const {
    std::vector<field_edit> edits;
    for (const auto& each : all)
      if (!each.behind && !(gives_namespace() && each.field == namespace_field))
        edits.push_back(known_.agent.exists ? found_edit(each, known_.agent) : made_edit(each, known_.agent));
    plan.answer.adopted = clone && !edits.empty();
    if (plan.answer.adopted)
      plan.notes.push_back("agent " + agent_.text + " lives on another machine; what this manifest says otherwise " +
                           "is kept in the history and does not overrule it");
    add_put(plan.intent.ops, agent_, std::move(edits), clone);
  }

  /// What is behind is brought up to date, and a namespace that was given goes
  /// into a file that names none, so that the file alone tells it.
  std::optional<failure> add_file(planned_change& plan, const std::vector<field_difference>& all) {
    std::vector<std::string> left;
    auto bytes = brought_up_to_date(file_, all, known_.agent, left);
    auto after = manifest_document::read(std::move(bytes));
    if (after && gives_namespace()) {
      const auto name = json::quote(plan.intent.place_after->namespace_name);
      const field_change named{std::string(namespace_field), name, unknown_members::keep};
      auto with_name = apply_changes(*after, std::span(&named, 1));
      if (!with_name)
        return about(with_name.error(), agent_, asked_.path);
      after = manifest_document::read(std::move(*with_name));
      if (value_in(known_.agent, named.name) != name)
        add_put(plan.intent.ops, agent_, {made_edit({named.name, name}, known_.agent)});
    }
    if (!after)
      return about(after.error(), agent_, asked_.path);
    plan.intent.before = image_of(file_.bytes());
    plan.intent.after = image_of(after->bytes());
    plan.intent.where = where_of(known_.sight);
    plan.answer.content_hash = content_hash(after->document());
    const auto fields = known_.agent.here ? held_fields::of_commit : held_fields::as_adopted;
    plan.held = held_file{agent_, asked_.path, file_hash(after->bytes()), std::nullopt, fields};
    return std::nullopt;
  }

  const register_agent& asked_;
  const registration_facts& known_;
  const plan_ground& ground_;
  manifest_document file_;
  agent_id agent_;
  adopter by_;
};

} // namespace

expected<planned> plan_registration(const register_agent& asked, const registration_facts& known,
                                    const plan_ground& ground) {
  const auto request = spelled(asked);
  if (!request)
    return request.error();
  if (const auto* absent = std::get_if<no_manifest>(&known.sight)) {
    if (known.place.agent)
      return path_held(*known.place.agent, request->path);
    if (absent->project_gone)
      return no_such_directory(request->path);
    return plan_new(*request, known, ground);
  }
  auto file = manifest_at(known.sight, request->path);
  if (!file)
    return std::move(file).error();
  return adoption(*request, known, ground, std::move(*file)).plan();
}

expected<planned> plan_discovery(const take_found& found, const registration_facts& known, const plan_ground& ground) {
  if (const auto* absent = std::get_if<no_manifest>(&known.sight); absent && absent->project_gone)
    return no_such_directory(found.path);
  auto file = manifest_at(known.sight, found.path);
  if (!file)
    return std::move(file).error();
  register_agent asked;
  asked.path = found.path;
  asked.scan_root = found.scan_root;
  return adoption(asked, known, ground, std::move(*file), adopter::scan).plan();
}

} // namespace muster
