#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cmath>
#include <regex>
#include <set>
#include <string>
#include <string_view>

/// What the peer takes for a manifest, written down a second time and in
/// another way: on Boost.JSON, with regular expressions, sharing nothing with
/// the rules of the product. `budget` is an unknown key to it.
namespace muster::test::peer {

namespace bj = boost::json;

inline std::size_t length16(std::string_view utf8) {
  std::size_t units = 0;
  for (std::size_t at = 0; at < utf8.size(); ++units) {
    const auto lead = static_cast<unsigned char>(utf8[at]);
    at += lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    units += lead >= 0xF0;
  }
  return units;
}

inline bool text(const bj::value* v, std::size_t least = 0, std::size_t most = 1 << 30) {
  if (!v || !v->is_string())
    return false;
  const auto units = length16({v->get_string().data(), v->get_string().size()});
  return units >= least && units <= most;
}

inline bool matches(const bj::value* v, const std::regex& pattern) {
  return v && v->is_string() && std::regex_match(v->get_string().begin(), v->get_string().end(), pattern);
}

inline bool datetime(const bj::value* v) {
  static const std::regex grammar(
      R"(((\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29)"
      R"(|\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))))"
      R"(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?Z)");
  return matches(v, grammar);
}

inline bool url(const bj::value* v) {
  static const std::regex with_host(R"(\s*(https?|wss?|ftp):[/\\]*[^/\\?#\s]+([/\\?#][\s\S]*)?)", std::regex::icase);
  static const std::regex other(R"(\s*(?!(https?|wss?|ftp):)[a-z][a-z0-9+.-]*:[\s\S]*)", std::regex::icase);
  return matches(v, with_host) || matches(v, other);
}

inline bool one_of(const bj::value* v, const std::set<std::string_view>& names) {
  return v && v->is_string() && names.count({v->get_string().data(), v->get_string().size()}) == 1;
}

inline bool level(const bj::value& v) {
  const double number = v.is_number() ? v.to_number<double>() : 0;
  return number >= 1 && number <= 5 && number == std::floor(number);
}

/// True for an absent member, too.
template <class Fits>
bool perhaps(const bj::object& in, std::string_view key, Fits fits) {
  const auto* v = in.if_contains({key.data(), key.size()});
  return !v || fits(v);
}

inline bool flag(const bj::value* v) {
  return v->is_bool();
}

inline bool text_map(const bj::value* v) {
  if (!v->is_object())
    return false;
  for (const auto& member : v->get_object())
    if (!member.value().is_string())
      return false;
  return true;
}

inline bool text_list(const bj::value* v) {
  if (!v->is_array())
    return false;
  for (const auto& element : v->get_array())
    if (!element.is_string())
      return false;
  return true;
}

/// An object each of whose known members, where there, fits.
template <class Fits>
bool object_of(const bj::value* v, std::initializer_list<std::string_view> names, Fits fits) {
  if (!v->is_object())
    return false;
  for (const auto name : names)
    if (!perhaps(v->get_object(), name, fits))
      return false;
  return true;
}

inline bool connection(const bj::value* v) {
  if (!v || !v->is_object())
    return false;
  const auto& in = v->get_object();
  const auto* transport = in.if_contains("transport");
  if (one_of(transport, {"stdio"}))
    return text(in.if_contains("command"), 1) && perhaps(in, "args", text_list) && perhaps(in, "env", text_map);
  return one_of(transport, {"http", "sse"}) && url(in.if_contains("url")) && perhaps(in, "headers", text_map) &&
         perhaps(in, "authKind", [](auto* kind) { return one_of(kind, {"oauth2"}); });
}

inline bool servers(const bj::value* v) {
  static const std::regex server_name("[a-zA-Z0-9_-]{1,64}");
  if (!v->is_array())
    return false;
  for (const auto& element : v->get_array()) {
    const auto* in = element.if_object();
    if (!in || !matches(in->if_contains("name"), server_name) || !perhaps(*in, "enabled", flag) ||
        !datetime(in->if_contains("addedAt")) || !text(in->if_contains("addedBy"), 1) ||
        !connection(in->if_contains("connection")))
      return false;
  }
  return true;
}

inline bool behavior(const bj::value* v) {
  const auto* in = v->if_object();
  return in &&
         perhaps(*in, "responseMode",
                 [](auto* mode) {
                   return one_of(mode, {"always", "engaged", "direct-only", "mention-only", "silent"});
                 }) &&
         perhaps(*in, "escalationThreshold", [](auto* number) {
           return number->is_number() && std::isfinite(number->template to_number<double>());
         });
}

inline bool required(const bj::object& in) {
  static const std::set<std::string_view> runtimes{
      "claude-code", "cursor",   "codex",    "opencode", "windsurf",     "gemini",    "cline", "roo-code",
      "copilot",     "amazon-q", "continue", "augment",  "jetbrains-ai", "kilo-code", "trae",  "other"};
  return text(in.if_contains("id"), 1) && text(in.if_contains("name"), 1) &&
         one_of(in.if_contains("runtime"), runtimes) && datetime(in.if_contains("registeredAt")) &&
         text(in.if_contains("registeredBy"), 1);
}

inline bool optional(const bj::object& in) {
  const auto any = [](auto* v) { return text(v); };
  return perhaps(in, "displayName", [](auto* v) { return text(v, 0, 100); }) && perhaps(in, "description", any) &&
         perhaps(in, "capabilities", text_list) && perhaps(in, "behavior", behavior) &&
         perhaps(in, "namespace", [](auto* v) { return text(v, 0, 64); }) &&
         perhaps(in, "persona", [](auto* v) { return text(v, 0, 4000); }) && perhaps(in, "personaEnabled", flag) &&
         perhaps(in, "traits",
                 [](auto* v) {
                   return object_of(v, {"verbosity", "autonomy", "chaos", "creativity", "humor", "spice"},
                                    [](auto* each) { return level(*each); });
                 }) &&
         perhaps(in, "conventions",
                 [](auto* v) {
                   return object_of(v, {"soul", "nope", "dorkosKnowledge"}, flag);
                 }) &&
         perhaps(in, "color", any) && perhaps(in, "icon", any) && perhaps(in, "isSystem", flag) &&
         perhaps(in, "enabledToolGroups",
                 [](auto* v) {
                   return object_of(v, {"tasks", "relay", "mesh", "adapter"}, flag);
                 }) &&
         perhaps(in, "mcpServers", servers);
}

/// Whether the peer would read this text, with nothing degraded if `strictly`.
inline bool accepts(std::string_view bytes, bool strictly = false) {
  boost::system::error_code failed;
  const auto parsed = bj::parse(bj::string_view(bytes.data(), bytes.size()), failed);
  if (failed || !parsed.is_object() || !required(parsed.get_object()) || !optional(parsed.get_object()))
    return false;
  const auto& in = parsed.get_object();
  const auto given = [](auto* v) { return text(v, 1); };
  return !strictly ||
         (perhaps(in, "model", given) && perhaps(in, "account", given) && perhaps(in, "effort", [](auto* v) {
            return one_of(v, {"none", "minimal", "low", "medium", "high", "max", "xhigh"});
          }));
}

} // namespace muster::test::peer
