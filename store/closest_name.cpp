#include "muster/store/closest_name.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace muster {

namespace {

constexpr std::size_t longest_name = 64;

// Insertions, deletions, replacements and swaps of neighbours, one each.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

} // namespace

std::string closest_name(std::string_view typed, std::span<const std::string> known) {
  std::string best;
  if (typed.empty() || typed.size() > longest_name)
    return best;
  std::size_t allowed = std::max<std::size_t>(1, typed.size() / 3) + 1;
  for (const auto& name : known) {
    if (const auto distance = edits(typed, name); distance < allowed) {
      allowed = distance;
      best = name;
    }
  }
  return best;
}

} // namespace muster
