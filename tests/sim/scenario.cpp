#include "tests/sim/scenario.hpp"

#include <algorithm>
#include <charconv>

namespace muster::sim {

namespace {

constexpr std::array<std::string_view, knobs> knob_names{
    "projects",     "clients",           "tick-us",      "priorities",     "relay-mode",     "relay-kind",
    "sweep-ms",     "grace-ms",          "ordered-disk", "hold-checkouts", "scans",          "project-error",
    "feed-error",   "database-error",    "other-error",  "error-but-done", "short-transfer", "sync-loses-data",
    "slow-call",    "hung-call",         "answer-lost",  "answer-late",    "answer-twice",   "relay-refuses",
    "relay-silent", "relay-done-silent", "relay-half"};

constexpr std::array<std::string_view, verbs> verb_names{"register",
                                                         "update",
                                                         "revert",
                                                         "move",
                                                         "unregister",
                                                         "unregister-keeping",
                                                         "unregister-everywhere",
                                                         "heartbeat",
                                                         "sweep",
                                                         "list",
                                                         "show",
                                                         "log",
                                                         "describe",
                                                         "repeat",
                                                         "save",
                                                         "overwrite",
                                                         "spoil",
                                                         "remove",
                                                         "restore",
                                                         "checkout",
                                                         "copy",
                                                         "relocate",
                                                         "kill-actor",
                                                         "kill-process",
                                                         "power-loss",
                                                         "jump-clock",
                                                         "forget-relay",
                                                         "break-volume",
                                                         "mend-volumes",
                                                         "unmount",
                                                         "mount",
                                                         "deny",
                                                         "allow",
                                                         "vanish",
                                                         "come-back",
                                                         "switch-branch",
                                                         "deny-path",
                                                         "undeny-path",
                                                         "admit",
                                                         "allow-rule",
                                                         "deny-rule",
                                                         "withdraw-rule",
                                                         "send-mail",
                                                         "read-mail",
                                                         "ack-mail",
                                                         "enter-space"};

/// The words of one line.
class word_reader {
public:
  explicit word_reader(std::string_view line) : rest_(line) {}
  std::string_view word() {
    const auto end = rest_.find(' ');
    const auto result = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
    return result;
  }
  std::uint64_t number() {
    const auto text = word();
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    failed_ = failed_ || text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size();
    return value;
  }
  [[nodiscard]] bool is_over() const noexcept { return rest_.empty() && !failed_; }

private:
  std::string_view rest_;
  bool failed_ = false;
};

template <class Names>
std::optional<std::size_t> place_in(const Names& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    return {};
  return static_cast<std::size_t>(found - names.begin());
}

bool read_line(std::string_view line, scenario& into) {
  word_reader words(line);
  const auto first = words.word();
  if (first == "seed") {
    into.seed = words.number();
  } else if (first == "set") {
    const auto which = place_in(knob_names, words.word());
    if (!which)
      return false;
    into.values.at(*which) = words.number();
  } else if (first == "step") {
    scenario_step step;
    step.id = words.number();
    step.at_ms = words.number();
    const auto what = place_in(verb_names, words.word());
    if (!what)
      return false;
    step.what = static_cast<verb>(*what);
    step.a = words.number();
    step.b = words.number();
    step.c = words.number();
    into.steps.push_back(step);
  } else {
    return false;
  }
  return words.is_over();
}

} // namespace

std::string_view to_string(knob which) noexcept {
  return knob_names[static_cast<std::size_t>(which)];
}

std::string_view to_string(verb which) noexcept {
  return verb_names[static_cast<std::size_t>(which)];
}

bool is_request(verb what) noexcept {
  return what <= verb::repeat || what >= verb::deny_path;
}

bool is_mail(verb what) noexcept {
  return what >= verb::send_mail && what <= verb::ack_mail;
}

bool is_edit(verb what) noexcept {
  return (what >= verb::save && what <= verb::relocate) || what == verb::switch_branch;
}

std::string scenario::text() const {
  auto result = "seed " + std::to_string(seed) + "\n";
  for (std::size_t i = 0; i < knobs; ++i)
    result += "set " + std::string(knob_names[i]) + " " + std::to_string(values[i]) + "\n";
  for (const auto& each : steps) {
    result += "step " + std::to_string(each.id) + " " + std::to_string(each.at_ms) + " ";
    result += to_string(each.what);
    result += " " + std::to_string(each.a) + " " + std::to_string(each.b) + " " + std::to_string(each.c) + "\n";
  }
  return result;
}

std::optional<scenario> scenario::read(std::string_view text) {
  scenario result;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.empty() || line.front() == '#')
      continue;
    if (!read_line(line, result))
      return {};
  }
  return result;
}

} // namespace muster::sim
