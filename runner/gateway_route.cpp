#include "muster/runner/gateway_route.hpp"

#include "muster/runner/terminal_text.hpp"
#include "muster/store/release.hpp"

#include <algorithm>

namespace muster {

namespace {

constexpr std::string_view prefix = "/v1/";
constexpr std::string_view json_type = "application/json";

http_route refusal(unsigned status, std::string_view code, std::string message) {
  return {nullptr, status, {failure_kind::usage, code, std::move(message)}};
}

bool is_json(std::string_view type) {
  const auto media = type.substr(0, type.find_first_of("; \t"));
  return std::ranges::equal(media, json_type, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

} // namespace

http_route route_request(const http_head& head) {
  const bool get = head.method == "GET";
  if (!get && head.method != "POST")
    return refusal(405, "method-not-allowed", "operations are asked by POST, and reads by GET too");
  const auto ours = std::to_string(current_release);
  if (!head.release.empty() && head.release != ours)
    return {nullptr,
            409,
            {failure_kind::release_mismatch, "daemon-release",
             "the daemon is of release " + ours + " and this muster of release " + printable(head.release, 32) +
                 "; upgrade the older one, and restart the daemon"}};
  const auto name = head.target.starts_with(prefix) ? head.target.substr(prefix.size()) : std::string_view();
  const auto* what = find_operation(name);
  if (!what)
    return {nullptr, 404, no_such_operation(head.target)};
  if (get && what->changes)
    return refusal(405, "method-not-allowed", std::string(what->name) + " changes something, so it is asked by POST");
  if (get && head.has_body)
    return refusal(400, "body-unexpected", "a GET has no body; ask by POST");
  if (!head.content_type.empty() && !is_json(head.content_type))
    return refusal(415, "not-json", "requests are of type application/json");
  return {what, 200, {failure_kind::usage, "", ""}};
}

} // namespace muster
