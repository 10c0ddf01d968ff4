#include "muster/runner/agent_values.hpp"
#include "muster/runner/answer_documents.hpp"
#include "muster/runner/commit_text.hpp"
#include "muster/runner/data_session.hpp"
#include "muster/runner/document_text.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/commit_log.hpp"
#include "muster/store/datetime.hpp"
#include "muster/store/hlc.hpp"
#include "muster/store/instance_text.hpp"
#include "muster/store/json.hpp"
#include "muster/store/op_codec.hpp"
#include "muster/store/whole_number.hpp"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
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
constexpr std::size_t whole_instance = 52;
// Of a log: so many commits may be long ones.
constexpr json::limits log_bounds{.bytes = 1024 * 1024 * 1024, .depth = 64};

failure not_found(std::string_view code, std::string message) {
  return {failure_kind::not_found, code, std::move(message)};
}

// The ids that begin with what was typed, as many as an answer names.
template <class Id>
class prefix_search {
public:
  prefix_search(std::string typed, std::string_view noun, std::string_view not_found_code)
      : typed_(std::move(typed)), noun_(noun), code_(not_found_code) {}

  void look(const Id& id) {
    if (id.text == typed_)
      exact_ = true;
    if (matches_.size() <= most_named && id.text.starts_with(typed_))
      matches_.insert(id);
  }

  [[nodiscard]] expected<Id> only() const {
    if (exact_)
      return Id{typed_};
    if (matches_.empty())
      return not_found(code_, "no " + std::string(noun_) + " in the history begins with '" + printable(typed_) + "'");
    if (matches_.size() == 1)
      return *matches_.begin();
    std::string candidates;
    std::size_t named = 0;
    for (const auto& each : matches_)
      if (named++ < most_named)
        candidates += (candidates.empty() ? "" : ", ") + printable(each.text);
    return failure{failure_kind::refused, "ambiguous",
                   "'" + printable(typed_) + "' is the beginning of several " + std::string(noun_) +
                       "s: " + candidates + "; type more of it"};
  }

private:
  static constexpr std::size_t most_named = 10;
  std::string typed_;
  std::string_view noun_;
  std::string_view code_;
  bool exact_ = false;
  std::set<Id> matches_;
};

// An instance as the log, or `muster peer show`, prints it, or the beginning of it.
expected<instance_id> find_instance(data_session& session, const std::string& typed) {
  if (typed.empty())
    return session.self().record.id;
  auto text = typed;
  if (text.size() >= whole_instance) {
    const auto whole = parse_instance(text);
    if (!whole)
      return whole.error();
    text = whole->text;
  }
  for (auto& c : text)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  prefix_search<instance_id> search(text, "instance", "no-such-instance");
  const auto ends = session.source().ends();
  if (!ends)
    return ends.error();
  for (const auto& [instance, seq] : *ends)
    search.look(instance);
  return search.only();
}

bool is_name(const field_edit& edit, const std::string& wanted) {
  const auto name = edit.value ? json::document::parse(*edit.value) : json::document::parse("null");
  return name && name->root().is(json::kind::string) && name->root().as_string() == wanted;
}

// Whoever is called so, or lives there, and else whoever ever did; of those a few, as more
// say no more.
class agents_of_old {
public:
  void look(const op& what, const agent_id& id, const std::string& selector) {
    if (const auto* place = std::get_if<place_put>(&what)) {
      living_.insert(id);
      note(place->path == selector, id, placed_);
    } else if (std::holds_alternative<place_drop>(what) || std::holds_alternative<agent_drop>(what)) {
      living_.erase(id);
      placed_.now.erase(id);
    } else if (const auto* put = std::get_if<agent_put>(&what)) {
      for (const auto& edit : put->fields)
        if (edit.field == "name")
          note(is_name(edit, selector), id, named_);
    }
  }

  /// Nothing if there never was any.
  [[nodiscard]] expected<std::optional<agent_id>> only(const std::string& typed) {
    std::erase_if(named_.now, [this](const auto& each) { return !living_.contains(each); });
    for (const auto* known : {&placed_, &named_}) {
      if (known->now.size() == 1)
        return std::optional(*known->now.begin());
      if (known->ever.size() == 1)
        return std::optional(*known->ever.begin());
      if (!known->ever.empty())
        return ambiguous(typed, known->now.empty() ? known->ever : known->now);
    }
    return std::optional<agent_id>();
  }

private:
  static constexpr std::size_t enough = 8;
  struct known {
    std::set<agent_id> now;
    std::set<agent_id> ever;
  };

  static void note(bool is_so, const agent_id& id, known& in) {
    if (!is_so) {
      in.now.erase(id);
      return;
    }
    in.now.insert(id);
    if (in.ever.size() < enough)
      in.ever.insert(id);
  }

  static failure ambiguous(const std::string& typed, const std::set<agent_id>& those) {
    std::string ids;
    for (const auto& each : those)
      if (ids.size() < most_text)
        ids += (ids.empty() ? "" : ", ") + printable(each.text);
    return {failure_kind::refused, "ambiguous",
            "several agents were '" + printable(typed) + "': " + ids + "; give the id"};
  }

