#include "muster/store/canonical_reader.hpp"
#include "muster/store/feed_limits.hpp"
#include "muster/store/json_text.hpp"
#include "muster/store/op_codec.hpp"
#include "muster/store/op_kinds.hpp"
#include "muster/store/ulid.hpp"

#include <algorithm>

namespace muster {

namespace {

using namespace line_problems;

constexpr line_problem unknown_kind{"unknown-kind", "this kind of op is unknown to this release"};
constexpr line_problem not_an_instance{"not-an-instance", "it is not an instance id"};
constexpr line_problem not_a_path{"not-a-path", "it is not an absolute path without NUL, spelled as it must be"};
constexpr line_problem empty_text{"empty-text", "a text that must say something is empty"};
constexpr line_problem needless{"needless-member", "a member repeats what is so without it"};
constexpr line_problem unsorted{"unsorted", "entries are out of order or repeated"};
constexpr line_problem set_or_removed{"set-or-removed", "a value must be either set or removed"};
constexpr line_problem unknown_word{"unknown-word", "it is none of the words that may stand here"};
constexpr line_problem too_many_ops{"too-many-ops", "a commit holds at most 10000 ops"};
constexpr line_problem no_ops{"no-ops", "a commit without a request must hold an op"};
constexpr line_problem not_a_ulid{"not-a-ulid", "a saga is named by a ULID"};
constexpr line_problem lone_request{"lone-request", "a request id and the hash of its request come together"};

bool is_absolute_path(std::string_view path) {
  return path.starts_with('/') && path.size() <= feed_limits::path_bytes && path.find('\0') == std::string_view::npos;
}

class op_reader {
public:
  op_reader(canonical_reader& in, const instance_id& own) : in_(in), own_(own) {}

  bool read(commit& into) {
    stamp_bytes at{};
    if (!in_.open_object() || !in_.required("at") || !in_.hex(at) || !in_.required("ops") || !ops(into.ops))
      return false;
    for (const auto byte : at)
      into.at.value = into.at.value << 8 | std::to_integer<std::uint64_t>(byte);
    return request(into) && saga(into) && in_.required("seq") &&
           in_.counting_number(into.seq, feed_limits::last_sequence) && in_.close_object() && in_.end();
  }

  bool operator()(agent_put& into) {
    return flag("adopted", into.adopted) && agent(into.agent) && in_.required("fields") && fields(into.fields);
  }
  bool operator()(agent_drop& into) { return agent(into.agent) && vector("placements", into.placements); }
  bool operator()(place_put& into) {
    bool unadmitted = false;
    const bool read = agent(into.agent) && optional_text("namespace", into.namespace_name) && owner(into.owner) &&
                      in_.required("path") && path(into.path) && (!in_.member("scanRoot") || path(into.scan_root)) &&
                      flag("unadmitted", unadmitted);
    into.admitted = !unadmitted;
    return read;
  }
  bool operator()(place_drop& into) { return agent(into.agent) && owner(into.owner); }
  bool operator()(rule_put& into) {
    std::string word;
    if (!text("action", word) || !rule_word(word))
      return false;
    into.action = word == allow_word ? rule_action::allow : rule_action::deny;
    return vector("saw", into.saw) && text("source", into.source) && text("target", into.target);
  }
  bool operator()(rule_drop& into) {
    return vector("saw", into.saw) && text("source", into.source) && text("target", into.target);
  }
  bool operator()(deny_put& into) {
    return optional_text("by", into.by) && owner(into.owner) && in_.required("path") && path(into.path) &&
           optional_text("reason", into.reason) && optional_text("strategy", into.strategy);
  }
  bool operator()(deny_drop& into) { return owner(into.owner) && in_.required("path") && path(into.path); }
  bool operator()(resolve& into) {
    if (in_.member("agent")) {
      into.key.emplace<field_key>();
      auto& key = std::get<field_key>(into.key);
      return filled_string(key.agent.text) && choice(into) && in_.required("field") && string(key.field) &&
             edited(into.value, into.saw);
    }
    into.key.emplace<rule_key>();
    auto& key = std::get<rule_key>(into.key);
    if (in_.member("action")) {
      into.value.emplace();
      if (!filled_string(*into.value) || !rule_word(*into.value))
        return false;
    }
    bool removed = false;
    if (!choice(into) || !flag("removed", removed))
      return false;
    if (removed == into.value.has_value())
      return in_.fail(set_or_removed);
    return vector("saw", into.saw) && text("source", key.source) && text("target", key.target);
  }
  bool operator()(peer_retire& into) { return in_.required("instance") && instance(into.instance); }

private:
  using stamp_bytes = std::array<std::byte, 8>;

  bool ops(std::vector<op>& into) {
    if (!in_.expect("[", wrong_type))
      return false;
    if (in_.accept("]"))
      return true;
    do {
      if (into.size() == feed_limits::ops_per_commit)
        return in_.fail(too_many_ops);
      if (!one_op(into.emplace_back()))
        return false;
    } while (in_.accept(","));
    return in_.expect("]", not_canonical);
  }

  bool one_op(op& into) {
    std::string_view name;
    if (!in_.open_object() || !in_.plain_string(name))
      return false;
    const auto kind = static_cast<std::size_t>(std::ranges::find(op_kinds, name) - op_kinds.begin());
    return kind_at(kind, into, std::make_index_sequence<std::variant_size_v<op>>()) && in_.close_object();
  }

  template <std::size_t... I>
  bool kind_at(std::size_t kind, op& into, std::index_sequence<I...>) {
    bool read = false;
    const bool known = ((kind == I ? (read = body(into.emplace<I>()), true) : false) || ...);
    return known ? read : in_.fail(unknown_kind);
  }

