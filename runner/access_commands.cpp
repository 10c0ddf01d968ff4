#include "muster/runner/access_text.hpp"
#include "muster/runner/agent_values.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/text_table.hpp"

#include <memory>
#include <set>
#include <string>
#include <utility>

namespace muster {

namespace {

constexpr std::size_t widest_cell = 40;

struct rule_words {
  std::string source, target;
};

// Also what is empty, so that it is refused as what it is.
void add_sides_to(request_document& body, const rule_words& words) {
  body.add_json("source", json_text(words.source)).add_json("target", json_text(words.target));
}

bool is_about_all(json::value rule) {
  return text_of(rule, "source") == "*" && text_of(rule, "target") == "*";
}

// With the names as they are used.
std::string set_text(json::value rule) {
  const std::string verb = text_of(rule, "action") == "allow" ? " may reach " : " may not reach ";
  if (is_about_all(rule))
    return "agents of every namespace" + verb + "those of every other";
  return "agents of " + printable(text_of(rule, "source"), widest_cell) + verb + "those of " +
         printable(text_of(rule, "target"), widest_cell);
}

std::string withdrawn_text(json::value rule) {
  return is_about_all(rule)
             ? "nothing is said by hand any more about all namespaces"
             : "nothing is said by hand any more about " + printable(text_of(rule, "source"), widest_cell) + " to " +
                   printable(text_of(rule, "target"), widest_cell);
}

std::string changed_text(json::value changed) {
  std::string text;
  for (const auto rule : changed.find("rules"))
    text = set_text(rule);
  if (text.empty())
    text = withdrawn_text(changed.find("withdrawn"));
  const auto version = text_of(changed, "version");
  return text + (version.empty() ? "\n" : " (" + shown_version(version) + ")\n");
}

// Notes of the answer go where notes go, beside the document, too.
expected<answer> change_rule(command_context& context, service_request request) {
  auto said = call_service(context, std::move(request));
  if (!said)
    return said.error();
  auto result = as_answer(context, *said, changed_text);
  for (const auto note : said->document.root().find("notes"))
    result.notes += "note: " + printable(note.as_string(), 512) + "\n";
  return result;
}

expected<answer> set_rule_to(command_context& context, const rule_words& words, std::string_view action) {
  service_request request{.operation = "access-set", .body = {}, .doing = "setting the rule", .has_request_id = true};
  add_sides_to(request.body, words);
  request.body.add_text("action", action);
  return change_rule(context, std::move(request));
}

expected<answer> withdraw(command_context& context, const rule_words& words) {
  service_request request{
      .operation = "access-withdraw", .body = {}, .doing = "withdrawing the rule", .has_request_id = true};
  add_sides_to(request.body, words);
  return change_rule(context, std::move(request));
}

std::shared_ptr<rule_words> add_sides(CLI::App* command) {
  auto words = std::make_shared<rule_words>();
  command->add_option("SRC", words->source, "The namespace that sends; '*' is all of them")->required();
  command->add_option("DST", words->target, "The namespace that receives; '*' where SRC is")->required();
  return words;
}

void add_list(command_line& line, CLI::App* group) {
  auto* command = line.add(group, "list", "Lists the rules, the weightiest first", "muster access list");
  auto all = std::make_shared<bool>(false);
  command->add_flag("--all", *all, "Also those that come with each namespace, one by one");
  command_line::bind(line, command, [all](command_context& context) {
    return ask_service(
        context, {.operation = "access-list", .body = {}, .doing = "reading the rules"},
        [&](json::value answered) { return rules_text(answered.find("rules"), *all, context.env.clock.wall()); });
  });
}

// One side of an answer: whether, and why.
std::string side_text(json::value side, json::value rules) {
  const std::string word = flag_of(side, "allowed") ? "yes" : "no";
  const auto place = number_of(side, "rule");
  if (!place)
    return word;
  std::uint64_t at = 0;
  for (const auto rule : rules)
    if (at++ == *place)
      return word + ", " + rule_reason(rule);
  return word;
}

std::string who_text(json::value answered, bool all) {
  const auto rules = answered.find("rules");
  text_table table({"AGENT", "ID", "NAMESPACE", "STATUS", "MAY BE REACHED", "MAY REACH IT"});
  std::set<std::string> namespaces;
  std::size_t left_out = 0;
  for (const auto other : answered.find("agents")) {
    const auto reaches = other.find("reaches");
    const auto reached = other.find("reachedBy");
    if (!all && !flag_of(reaches, "allowed") && !flag_of(reached, "allowed")) {
      ++left_out;
      namespaces.insert(text_of(other, "namespace"));
      continue;
    }
    table.add({printable(text_of(other, "name"), widest_cell), printable(text_of(other, "id"), widest_cell),
               printable(text_of(other, "namespace"), widest_cell), printable(text_of(other, "status"), widest_cell),
               side_text(reaches, rules), side_text(reached, rules)});
  }
  std::string text = printable(text_of(answered, "name"), widest_cell) + " in namespace " +
                     printable(text_of(answered, "namespace"), widest_cell) + ", " +
                     printable(text_of(answered, "status"), widest_cell) + "\n";
  text += table.empty() ? "no other agent may be reached, and none may reach it\n" : table.text();
  if (left_out > 0)
    text += "and " + counted(left_out, "agent") + " of " + counted(namespaces.size(), "namespace") +
            " in neither direction; --all lists them\n";
  return text;
}

void add_who(command_line& line, CLI::App* group) {
  auto* command = line.add(group, "who", "Says whom an agent may reach and who may reach it, and by which rule",
                           "muster access who atlas");
  auto agent = std::make_shared<std::string>();
  auto all = std::make_shared<bool>(false);
  command->add_option("AGENT", *agent, agent_argument)->required();
  command->add_flag("--all", *all, "Also those that are out of reach in both directions");
  command_line::bind(line, command, [agent, all](command_context& context) -> expected<answer> {
    const auto selector = agent_selector(*agent);
    if (!selector)
      return selector.error();
    service_request request{.operation = "access-who", .body = {}, .doing = "reading the rules"};
    request.body.add_path("agent", *selector);
    return ask_service(context, std::move(request), [&](json::value answered) { return who_text(answered, *all); });
  });
}

} // namespace

void add_access_commands(command_line& line) {
  auto* group = line.add(line.root(), "access", "Says which namespaces may reach which", "muster access allow lab web");
  group->require_subcommand(1);
  add_list(line, group);

  auto* allowing = line.add(group, "allow", "Agents of one namespace may reach those of another",
                            "muster access allow lab web\n'*' on both sides lets every namespace reach every other:\n"
                            "  muster access allow '*' '*'");
  auto allowed = add_sides(allowing);
  command_line::bind(line, allowing,
                     [allowed](command_context& context) { return set_rule_to(context, *allowed, "allow"); });

  auto* denying =
      line.add(group, "deny", "Agents of one namespace may not reach those of another, whatever else is allowed",
               "muster access deny lab web");
  auto denied = add_sides(denying);
  command_line::bind(line, denying,
                     [denied](command_context& context) { return set_rule_to(context, *denied, "deny"); });

  auto* withdrawing = line.add(group, "withdraw", "Takes back what was said by hand; then only defaults hold",
                               "muster access withdraw lab web");
  auto withdrawn = add_sides(withdrawing);
  command_line::bind(line, withdrawing,
                     [withdrawn](command_context& context) { return withdraw(context, *withdrawn); });

  add_who(line, group);
}

} // namespace muster
