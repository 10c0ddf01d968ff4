#include "muster/store/op_codec.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/feed_limits.hpp"
#include "muster/store/json_text.hpp"
#include "muster/store/op_kinds.hpp"

namespace muster {

namespace {

/// Writes members in the order of the calls, which is their canonical order.
class line_writer {
public:
  line_writer(std::string& to, const instance_id& own) : to_(to), own_(own) {}

  void open() {
    to_ += '{';
    first_ = true;
  }
  void close() {
    to_ += '}';
    first_ = false;
  }

  void name(std::string_view member) {
    to_.append(first_ ? "\"" : ",\"").append(member).append("\":");
    first_ = false;
  }

  void text(std::string_view member, std::string_view value) {
    name(member);
    append_quoted(to_, value);
  }
  void optional_text(std::string_view member, std::string_view value) {
    if (!value.empty())
      text(member, value);
  }
  void flag(std::string_view member, bool set) {
    if (!set)
      return;
    name(member);
    to_ += "true";
  }
  void number(std::string_view member, std::uint64_t value) {
    name(member);
    to_ += std::to_string(value);
  }
  void owner(const instance_id& who) {
    if (who != own_)
      text("owner", who.text);
  }
  void path(std::string_view member, std::string_view bytes) {
    name(member);
    if (json::is_utf8(bytes)) {
      append_quoted(to_, bytes);
      return;
    }
    to_.append("\"").append(hex_path_prefix);
    append_hex(to_, std::as_bytes(std::span(bytes)));
    to_ += '"';
  }
  void vector(std::string_view member, const saw_vector& seen) {
    if (seen.empty())
      return;
    name(member);
    open();
    for (const auto& [instance, seq] : seen)
      number(instance.text, seq);
    close();
  }
  void raw(std::string_view member, std::string_view json_text) {
    name(member);
    to_ += json_text;
  }

  void operator()(const agent_put& what) {
    flag("adopted", what.adopted);
    text("agent", what.agent.text);
    name("fields");
    char separator = '[';
    for (const auto& edit : what.fields) {
      to_ += separator;
      field(edit);
      separator = ',';
    }
    if (what.fields.empty())
      to_ += separator;
    to_ += ']';
  }
  void operator()(const agent_drop& what) {
    text("agent", what.agent.text);
    vector("placements", what.placements);
  }
  void operator()(const place_put& what) {
    text("agent", what.agent.text);
    optional_text("namespace", what.namespace_name);
    owner(what.owner);
    path("path", what.path);
    if (!what.scan_root.empty())
      path("scanRoot", what.scan_root);
    flag("unadmitted", !what.admitted);
  }
  void operator()(const place_drop& what) {
    text("agent", what.agent.text);
    owner(what.owner);
  }
  void operator()(const rule_put& what) {
    text("action", what.action == rule_action::allow ? allow_word : deny_word);
    vector("saw", what.saw);
    text("source", what.source);
    text("target", what.target);
  }
  void operator()(const rule_drop& what) {
    vector("saw", what.saw);
    text("source", what.source);
    text("target", what.target);
  }
  void operator()(const deny_put& what) {
    optional_text("by", what.by);
    owner(what.owner);
    path("path", what.path);
    optional_text("reason", what.reason);
    optional_text("strategy", what.strategy);
  }
  void operator()(const deny_drop& what) {
    owner(what.owner);
    path("path", what.path);
  }
  void operator()(const resolve& what) {
    if (const auto* of_field = std::get_if<field_key>(&what.key)) {
      text("agent", of_field->agent.text);
      choice(what);
      text("field", of_field->field);
      flag("removed", !what.value);
      vector("saw", what.saw);
      if (what.value)
        raw("set", *what.value);
      return;
    }
    const auto& of_rule = std::get<rule_key>(what.key);
    if (what.value)
      text("action", *what.value);
    choice(what);
    flag("removed", !what.value);
    vector("saw", what.saw);
    text("source", of_rule.source);
    text("target", of_rule.target);
  }
  void operator()(const peer_retire& what) { text("instance", what.instance.text); }

private:
  void field(const field_edit& edit) {
    open();
    text("field", edit.field);
    flag("removed", !edit.value);
    vector("saw", edit.saw);
    if (edit.value)
      raw("set", *edit.value);
    close();
  }
  void choice(const resolve& what) {
    text("by", what.by);
    name("chosen");
    open();
    text("instance", what.chosen.instance.text);
    number("seq", what.chosen.seq);
    close();
  }

  std::string& to_;
  const instance_id& own_;
  bool first_ = true;
};

std::string written(const commit& what) {
  std::string line;
  line.reserve(64 + what.ops.size() * 256);
  line_writer out(line, what.instance);
  out.open();
  out.name("at");
  line += '"';
  append_stamp(line, what.at);
  line += '"';
  out.name("ops");
  line += '[';
  for (const auto& each : what.ops) {
    if (&each != &what.ops.front())
      line += ',';
    out.open();
    out.name(kind_of(each));
    out.open();
    std::visit(out, each);
    out.close();
    out.close();
  }
  line += ']';
  out.optional_text("request", what.request);
  out.optional_text("requestHash", what.request_hash);
  out.optional_text("saga", what.saga);
  out.number("seq", what.seq);
  out.close();
  return line;
}

} // namespace

std::string_view kind_of(const op& what) noexcept {
  return op_kinds[what.index()];
}

void append_stamp(std::string& to, stamp at) {
  for (int shift = 60; shift >= 0; shift -= 4)
    to += "0123456789abcdef"[(at.value >> shift) & 15];
}

// The reader is the one place that knows the rules; asking it keeps a commit
// that nobody could read from ever being written.
expected<std::string> encode_commit(const commit& what) {
  auto line = written(what);
  auto read = decode_commit(line, what.instance);
  if (!read)
    return read.error();
  if (*read != what)
    return failure{failure_kind::refused, "op-not-canonical",
                   "the commit cannot be written: it is not in the one form that reads back as itself (fields sorted "
                   "by name and each once, values in canonical JSON)"};
  return line;
}

} // namespace muster