  static constexpr std::size_t most_text = 512;
  std::set<agent_id> living_;
  known placed_;
  known named_;
};

// The agent that was typed: an id, the beginning of one, a path or a name.
expected<agent_id> find_agent_id(data_session& session, const std::string& typed) {
  const auto selector = agent_selector(typed);
  if (!selector)
    return selector.error();
  prefix_search<agent_id> search(*selector, "agent", "no-such-agent");
  agents_of_old others;
  auto read = session.source().read({}, [&](const commit& next) -> expected<void> {
    for (const auto& each : next.ops)
      if (const auto* id = agent_of(each)) {
        search.look(*id);
        others.look(each, *id, *selector);
      }
    return {};
  });
  if (!read)
    return read.error();
  auto known = others.only(typed);
  if (!known)
    return known.error();
  return *known ? std::move(**known) : search.only();
}

// A version as the log prints it: an instance or the beginning of one, none for ours, "@", a seq.
expected<commit_order> find_version(data_session& session, const std::string& typed) {
  const auto at = typed.rfind('@');
  const auto seq = whole_number(at == std::string::npos ? std::string_view() : std::string_view(typed).substr(at + 1));
  if (!seq)
    return failure{failure_kind::refused, "not-a-version",
                   "'" + printable(typed) + "' is no version; write it as the log does, such as abcdefgh@12"};
  const auto instance = find_instance(session, typed.substr(0, at));
  if (!instance)
    return instance.error();
  std::optional<commit_order> found;
  auto read = session.source().read({}, [&](const commit& next) -> expected<void> {
    if (next.instance == *instance && next.seq == seq)
      found = order_of(next);
    return {};
  });
  if (!read)
    return read.error();
  if (!found)
    return not_found("no-such-version", "there is no commit " + printable(typed));
  return *found;
}

// What was asked for, with every beginning made whole. Each reads the history
// once, so that none of it is held.
expected<commit_filter> filter_of(data_session& session, const log_options& options) {
  commit_filter filter;
  if (!options.since.empty()) {
    auto since = find_version(session, options.since);
    if (!since)
      return since.error();
    filter.since = *since;
  }
  if (!options.instance.empty()) {
    auto instance = find_instance(session, options.instance);
    if (!instance)
      return instance.error();
    filter.instance = std::move(*instance);
  }
  if (!options.agent.empty()) {
    auto agent = find_agent_id(session, options.agent);
    if (!agent)
      return agent.error();
    filter.agent = std::move(*agent);
  }
  return filter;
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
  auto filter = filter_of(*session, options);
  if (!filter)
    return filter.error();
  commit_log log(std::move(*filter), options.limit);
  auto read = session->source().read({}, [&](const commit& next) -> expected<void> {
    log.take(next);
    return {};
  });
  if (!read)
    return read.error();
  const auto commits = std::move(log).newest_first();
  answer result;
  result.json = "{\"commits\":[";
  for (const auto& each : commits)
    result.json += (result.json.back() == '[' ? "" : ",") + commit_json(each);
  result.json += "]";
  if (const auto& damaged = session->source().damaged(); !damaged.empty()) {
    std::vector<finding> problems;
    for (const auto& [instance, why] : damaged)
      problems.push_back({std::string(why.code), why.message, why.path, true});
    result.json += ",\"problems\":" + array_text(problems, finding_document);
  }
  result.json += "}\n";
  if (!context.style.json) {
    const auto document = json::document::parse(result.json, log_bounds);
    if (!document)
      return document.error();
    result.text = log_text(document->root());
  }
  if (commits.empty())
    result.notes = nothing_matches;
  session->add_notes(result);
  return result;
}

expected<answer> show_log_there(command_context& context, const log_options& options) {
  const auto agent = options.agent.empty() ? expected<std::string>("") : agent_selector(options.agent);
  if (!agent)
    return agent.error();
  service_request request{.operation = "log", .body = {}, .doing = "reading the history", .has_request_id = false};
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
  for (const auto each : said->document.root().find("problems")) {
    result.notes +=
        "muster: " + printable(text_of(each, "message"), 4096) + " [" + printable(text_of(each, "code"), 64) + "]\n";
    if (text_of(each, "severity") == "damage")
      result.exit = exit_code(failure_kind::damaged);
  }
  return result;
}

expected<answer> read_history(command_context& context, const log_options& options) {
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
  command->add_option("--limit", options->limit, "How many, at most; 50 unless told otherwise")
      ->check(CLI::Range(std::size_t{1}, most_commits));
  command_line::bind(line, command, [options, command](command_context& context) -> expected<answer> {
    // An empty variable of a script is not to be taken for no choice.
    const std::array values{std::pair("AGENT", &options->agent), std::pair("--instance", &options->instance),
                            std::pair("--since", &options->since)};
    for (const auto& [name, value] : values)
      if (command->count(name) > 0 && value->empty())
        return failure{failure_kind::refused, "empty-value",
                       std::string(name) + " is empty; say which, or leave it out for all"};
    return read_history(context, *options);
  });
}

} // namespace muster
