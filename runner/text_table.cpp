#include "muster/runner/text_table.hpp"

#include "muster/runner/display_width.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace muster {

namespace {

constexpr std::size_t gap = 2;

void pad(std::string& line, std::size_t wanted, std::size_t has) {
  line.append(wanted > has ? wanted - has : 0, ' ');
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths, std::size_t indent) {
  std::string line(indent, ' ');
  std::size_t owed = 0; // blanks that only a later cell brings out
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == 0)
      continue;
    const auto width = display_width(cells[i]);
    if (width > 0) {
      pad(line, owed, 0);
      line += cells[i];
      owed = 0;
    }
    owed += widths[i] - width + gap;
  }
  return line + "\n";
}

} // namespace

void text_table::add(std::vector<std::string> cells) {
  assert(cells.size() == heads_.size());
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> text_table::widths() const {
  std::vector<std::size_t> result(heads_.size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      result[i] = std::max(result[i], display_width(row[i]));
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = result[i] == 0 ? 0 : std::max(result[i], display_width(heads_[i]));
  return result;
}

std::string text_table::text() const {
  const auto columns = widths();
  std::string result = line_of(heads_, columns, indent_);
  for (const auto& row : rows_)
    result += line_of(row, columns, indent_);
  return result;
}

void fact_list::add(std::string name, std::string value) {
  if (!value.empty())
    facts_.push_back({std::move(name), std::move(value)});
}

std::string fact_list::text() const {
  std::size_t widest = 0;
  for (const auto& each : facts_)
    widest = std::max(widest, display_width(each.name));
  std::string result;
  for (const auto& each : facts_) {
    result.append(indent_, ' ');
    result += each.name;
    pad(result, widest + gap, display_width(each.name));
    result += each.value + "\n";
  }
  return result;
}

} // namespace muster
