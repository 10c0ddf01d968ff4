#include "muster/store/namespace_rules.hpp"

#include "muster/store/base32.hpp"
#include "muster/store/json_text.hpp"
#include "muster/store/sha256.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace muster {

namespace {

// What a relay takes for the type of a runtime, in the place of a namespace.
constexpr std::array<std::string_view, 4> runtime_types{"claude-code", "codex", "opencode", "test-mode"};

// The only characters outside of ASCII whose small form begins in it: the
// Kelvin sign is a k, a capital I with a dot an i and a combining dot.
constexpr std::string_view kelvin_sign = "\xe2\x84\xaa";
constexpr std::string_view dotted_capital_i = "\xc4\xb0";

constexpr std::string_view escape = "_x_";

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_small(char c) noexcept {
  return c >= 'a' && c <= 'z';
}
bool is_capital(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}

void append_hyphen(std::string& out) {
  if (!out.empty() && out.back() != '-')
    out += '-';
}

failure refused(std::string_view code, std::string message, std::string_view path = {}) {
  return {.kind = failure_kind::refused, .code = code, .message = std::move(message), .path = std::string(path)};
}

// The blanks that trimming takes away: those of Unicode, line ends and the byte order mark.
bool is_blank(std::uint32_t scalar) noexcept {
  return (scalar >= 0x09 && scalar <= 0x0d) || scalar == 0x20 || scalar == 0xa0 || scalar == 0x1680 ||
         (scalar >= 0x2000 && scalar <= 0x200a) || scalar == 0x2028 || scalar == 0x2029 || scalar == 0x202f ||
         scalar == 0x205f || scalar == 0x3000 || scalar == 0xfeff;
}

std::uint32_t scalar_of(std::string_view sequence) noexcept {
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[at]));
  };
  if (sequence.size() == 1)
    return byte(0);
  std::uint32_t scalar = byte(0) & (0xffU >> (sequence.size() + 1));
  for (std::size_t at = 1; at < sequence.size(); ++at)
    scalar = scalar << 6U | (byte(at) & 0x3fU);
  return scalar;
}

std::string_view without_trailing_slashes(std::string_view path) noexcept {
  while (path.size() > 1 && path.back() == '/')
    path.remove_suffix(1);
  return path;
}

bool has_dots(std::string_view path) noexcept {
  while (!path.empty()) {
    const auto name = path.substr(0, path.find('/'));
    if (name == "." || name == "..")
      return true;
    path.remove_prefix(std::min(name.size() + 1, path.size()));
  }
  return false;
}

// What comes after the directory; empty if the path is not below it.
std::string_view relative_to(std::string_view path, std::string_view directory) noexcept {
  path = without_trailing_slashes(path);
  directory = without_trailing_slashes(directory);
  if (!path.starts_with('/') || !directory.starts_with('/') || has_dots(path) || has_dots(directory) ||
      !path.starts_with(directory))
    return {};
  path.remove_prefix(directory.size());
  if (directory != "/" && !path.starts_with('/'))
    return {};
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  return path;
}

std::string_view own_name(std::string_view path) noexcept {
  path = without_trailing_slashes(path);
  return path.substr(path.rfind('/') + 1);
}

expected<namespace_answer> named(expected<std::string> name, std::string_view scan_root) {
  if (!name)
    return std::move(name).error();
  return namespace_answer{std::move(*name), std::string(scan_root)};
}

std::string token_of(std::string_view text) {
  if (is_subject_token(text) && text.size() <= namespace_limit && !text.starts_with(escape))
    return std::string(text);
  return std::string(escape) + to_base32(sha256::of(text));
}

} // namespace

std::string normal_namespace(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t taken = 1;
    if (const char c = text.front(); is_small(c) || is_digit(c))
      out += c;
    else if (is_capital(c))
      out += static_cast<char>(c - 'A' + 'a');
    else if (text.starts_with(kelvin_sign)) {
      out += 'k';
      taken = kelvin_sign.size();
    } else if (text.starts_with(dotted_capital_i)) {
      out += "i-";
      taken = dotted_capital_i.size();
    } else
      append_hyphen(out);
    text.remove_prefix(taken);
  }
  if (out.ends_with('-'))
    out.pop_back();
  if (std::ranges::find(runtime_types, out) != runtime_types.end())
    out += "-ns";
  return out;
}

expected<std::string> usable_namespace(std::string_view text) {
  auto name = normal_namespace(text);
  if (name.empty())
    return refused("namespace-empty", "a namespace needs at least one letter from a to z or digit, and '" +
                                          std::string(text.substr(0, namespace_limit)) +
                                          "' has none: name another with --namespace");
  if (name.size() > namespace_limit)
    return refused("namespace-too-long", "a namespace has at most " + std::to_string(namespace_limit) +
                                             " characters, and this one has " + std::to_string(name.size()) +
                                             ": name a shorter one with --namespace");
  return name;
}

bool is_blank(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto size = json::utf8_sequence(text.data(), text.data() + text.size());
    if (size == 0 || !is_blank(scalar_of(text.substr(0, size))))
      return false;
    text.remove_prefix(size);
  }
  return true;
}

bool is_below(std::string_view path, std::string_view directory) noexcept {
  return !relative_to(path, directory).empty();
}

expected<namespace_answer> resolve_namespace(const namespace_question& asked) {
  const bool managed = !asked.managed_home.empty() && is_below(asked.path, asked.managed_home);
  const auto root = without_trailing_slashes(managed ? asked.managed_home : asked.scan_root);
  const auto below = relative_to(asked.path, root);
  if (!root.empty() && below.empty())
    return refused("namespace-outside-root",
                   "the project does not lie below the scan root " + std::string(root) +
                       ": name a directory above it with --scan-root, or none",
                   asked.path);
  if (!is_blank(asked.given))
    return named(usable_namespace(asked.given), root);
  if (root.empty())
    return named(usable_namespace(own_name(asked.path)), {});
  return named(usable_namespace(below.substr(0, below.find('/'))), root);
}

namespace_answer import_namespace(const namespace_question& asked) {
  if (auto strict = resolve_namespace(asked))
    return std::move(*strict);
  // What does not lie below the root, as the root itself, is as if there were none.
  if (auto without = resolve_namespace({.path = asked.path, .given = asked.given});
      without && !is_below(asked.path, asked.scan_root) && !is_below(asked.path, asked.managed_home))
    return std::move(*without);
  auto name = normal_namespace(own_name(asked.path)).substr(0, namespace_limit);
  if (name.ends_with('-'))
    name.pop_back();
  if (name.empty())
    name = "default";
  const bool rooted = !asked.scan_root.empty() && is_below(asked.path, asked.scan_root);
  const bool managed = !asked.managed_home.empty() && is_below(asked.path, asked.managed_home);
  const auto root = managed ? asked.managed_home : rooted ? asked.scan_root : std::string_view{};
  return {std::move(name), std::string(without_trailing_slashes(root))};
}

bool is_subject_token(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_small(c) || is_capital(c) || is_digit(c) || c == '_' || c == '-';
  });
}

std::string subject_of(std::string_view prefix, std::string_view namespace_name, const agent_id& agent) {
  // Another instance may have recorded any text.
  const auto name = normal_namespace(namespace_name);
  const bool reserved = name == std::string(namespace_name) + "-ns";
  std::string subject(prefix);
  subject += token_of(reserved ? std::string_view(name) : namespace_name);
  subject += '.';
  subject += token_of(agent.text);
  return subject;
}

} // namespace muster
