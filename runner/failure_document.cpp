#include "muster/runner/failure_document.hpp"

#include "muster/runner/document_text.hpp"
#include "muster/runner/path_spelling.hpp"
#include "muster/store/json.hpp"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <set>

namespace muster {

namespace {

constexpr std::size_t most_codes = 512;
constexpr std::size_t longest_code = 64;
constexpr std::size_t largest_document = std::size_t{1024} * 1024;
constexpr std::string_view unknown_code = "unknown-code";

bool is_code(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= longest_code && std::ranges::all_of(text, fits);
}

std::string text_of(const json::value& object, std::string_view name) {
  const auto member = object.find(name);
  return member.is(json::kind::string) ? member.as_string() : std::string();
}

} // namespace

std::string failure_document(const failure& why, std::string_view request_id) {
  object_text error;
  error.text("kind", to_string(why.kind)).text("code", why.code).text("message", why.message);
  error.text_if("step", why.step).path_if("path", why.path).text_if("id", why.agent);
  error.text_if("requestId", request_id);
  if (why.system_errno > 0)
    error.number("systemErrno", static_cast<std::uint64_t>(why.system_errno));
  return object_text().raw("error", error.take()).take();
}

std::optional<failure> read_failure_document(std::string_view document) {
  const auto read = json::document::parse(std::string(document), {.bytes = largest_document, .depth = 8});
  if (!read)
    return std::nullopt;
  const auto error = read->root().find("error");
  const auto kind = failure_kind_named(text_of(error, "kind"));
  if (!kind)
    return std::nullopt;
  failure why{*kind, lasting_code(text_of(error, "code")), text_of(error, "message")};
  why.step = text_of(error, "step");
  why.path = read_path(text_of(error, "path")).value_or("");
  why.agent = text_of(error, "id");
  const auto number = error.find("systemErrno").text();
  (void)std::from_chars(number.data(), number.data() + number.size(), why.system_errno);
  return why;
}

std::optional<failure_kind> failure_kind_named(std::string_view name) noexcept {
  using enum failure_kind;
  for (const auto kind :
       {failed, usage, not_found, refused, unreachable, release_mismatch, damaged, busy, unknown_outcome})
    if (to_string(kind) == name)
      return kind;
  return std::nullopt;
}

std::string_view lasting_code(std::string_view code) {
  static std::mutex at_work;
  static std::set<std::string, std::less<>> known;
  if (!is_code(code))
    return unknown_code;
  const std::scoped_lock lock(at_work);
  if (const auto found = known.find(code); found != known.end())
    return *found;
  if (known.size() == most_codes)
    return unknown_code;
  return *known.emplace(code).first;
}

} // namespace muster
