#include "muster/store/setting_table.hpp"

#include "muster/store/duration_text.hpp"
#include "muster/store/json_text.hpp"
#include "muster/store/json_write.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <variant>

namespace muster {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t longest_id = 256;
constexpr std::array<std::string_view, 3> yes{"true", "on", "yes"};
constexpr std::array<std::string_view, 3> no{"false", "off", "no"};
constexpr std::size_t most_ids = 1000;

struct duration_rule {
  milliseconds settings::*member;
  milliseconds lowest;
  milliseconds highest;
  bool may_be_off = false;
};
struct flag_rule {
  bool settings::*member;
};
struct relay_rule {
  relay_mode settings::*member;
};
struct ids_rule {
  std::vector<std::string> settings::*member;
};

struct setting_rule {
  std::string_view key;
  std::variant<duration_rule, flag_rule, relay_rule, ids_rule> takes;
};

const std::array<setting_rule, 8> rules = {{
    {"sweep.interval", duration_rule{&settings::sweep_interval, seconds{1}, hours{24}, true}},
    {"sweep.grace", duration_rule{&settings::sweep_grace, seconds{1}, hours{24 * 365}}},
    {"sweep.hold-checkouts", flag_rule{&settings::hold_checkouts}},
    {"health.active", duration_rule{&settings::health_active, seconds{1}, hours{24 * 365}}},
    {"health.stale", duration_rule{&settings::health_stale, seconds{1}, hours{24 * 365}}},
    {"relay", relay_rule{&settings::relay}},
    {"system.allow", ids_rule{&settings::system_allow}},
    {"max-skew", duration_rule{&settings::max_skew, seconds{1}, hours{24}}},
}};

const setting_rule* rule_of(std::string_view key) noexcept {
  const auto* found = std::ranges::find(rules, key, &setting_rule::key);
  return found == rules.end() ? nullptr : found;
}

failure no_such_setting(std::string_view key) {
  std::string known;
  for (const auto& rule : rules)
    known += (known.empty() ? "" : ", ") + std::string(rule.key);
  return {failure_kind::not_found, "no-such-setting",
          "there is no setting '" + std::string(key) + "'; there are " + known};
}

failure bad_value(std::string_view key, const std::string& takes) {
  return {failure_kind::refused, "setting-value", std::string(key) + " takes " + takes};
}

// -- as JSON ------------------------------------------------------------------

struct to_json {
  const settings& now;

  std::string operator()(const duration_rule& rule) const { return json::quote(format_duration(now.*rule.member)); }
  std::string operator()(const flag_rule& rule) const { return now.*rule.member ? "true" : "false"; }
  std::string operator()(const relay_rule& rule) const { return json::quote(to_string(now.*rule.member)); }
  std::string operator()(const ids_rule& rule) const {
    std::string list = "[";
    for (const auto& id : now.*rule.member)
      list += (list.size() > 1 ? "," : "") + json::quote(id);
    return list + "]";
  }
};

setting shown(const setting_rule& rule, const settings& now) {
  static const settings defaults;
  return {rule.key, std::visit(to_json{now}, rule.takes), std::visit(to_json{defaults}, rule.takes)};
}

// -- from JSON ----------------------------------------------------------------

// The ids of a list, or of a text with commas between.
std::optional<std::vector<std::string>> read_ids(const json::value& from) {
  std::vector<std::string> ids;
  if (from.is(json::kind::string)) {
    const auto text = from.as_string();
    for (std::size_t at = 0; at <= text.size() && !text.empty();) {
      const auto end = std::min(text.find(',', at), text.size());
      ids.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  } else if (from.is(json::kind::array)) {
    for (const auto& each : from) {
      if (!each.is(json::kind::string))
        return std::nullopt;
      ids.push_back(each.as_string());
    }
  } else {
    return std::nullopt;
  }
  const auto is_bad = [](const std::string& id) { return id.empty() || id.size() > longest_id; };
  if (ids.size() > most_ids || std::ranges::any_of(ids, is_bad))
    return std::nullopt;
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

struct from_json {
  settings& now;
  std::string_view key;
  const json::value& value;

  expected<void> operator()(const duration_rule& rule) const {
    const auto read = value.is(json::kind::string) ? parse_duration(value.as_string()) : std::nullopt;
    const bool off = read && rule.may_be_off && *read == milliseconds{0};
    if (!read || (!off && (*read < rule.lowest || *read > rule.highest)))
      return bad_value(key, "a duration from " + format_duration(rule.lowest) + " to " + format_duration(rule.highest) +
                                (rule.may_be_off ? ", or 0 for only at a start" : "") + ", such as 1h30min");
    now.*rule.member = *read;
    return {};
  }

  expected<void> operator()(const flag_rule& rule) const {
    const auto text = value.is(json::kind::string) ? value.as_string() : std::string(value.text());
    const bool says_yes = std::ranges::find(yes, text) != yes.end();
    if (!says_yes && std::ranges::find(no, text) == no.end())
      return bad_value(key, "true or false, or on, off, yes, no");
    now.*rule.member = says_yes;
    return {};
  }

  expected<void> operator()(const relay_rule& rule) const {
    const auto text = value.is(json::kind::string) ? value.as_string() : std::string();
    for (const auto mode : {relay_mode::strict, relay_mode::eventual, relay_mode::none}) {
      if (text == to_string(mode)) {
        now.*rule.member = mode;
        return {};
      }
    }
    return bad_value(key, "strict, eventual or none");
  }

  expected<void> operator()(const ids_rule& rule) const {
    auto ids = read_ids(value);
    if (!ids)
      return bad_value(key, "a list of at most 1000 agent ids, none empty, with commas between");
    now.*rule.member = std::move(*ids);
    return {};
  }
};

} // namespace

std::string_view to_string(relay_mode mode) noexcept {
  switch (mode) {
    case relay_mode::strict: return "strict";
    case relay_mode::eventual: return "eventual";
    case relay_mode::none: return "none";
  }
  std::abort();
}

std::vector<setting> list_settings(const settings& now) {
  std::vector<setting> all;
  all.reserve(std::size(rules));
  for (const auto& rule : rules)
    all.push_back(shown(rule, now));
  return all;
}

expected<setting> find_setting(const settings& now, std::string_view key) {
  if (const auto* rule = rule_of(key))
    return shown(*rule, now);
  return no_such_setting(key);
}

expected<void> set_setting(settings& now, std::string_view key, const json::value& to) {
  const auto* rule = rule_of(key);
  if (!rule)
    return no_such_setting(key);
  return std::visit(from_json{now, rule->key, to}, rule->takes);
}

expected<void> check_settings(const settings& now) {
  if (now.health_stale < now.health_active)
    return failure{failure_kind::refused, "setting-combination",
                   "health.stale (" + format_duration(now.health_stale) + ") may not be less than health.active (" +
                       format_duration(now.health_active) + "); change the other one first"};
  return {};
}

} // namespace muster
