#include "muster/runner/service_call.hpp"

#include "muster/runner/progress.hpp"
#include "muster/runner/service.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/user_path.hpp"
#include "muster/store/ulid.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace muster {

namespace {

// Of an answer; 10,000 agents are some 6 MiB.
constexpr json::limits answer_bounds{.bytes = 256 * 1024 * 1024, .depth = 64};
constexpr std::size_t widest_note = 4096;

bool is_path(const std::string& typed) {
  return typed.find('/') != std::string::npos || typed.starts_with('.') || typed.starts_with('~');
}

failure malformed(std::string_view operation, const std::string& why) {
  return {failure_kind::failed, "answer-malformed",
          "the answer to '" + std::string(operation) + "' is not a document of this release (" + why +
              "); restart the daemon that holds the directory, so that both are of one release"};
}

} // namespace

expected<json::document> call_document(service& with, std::string_view operation, const request_document& body) {
  auto called = with.call(operation, body.text());
  if (!called)
    return called.error();
  auto document = json::document::parse(std::move(*called), answer_bounds);
  if (!document)
    return malformed(operation, document.error().message);
  if (!document->root().is(json::kind::object))
    return malformed(operation, "it is no object");
  return std::move(*document);
}

std::string notes_of(const service& with) {
  std::string lines;
  for (const auto& note : with.notes())
    lines += "muster: note: " + printable(note, widest_note) + "\n";
  return lines;
}

expected<service_answer> call_service(command_context& context, service_request request) {
  if (request.has_request_id) {
    context.new_request = context.style.request_id.empty();
    if (context.new_request)
      context.style.request_id = ulid_generator(context.env.clock, context.env.random).next();
    request.body.add_text("requestId", context.style.request_id);
  }
  if (const auto& foreign = request.body.foreign())
    return failure{failure_kind::refused, "not-utf-8",
                   "'" + printable(foreign->typed, 64) + "', typed as " + foreign->member +
                       ", is not text in UTF-8; type it in UTF-8"};
  progress shown(context.style, "waiting for the data directory");
  const auto with = context.reach(context);
  if (!with)
    return with.error();
  shown.say(std::string(request.doing));
  auto document = call_document(**with, request.operation, request.body);
  if (!document) {
    failure why = document.error();
    if (why.kind == failure_kind::unknown_outcome && request.has_request_id)
      why.message += "; to learn what became of it, repeat it with --request-id " + context.style.request_id;
    return why;
  }
  return service_answer{std::move(*document), notes_of(**with)};
}

answer as_answer(const command_context& context, const service_answer& said, const renderer& text) {
  answer result;
  result.notes = said.notes;
  if (context.style.json)
    result.json = printable_json(said.document.text()) + "\n";
  else
    result.text = text(said.document.root());
  return result;
}

expected<answer> ask_service(command_context& context, service_request request, const renderer& text) {
  const auto said = call_service(context, std::move(request));
  if (!said)
    return said.error();
  return as_answer(context, *said, text);
}

expected<answer> alone_or_service(command_context& context, const std::function<expected<answer>()>& alone,
                                  const std::function<expected<answer>()>& ask) {
  const auto patience = std::exchange(context.patience, {});
  auto result = alone();
  context.patience = patience;
  return !result && result.error().code == "data-held" ? ask() : result;
}

expected<std::string> project_path(const std::string& typed) {
  auto absolute = absolute_path(typed);
  if (!absolute)
    return absolute;
  return settled_path(*absolute);
}

expected<std::string> spelled_path(const std::string& typed) {
  auto absolute = absolute_path(typed);
  if (!absolute)
    return absolute;
  for (std::size_t at = 0; at < absolute->size();) {
    const auto end = std::min(absolute->find('/', at), absolute->size());
    const auto name = std::string_view(*absolute).substr(at, end - at);
    if (name == "." || name == "..")
      return settled_path(*absolute);
    at = end + 1;
  }
  return absolute;
}

expected<std::string> agent_selector(const std::string& typed) {
  if (typed.empty())
    return failure{failure_kind::refused, "agent-empty",
                   "the agent is empty; give an id, the beginning of one, a name or a path (see 'muster list')"};
  return is_path(typed) ? project_path(typed) : typed;
}

} // namespace muster
