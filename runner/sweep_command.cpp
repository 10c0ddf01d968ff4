#include "muster/runner/service_call.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/sweep_text.hpp"
#include "muster/runner/terminal_text.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace muster {

namespace {

constexpr std::size_t widest_sentence = 1024;

std::string sweep_text(json::value swept) {
  const auto took = std::chrono::milliseconds{number_of(swept, "durationMs").value_or(0)};
  std::string text = "swept in " + shown_span(took) + ": " + sweep_counts(swept) + "\n";
  for (const auto each : swept.find("problems")) {
    const auto path = path_of(each, "path");
    const auto id = text_of(each, "id");
    // What concerns no place or agent names none.
    const auto whose = path.empty() ? printable(id) : shown_path(path);
    text += "  " + printable(text_of(each, "kind"), 64) + ": " + whose + (whose.empty() ? "" : ": ");
    text += printable(text_of(each, "message"), widest_sentence) + "\n";
  }
  return text;
}

} // namespace

std::string sweep_counts(json::value sweep) {
  static constexpr std::array<std::string_view, 12> names{"synced",  "resurrected", "discovered",  "moved",
                                                          "removed", "missing",     "unreachable", "unreadable",
                                                          "invalid", "refused",     "errors",      "unchanged"};
  std::string text;
  for (const auto name : names)
    if (const auto n = number_of(sweep, name).value_or(0); n > 0)
      text += (text.empty() ? "" : ", ") + std::to_string(n) + " " + std::string(name);
  return text.empty() ? "nothing to look at" : text;
}

void add_sweep_command(command_line& line) {
  auto* command =
      line.add(line.root(), "sweep", "Compares files, index and relay now, and mends what differs", "muster sweep");
  auto accepts = std::make_shared<bool>(false);
  command->add_flag("--accept-removals", *accepts, "Also remove many agents at once, where a sweep would hold back");
  command_line::bind(line, command, [accepts](command_context& context) {
    service_request request{.operation = "sweep", .body = {}, .doing = "sweeping"};
    request.body.add_flag("acceptRemovals", *accepts);
    return ask_service(context, std::move(request), sweep_text);
  });
}

} // namespace muster
