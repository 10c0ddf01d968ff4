#include "muster/runner/service_call.hpp"
#include "muster/runner/setting_keys.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/text_table.hpp"
#include "muster/store/closest_name.hpp"
#include "muster/store/json_write.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace muster {

namespace {

constexpr std::size_t widest_value = 256;

// A text as it is, anything else as JSON.
std::string shown_value(json::value v) {
  if (v.is(json::kind::string))
    return printable(v.as_string(), widest_value);
  return v ? printable(json::canonical(v), widest_value) : "";
}

std::string setting_line(json::value setting) {
  const auto now = shown_value(setting.find("value"));
  const auto usual = shown_value(setting.find("default"));
  return printable(text_of(setting, "key"), widest_value) + " = " + now +
         (now == usual ? " (default)" : " (default: " + usual + ")") + "\n";
}

std::string settings_text(json::value answered) {
  text_table table({"KEY", "VALUE", "DEFAULT"});
  for (const auto each : answered.find("settings"))
    table.add({printable(text_of(each, "key"), widest_value), shown_value(each.find("value")),
               shown_value(each.find("default"))});
  return table.empty() ? "no settings\n" : table.text();
}

// A key that nobody knows gets the one that was meant.
expected<answer> with_suggestion(expected<answer> result, const std::string& key) {
  if (result || std::ranges::find(setting_keys(), key) != setting_keys().end())
    return result;
  const auto kind = result.error().kind;
  const auto near = closest_name(key, setting_keys());
  if ((kind != failure_kind::refused && kind != failure_kind::not_found) || near.empty() || near.ends_with('.'))
    return result;
  failure why = result.error();
  if (why.message.find("did you mean") == std::string::npos)
    why.message += "; did you mean '" + near + "'?";
  return why;
}

} // namespace

const std::vector<std::string>& setting_keys() {
  static const std::vector<std::string> keys{"sweep.interval", "sweep.grace", "sweep.hold-checkouts", "health.active",
                                             "health.stale",   "relay",       "sync.apply.",          "policy.",
                                             "system.allow",   "max-skew"};
  return keys;
}

void add_config_commands(command_line& line) {
  auto* group = line.add(line.root(), "config", "Reads and changes settings", "muster config list");
  group->require_subcommand(1);

  auto* listing = line.add(group, "list", "Lists every setting with its default", "muster config list");
  command_line::bind(line, listing, [](command_context& context) {
    return ask_service(context, {.operation = "config-list", .body = {}, .doing = "reading the settings"},
                       settings_text);
  });

  auto* getting = line.add(group, "get", "Shows one setting", "muster config get sweep.interval");
  auto wanted = std::make_shared<std::string>();
  getting->add_option("KEY", *wanted, "Such as sweep.interval; see 'muster config list'")->required();
  command_line::bind(line, getting, [wanted](command_context& context) {
    service_request request{.operation = "config-get", .body = {}, .doing = "reading the settings"};
    request.body.add_text("key", *wanted);
    return with_suggestion(ask_service(context, std::move(request), setting_line), *wanted);
  });

  auto* setting = line.add(group, "set", "Changes one setting; a running daemon follows at once",
                           "muster config set sweep.interval 10min");
  auto changed = std::make_shared<std::pair<std::string, std::string>>();
  setting->add_option("KEY", changed->first, "Such as sweep.interval; see 'muster config list'")->required();
  setting->add_option("VALUE", changed->second, "Durations are written 90s, 5min, 24h; on or off; lists a,b")
      ->required();
  command_line::bind(line, setting, [changed](command_context& context) {
    service_request request{
        .operation = "config-set", .body = {}, .doing = "changing the setting", .has_request_id = true};
    request.body.add_text("key", changed->first).add_json("value", json_text(changed->second));
    return with_suggestion(ask_service(context, std::move(request), setting_line), changed->first);
  });
}

} // namespace muster
