#include "muster/runner/scan_registration.hpp"

#include "muster/runner/document_text.hpp"
#include "muster/runner/failure_document.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

namespace muster {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t at_once = 16;
constexpr auto look_again = 20ms;
constexpr std::size_t bar_width = 30;
constexpr std::size_t most_failures = 50;
constexpr std::size_t widest_sentence = 1024;

} // namespace

std::vector<found_candidate> candidates_of(json::value scanned) {
  std::vector<found_candidate> result;
  for (const auto each : scanned.find("candidates")) {
    if (flag_of(each, "denied"))
      continue;
    const auto hints = each.find("hints");
    found_candidate one{path_of(each, "path"),
                        path_of(each, "scanRoot"),
                        text_of(each, "strategy"),
                        text_of(each, "runtime"),
                        text_of(each, "suggestedName"),
                        text_of(hints, "description"),
                        {}};
    for (const auto capability : hints.find("inferredCapabilities"))
      if (capability.is(json::kind::string))
        one.capabilities.push_back(capability.as_string());
    result.push_back(std::move(one));
  }
  return result;
}

request_document registration_of(const found_candidate& which) {
  request_document body;
  body.add_path("path", which.path)
      .add_text("name", which.name)
      .add_text("runtime", which.runtime)
      .add_text("description", which.description)
      .add_texts("capabilities", which.capabilities);
  // A directory does not lie below itself.
  if (which.scan_root != which.path)
    body.add_path("scanRoot", which.scan_root);
  return body;
}

candidates_registered register_candidates(service& with, const std::vector<found_candidate>& which,
                                          const std::function<bool(std::size_t done)>& go_on) {
  std::vector<std::optional<expected<json::document>>> answers(which.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> done = 0;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(at_once, which.size()); ++i)
    threads.emplace_back([&] {
      for (std::size_t at = 0; (at = next++) < which.size(); ++done)
        answers[at].emplace(call_document(with, "register", registration_of(which[at])));
    });
  while (done < which.size()) {
    if (!go_on(done)) {
      next = which.size();
      break;
    }
    std::this_thread::sleep_for(look_again);
  }
  threads.clear();
  candidates_registered result;
  for (std::size_t at = 0; at < which.size(); ++at) {
    if (!answers[at])
      ++result.left;
    else if (*answers[at])
      result.placed.emplace_back((*answers[at])->text());
    else
      result.failed.push_back({which[at].path, answers[at]->error()});
  }
  return result;
}

std::string registered_text(const candidates_registered& what) {
  auto text = "registered " + counted(what.placed.size(), "agent") + "\n";
  for (std::size_t i = 0; i < std::min(what.failed.size(), most_failures); ++i)
    text += "  not " + shown_path(what.failed[i].path) + ": " + printable(what.failed[i].why.message, widest_sentence) +
            "\n";
  if (what.failed.size() > most_failures)
    text += "  nor " + std::to_string(what.failed.size() - most_failures) + " others; --json lists them\n";
  if (what.left > 0)
    text += "  " + std::to_string(what.left) + " were left, as it was cancelled\n";
  return text;
}

std::string registered_members(const candidates_registered& what) {
  const auto placed = array_text(what.placed, [](const std::string& each) { return each; });
  const auto failed = array_text(what.failed, [](const candidates_registered::refusal& each) {
    object_text text;
    text.path("path", each.path)
        .text("kind", to_string(each.why.kind))
        .text("code", each.why.code)
        .text("message", each.why.message);
    return text.take();
  });
  return ",\"registered\":" + placed + ",\"failed\":" + failed + ",\"left\":" + std::to_string(what.left);
}

std::string bar_text(std::size_t done, std::size_t all) {
  const auto filled = all == 0 ? bar_width : done * bar_width / all;
  return "registering [" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "] " +
         std::to_string(done) + " of " + std::to_string(all);
}

} // namespace muster
