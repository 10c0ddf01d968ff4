#include "muster/supervisor/intent_codec.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/json.hpp"
#include "muster/store/json_text.hpp"
#include "muster/store/op_codec.hpp"
#include "muster/store/sha256.hpp"
#include "muster/store/whole_number.hpp"
#include "muster/supervisor/saga_steps.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

constexpr json::limits text_limits{std::size_t{8} * 1024 * 1024, 40};
constexpr std::string_view hex_prefix = "hex:";

/// Appends members in the order of the calls, which is their canonical order.
class member_writer {
public:
  explicit member_writer(std::string& to) : to_(to) { to_ += '{'; }
  ~member_writer() { to_ += '}'; }
  member_writer(const member_writer&) = delete;
  member_writer& operator=(const member_writer&) = delete;

  void name(std::string_view member) {
    to_.append(std::exchange(first_, false) ? "\"" : ",\"").append(member).append("\":");
  }
  void raw(std::string_view member, std::string_view json_text) {
    name(member);
    to_ += json_text;
  }
  /// Bytes that need not be UTF-8. A text that begins like the prefix is
  /// written in hexadecimal, too, so that there is one reading.
  void bytes(std::string_view member, std::string_view value) {
    name(member);
    if (json::is_utf8(value) && !value.starts_with(hex_prefix))
      return append_quoted(to_, value);
    to_.append("\"").append(hex_prefix);
    append_hex(to_, std::as_bytes(std::span(value)));
    to_ += '"';
  }

private:
  std::string& to_;
  bool first_ = true;
};

void write(member_writer& out, std::string_view member, const std::optional<manifest_image>& image) {
  if (image)
    out.bytes(member, image->bytes);
}

void write(member_writer& out, std::string& to, std::string_view member,
           const std::optional<endpoint_statement>& what) {
  if (!what)
    return;
  out.name(member);
  member_writer inner(to);
  inner.bytes("namespace", what->namespace_name);
  inner.bytes("subject", what->subject);
}

void write(member_writer& out, std::string& to, std::string_view member, const std::optional<placement>& what) {
  if (!what)
    return;
  out.name(member);
  member_writer inner(to);
  inner.raw("admitted", what->admitted ? "true" : "false");
  inner.bytes("namespace", what->namespace_name);
  inner.bytes("path", what->path);
  inner.bytes("scanRoot", what->scan_root);
}

void write(member_writer& out, std::string& to, std::string_view member, const std::optional<directory_mark>& what) {
  if (!what)
    return;
  out.name(member);
  member_writer inner(to);
  inner.raw("device", std::to_string(what->device));
  inner.raw("inode", std::to_string(what->inode));
}

/// About as large as it is in a string of JSON.
std::size_t escaped_size(const std::optional<manifest_image>& image) noexcept {
  return image ? image->bytes.size() + image->bytes.size() / 2 : 0;
}

/// The commit as the feed will spell it, but for its place and its time.
expected<std::string> commit_text(const saga_intent& what, const instance_id& own) {
  commit planned{own, 1, stamp{1}, what.saga.text, what.request.text, what.request_hash, what.ops};
  return encode_commit(planned);
}

/// Reads members of one object; what is not as it should be makes it bad.
class member_reader {
public:
  explicit member_reader(json::value from) : from_(from) { good_ = from.is(json::kind::object); }

  [[nodiscard]] bool good() const noexcept { return good_; }
  void fail() noexcept { good_ = false; }
  [[nodiscard]] json::value find(std::string_view member) const { return good_ ? from_.find(member) : json::value{}; }

  std::string bytes(std::string_view member) {
    const auto found = find(member);
    if (!found.is(json::kind::string)) {
      good_ = false;
      return {};
    }
    auto text = found.as_string();
    if (!text.starts_with(hex_prefix))
      return text;
    const auto digits = std::string_view{text}.substr(hex_prefix.size());
    std::string result(digits.size() / 2, '\0');
    good_ = good_ && read_hex(digits, std::as_writable_bytes(std::span(result)));
    return result;
  }

  std::uint64_t number(std::string_view member) {
    const auto result = whole_number(find(member).text());
    good_ = good_ && result;
    return result.value_or(0);
  }

private:
  json::value from_;
  bool good_ = true;
};

std::optional<manifest_image> read_image(member_reader& from, std::string_view member) {
  if (!from.find(member))
    return std::nullopt;
  auto bytes = from.bytes(member);
  auto hash = to_hex(sha256::of(bytes));
  return manifest_image{std::move(hash), std::move(bytes)};
}

