#include "muster/runner/agent_values.hpp"
#include "muster/runner/commit_text.hpp"
#include "muster/runner/data_session.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/datetime.hpp"
#include "muster/store/feed_folder.hpp"
#include "muster/store/hlc.hpp"
#include "muster/store/instance_text.hpp"
#include "muster/store/json.hpp"
#include "muster/store/op_codec.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace muster {

namespace {

struct log_options {
  std::string agent;
  std::string instance;
  std::string since;
  std::size_t limit = 50;
};

constexpr std::size_t most_commits = 10000;
// Of a log: so many commits may be long ones.
constexpr json::limits log_bounds{.bytes = 1024 * 1024 * 1024, .depth = 64};

// The agent that an op is about, if it is about one.
const agent_id* agent_of(const op& what) {
  struct finder {
    const agent_id* operator()(const agent_put& x) const { return &x.agent; }
    const agent_id* operator()(const agent_drop& x) const { return &x.agent; }
    const agent_id* operator()(const place_put& x) const { return &x.agent; }
    const agent_id* operator()(const place_drop& x) const { return &x.agent; }
    const agent_id* operator()(const rule_put&) const { return nullptr; }
    const agent_id* operator()(const rule_drop&) const { return nullptr; }
    const agent_id* operator()(const deny_put&) const { return nullptr; }
    const agent_id* operator()(const deny_drop&) const { return nullptr; }
    const agent_id* operator()(const resolve& x) const {
      const auto* key = std::get_if<field_key>(&x.key);
      return key ? &key->agent : nullptr;
    }
    const agent_id* operator()(const peer_retire&) const { return nullptr; }
  };
  return std::visit(finder{}, what);
}

bool concerns(const commit& what, const agent_id& agent) {
  return std::ranges::any_of(what.ops, [&](const op& each) {
    const auto* id = agent_of(each);
    return id && *id == agent;
  });
}

// What a log is sorted by: later is greater.
auto order_of(const commit& what) {
  return std::tie(what.at, what.instance, what.seq);
}

failure not_found(std::string_view code, std::string message) {
  return {failure_kind::not_found, code, std::move(message)};
}

// The one of `known` that begins with `typed`.
template <class Id>
expected<Id> unique_prefix(const std::set<Id>& known, const std::string& typed, const std::string& noun) {
  if (const auto exact = known.find(Id{typed}); exact != known.end())
    return *exact;
  std::vector<Id> matches;
  for (auto at = known.lower_bound(Id{typed}); at != known.end() && at->text.starts_with(typed); ++at)
    matches.push_back(*at);
  if (matches.empty())
    return not_found("no-such-" + noun == "no-such-agent" ? "no-such-agent" : "no-such-instance",
                     "no " + noun + " in the history begins with '" + printable(typed) + "'");
  if (matches.size() == 1)
    return matches.front();
  std::string candidates;
  for (std::size_t i = 0; i < matches.size() && i < 10; ++i)
    candidates += (i ? ", " : "") + printable(matches[i].text);
  return failure{failure_kind::refused, "ambiguous",
                 "'" + printable(typed) + "' is the beginning of several " + noun + "s: " + candidates +
                     "; type more of it"};
}

struct history {
  std::vector<commit> commits;
  std::set<instance_id> instances;
  std::set<agent_id> agents;
  /// Whoever ever had that name or lived at that path.
  std::map<std::string, std::set<agent_id>> names;
  std::map<std::string, std::set<agent_id>> paths;
};

// Notes the agent that an op is about, and what it was called or where it lay.
void note(history& all, const op& what) {
  const auto* id = agent_of(what);
  if (!id)
    return;
  all.agents.insert(*id);
  if (const auto* place = std::get_if<place_put>(&what))
    all.paths[place->path].insert(*id);
  if (const auto* put = std::get_if<agent_put>(&what))
    for (const auto& edit : put->fields)
      if (edit.field == "name" && edit.value)
        if (const auto name = json::document::parse(*edit.value); name && name->root().is(json::kind::string))
          all.names[name->root().as_string()].insert(*id);
}

// The agent that was typed: an id, the beginning of one, a path or a name.
expected<agent_id> find_agent(const history& all, const std::string& typed) {
  const auto selector = agent_selector(typed);
  if (!selector)
    return selector.error();
  for (const auto* known : {&all.paths, &all.names}) {
    const auto found = known->find(*selector);
    if (found != known->end() && found->second.size() == 1)
      return *found->second.begin();
    if (found != known->end())
      return failure{failure_kind::refused, "ambiguous",
                     "several agents were '" + printable(typed) + "' at some time; give the id"};
  }
  return unique_prefix(all.agents, *selector, "agent");
}

expected<history> read_history(data_session& session) {
  history all;
  auto read = session.source().read({}, [&](const commit& next) -> expected<void> {
    all.instances.insert(next.instance);
    for (const auto& each : next.ops)
      note(all, each);
    all.commits.push_back(next);
    return {};
  });
  if (!read)
    return read.error();
  std::ranges::sort(all.commits, [](const commit& a, const commit& b) { return order_of(a) < order_of(b); });
  return all;
}

// A version as the log prints it: an instance or the beginning of one, "@", a seq.
expected<const commit*> find_version(const history& all, const std::string& typed) {
  const auto at = typed.rfind('@');
  sequence seq = 0;
  const auto digits = at == std::string::npos ? std::string_view() : std::string_view(typed).substr(at + 1);
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), seq);
  if (digits.empty() || problem != std::errc() || end != digits.data() + digits.size())
    return failure{failure_kind::refused, "not-a-version",
                   "'" + printable(typed) + "' is no version; write it as the log does, such as abcdefgh@12"};
  const auto instance = unique_prefix(all.instances, typed.substr(0, at), "instance");
  if (!instance)
    return instance.error();
  const auto found = std::ranges::find_if(
      all.commits, [&](const commit& each) { return each.instance == *instance && each.seq == seq; });
  if (found == all.commits.end())
    return not_found("no-such-version", "there is no commit " + printable(typed));
  return &*found;
}

