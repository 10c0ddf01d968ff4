#include "muster/runner/api.hpp"
#include "muster/runner/end_signal.hpp"
#include "muster/runner/progress.hpp"
#include "muster/runner/scan_registration.hpp"
#include "muster/runner/scan_text.hpp"
#include "muster/runner/service.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/ulid.hpp"

#include <chrono>
#include <cstdio>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace muster {

namespace {

using namespace std::chrono_literals;

constexpr auto look_again = 100ms;

struct scan_options {
  std::vector<std::string> roots;
  std::optional<unsigned> depth;
  std::optional<std::uint64_t> timeout_ms;
  bool register_all = false;
  bool follow_mounts = false;
};

expected<request_document> request_of(const scan_options& options, const std::string& name) {
  std::vector<std::string> roots;
  for (const auto& each : options.roots) {
    auto root = project_path(each);
    if (!root)
      return root.error();
    roots.push_back(std::move(*root));
  }
  request_document body;
  body.add_text("scan", name).add_paths("roots", roots);
  if (const auto home = project_path("~"); home && roots.empty())
    body.add_path("fallback", *home);
  if (options.depth)
    body.add_number("depth", *options.depth);
  if (options.timeout_ms)
    body.add_number("timeoutMs", *options.timeout_ms);
  body.add_flag("followMounts", options.follow_mounts);
  return body;
}

bool is_watched(const answer_style& style) {
  return !style.json && !style.quiet && ::isatty(STDERR_FILENO) == 1;
}

/// Somebody is there to be asked.
bool can_ask(const answer_style& style) {
  return !style.json && !style.quiet && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

/// Asks in a thread of its own, so that meanwhile it can be looked at and
/// cancelled.
expected<json::document> scan_watched(service& with, const request_document& body, const std::string& name,
                                      const answer_style& style, const end_signal& ends, progress& shown) {
  auto answer = std::async(std::launch::async, [&] { return call_document(with, "scan", body); });
  request_document which;
  which.add_text("scan", name);
  bool cancelled = false;
  while (answer.wait_for(look_again) != std::future_status::ready) {
    if (ends.came() && !std::exchange(cancelled, true))
      (void)call_document(with, "scan-cancel", which);
    if (!is_watched(style))
      continue;
    if (const auto progress = call_document(with, "scan-progress", which))
      shown.say(scan_progress_text(progress->root()));
  }
  return answer.get();
}

enum class wish : std::uint8_t { approve, deny, skip, quit };

wish ask_about(const found_candidate& which, bool can_deny) {
  while (true) {
    std::cout << "\n"
              << shown_path(which.path) << "  " << printable(which.strategy, 32)
              << (which.description.empty() ? "" : "  " + printable(which.description, 100)) << "\n"
              << (can_deny ? "[a]pprove, [d]eny, [s]kip, [q]uit? " : "[a]pprove, [s]kip, [q]uit? ") << std::flush;
    std::string typed;
    if (!std::getline(std::cin, typed))
      return wish::quit;
    if (typed == "a" || typed == "approve")
      return wish::approve;
    if (can_deny && (typed == "d" || typed == "deny"))
      return wish::deny;
    if (typed.empty() || typed == "s" || typed == "skip")
      return wish::skip;
    if (typed == "q" || typed == "quit")
      return wish::quit;
  }
}

/// Whoever thinks holds no data directory meanwhile: it is reached for each.
expected<json::document> carry_out(command_context& context, wish what, const found_candidate& which) {
  const auto with = context.reach(context);
  if (!with)
    return with.error();
  if (what == wish::approve)
    return call_document(**with, "register", registration_of(which));
  request_document denial;
  denial.add_path("path", which.path).add_text("strategy", which.strategy);
  return call_document(**with, "deny", denial);
}

/// What became of each candidate that was asked about.
answer ask_about_all(command_context& context, const std::vector<found_candidate>& all, const end_signal& ends) {
  const bool can_deny = find_operation("deny") != nullptr;
  std::size_t approved = 0;
  std::size_t denied = 0;
  answer result;
  for (const auto& each : all) {
    const auto what = ends.came() ? wish::quit : ask_about(each, can_deny);
    if (what == wish::quit)
      break;
    if (what == wish::skip)
      continue;
    const auto done = carry_out(context, what, each);
    if (done) {
      ++(what == wish::approve ? approved : denied);
      continue;
    }
    result.exit = exit_code(failure_kind::failed);
    std::cout << failure_text(done.error(), false) << std::flush;
  }
  result.text = "\nregistered " + counted(approved, "agent") + ", denied " + std::to_string(denied) + "\n";
  return result;
}

answer register_all(service& with, const json::document& scanned, const answer_style& style, const end_signal& ends) {
  const auto candidates = candidates_of(scanned.root());
  candidates_registered done;
  {
    progress shown(style, "registering");
    done = register_candidates(with, candidates, [&](std::size_t count) {
      shown.say(bar_text(count, candidates.size()));
      return !ends.came();
    });
  }
  answer result;
  result.exit = done.failed.empty() && done.left == 0 ? 0 : exit_code(failure_kind::failed);
  if (style.json) {
    auto text = printable_json(scanned.text());
    text.erase(text.rfind('}'));
    result.json = text + printable_json(registered_members(done)) + "}\n";
  } else {
    result.text = scan_text(scanned.root()) + registered_text(done);
  }
  return result;
}

expected<answer> scan(command_context& context, const scan_options& options) {
  const auto name = ulid_generator(context.env.clock, context.env.random).next();
  const auto body = request_of(options, name);
  if (!body)
    return body.error();
  auto shown = std::make_unique<progress>(context.style, "waiting for the data directory");
  auto with = context.reach(context);
  if (!with)
    return with.error();
  shown->say("scanning");
  const end_signal ends;
  const auto scanned = scan_watched(**with, *body, name, context.style, ends, *shown);
  shown.reset();
  if (!scanned)
    return scanned.error();
  const bool cancelled = flag_of(scanned->root(), "cancelled");
  const auto notes = notes_of(**with);
  answer result;
  if (options.register_all && !cancelled) {
    result = register_all(**with, *scanned, context.style, ends);
  } else if (const auto candidates = candidates_of(scanned->root());
             can_ask(context.style) && !candidates.empty() && !cancelled) {
    std::cout << scan_text(scanned->root()) << std::flush;
    with->reset();
    result = ask_about_all(context, candidates, ends);
  } else {
    result = as_answer(context, {*scanned, {}}, scan_text);
    result.exit = cancelled ? exit_code(failure_kind::failed) : 0;
  }
  result.notes = notes;
  return result;
}

// The parser takes -1 for the largest number there is.
std::string not_below_zero(const std::string& typed) {
  return typed.starts_with('-') ? "'" + typed + "' is below 0" : std::string{};
}

} // namespace

void add_scan_command(command_line& line) {
  auto* command =
      line.add(line.root(), "scan", "Looks for agents, and for projects that could be registered",
               "muster scan ~/projects --depth 3\n"
               "What has a manifest already is registered. Without ROOT it looks in the scan roots on record\n"
               "(those of register --scan-root and of scans), else in the home directory. On a terminal it\n"
               "asks what to do with each project.");
  auto options = std::make_shared<scan_options>();
  command->add_option("ROOT", options->roots, "A directory to look in, however it is called; may be repeated");
  command->add_option("--depth", options->depth, "How many levels below each ROOT (5)")->check(not_below_zero);
  command->add_flag("--register-all", options->register_all, "Register every project that is found");
  command->add_option("--timeout", options->timeout_ms, "Milliseconds after which it ends with what it has (30000)")
      ->check(not_below_zero);
  command->add_flag("--follow-mounts", options->follow_mounts,
                    "Also look into other file systems that are mounted there");
  command_line::bind(line, command, [options](command_context& context) { return scan(context, *options); });
}

} // namespace muster
