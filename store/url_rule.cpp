#include "muster/store/url_rule.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <arpa/inet.h>

namespace muster {

namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

int hex_digit(char c) noexcept {
  const char low = lower(c);
  if (is_digit(low))
    return low - '0';
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

bool is_blank(char c) noexcept {
  return static_cast<unsigned char>(c) <= 0x20;
}
bool is_slash(char c) noexcept {
  return c == '/' || c == '\\';
}

// What ECMAScript trims beyond ASCII, as UTF-8.
constexpr std::array<std::string_view, 19> wide_blanks{
    "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007",
    "\u2008", "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000", "\uFEFF"};

std::string_view trimmed(std::string_view text) {
  for (;;) {
    const auto before = text.size();
    while (!text.empty() && is_blank(text.front()))
      text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
      text.remove_suffix(1);
    for (const auto blank : wide_blanks) {
      if (text.starts_with(blank))
        text.remove_prefix(blank.size());
      if (text.ends_with(blank))
        text.remove_suffix(blank.size());
    }
    if (text.size() == before)
      return text;
  }
}

/// Takes `scheme:` off the front and returns the scheme in lower case.
std::optional<std::string> take_scheme(std::string_view& text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(text.front()))
    return std::nullopt;
  std::string scheme(text.substr(0, colon));
  for (char& c : scheme) {
    if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.')
      return std::nullopt;
    c = lower(c);
  }
  text.remove_prefix(colon + 1);
  return scheme;
}

bool is_port(std::string_view text) noexcept {
  std::uint32_t port = 0;
  for (const char c : text) {
    if (!is_digit(c))
      return false;
    port = 10 * port + static_cast<std::uint32_t>(c - '0');
    if (port > 65535)
      return false;
  }
  return true;
}

bool is_ipv6(std::string_view text) {
  in6_addr ignored{};
  return text.find('\0') == std::string_view::npos && inet_pton(AF_INET6, std::string(text).c_str(), &ignored) == 1;
}

/// A part of an IPv4 address, decimal, octal (0…) or hexadecimal (0x…); a
/// value beyond 32 bits stays beyond them.
std::optional<std::uint64_t> ipv4_part(std::string_view text) noexcept {
  if (text.empty())
    return std::nullopt;
  std::uint64_t base = 10;
  if (text.size() > 1 && text.front() == '0') {
    const bool hexadecimal = lower(text[1]) == 'x';
    base = hexadecimal ? 16 : 8;
    text.remove_prefix(hexadecimal ? 2 : 1);
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = hex_digit(c);
    if (digit < 0 || static_cast<std::uint64_t>(digit) >= base)
      return std::nullopt;
    value = std::min(base * value + static_cast<std::uint64_t>(digit), std::uint64_t{1} << 40);
  }
  return value;
}

std::string_view last_label(std::string_view host) noexcept {
  if (host.ends_with('.'))
    host.remove_suffix(1);
  return host.substr(host.rfind('.') + 1);
}

bool ends_in_number(std::string_view host) noexcept {
  const auto last = last_label(host);
  if (last.empty())
    return false;
  return std::all_of(last.begin(), last.end(), is_digit) ||
         (last.size() > 1 && last[0] == '0' && lower(last[1]) == 'x' && ipv4_part(last));
}

bool is_ipv4(std::string_view host) noexcept {
  if (host.ends_with('.'))
    host.remove_suffix(1);
  std::size_t parts = 0;
  for (bool more = true; more;) {
    const auto dot = host.find('.');
    more = dot != std::string_view::npos;
    const auto value = ipv4_part(host.substr(0, dot));
    // The last part fills the bytes that the others left.
    if (!value || ++parts > 4 || *value >= (more ? 256 : std::uint64_t{1} << 8 * (5 - parts)))
      return false;
    if (more)
      host.remove_prefix(dot + 1);
  }
  return true;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escape =
        text[at] == '%' && at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 && hex_digit(text[at + 2]) >= 0;
    decoded += escape ? static_cast<char>(16 * hex_digit(text[at + 1]) + hex_digit(text[at + 2])) : text[at];
    at += escape ? 2 : 0;
  }
  return decoded;
}

bool has_any(std::string_view text, std::string_view forbidden) noexcept {
  return text.find_first_of(forbidden) != std::string_view::npos || text.find('\0') != std::string_view::npos;
}

constexpr std::string_view forbidden_in_host = "\t\n\r #/:<>?@[\\]^|";

bool is_domain(std::string_view text) {
  const auto host = percent_decoded(text);
  const auto is_control = [](char c) { return is_blank(c) || c == 0x7F; };
  if (host.empty() || std::any_of(host.begin(), host.end(), is_control) || has_any(host, forbidden_in_host) ||
      host.find('%') != std::string::npos)
    return false;
  return !ends_in_number(host) || is_ipv4(host);
}

enum class host_kind { domain, file, opaque };

bool is_host(std::string_view host, host_kind kind) {
  if (host.starts_with('['))
    return host.ends_with(']') && is_ipv6(host.substr(1, host.size() - 2));
  switch (kind) {
    case host_kind::domain: return is_domain(host);
    case host_kind::file: return host.empty() || is_domain(host);
    case host_kind::opaque: return !has_any(host, forbidden_in_host);
  }
  return false;
}

/// `user:password@host:port`, all but the host optional.
bool is_authority(std::string_view authority, host_kind kind) {
  const auto credentials = authority.rfind('@');
  if (credentials != std::string_view::npos)
    authority.remove_prefix(credentials + 1);
  const auto bracket = authority.find(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const bool has_port = colon != std::string_view::npos;
  const auto host = authority.substr(0, colon);
  if (host.empty() && (has_port || credentials != std::string_view::npos))
    return false;
  return is_host(host, kind) && (!has_port || is_port(authority.substr(colon + 1)));
}

bool is_special(std::string_view scheme) noexcept {
  return scheme == "http" || scheme == "https" || scheme == "ws" || scheme == "wss" || scheme == "ftp";
}

bool is_file_rest(std::string_view rest) {
  if (rest.size() < 2 || !is_slash(rest[0]) || !is_slash(rest[1]))
    return true;
  const auto host = rest.substr(2, rest.find_first_of("/\\?#", 2) - 2);
  const bool drive = host.size() == 2 && is_letter(host[0]) && (host[1] == ':' || host[1] == '|');
  return drive || is_host(host, host_kind::file);
}

} // namespace

bool is_url(std::string_view text) {
  std::string kept(trimmed(text));
  std::erase_if(kept, [](char c) { return c == '\t' || c == '\n' || c == '\r'; });
  std::string_view rest = kept;
  const auto scheme = take_scheme(rest);
  if (!scheme)
    return false;
  if (is_special(*scheme)) {
    const auto first = std::find_if_not(rest.begin(), rest.end(), is_slash);
    rest.remove_prefix(static_cast<std::size_t>(first - rest.begin()));
    return is_authority(rest.substr(0, rest.find_first_of("/\\?#")), host_kind::domain);
  }
  if (*scheme == "file")
    return is_file_rest(rest);
  if (rest.starts_with("//"))
    return is_authority(rest.substr(2, rest.find_first_of("/?#", 2) - 2), host_kind::opaque);
  return true;
}

} // namespace muster
