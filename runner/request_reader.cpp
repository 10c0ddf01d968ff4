#include "muster/runner/request_reader.hpp"

#include "muster/runner/path_spelling.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/instance_text.hpp"
#include "muster/store/whole_number.hpp"

#include <algorithm>

namespace muster {

namespace {

constexpr std::size_t longest_seq = 16;

failure usage(std::string_view code, std::string message) {
  return {failure_kind::usage, code, std::move(message)};
}

std::string quoted(std::string_view name) {
  return "'" + printable(name) + "'";
}

// In hexadecimal a path takes two characters for a byte, and a prefix.
constexpr std::size_t longest_spelling = 2 * request_limits::path + 8;

} // namespace

expected<typed_version> parse_version(std::string_view text) {
  const failure bad{failure_kind::refused, "not-a-version",
                    quoted(text) + " is no version; write it as 'muster log' does, such as abcdefgh@12"};
  const auto at = text.rfind('@');
  if (at == std::string_view::npos)
    return bad;
  typed_version result{std::string(text.substr(0, at))};
  const auto digits = text.substr(at + 1);
  result.seq = digits.size() > longest_seq ? 0 : whole_number(digits).value_or(0);
  if (result.seq == 0)
    return bad;
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7') || c == '-'; };
  if (!std::ranges::all_of(result.instance, fits))
    return bad;
  if (result.instance.find('-') != std::string::npos) {
    const auto whole = parse_instance(result.instance);
    if (!whole)
      return whole.error();
    result.instance = whole->text;
  }
  return result;
}

json::value request_reader::any(std::string_view name) {
  known_.push_back(name);
  return object_.find(name);
}

json::value request_reader::required(std::string_view name) {
  const auto member = any(name);
  if (!member)
    fail(usage("member-missing", "the request lacks the member " + quoted(name)));
  return member;
}

std::string request_reader::read_text(const json::value& from, std::string_view name, std::size_t limit) {
  if (!from)
    return {};
  if (!from.is(json::kind::string)) {
    wrong_type(name, "a text");
    return {};
  }
  auto result = from.as_string();
  if (result.size() <= limit && result.find('\0') == std::string::npos)
    return result;
  if (result.size() > limit)
    fail({failure_kind::refused, "member-too-long",
          quoted(name) + " has " + std::to_string(result.size()) + " bytes, and may have " + std::to_string(limit)});
  else
    fail({failure_kind::refused, "member-zero-byte", quoted(name) + " holds a zero byte; leave it out"});
  return {};
}

std::string request_reader::text(std::string_view name, std::size_t limit) {
  return read_text(any(name), name, limit);
}

std::string request_reader::required_text(std::string_view name, std::size_t limit) {
  return read_text(required(name), name, limit);
}

std::optional<std::string> request_reader::optional_text(std::string_view name, std::size_t limit) {
  const auto member = any(name);
  return member ? std::optional(read_text(member, name, limit)) : std::nullopt;
}

std::string request_reader::path(std::string_view name) {
  return checked_path(text(name, longest_spelling), name);
}

std::vector<std::string> request_reader::paths(std::string_view name) {
  std::vector<std::string> result;
  for (const auto& each : list(name)) {
    result.push_back(checked_path(read_text(each, name, longest_spelling), name));
    if (result.back().empty())
      fail({failure_kind::refused, "path-empty", quoted(name) + " has an empty path in it; name a directory"});
  }
  return result;
}

std::string request_reader::checked_path(const std::string& spelled, std::string_view name) {
  auto bytes = read_path(spelled);
  if (!bytes || bytes->find('\0') != std::string::npos) {
    fail({failure_kind::refused, "not-a-path", quoted(name) + " begins with hex: and no path in hexadecimal follows"});
    return {};
  }
  if (bytes->size() > request_limits::path) {
    fail({failure_kind::refused, "path-too-long",
          quoted(name) + " has " + std::to_string(bytes->size()) +
              " bytes, and no path may have more than 4096; move the project further up"});
    return {};
  }
  if (!bytes->empty() && bytes->front() != '/') {
    fail({failure_kind::refused, "path-relative", quoted(name) + " is not absolute; give the whole path"});
    return {};
  }
  return *bytes;
}

std::string request_reader::required_path(std::string_view name) {
  auto result = path(name);
  if (result.empty())
    fail(object_.find(name) ? failure{failure_kind::refused, "path-empty", quoted(name) + " is empty; name a directory"}
                            : usage("member-missing", "the request lacks the member " + quoted(name)));
  return result;
}

std::string request_reader::selector(std::string_view name) {
  auto typed = text(name, longest_spelling);
  if (auto bytes = read_path(typed); bytes && bytes->starts_with('/') && bytes->find('\0') == std::string::npos)
    return std::move(*bytes);
  return typed;
}

std::string request_reader::required_selector(std::string_view name) {
  auto result = selector(name);
  if (result.empty())
    fail(object_.find(name)
             ? failure{failure_kind::refused, "agent-empty", "no agent is named; give an id, a path or a name"}
             : usage("member-missing", "the request lacks the member " + quoted(name)));
  return result;
}

bool request_reader::flag(std::string_view name) {
  const auto member = any(name);
  if (!member)
    return false;
  if (member.is(json::kind::boolean))
    return member.as_bool();
  wrong_type(name, "true or false");
  return false;
}

std::size_t request_reader::number(std::string_view name, std::size_t otherwise, std::size_t lowest,
                                   std::size_t highest) {
  const auto member = any(name);
  if (!member)
    return otherwise;
  if (!member.is(json::kind::number)) {
    wrong_type(name, "a number");
    return otherwise;
  }
  if (const auto value = whole_number(member.text()); value && *value >= lowest && *value <= highest)
    return *value;
  fail({failure_kind::refused, "member-range",
        quoted(name) + " must be a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest)});
  return otherwise;
}

std::vector<json::value> request_reader::list(std::string_view name) {
  const auto member = any(name);
  std::vector<json::value> result;
  if (!member)
    return result;
  if (!member.is(json::kind::array))
    wrong_type(name, "a list");
  else if (member.size() > request_limits::entries)
    fail({failure_kind::refused, "member-too-long",
          quoted(name) + " has " + std::to_string(member.size()) + " entries, and may have 1000"});
  else
    result.assign(member.begin(), member.end());
  return result;
}

std::vector<std::string> request_reader::texts(std::string_view name) {
  std::vector<std::string> result;
  for (const auto& each : list(name))
    result.push_back(read_text(each, name, request_limits::text));
  return result;
}

std::optional<typed_version> request_reader::version(std::string_view name) {
  const auto typed = optional_text(name, request_limits::name);
  if (!typed || !good())
    return std::nullopt;
  auto parsed = parse_version(*typed);
  if (parsed)
    return *parsed;
  fail(parsed.error());
  return std::nullopt;
}

void request_reader::wrong_type(std::string_view name, std::string_view takes) {
  fail(usage("member-type", quoted(name) + " takes " + std::string(takes)));
}

void request_reader::fail(failure why) {
  if (!problem_)
    problem_ = std::move(why);
}

expected<void> request_reader::finish() {
  if (problem_)
    return *problem_;
  for (const auto& member : object_)
    if (std::ranges::find(known_, member.key()) == known_.end())
      return usage("member-unknown", "the request has an unknown member " + quoted(member.key()));
  return {};
}

} // namespace muster