  template <class Op>
  bool body(Op& into) {
    return in_.expect(":", not_canonical) && in_.open_object() && (*this)(into) && in_.close_object();
  }

  bool request(commit& into) {
    if (!optional_text("request", into.request))
      return false;
    if (in_.member("requestHash")) {
      std::array<std::byte, 32> digest{};
      if (!in_.hex(digest))
        return false;
      append_hex(into.request_hash, digest);
    }
    if (into.request.empty() != into.request_hash.empty())
      return in_.fail(lone_request);
    return !into.ops.empty() || !into.request.empty() || in_.fail(no_ops);
  }

  bool saga(commit& into) {
    return optional_text("saga", into.saga) && (into.saga.empty() || is_ulid(into.saga) || in_.fail(not_a_ulid));
  }

  bool string(std::string& into) { return in_.string(into, feed_limits::value_bytes); }
  bool filled_string(std::string& into) { return string(into) && (!into.empty() || in_.fail(empty_text)); }
  bool text(std::string_view name, std::string& into) { return in_.required(name) && filled_string(into); }
  bool optional_text(std::string_view name, std::string& into) {
    return in_.good() && (!in_.member(name) || filled_string(into));
  }
  bool agent(agent_id& into) { return text("agent", into.text); }

  bool flag(std::string_view name, bool& into) {
    into = in_.member(name);
    return in_.good() && (!into || in_.expect("true", wrong_type));
  }

  bool instance(instance_id& into) {
    std::string_view name;
    if (!in_.plain_string(name) || !is_instance_id(name))
      return in_.fail(not_an_instance);
    into.text = name;
    return true;
  }

  bool owner(instance_id& into) {
    if (in_.member("owner"))
      return instance(into) && (into != own_ || in_.fail(needless));
    into = own_;
    return in_.good();
  }

  bool path(std::string& into) {
    // A control character takes six bytes of JSON, a byte in hexadecimal two.
    if (!in_.string(into, 2 * feed_limits::path_bytes + hex_path_prefix.size()))
      return false;
    if (into.starts_with(hex_path_prefix)) {
      const auto digits = std::string_view(into).substr(hex_path_prefix.size());
      std::string bytes(digits.size() / 2, '\0');
      if (!read_hex(digits, std::as_writable_bytes(std::span(bytes))) || json::is_utf8(bytes))
        return in_.fail(not_a_path);
      into.swap(bytes);
    }
    return is_absolute_path(into) || in_.fail(not_a_path);
  }

  bool vector(std::string_view name, saw_vector& into) {
    if (!in_.member(name))
      return in_.good();
    if (!in_.expect("{", wrong_type))
      return false;
    do {
      instance_id seen;
      sequence seq = 0;
      if (!instance(seen) || !in_.expect(":", not_canonical) || !in_.counting_number(seq, feed_limits::last_sequence))
        return false;
      if (!into.empty() && !(into.rbegin()->first < seen))
        return in_.fail(unsorted);
      into.emplace_hint(into.end(), std::move(seen), seq);
    } while (in_.accept(","));
    return in_.expect("}", not_canonical);
  }

  // "removed" or "set", with what was seen between them.
  bool edited(std::optional<std::string>& value, saw_vector& saw) {
    bool removed = false;
    if (!flag("removed", removed) || !vector("saw", saw))
      return false;
    if (in_.member("set")) {
      std::string_view text;
      if (!in_.value(text, feed_limits::value_bytes, feed_limits::value_depth))
        return false;
      value.emplace(text);
    }
    return in_.good() && (removed != value.has_value() || in_.fail(set_or_removed));
  }

  bool fields(std::vector<field_edit>& into) {
    if (!in_.expect("[", wrong_type))
      return false;
    do {
      auto& edit = into.emplace_back();
      if (!in_.open_object() || !in_.required("field") || !string(edit.field) || !edited(edit.value, edit.saw) ||
          !in_.close_object())
        return false;
      if (into.size() > 1 && into[into.size() - 2].field >= edit.field)
        return in_.fail(unsorted);
    } while (in_.accept(","));
    return in_.expect("]", not_canonical);
  }

  bool choice(resolve& into) {
    if (!text("by", into.by))
      return false;
    constexpr std::string_view automatic = "auto:";
    if (into.by != "human" && (!into.by.starts_with(automatic) || into.by.size() == automatic.size()))
      return in_.fail(unknown_word);
    return in_.required("chosen") && in_.open_object() && in_.required("instance") && instance(into.chosen.instance) &&
           in_.required("seq") && in_.counting_number(into.chosen.seq, feed_limits::last_sequence) &&
           in_.close_object();
  }

  bool rule_word(std::string_view word) { return word == allow_word || word == deny_word || in_.fail(unknown_word); }

  canonical_reader& in_;
  const instance_id& own_;
};

} // namespace

bool is_instance_id(std::string_view text) noexcept {
  constexpr std::size_t length = 52;
  const auto is_base32 = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); };
  // 256 bits are 51 characters and one bit more.
  return text.size() == length && std::ranges::all_of(text, is_base32) && (text.back() == 'a' || text.back() == 'q');
}

expected<commit> decode_commit(std::string_view line, const instance_id& instance) {
  commit result;
  result.instance = instance;
  canonical_reader in(line.substr(0, feed_limits::line_bytes + 1));
  if (line.size() > feed_limits::line_bytes)
    in.fail(too_long);
  else if (op_reader(in, instance).read(result))
    return result;
  return failure{failure_kind::refused, in.problem().code,
                 "the commit cannot be read: at byte " + std::to_string(in.offset()) + ", " +
                     std::string(in.problem().what)};
}

} // namespace muster
