#include "muster/store/manifest_rules.hpp"

#include "muster/store/datetime.hpp"
#include "muster/store/url_rule.hpp"

#include <algorithm>
#include <array>

namespace muster::rules {

namespace {

// The greatest integer that the peer takes for one.
constexpr std::uint64_t safe_integer = (std::uint64_t{1} << 53) - 1;

template <class T, std::size_t N>
constexpr table<T> all(const std::array<T, N>& entries) noexcept {
  return {entries.data(), N};
}

constexpr rule text(std::uint64_t least = 0, std::uint64_t most = unlimited) noexcept {
  return {.form = shape::text, .least = least, .most = most};
}

constexpr rule flag() noexcept {
  return {.form = shape::flag};
}

constexpr rule integer(std::uint64_t least, std::uint64_t most) noexcept {
  return {.form = shape::integer, .least = least, .most = most};
}

constexpr rule number() noexcept {
  return {.form = shape::number};
}

template <std::size_t N>
constexpr rule one_of(const std::array<std::string_view, N>& names) noexcept {
  return {.form = shape::choice, .choices = all(names)};
}

constexpr rule list_of(const rule& element, std::string_view identity = {}) noexcept {
  return {.form = shape::list, .element = &element, .identity = identity};
}

constexpr rule set_of(const rule& element) noexcept {
  return {.form = shape::list, .element = &element, .is_set = true};
}

constexpr rule text_map() noexcept {
  return {.form = shape::text_map};
}

template <std::size_t N>
constexpr rule object(const std::array<field, N>& members) noexcept {
  return {.form = shape::object, .members = all(members)};
}

template <std::size_t N>
constexpr rule tagged(std::string_view tag, const std::array<variant, N>& variants) noexcept {
  return {.form = shape::tagged, .tag = tag, .variants = all(variants)};
}

bool is_server_name(std::string_view name) noexcept {
  return name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
         std::string_view::npos;
}

constexpr rule datetime() noexcept {
  return {.form = shape::text,
          .fits = [](std::string_view written) { return is_datetime(written); },
          .code = "manifest-datetime",
          .looks = "a UTC date and time such as 2026-01-31T08:30:00.000Z"};
}

constexpr rule url() noexcept {
  return {.form = shape::text,
          .fits = [](std::string_view written) { return is_url(written); },
          .code = "manifest-url",
          .looks = "a URL such as https://example.org/mcp"};
}

constexpr rule server_name() noexcept {
  return {.form = shape::text,
          .least = 1,
          .most = 64,
          .fits = [](std::string_view written) { return is_server_name(written); },
          .code = "manifest-server-name",
          .looks = "1 to 64 letters, digits, '_' or '-'"};
}

constexpr absence required{.allowed = false};
constexpr absence optional{};
constexpr absence otherwise(std::string_view meaning) noexcept {
  return {.allowed = true, .meaning = meaning};
}
constexpr auto refuse = tolerance::refuse;
constexpr auto degrade = tolerance::degrade;

constexpr rule any_text = text();

// Each table: name, rule, what absence means, what becomes of a bad value, what to do about it.

constexpr std::array behavior_members{
    field{"responseMode", one_of(response_mode_names), otherwise(R"("always")"), refuse,
          "choose one of these modes, or leave it out to answer always"},
    field{"escalationThreshold", number(), optional, refuse, "write a number that a double can hold, or leave it out"},
};

constexpr std::string_view trait_advice = "use a level from 1 (least) to 5 (most), or leave it out for 3";

constexpr std::array trait_members{
    field{"verbosity", integer(1, 5), otherwise("3"), refuse, trait_advice},
    field{"autonomy", integer(1, 5), otherwise("3"), refuse, trait_advice},
    field{"chaos", integer(1, 5), otherwise("3"), refuse, trait_advice},
    field{"creativity", integer(1, 5), otherwise("3"), refuse, trait_advice},
    field{"humor", integer(1, 5), otherwise("3"), refuse, trait_advice},
    field{"spice", integer(1, 5), otherwise("3"), refuse, trait_advice},
};

constexpr std::string_view convention_advice = "write true or false without quotes, or leave it out for true";

constexpr std::array convention_members{
    field{"soul", flag(), otherwise("true"), refuse, convention_advice},
    field{"nope", flag(), otherwise("true"), refuse, convention_advice},
    field{"dorkosKnowledge", flag(), otherwise("true"), refuse, convention_advice},
};

constexpr std::string_view group_advice = "write true or false without quotes, or leave it out to inherit it";

constexpr std::array tool_group_members{
    field{"tasks", flag(), optional, refuse, group_advice},
    field{"relay", flag(), optional, refuse, group_advice},
    field{"mesh", flag(), optional, refuse, group_advice},
    field{"adapter", flag(), optional, refuse, group_advice},
};

constexpr std::array budget_members{
    field{"maxHopsPerMessage", integer(1, safe_integer), otherwise("5"), refuse,
          "say how often a message may be passed on, or leave it out for 5"},
    field{"maxCallsPerHour", integer(1, safe_integer), otherwise("100"), refuse,
          "say how often the agent may be called in an hour, or leave it out for 100"},
};

constexpr std::string_view transport_advice = "name the transport of the server; the other members follow from it";

constexpr std::array stdio_members{
    field{"transport", one_of(transport_names), required, refuse, transport_advice},
    field{"command", text(1), required, refuse, "name the program that is started as the server"},
    field{"args", list_of(any_text), otherwise("[]"), refuse, "list the arguments of the command, or leave it out"},
    field{"env", text_map(), otherwise("{}"), refuse,
          "give each variable a string, numbers in quotes, or leave it out"},
};

constexpr std::array<std::string_view, 1> auth_kinds{"oauth2"};

constexpr std::array remote_members{
    field{"transport", one_of(transport_names), required, refuse, transport_advice},
    field{"url", url(), required, refuse, "give the full address with its scheme"},
    field{"headers", text_map(), otherwise("{}"), refuse, "give each header a string, or leave it out"},
    field{"authKind", one_of(auth_kinds), optional, refuse, "write oauth2, or leave it out"},
};

constexpr std::array connections{
    variant{"stdio", all(stdio_members)},
    variant{"http", all(remote_members)},
    variant{"sse", all(remote_members)},
};

constexpr std::array server_members{
    field{"name", server_name(), required, refuse, "give the server a short name of these characters"},
    field{"enabled", flag(), otherwise("false"), refuse,
          "write true or false without quotes, or leave it out for false"},
    field{"connection", tagged("transport", connections), required, refuse,
          "say how the server is reached: stdio with a command, http or sse with a url"},
    field{"addedAt", datetime(), required, refuse, "say when the server was added, in UTC with a capital Z"},
    field{"addedBy", text(1), required, refuse, "say who added the server"},
};

constexpr rule one_server = object(server_members);

constexpr std::array<field, manifest_field_count> fields{
    field{"id", text(1), required, refuse,
          "put the id back that the agent had, or for a new agent remove the file and register it"},
    field{"name", text(1), required, refuse, "give the agent a name such as that of its directory"},
    field{"displayName", text(0, 100), optional, refuse, "shorten it, or leave it out to show the name"},
    field{"description", any_text, otherwise(R"("")"), refuse,
          "say in a sentence what the agent is for, or leave it out"},
    field{"runtime", one_of(runtime_names), required, refuse, "use other for a runtime that is not in the list"},
    field{"capabilities", set_of(any_text), otherwise("[]"), refuse,
          "list what the agent can do, each as a string, or leave it out"},
    field{"behavior", object(behavior_members), otherwise(R"({"responseMode":"always"})"), refuse,
          "write an object, or leave it out to answer always"},
    field{"namespace", text(0, 64), optional, refuse, "shorten it, or leave it out to derive it from the path"},
    field{"registeredAt", datetime(), required, refuse, "say when the agent was registered, in UTC with a capital Z"},
    field{"registeredBy", text(1), required, refuse, "say who registered the agent, such as mesh"},
    field{"persona", text(0, 4000), optional, refuse, "shorten it, or leave it out"},
    field{"personaEnabled", flag(), otherwise("true"), refuse,
          "write true or false without quotes, or leave it out for true"},
    field{"traits", object(trait_members), optional, refuse, "write an object of levels, or leave it out"},
    field{"conventions", object(convention_members), optional, refuse, "write an object of switches, or leave it out"},
    field{"color", any_text, optional, refuse, "write a CSS colour in quotes, or leave it out"},
    field{"icon", any_text, optional, refuse, "write an emoji in quotes, or leave it out"},
    field{"isSystem", flag(), otherwise("false"), refuse,
          "write true or false without quotes, or leave it out for false"},
    field{"model", text(1), optional, degrade, "name the model, or leave it out to inherit it"},
    field{"effort", one_of(effort_names), optional, degrade, "choose one of these, or leave it out to inherit it"},
    field{"account", text(1), optional, degrade, "name the account, or leave it out to inherit it"},
    field{"enabledToolGroups", object(tool_group_members), otherwise("{}"), refuse,
          "write an object of switches, or leave it out to inherit all groups"},
    field{"mcpServers", list_of(one_server, "name"), otherwise("[]"), refuse,
          "list the servers as objects, or leave it out"},
    field{"budget", object(budget_members), otherwise(R"({"maxCallsPerHour":100,"maxHopsPerMessage":5})"), refuse,
          "write an object of limits, or leave it out for 5 hops and 100 calls"},
};

} // namespace

table<field> manifest_fields() noexcept {
  return all(fields);
}

const field& field_of(manifest_field which) noexcept {
  return fields[static_cast<std::size_t>(which)];
}

const field* find_field(std::string_view name) noexcept {
  return find_field(all(fields), name);
}

const field* find_field(table<field> entries, std::string_view name, const field* hint) noexcept {
  if (hint && hint + 1 != entries.end() && hint[1].name == name)
    return hint + 1;
  const auto* found = std::find_if(entries.begin(), entries.end(), [&](const field& f) { return f.name == name; });
  return found == entries.end() ? nullptr : found;
}

const field* find_member(table<field> entries, json::value member, const field* hint) {
  if (const auto key = member.plain_key())
    return find_field(entries, *key, hint);
  return find_field(entries, member.key(), hint);
}

table<field> members_for(const rule& tagged, std::string_view tag_value) noexcept {
  for (const auto& candidate : tagged.variants)
    if (candidate.tag_value == tag_value)
      return candidate.members;
  return {};
}

} // namespace muster::rules