expected<void> narrow(history& all, const log_options& options) {
  std::optional<commit> since;
  if (!options.since.empty()) {
    const auto version = find_version(all, options.since);
    if (!version)
      return version.error();
    since = **version;
  }
  std::optional<instance_id> instance;
  if (!options.instance.empty()) {
    auto found = unique_prefix(all.instances, options.instance.substr(0, options.instance.find('-')), "instance");
    if (!found)
      return found.error();
    instance = *found;
  }
  std::optional<agent_id> agent;
  if (!options.agent.empty()) {
    auto found = find_agent(all, options.agent);
    if (!found)
      return found.error();
    agent = *found;
  }
  std::erase_if(all.commits, [&](const commit& each) {
    return (since && order_of(each) <= order_of(*since)) || (instance && each.instance != *instance) ||
           (agent && !concerns(each, *agent));
  });
  const auto surplus = all.commits.size() > options.limit ? all.commits.size() - options.limit : 0;
  all.commits.erase(all.commits.begin(), all.commits.begin() + static_cast<std::ptrdiff_t>(surplus));
  std::ranges::reverse(all.commits);
  return {};
}

std::string commit_json(const commit& what) {
  std::string ops = "[]";
  if (const auto line = encode_commit(what))
    if (const auto document = json::document::parse(*line))
      ops = printable_json(document->root().find("ops").text());
  return "{\"instance\":" + json_text(what.instance.text) + ",\"seq\":" + std::to_string(what.seq) +
         ",\"at\":" + json_text(format_datetime(time_of(what.at))) + ",\"ops\":" + ops + "}";
}

std::string log_text(json::value log) {
  std::string lines;
  for (const auto each : log.find("commits"))
    lines += commit_line(each);
  return lines;
}

constexpr auto nothing_matches = "muster: nothing in the history matches\n";

expected<answer> show_log_alone(command_context& context, const log_options& options) {
  auto session = data_session::open(context, data_directory::presence::required);
  if (!session)
    return session.error();
  auto all = read_history(*session);
  if (!all)
    return all.error();
  if (auto narrowed = narrow(*all, options); !narrowed)
    return narrowed.error();
  answer result;
  result.json = "{\"commits\":[";
  for (const auto& each : all->commits)
    result.json += (result.json.back() == '[' ? "" : ",") + commit_json(each);
  result.json += "]}\n";
  if (!context.style.json) {
    const auto document = json::document::parse(result.json, log_bounds);
    if (!document)
      return document.error();
    result.text = log_text(document->root());
  }
  if (all->commits.empty())
    result.notes = nothing_matches;
  session->add_notes(result);
  return result;
}

expected<answer> show_log_there(command_context& context, const log_options& options) {
  const auto agent = options.agent.empty() ? expected<std::string>("") : agent_selector(options.agent);
  if (!agent)
    return agent.error();
  service_request request{
      .operation = "log", .body = {}, .doing = "reading the history", .has_request_id = false, .agent = options.agent};
  request.body.add_path("agent", *agent)
      .add_text("instance", options.instance)
      .add_text("since", options.since)
      .add_json("limit", std::to_string(options.limit));
  const auto said = call_service(context, std::move(request));
  if (!said)
    return said.error();
  auto result = as_answer(context, *said, log_text);
  if (said->document.root().find("commits").size() == 0)
    result.notes += nothing_matches;
  return result;
}

expected<answer> show_log(command_context& context, const log_options& options) {
  return alone_or_service(
      context, [&] { return show_log_alone(context, options); }, [&] { return show_log_there(context, options); });
}

} // namespace

void add_log_command(command_line& line) {
  auto* command =
      line.add(line.root(), "log", "Shows the history of commits, the newest first", "muster log 01JC8Z5Q --limit 5");
  auto options = std::make_shared<log_options>();
  command->add_option("AGENT", options->agent, std::string("Only of this agent. ") + agent_argument);
  command->add_option("--instance", options->instance, "Only what this instance made");
  command->add_option("--since", options->since, "Only what came after a version, written as the log does");
  command->add_option("--limit", options->limit, "How many, at most")->check(CLI::Range(std::size_t{1}, most_commits));
  command_line::bind(line, command, [options](command_context& context) { return show_log(context, *options); });
}

} // namespace muster