std::optional<endpoint_statement> read_endpoint(member_reader& from, std::string_view member) {
  if (!from.find(member))
    return std::nullopt;
  member_reader inner(from.find(member));
  endpoint_statement result;
  result.namespace_name = inner.bytes("namespace");
  result.subject = inner.bytes("subject");
  if (!inner.good())
    from.fail();
  return result;
}

std::optional<placement> read_place(member_reader& from, std::string_view member) {
  if (!from.find(member))
    return std::nullopt;
  member_reader inner(from.find(member));
  placement result;
  const auto admitted = inner.find("admitted");
  result.admitted = admitted.is(json::kind::boolean) && admitted.as_bool();
  result.namespace_name = inner.bytes("namespace");
  result.path = inner.bytes("path");
  result.scan_root = inner.bytes("scanRoot");
  if (!inner.good())
    from.fail();
  return result;
}

std::optional<directory_mark> read_mark(member_reader& from, std::string_view member) {
  if (!from.find(member))
    return std::nullopt;
  member_reader inner(from.find(member));
  const directory_mark result{inner.number("device"), inner.number("inode")};
  if (!inner.good())
    from.fail();
  return result;
}

std::optional<saga_kind> kind_named(std::string_view name) {
  const auto found = std::ranges::find(saga_plans(), name, &saga_plan::name);
  return found == saga_plans().end() ? std::nullopt : std::optional{found->kind};
}

/// Takes any spelling; the caller compares with the only right one.
std::optional<saga_intent> read(json::value root, const saga_id& saga, const instance_id& own) {
  member_reader from(root);
  saga_intent result{saga};
  const auto kind = kind_named(from.bytes("kind"));
  result.agent = agent_id{from.bytes("agent")};
  result.path = from.bytes("path");
  result.before = read_image(from, "before");
  result.after = read_image(from, "after");
  if (from.find("unchanged"))
    result.after = result.before;
  result.place_before = read_place(from, "placeBefore");
  result.place_after = read_place(from, "placeAfter");
  result.endpoint_before = read_endpoint(from, "endpointBefore");
  result.endpoint_after = read_endpoint(from, "endpointAfter");
  if (from.find("request"))
    result.request = request_id{from.bytes("request")};
  if (from.find("requestHash"))
    result.request_hash = from.bytes("requestHash");
  result.where = read_mark(from, "where");
  if (const auto line = from.find("commit")) {
    auto planned = decode_commit(line.text(), own);
    if (!planned)
      return std::nullopt;
    result.ops = std::move(planned->ops);
  }
  if (!from.good() || !kind)
    return std::nullopt;
  result.kind = *kind;
  return result;
}

} // namespace

expected<std::string> encode_intent(const saga_intent& what, const instance_id& own) {
  const auto unchanged = what.before && what.before == what.after;
  std::string planned;
  if (!what.ops.empty()) {
    auto text = commit_text(what, own);
    if (!text)
      return text.error();
    planned = std::move(*text);
  }
  std::string text;
  text.reserve(planned.size() + escaped_size(what.before) + escaped_size(what.after) + 1024);
  {
    member_writer out(text);
    if (!unchanged)
      write(out, "after", what.after);
    out.bytes("agent", what.agent.text);
    write(out, "before", what.before);
    if (!planned.empty())
      out.raw("commit", planned);
    write(out, text, "endpointAfter", what.endpoint_after);
    write(out, text, "endpointBefore", what.endpoint_before);
    out.bytes("kind", plan_of(what.kind).name);
    out.bytes("path", what.path);
    write(out, text, "placeAfter", what.place_after);
    write(out, text, "placeBefore", what.place_before);
    if (!what.request.empty())
      out.bytes("request", what.request.text);
    if (!what.request_hash.empty())
      out.bytes("requestHash", what.request_hash);
    if (unchanged)
      out.raw("unchanged", "true");
    write(out, text, "where", what.where);
  }
  return text;
}

expected<saga_intent> decode_intent(const saga_id& saga, std::string_view text, const instance_id& own) {
  const failure damaged{failure_kind::damaged, "intent-damaged",
                        "the journal's intent of saga " + saga.text +
                            " does not read, or another release wrote it; muster doctor says more"};
  const auto parsed = json::document::parse(std::string{text}, text_limits);
  if (!parsed)
    return damaged;
  auto result = read(parsed->root(), saga, own);
  if (!result)
    return damaged;
  const auto again = encode_intent(*result, own);
  if (!again || *again != text)
    return damaged;
  return *std::move(result);
}

} // namespace muster
