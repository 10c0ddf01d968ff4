#include "muster/runner/request_decoding.hpp"

#include "muster/runner/terminal_text.hpp"
#include "muster/store/instance_text.hpp"
#include "muster/store/op_codec.hpp"
#include "muster/store/whole_number.hpp"

#include <algorithm>
#include <set>

namespace muster {

namespace {

constexpr std::size_t usual_commits = 50;
constexpr std::size_t most_commits = 10000;
constexpr std::size_t deepest_field = 16;
constexpr std::size_t most_candidates = 10;
constexpr std::size_t hash_digits = 64;
constexpr std::size_t deepest_scan = 1024;
constexpr std::size_t longest_scan = 600'000; // ms
constexpr std::size_t most_events = 256;
constexpr std::size_t longest_wait = 60'000; // ms

request_id read_request_id(request_reader& from) {
  return request_id(from.text("requestId", request_limits::name));
}

bool is_hash(const std::string& text) {
  const auto fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == hash_digits && std::ranges::all_of(text, fits);
}

field_assignment read_change(const json::value& change, request_reader& errors) {
  field_assignment result;
  if (!change.is(json::kind::object)) {
    errors.fail({failure_kind::usage, "member-type", "'changes' takes objects with 'field' and 'value'"});
    return result;
  }
  request_reader from(change);
  result.path = from.texts("field");
  if (const auto value = from.any("value"))
    result.value = std::string(value.text());
  if (auto read = from.finish(); !read)
    errors.fail(read.error());
  if (result.path.empty() || result.path.size() > deepest_field)
    errors.fail({failure_kind::refused, "field-path", "the 'field' of a change names 1 to 16 members"});
  return result;
}

std::set<std::string> known_instances(const feeds_described& feeds) {
  std::set<std::string> known{feeds.own.text};
  for (const auto& each : feeds.durable)
    known.insert(each.instance.text);
  return known;
}

} // namespace

register_agent read_register(request_reader& from) {
  register_agent result;
  result.request = read_request_id(from);
  result.path = from.required_path("path");
  result.name = from.optional_text("name");
  result.display_name = from.optional_text("displayName");
  result.runtime = from.optional_text("runtime");
  result.namespace_name = from.optional_text("namespace");
  result.description = from.optional_text("description");
  result.capabilities = from.texts("capabilities");
  result.scan_root = from.path("scanRoot");
  result.by = from.text("by");
  return result;
}

update_agent read_update(request_reader& from) {
  update_agent result;
  result.request = read_request_id(from);
  result.selector = from.required_selector("agent");
  for (const auto& change : from.list("changes"))
    result.assignments.push_back(read_change(change, from));
  result.add_capabilities = from.texts("addCapabilities");
  result.remove_capabilities = from.texts("removeCapabilities");
  result.if_hash = from.optional_text("ifHash", request_limits::name);
  if (result.if_hash && !is_hash(*result.if_hash))
    from.fail({failure_kind::refused, "not-a-hash",
               "'ifHash' must be the 64 digits of a content hash, as 'muster show' tells it"});
  return result;
}

typed_revert read_revert(request_reader& from) {
  typed_revert result;
  result.message.request = read_request_id(from);
  result.message.selector = from.required_selector("agent");
  if (auto version = from.version("version"))
    result.version = std::move(*version);
  else
    from.fail({failure_kind::usage, "member-missing", "the request lacks the member 'version'"});
  return result;
}

move_agent read_move(request_reader& from) {
  move_agent result;
  result.request = read_request_id(from);
  result.selector = from.required_selector("agent");
  result.path = from.required_path("path");
  return result;
}

unregister_agent read_unregister(request_reader& from) {
  unregister_agent result;
  result.request = read_request_id(from);
  result.selector = from.required_selector("agent");
  result.keep_manifest = from.flag("keepManifest");
  result.everywhere = from.flag("everywhere");
  return result;
}

deny_path read_deny(request_reader& from) {
  deny_path result;
  result.request = read_request_id(from);
  result.path = from.required_path("path");
  result.reason = from.text("reason");
  result.by = from.text("by", request_limits::name);
  result.strategy = from.text("strategy", request_limits::name);
  return result;
}

undeny_path read_undeny(request_reader& from) {
  undeny_path result;
  result.request = read_request_id(from);
  result.path = from.required_path("path");
  return result;
}

list_denials read_denied(request_reader&) {
  return {};
}

admit_agents read_admit(request_reader& from) {
  admit_agents result;
  result.request = read_request_id(from);
  result.selector = from.selector("agent");
  result.namespace_name = from.text("namespace");
  return result;
}

stamp_heartbeat read_heartbeat(request_reader& from) {
  stamp_heartbeat result;
  result.selector = from.required_selector("agent");
  result.event = from.text("event", request_limits::name);
  return result;
}

sweep_now read_sweep(request_reader& from) {
  return {from.flag("acceptRemovals")};
}

scan_now read_scan(request_reader& from) {
  scan_now result;
  result.scan = from.text("scan", request_limits::name);
  result.roots = from.paths("roots");
  result.fallback = from.path("fallback");
  result.depth = static_cast<unsigned>(from.number("depth", result.depth, 0, deepest_scan));
  const auto usual = std::chrono::duration_cast<std::chrono::milliseconds>(result.budget);
  result.budget =
      std::chrono::milliseconds{from.number("timeoutMs", static_cast<std::size_t>(usual.count()), 1, longest_scan)};
  result.follow_mounts = from.flag("followMounts");
  result.only_look = from.flag("onlyLook");
  return result;
}

look_at_scan read_scan_progress(request_reader& from) {
  return {from.required_text("scan", request_limits::name)};
}

cancel_scan read_scan_cancel(request_reader& from) {
  return {from.required_text("scan", request_limits::name)};
}

rebuild_index read_rebuild(request_reader& from) {
  return {from.flag("verify")};
}

list_agents read_list(request_reader& from) {
  list_agents result;
  result.runtime = from.text("runtime");
  result.capability = from.text("capability");
  result.namespace_name = from.text("namespace");
  result.health = from.text("health", request_limits::name);
  result.all_instances = from.flag("allInstances");
  return result;
}

show_agent read_show(request_reader& from) {
  show_agent result;
  result.selector = from.required_selector("agent");
  result.all_versions = from.flag("allVersions");
  return result;
}

typed_log read_log_request(request_reader& from) {
  typed_log result;
  result.message.selector = from.selector("agent");
  result.message.instance = from.text("instance", request_limits::name);
  result.since = from.version("since");
  result.message.limit = from.number("limit", usual_commits, 1, most_commits);
  return result;
}

dump_index read_dump(request_reader&) {
  return {};
}

examine_all read_doctor(request_reader&) {
  return {};
}

read_events read_events_request(request_reader& from) {
  read_events result;
  const auto after = from.text("after", request_limits::name);
  result.limit = from.number("limit", most_events, 1, most_events);
  result.wait = std::chrono::milliseconds(from.number("waitMs", 0, 0, longest_wait));
  if (after.empty())
    return result;
  const auto at = after.rfind('@');
  const auto number = at == std::string::npos ? std::nullopt : whole_number(std::string_view(after).substr(at + 1));
  if (number)
    result.after = event_position{after.substr(0, at), *number};
  else
    from.fail({failure_kind::refused, "not-a-position",
               "'after' must be the 'at' of an earlier answer, such as 01JC8Z5Q0000000000000000AB@12"});
  return result;
}

describe_runtime read_status(request_reader&) {
  return {};
}

set_rule read_set_rule(request_reader& from) {
  set_rule result;
  result.request = read_request_id(from);
  result.source = from.required_text("source", request_limits::name);
  result.target = from.required_text("target", request_limits::name);
  const auto action = from.required_text("action", request_limits::name);
  if (from.good() && action != "allow" && action != "deny")
    from.fail({failure_kind::refused, "rule-action", "the 'action' of a rule is \"allow\" or \"deny\""});
  result.action = action == "allow" ? rule_action::allow : rule_action::deny;
  return result;
}

withdraw_rule read_withdraw_rule(request_reader& from) {
  withdraw_rule result;
  result.request = read_request_id(from);
  result.source = from.required_text("source", request_limits::name);
  result.target = from.required_text("target", request_limits::name);
  return result;
}

list_rules read_list_rules(request_reader&) {
  return {};
}

who_may_reach read_who(request_reader& from) {
  return {from.required_selector("agent")};
}

show_topology read_topology(request_reader& from) {
  return {from.text("namespace", request_limits::name)};
}

bool is_whole_instance(const std::string& typed) {
  return is_instance_id(typed);
}

expected<instance_id> find_instance(const std::string& typed, const feeds_described& feeds) {
  if (typed.empty())
    return feeds.own;
  // With check characters, or in the capitals of somebody who dictates it.
  auto whole = parse_instance(typed);
  if (whole || whole.error().code == "instance-mistyped")
    return whole;
  const auto known = known_instances(feeds);
  std::vector<std::string> matches;
  for (auto at = known.lower_bound(typed); at != known.end() && at->starts_with(typed); ++at)
    matches.push_back(*at);
  if (matches.empty())
    return failure{failure_kind::not_found, "no-such-instance",
                   "no instance whose history is here begins with '" + printable(typed) + "'"};
  if (matches.size() == 1)
    return instance_id(matches.front());
  std::string candidates;
  for (std::size_t i = 0; i < matches.size() && i < most_candidates; ++i)
    candidates += (i > 0 ? ", " : "") + matches[i];
  return failure{failure_kind::refused, "instance-ambiguous",
                 "'" + printable(typed) + "' is the beginning of several instances: " + candidates +
                     "; type more of it"};
}

} // namespace muster
