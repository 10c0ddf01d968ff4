#include "muster/store/mount_points.hpp"

#include "muster/store/full_io.hpp"
#include "muster/store/namespace_rules.hpp"

#include <algorithm>

namespace muster {

namespace {

constexpr std::string_view list_of_mounts = "/proc/self/mountinfo";
constexpr std::size_t list_limit = std::size_t{4} * 1024 * 1024;
constexpr std::size_t list_piece = std::size_t{16} * 1024;
constexpr std::size_t mount_point_field = 4;

std::string_view field(std::string_view line, std::size_t which) {
  for (; which > 0; --which) {
    const auto space = line.find(' ');
    if (space == std::string_view::npos)
      return {};
    line.remove_prefix(space + 1);
  }
  return line.substr(0, line.find(' '));
}

bool is_octal(char c) noexcept {
  return c >= '0' && c <= '7';
}

/// Blanks, line ends and backslashes are written as \ooo.
std::string without_escapes(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    if (text.size() >= 4 && text[0] == '\\' && is_octal(text[1]) && is_octal(text[2]) && is_octal(text[3])) {
      result += static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
      text.remove_prefix(4);
    } else {
      result += text.front();
      text.remove_prefix(1);
    }
  }
  return result;
}

} // namespace

std::vector<std::string> mounts_below(std::string_view root, std::string_view mountinfo) {
  std::vector<std::string> result;
  while (!mountinfo.empty()) {
    const auto line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(line.size() + 1, mountinfo.size()));
    auto where = without_escapes(field(line, mount_point_field));
    if (is_below(where, root))
      result.push_back(std::move(where));
  }
  std::ranges::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

std::vector<std::string> find_mounts_below(disk& files, std::string_view root) {
  const auto file = open_regular(files, no_handle, list_of_mounts);
  if (!file)
    return {};
  // Piece by piece: it is short, and read at each sweep.
  std::string text;
  for (bool more = true; more && text.size() < list_limit;) {
    const auto piece = read_full(files, file->get(), text.size(), list_piece);
    if (!piece)
      return {};
    text += *piece;
    more = piece->size() == list_piece;
  }
  return mounts_below(root, text);
}

} // namespace muster
