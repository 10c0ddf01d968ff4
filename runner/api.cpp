#include "muster/runner/api.hpp"

#include "muster/runner/access_documents.hpp"
#include "muster/runner/answer_documents.hpp"
#include "muster/runner/operation_call.hpp"
#include "muster/runner/relay_documents.hpp"
#include "muster/runner/request_decoding.hpp"
#include "muster/runner/scan_documents.hpp"
#include "muster/runner/terminal_text.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

namespace muster {

namespace {

using std::chrono::seconds;

// Longer than a runtime gives itself, so that its own answer comes first.
constexpr seconds usual_limit{75};
// For what looks at everything there is.
constexpr seconds long_limit{900};

template <class Encode>
struct encoded;
template <class Answer>
struct encoded<std::string (*)(const Answer&)> {
  using type = Answer;
};

// A request that is one message, and an answer that is one.
template <auto Read, auto Write>
void plain(operation_call& call, const json::value& request) {
  request_reader from(request);
  auto message = Read(from);
  if (auto read = from.finish(); !read)
    return call.fail(read.error());
  using answer = typename encoded<decltype(Write)>::type;
  call.ask_muster<answer>(std::move(message), [&call](const answer& what) { call.answer(Write(what)); });
}

void show(operation_call& call, const json::value& request) {
  request_reader from(request);
  auto message = read_show(from);
  if (auto read = from.finish(); !read)
    return call.fail(read.error());
  const bool with_versions = message.all_versions;
  call.ask_muster<agent_shown>(std::move(message), [&call, with_versions](const agent_shown& what) {
    call.answer(shown_document(what, with_versions));
  });
}

void admit(operation_call& call, const json::value& request) {
  request_reader from(request);
  auto message = read_admit(from);
  if (auto read = from.finish(); !read)
    return call.fail(read.error());
  const bool named = !message.selector.empty();
  call.ask_muster<agents_admitted>(std::move(message), [&call, named](const agents_admitted& what) {
    call.answer(named && what.agents.size() == 1 ? placed_document(what.agents.front()) : admitted_document(what));
  });
}

void status(operation_call& call, const json::value& request) {
  request_reader from(request);
  auto message = read_status(from);
  if (auto read = from.finish(); !read)
    return call.fail(read.error());
  call.ask_muster<runtime_described>(std::move(message), [&call](const runtime_described& what) {
    call.answer(status_document(what, call.host().data_directory));
  });
}

void identify(operation_call& call, const json::value& request) {
  request_reader from(request);
  auto message = read_status(from);
  if (auto read = from.finish(); !read)
    return call.fail(read.error());
  call.ask_muster<runtime_described>(std::move(message), [&call](const runtime_described& what) {
    call.answer(identity_document(what.feeds.own, call.host().data_directory));
  });
}

// Goes on with the instances that were typed; the muster is asked for its feeds
// only where one is not whole.
template <class Then>
void with_feeds(operation_call& call, bool needed, Then then) {
  if (!needed)
    return then(feeds_described{});
  call.ask_muster<runtime_described>(describe_runtime{},
                                     [then = std::move(then)](const runtime_described& what) { then(what.feeds); });
}

expected<commit_id> complete(const typed_version& typed, const feeds_described& feeds) {
  auto instance = find_instance(typed.instance, feeds);
  if (!instance)
    return instance.error();
  return commit_id{std::move(*instance), typed.seq};
}

void revert(operation_call& call, const json::value& request) {
  request_reader from(request);
  auto typed = read_revert(from);
  if (auto read = from.finish(); !read)
    return call.fail(read.error());
  with_feeds(call, !is_whole_instance(typed.version.instance), [&call, typed](const feeds_described& feeds) {
    auto version = complete(typed.version, feeds);
    if (!version)
      return call.fail(version.error());
    auto message = typed.message;
    message.version = std::move(*version);
    call.ask_muster<agent_placed>(std::move(message),
                                  [&call](const agent_placed& what) { call.answer(placed_document(what)); });
  });
}

void log(operation_call& call, const json::value& request) {
  request_reader from(request);
  auto typed = read_log_request(from);
  if (auto read = from.finish(); !read)
    return call.fail(read.error());
  const auto is_partial = [](const std::string& instance) { return !is_whole_instance(instance); };
  const bool needed = (typed.since && is_partial(typed.since->instance)) ||
                      (!typed.message.instance.empty() && is_partial(typed.message.instance));
  with_feeds(call, needed, [&call, typed](const feeds_described& feeds) {
    auto message = typed.message;
    if (!message.instance.empty()) {
      auto instance = find_instance(message.instance, feeds);
      if (!instance)
        return call.fail(instance.error());
      message.instance = instance->text;
    }
    if (typed.since) {
      auto since = complete(*typed.since, feeds);
      if (!since)
        return call.fail(since.error());
      message.since = std::move(*since);
    }
    call.ask_muster<log_read>(std::move(message), [&call](const log_read& what) { call.answer(log_document(what)); });
  });
}

// -- settings -----------------------------------------------------------------

void get_config(operation_call& call, const json::value& request) {
  request_reader from(request);
  const auto key = from.required_text("key", request_limits::name);
  if (auto read = from.finish(); !read)
    return call.fail(read.error());
  const auto now = call.host().config->read();
  if (!now)
    return call.fail(now.error());
  const auto found = find_setting(*now, key);
  found ? call.answer(setting_document(*found)) : call.fail(found.error());
}

void list_config(operation_call& call, const json::value& request) {
  request_reader from(request);
  if (auto read = from.finish(); !read)
    return call.fail(read.error());
  const auto now = call.host().config->read();
  now ? call.answer(settings_document(*now)) : call.fail(now.error());
}

void set_config(operation_call& call, const json::value& request) {
  request_reader from(request);
  const auto key = from.required_text("key", request_limits::name);
  const auto value = from.any("value");
  (void)from.text("requestId", request_limits::name);
  if (!value)
    from.fail({failure_kind::usage, "member-missing", "the request lacks the member 'value'"});
  if (auto read = from.finish(); !read)
    return call.fail(read.error());
  // Of two changes the one that is written last is applied last.
  const auto apply = [&](settings effective) {
    const auto answer = find_setting(effective, key);
    call.host().adjust(effective);
    call.ask_muster<settings_applied>(
        apply_settings{std::move(effective)},
        [&call, answer](const settings_applied&) { call.answer(setting_document(*answer)); },
        [&call](const failure& why) {
          call.fail({failure_kind::unknown_outcome, "settings-not-applied",
                     "config.json says so now, and whether it holds before the next start is not known: " + why.message,
                     "config.json", "apply-settings"});
        });
  };
  const auto now = call.host().config->change([&](settings& all) { return set_setting(all, key, value); }, apply);
  if (!now)
    call.fail(now.error());
}

// clang-format off
constexpr auto table = std::to_array<operation>({
    {"access-list",    false, false, usual_limit, plain<read_list_rules, rules_document>},
    {"access-set",     true,  false, usual_limit, plain<read_set_rule, rule_changed_document>},
    {"access-who",     false, false, usual_limit, plain<read_who, reach_document>},
    {"access-withdraw",true,  false, usual_limit, plain<read_withdraw_rule, rule_changed_document>},
    {"admit",          true,  false, usual_limit, admit},
    {"config-get",     false, true,  usual_limit, get_config},
    {"config-list",    false, true,  usual_limit, list_config},
    {"config-set",     true,  true,  usual_limit, set_config},
    {"denied",         false, false, usual_limit, plain<read_denied, denials_document>},
    {"deny",           true,  false, usual_limit, plain<read_deny, denied_document>},
    {"doctor",         false, false, long_limit,  plain<read_doctor, findings_document>},
    {"dump",           false, false, long_limit,  plain<read_dump, dump_document>},
    {"events",         false, false, usual_limit, plain<read_events_request, events_document>},
    {"heartbeat",      true,  false, usual_limit, plain<read_heartbeat, heartbeat_document>},
    {"init",           false, false, usual_limit, identify},
    {"list",           false, false, usual_limit, plain<read_list, list_document>},
    {"log",            false, false, usual_limit, log},
    {"move",           true,  false, usual_limit, plain<read_move, placed_document>},
    {"rebuild",        true,  false, long_limit,  plain<read_rebuild, rebuilt_document>},
    {"register",       true,  false, usual_limit, plain<read_register, placed_document>},
    {"relay-ack",      true,  false, usual_limit, plain<read_relay_ack, acknowledged_document>},
    {"relay-dead",     false, false, usual_limit, plain<read_relay_dead, dead_document>},
    {"relay-endpoints",false, false, usual_limit, plain<read_relay_endpoints, mailboxes_document>},
    {"relay-inbox",    true,  false, usual_limit, plain<read_relay_inbox, inbox_document>},
    {"relay-send",     true,  false, usual_limit, plain<read_relay_send, sent_document>},
    {"revert",         true,  false, usual_limit, revert},
    {"scan",           true,  false, long_limit,  plain<read_scan, scan_document>},
    {"scan-cancel",    true,  false, usual_limit, plain<read_scan_cancel, scan_cancelled_document>},
    {"scan-progress",  false, false, usual_limit, plain<read_scan_progress, scan_progress_document>},
    {"show",           false, false, usual_limit, show},
    {"status",         false, false, usual_limit, status},
    {"sweep",          true,  false, long_limit,  plain<read_sweep, sweep_document>},
    {"topology",       false, false, usual_limit, plain<read_topology, topology_document>},
    {"undeny",         true,  false, usual_limit, plain<read_undeny, undenied_document>},
    {"unregister",     true,  false, usual_limit, plain<read_unregister, unregistered_document>},
    {"update",         true,  false, usual_limit, plain<read_update, placed_document>},
});
// clang-format on
static_assert(std::ranges::is_sorted(table, {}, &operation::name));

} // namespace

std::span<const operation> operations() noexcept {
  return table;
}

const operation* find_operation(std::string_view name) noexcept {
  const auto* found = std::ranges::lower_bound(table, name, {}, &operation::name);
  return found != table.end() && found->name == name ? found : nullptr;
}

failure no_such_operation(std::string_view name) {
  return {failure_kind::usage, "no-such-operation", "there is no operation '" + printable(name) + "'; see docs/api.md"};
}

} // namespace muster
