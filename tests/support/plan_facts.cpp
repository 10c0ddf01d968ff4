#include "tests/support/plan_facts.hpp"

#include "muster/store/json_write.hpp"
#include "muster/store/manifest_document.hpp"
#include "muster/store/manifest_meaning.hpp"
#include "muster/store/op_codec.hpp"
#include "muster/supervisor/intent_codec.hpp"
#include "muster/supervisor/saga_steps.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace muster::test {

namespace {

agent_found folded(const std::string& manifest, const instance_id& author) {
  const auto file = manifest_document::read(manifest);
  agent_found found;
  found.exists = found.was_known = true;
  for (const auto member : file->document().root())
    if (member.key() != "id")
      found.fields[member.key()] = {json::canonical(member), {{author, 1}}, {}, {}};
  found.version = {author, 1};
  found.placements = {{author, 1}};
  found.content_hash = content_hash(file->document());
  return found;
}

std::string saw_text(const saw_vector& saw) {
  std::string text;
  for (const auto& [instance, seq] : saw)
    text += (text.empty() ? "" : ",") + instance.text.substr(0, 1) + ":" + std::to_string(seq);
  return text.empty() ? "-" : text;
}

struct op_text {
  std::string operator()(const agent_put& what) const {
    std::string text = what.adopted ? "adopt" : "put";
    for (const auto& edit : what.fields)
      text += " " + edit.field + "=" + edit.value.value_or("-") + "@" + saw_text(edit.saw);
    return text;
  }
  std::string operator()(const agent_drop& what) const { return "drop " + saw_text(what.placements); }
  std::string operator()(const place_put& what) const {
    return "place " + what.path + " " + what.namespace_name + (what.scan_root.empty() ? "" : " " + what.scan_root) +
           (what.admitted ? "" : " unadmitted");
  }
  std::string operator()(const place_drop&) const { return "unplace"; }
  std::string operator()(const deny_put& what) const { return "deny " + what.path + " " + what.reason; }
  std::string operator()(const deny_drop& what) const { return "undeny " + what.path; }
  template <class T>
  std::string operator()(const T&) const {
    return "unexpected";
  }
};

} // namespace

plan_ground the_ground() {
  return {.own = the_instance, .managed_home = "/home/me/agents"};
}

std::string manifest_text(const std::map<std::string, std::string>& members, const agent_id& id) {
  std::map<std::string, std::string> all{{"name", "\"app\""},
                                         {"runtime", "\"other\""},
                                         {"namespace", "\"team\""},
                                         {"registeredAt", "\"2026-01-31T08:30:00.000Z\""},
                                         {"registeredBy", "\"me\""}};
  for (const auto& [name, text] : members)
    all[name] = text;
  std::string text = "{\n  \"id\": " + json::quote(id.text);
  for (const auto& [name, value] : all)
    if (!value.empty())
      text += ",\n  " + json::quote(name) + ": " + value;
  return text + "\n}\n";
}

manifest_sight sight_of(const std::string& bytes) {
  // Each is a file of its own.
  static std::uint64_t inode = 7;
  return manifest_bytes{bytes, file_hash(bytes), {.inode = inode++}, directory_mark{1, 6}};
}

manifest_sight obscured(failure_kind kind) {
  return manifest_obscured{{.kind = kind, .code = "manifest-denied", .message = "permission denied"}};
}

agent_found registered(const std::string& manifest) {
  auto found = folded(manifest, the_instance);
  for (auto& [field, known] : found.fields)
    known.held = known.saw;
  found.here = placement{the_path, "/home/me/src", "team", true};
  found.held = file_hash(manifest);
  return found;
}

agent_found registered_elsewhere(const std::string& manifest) {
  return folded(manifest, elsewhere);
}

void moves_on(agent_found& found, const std::string& field, const std::string& value) {
  auto& known = found.fields[field];
  known.value = value;
  known.saw[elsewhere] = 5;
}

agent_facts facts(const std::string& was, const std::string& is) {
  agent_facts known;
  known.agent = the_agent;
  known.found = registered(was);
  known.sight = sight_of(is);
  return known;
}

std::string ops_of(const planned_change& plan) {
  std::string text;
  for (const auto& each : plan.intent.ops)
    text += (text.empty() ? "" : "; ") + std::visit(op_text{}, each);
  return text;
}

std::string unsound(const planned_change& plan) {
  auto intent = plan.intent;
  intent.saga = saga_id{"01JF5K3W8RZQ0V7B2M4N6P8S9T"};
  if (!intent.ops.empty() && !encode_commit({the_instance, 1, stamp{1}, intent.saga.text, {}, {}, intent.ops}))
    return "the feed refuses its ops";
  if (has_commit(intent.kind) ? intent.ops.empty() : intent.before == intent.after)
    return "it does nothing";
  if (is_journalled(intent.kind)) {
    const auto text = encode_intent(intent, the_instance);
    const auto again = text ? decode_intent(intent.saga, *text, the_instance) : text.error();
    if (!again || *again != intent)
      return "the journal does not keep it";
  }
  for (const auto& image : {intent.before, intent.after})
    if (image && image->hash != to_hex(file_hash(image->bytes)))
      return "an image's hash is another's";
  const auto& steps = plan_of(intent.kind).steps;
  if (intent.before != intent.after && std::ranges::find(steps, saga_step::write_manifest) == steps.end())
    return "it changes a file that it does not write";
  if (intent.before && intent.before != intent.after && !intent.where)
    return "it does not say where the file is that it changes";
  if (intent.before != intent.after && !manifest_document::read(intent.after ? intent.after->bytes : ""))
    return "it writes what is no manifest";
  if (plan.claims.empty() || (plan.held && plan.held->path != intent.path))
    return "it does not claim what it touches";
  return {};
}

const planned_change& change_in(const expected<planned>& plan) {
  if (!plan || !std::holds_alternative<planned_change>(*plan)) {
    std::cout << "no plan: " << told(plan) << std::endl;
    std::abort();
  }
  return std::get<planned_change>(*plan);
}

std::string told(const expected<planned>& plan) {
  if (!plan)
    return std::string(plan.error().code);
  const auto* change = std::get_if<planned_change>(&*plan);
  if (!change)
    return "nothing new";
  const auto wrong = unsound(*change);
  return std::string(plan_of(change->intent.kind).name) + (wrong.empty() ? ": " : " (" + wrong + "): ") +
         ops_of(*change);
}

} // namespace muster::test
