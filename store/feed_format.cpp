#include "muster/store/feed_format.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/feed_limits.hpp"
#include "muster/store/op_codec.hpp"

#include <algorithm>

namespace muster {

namespace {

constexpr line_problem other_instance{"instance-not-of-key", "the instance is not the hash of the key"};
constexpr line_problem not_an_instance{"not-an-instance", "it is not an instance id"};
constexpr std::size_t name_digits = 16;
constexpr std::string_view segment_suffix = ".feed";

failure damaged_line(const char* what, const canonical_reader& in) {
  return {failure_kind::damaged, in.problem().code,
          std::string(what) + " cannot be read: at byte " + std::to_string(in.offset()) + ", " +
              std::string(in.problem().what)};
}

std::string_view text_of(const sha256_digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

} // namespace

std::string encode_header(const segment_header& what) {
  std::string line = "{\"feed\":" + std::to_string(feed_format_version);
  line.append(",\"first\":").append(std::to_string(what.first));
  line.append(",\"instance\":\"").append(what.instance.text);
  line.append("\",\"key\":\"");
  append_hex(line, what.key);
  line.append("\",\"previous\":\"");
  append_hex(line, what.previous);
  return line.append("\"}");
}

expected<segment_header> decode_header(std::string_view line) {
  canonical_reader in(line.substr(0, feed_limits::line_bytes));
  std::uint64_t format = 0;
  if (!in.open_object() || !in.required("feed") || !in.counting_number(format, feed_limits::last_sequence))
    return damaged_line("the header of a segment", in);
  if (format != feed_format_version)
    return failure{failure_kind::release_mismatch, "feed-format",
                   "the feed is in format " + std::to_string(format) + ", this release reads format " +
                       std::to_string(feed_format_version) + ": upgrade muster on this machine"};
  segment_header result;
  std::string_view instance;
  if (in.required("first") && in.counting_number(result.first, feed_limits::last_sequence) && in.required("instance") &&
      in.plain_string(instance) && (is_instance_id(instance) || in.fail(not_an_instance)) && in.required("key") &&
      in.hex(result.key) && in.required("previous") && in.hex(result.previous) && in.close_object() && in.end()) {
    result.instance = instance_id(std::string(instance));
    if (instance_of(result.key) == result.instance)
      return result;
    in.fail(other_instance);
  }
  return damaged_line("the header of a segment", in);
}

std::string encode_seal(const seal& what) {
  std::string line = "{\"chain\":\"";
  append_hex(line, what.chain);
  line.append("\",\"seal\":").append(std::to_string(what.seq)).append(",\"sig\":\"");
  append_hex(line, what.sig);
  return line.append("\"}");
}

expected<seal> decode_seal(std::string_view line) {
  canonical_reader in(line.substr(0, feed_limits::line_bytes));
  seal result;
  if (in.open_object() && in.required("chain") && in.hex(result.chain) && in.required("seal") &&
      in.counting_number(result.seq, feed_limits::last_sequence) && in.required("sig") && in.hex(result.sig) &&
      in.close_object() && in.end())
    return result;
  return damaged_line("a seal", in);
}

bool looks_like_seal(std::string_view line) noexcept {
  return line.starts_with("{\"c");
}

feed_tip start_of_feed(const instance_id& instance) {
  return {0, sha256::of(instance.text)};
}

feed_tip after_commit(const feed_tip& before, std::string_view line) {
  thread_local sha256 hasher;
  hasher.update(text_of(before.chain));
  hasher.update(line);
  return {before.seq + 1, hasher.finish()};
}

std::string sealed_text(const instance_id& instance, const feed_tip& at) {
  std::string text = "muster seal 1\n";
  text.append(instance.text).append("\n").append(std::to_string(at.seq)).append("\n");
  append_hex(text, at.chain);
  return text.append("\n");
}

seal make_seal(const signing_key& key, const instance_id& instance, const feed_tip& at) {
  return {at.seq, at.chain, key.sign(sealed_text(instance, at))};
}

std::string segment_name(sequence first) {
  auto digits = std::to_string(first);
  digits.insert(0, name_digits - std::min(digits.size(), name_digits), '0');
  return digits.append(segment_suffix);
}

std::optional<sequence> segment_first(std::string_view name) noexcept {
  if (name.size() != name_digits + segment_suffix.size() || !name.ends_with(segment_suffix))
    return std::nullopt;
  sequence first = 0;
  for (const char c : name.substr(0, name_digits)) {
    if (c < '0' || c > '9')
      return std::nullopt;
    first = first * 10 + static_cast<sequence>(c - '0');
  }
  if (first == 0 || first > feed_limits::last_sequence)
    return std::nullopt;
  return first;
}

} // namespace muster
