#include "muster/store/mail_file.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/json.hpp"
#include "muster/store/sha256.hpp"
#include "muster/store/ulid.hpp"
#include "muster/store/whole_number.hpp"

#include <algorithm>
#include <array>

namespace muster {

namespace {

constexpr std::string_view suffix = ".json";
constexpr std::string_view hashed = "sha256-";
constexpr std::size_t longest_directory = 200;
constexpr std::uint64_t latest = 999'999'999'999'999;
constexpr std::size_t key_digits = 32;
constexpr std::size_t deepest_payload = 32;
constexpr std::array reasons{"time-to-live", "endpoint-removed", "unreadable"};

class writer {
public:
  writer& text(std::string_view name, std::string_view value) {
    begin(name);
    append_quoted(line_, value);
    return *this;
  }
  writer& number(std::string_view name, std::uint64_t value) {
    begin(name);
    line_ += std::to_string(value);
    return *this;
  }
  writer& texts(std::string_view name, const std::vector<std::string>& values) {
    begin(name);
    line_ += '[';
    for (const auto& each : values) {
      if (&each != &values.front())
        line_ += ',';
      append_quoted(line_, each);
    }
    line_ += ']';
    return *this;
  }
  [[nodiscard]] std::string take() { return std::move(line_) + "}\n"; }

private:
  void begin(std::string_view name) {
    line_ += line_.empty() ? "{\"" : ",\"";
    line_.append(name).append("\":");
  }
  std::string line_;
};

bool read_texts(canonical_reader& from, std::vector<std::string>& into, std::size_t most, std::size_t bytes) {
  if (!from.expect("[", line_problems::wrong_type))
    return false;
  while (!from.accept("]")) {
    if (into.size() == most || (!into.empty() && !from.expect(",", line_problems::wrong_type)))
      return false;
    if (!from.string(into.emplace_back(), bytes))
      return false;
  }
  return from.good();
}

bool read_time(canonical_reader& from, std::string_view name, std::chrono::milliseconds& into) {
  std::uint64_t value = 0;
  if (!from.required(name) || !from.whole_number(value, latest))
    return false;
  into = std::chrono::milliseconds{value};
  return true;
}

std::string key_of(std::string_view text) {
  return to_hex(sha256::of(text)).substr(0, key_digits);
}

bool is_key(std::string_view text) {
  return text.size() == key_digits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_reason(std::string_view text) {
  return std::ranges::find(reasons, text) != reasons.end();
}

} // namespace

std::size_t largest_mail_file(const mail_limits& limits) noexcept {
  // A byte may be escaped as six.
  return 6 * (limits.payload_bytes + (7 + limits.before) * limits.text_bytes) + 1024;
}

std::string encode_mail(const mail_item& what) {
  return writer{}
      .text("agent", what.agent.text)
      .texts("before", what.before)
      .text("cause", what.cause.text)
      .number("expires", static_cast<std::uint64_t>(what.expires.count()))
      .text("from", what.from)
      .number("hopsLeft", what.hops_left)
      .text("id", what.id.text)
      .text("payload", what.payload)
      .text("request", what.request.text)
      .number("sent", static_cast<std::uint64_t>(what.sent.count()))
      .text("subject", what.subject)
      .take();
}

std::optional<mail_item> decode_mail(std::string_view bytes, const mail_limits& limits) {
  if (bytes.empty() || bytes.back() != '\n')
    return {};
  bytes.remove_suffix(1);
  canonical_reader from{bytes};
  mail_item result;
  const auto text = [&](std::string_view name, std::string& into, std::size_t limit) {
    return from.required(name) && from.string(into, limit);
  };
  const auto limit = limits.text_bytes;
  std::uint64_t hops = 0;
  const bool good = from.open_object() && text("agent", result.agent.text, limit) && from.required("before") &&
                    read_texts(from, result.before, limits.before, limit) && text("cause", result.cause.text, limit) &&
                    read_time(from, "expires", result.expires) && text("from", result.from, limit) &&
                    from.required("hopsLeft") && from.whole_number(hops, UINT32_MAX) &&
                    text("id", result.id.text, limit) && text("payload", result.payload, limits.payload_bytes) &&
                    text("request", result.request.text, limit) && read_time(from, "sent", result.sent) &&
                    text("subject", result.subject, limit) && from.close_object() && from.end();
  if (!good || !is_ulid(result.id.text) ||
      !json::document::parse(result.payload, {.bytes = limits.payload_bytes, .depth = deepest_payload}))
    return {};
  result.hops_left = static_cast<std::uint32_t>(hops);
  return result;
}

std::string mail_file_name(const message_id& id) {
  return id.text + std::string{suffix};
}

std::optional<message_id> message_of_file(std::string_view name) {
  if (!name.ends_with(suffix))
    return {};
  name.remove_suffix(suffix.size());
  return is_ulid(name) ? std::optional{message_id{std::string{name}}} : std::nullopt;
}

std::string dead_file_name(const dead_file& what) {
  return what.id.text + "." + what.reason + "." + std::to_string(what.at.count()) + std::string{suffix};
}

std::optional<dead_file> dead_of_file(std::string_view name) {
  if (!name.ends_with(suffix))
    return {};
  name.remove_suffix(suffix.size());
  const auto first = name.find('.');
  const auto last = name.rfind('.');
  if (first == std::string_view::npos || first == last)
    return {};
  const auto id = name.substr(0, first);
  const auto reason = name.substr(first + 1, last - first - 1);
  const auto at = whole_number(name.substr(last + 1));
  if (!is_ulid(id) || !is_reason(reason) || !at || *at > latest)
    return {};
  return dead_file{message_id{std::string{id}}, std::string{reason}, std::chrono::milliseconds{*at}};
}

std::string done_file_name(const done_file& what) {
  return what.id.text + "." + what.request + "." + what.payload + "." + std::to_string(what.at.count());
}

std::optional<done_file> done_of_file(std::string_view name) {
  std::array<std::string_view, 4> words;
  for (auto& each : words) {
    const auto dot = name.find('.');
    each = name.substr(0, dot);
    name = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
  }
  const auto [id, request, payload, since] = words;
  const auto at = whole_number(since);
  if (!name.empty() || !is_ulid(id) || !is_key(request) || !is_key(payload) || !at || *at > latest)
    return {};
  return done_file{message_id{std::string{id}}, std::string{request}, std::string{payload},
                   std::chrono::milliseconds{*at}};
}

std::string request_key(std::string_view from, const request_id& request) {
  if (request.empty())
    return {};
  return key_of(sender_of(from) + "\n" + request.text);
}

std::string payload_key(std::string_view payload) {
  return key_of(payload);
}

agent_id agent_in(std::string_view subject) {
  const auto last = subject.substr(subject.rfind('.') + 1);
  return is_ulid(last) ? agent_id{std::string{last}} : agent_id{};
}

std::string sender_of(std::string_view subject) {
  auto agent = agent_in(subject);
  return agent.empty() ? std::string{subject} : std::move(agent.text);
}

std::string mailbox_directory(std::string_view subject) {
  const bool plain = !subject.empty() && subject.size() <= longest_directory && subject.front() != '.' &&
                     !subject.starts_with(hashed) && std::ranges::all_of(subject, [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                              c == '-' || c == '_';
                     });
  return plain ? std::string{subject} : std::string{hashed} + to_hex(sha256::of(subject));
}

} // namespace muster
