#include "muster/runner/agent_values.hpp"
#include "muster/runner/mail_wait.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/text_table.hpp"
#include "muster/runner/watch.hpp"
#include "muster/store/json_write.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace muster {

namespace {

constexpr std::size_t widest_subject = 96;
constexpr std::size_t widest_payload = 4096;

// A text as it was typed, anything else as JSON.
std::string payload_text(json::value payload) {
  if (payload.is(json::kind::string))
    return printable(payload.as_string(), widest_payload);
  return payload ? printable(json::canonical(payload), widest_payload) : "";
}

std::string count_text(json::value row, std::string_view name) {
  return std::to_string(number_of(row, name).value_or(0));
}

// -- endpoints ----------------------------------------------------------------

std::string endpoints_text(json::value answered) {
  text_table table({"SUBJECT", "STATE", "UNREAD", "READ"});
  for (const auto each : answered.find("endpoints"))
    table.add({printable(text_of(each, "subject"), widest_subject), flag_of(each, "open") ? "open" : "closed",
               count_text(each, "unread"), count_text(each, "read")});
  std::string text = table.empty() ? "no endpoints; every agent that is registered here has one\n" : table.text();
  if (const auto dead = number_of(answered, "dead").value_or(0); dead > 0)
    text += std::to_string(dead) + " dead; 'muster relay dead' shows why\n";
  if (const auto problems = number_of(answered, "problems").value_or(0); problems > 0)
    text += std::to_string(problems) + " files in mailboxes cannot be read or are none of ours\n";
  return text;
}

void add_endpoints(command_line& line, CLI::App* group) {
  auto* command = line.add(group, "endpoints", "Lists the mailboxes and what waits in them", "muster relay endpoints");
  command_line::bind(line, command, [](command_context& context) {
    return ask_service(context, {.operation = "relay-endpoints", .body = {}, .doing = "asking the relay"},
                       endpoints_text);
  });
}

// -- send ---------------------------------------------------------------------

struct send_options {
  std::string agent, text, cause;
  std::optional<std::string> from;
};

expected<answer> send(command_context& context, const send_options& options) {
  const auto to = agent_selector(options.agent);
  if (!to)
    return to.error();
  const auto from = options.from ? agent_selector(*options.from) : expected<std::string>("");
  if (!from)
    return from.error();
  service_request request{.operation = "relay-send", .body = {}, .doing = "sending", .has_request_id = true};
  request.body.add_path("to", *to).add_path("from", *from).add_text("cause", options.cause);
  // Nothing is a message, too, and a document leaves it out.
  if (options.text.empty())
    request.body.add_json("text", json_text(""));
  request.body.add_text("text", options.text);
  return ask_service(context, std::move(request), [](json::value sent) {
    const auto id = printable(text_of(sent, "messageId"));
    return flag_of(sent, "held") ? "held until its agent is active: " + id + "\n" : "delivered: " + id + "\n";
  });
}

void add_send(command_line& line, CLI::App* group) {
  auto* command = line.add(group, "send", "Sends a message to an agent",
                           "muster relay send atlas 'please review the draft' --from scout\n"
                           "Without --from the sender is the owner, who reaches every agent.");
  auto options = std::make_shared<send_options>();
  command->add_option("AGENT", options->agent, agent_argument)->required();
  command->add_option("TEXT", options->text, "What to say")->required();
  command->add_option("--from", options->from, "The agent that sends it");
  command->add_option("--answers", options->cause, "The message in the sender's mailbox that this one answers");
  command_line::bind(line, command, [options](command_context& context) { return send(context, *options); });
}

// -- inbox --------------------------------------------------------------------

struct inbox_options {
  std::string agent;
  bool acknowledge = false;
  bool watch = false;
};

std::string inbox_text(json::value inbox, std::chrono::milliseconds now) {
  std::string text;
  for (const auto each : inbox.find("messages")) {
    text += printable(text_of(each, "id")) + "  from " + printable(text_of(each, "from"), widest_subject) + ", " +
            shown_age(text_of(each, "sentAt"), now) + (flag_of(each, "read") ? ", read before" : "") + "\n";
    text += "  " + payload_text(each.find("payload")) + "\n";
  }
  if (flag_of(inbox, "more"))
    text += "there is more; acknowledge these to see it\n";
  return text.empty() ? "no mail\n" : text;
}

struct inbox_look {
  answer shown;
  std::string agent; ///< its id
  std::vector<std::string> messages;
  bool more = false;
};

expected<inbox_look> look_into(command_context& context, const std::string& agent, bool acknowledge) {
  service_request request{.operation = "relay-inbox", .body = {}, .doing = "reading mail"};
  request.body.add_path("agent", agent);
  auto read = call_service(context, std::move(request));
  if (!read)
    return read.error();
  inbox_look result;
  for (const auto each : read->document.root().find("messages"))
    result.messages.push_back(text_of(each, "id"));
  const bool acknowledges = acknowledge && !result.messages.empty();
  if (acknowledges) {
    service_request done{.operation = "relay-ack", .body = {}, .doing = "acknowledging"};
    done.body.add_path("agent", agent).add_texts("messages", result.messages);
    if (auto acknowledged = call_service(context, std::move(done)); !acknowledged)
      return acknowledged.error();
  }
  result.agent = text_of(read->document.root(), "agent");
  result.more = flag_of(read->document.root(), "more");
  result.shown = as_answer(context, *read, [&](json::value said) {
    return inbox_text(said, context.env.clock.wall()) +
           (acknowledges ? counted(result.messages.size(), "message") + " acknowledged\n" : "");
  });
  return result;
}

expected<answer> watch_inbox(command_context& context, const std::string& agent, bool acknowledge) {
  mail_wait news(context);
  std::optional<inbox_look> shown;
  // What there is to do before anything else may come.
  enum class next : std::uint8_t { wait, look, pause } then = next::wait;
  const auto look = [&]() -> expected<answer> {
    news.mark();
    auto seen = look_into(context, agent, acknowledge);
    then = !seen ? next::pause : acknowledge && seen->more ? next::look : next::wait;
    if (!seen)
      return seen.error();
    // Neither is it news that time passes or that we have read it, nor that we have acknowledged it.
    const bool same = shown && (seen->messages == shown->messages || (acknowledge && seen->messages.empty()));
    if (!same)
      shown = std::move(*seen);
    return shown->shown;
  };
  const auto wait = [&](const end_signal& ends) {
    switch (then) {
      case next::wait: news.wait(shown->agent, ends); break;
      case next::look: break;
      case next::pause: (void)ends.came_within(mail_wait::pause); break;
    }
  };
  return watch(context, look, {wait, "waiting for mail"});
}

expected<answer> inbox(command_context& context, const inbox_options& options) {
  const auto agent = agent_selector(options.agent);
  if (!agent)
    return agent.error();
  if (options.watch)
    return watch_inbox(context, *agent, options.acknowledge);
  auto seen = look_into(context, *agent, options.acknowledge);
  if (!seen)
    return seen.error();
  return std::move(seen->shown);
}

void add_inbox(command_line& line, CLI::App* group) {
  auto* command = line.add(group, "inbox", "Shows an agent's mail, the oldest first", "muster relay inbox atlas --ack");
  auto options = std::make_shared<inbox_options>();
  command->add_option("AGENT", options->agent, agent_argument)->required();
  command->add_flag("--ack", options->acknowledge, "Acknowledge what is shown: it goes from the mailbox");
  command->add_flag("--watch", options->watch,
                    "Show what comes as it comes, until Ctrl-C; in a pipe, print each change. Waits within the daemon, "
                    "and looks every 2 s where none serves");
  command_line::bind(line, command, [options](command_context& context) { return inbox(context, *options); });
}

// -- dead ---------------------------------------------------------------------

std::string dead_text(json::value answered, std::chrono::milliseconds now) {
  std::string text;
  for (const auto each : answered.find("letters")) {
    text += printable(text_of(each, "id")) + "  for " + printable(text_of(each, "subject"), widest_subject) + ": " +
            printable(text_of(each, "reason"), 64) + ", " + shown_age(text_of(each, "deadAt"), now) + "\n";
    text += "  " + payload_text(each.find("payload")) + "\n";
  }
  return text.empty() ? "no dead letters\n" : text;
}

void add_dead(command_line& line, CLI::App* group) {
  auto* command = line.add(group, "dead", "Shows what was taken and could not be delivered; it is kept for a day",
                           "muster relay dead");
  command_line::bind(line, command, [](command_context& context) {
    return ask_service(context, {.operation = "relay-dead", .body = {}, .doing = "asking the relay"},
                       [&context](json::value answered) { return dead_text(answered, context.env.clock.wall()); });
  });
}

} // namespace

void add_relay_commands(command_line& line) {
  auto* group = line.add(line.root(), "relay", "The message relay: endpoints, mail, dead letters",
                         "muster relay send atlas 'good morning'");
  group->require_subcommand(1);
  add_endpoints(line, group);
  add_send(line, group);
  add_inbox(line, group);
  add_dead(line, group);
}

} // namespace muster
