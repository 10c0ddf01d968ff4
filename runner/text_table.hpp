#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace muster {

/// Rows of cells for people, the columns aligned by what a terminal shows. A
/// column that is empty in every row is left out, and no line ends in blanks.
/// Cells are safe for a terminal already and hold no line ends.
class text_table {
public:
  explicit text_table(std::vector<std::string> heads, std::size_t indent = 0)
      : heads_(std::move(heads)), indent_(indent) {}

  /// As many cells as there are heads.
  void add(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

  [[nodiscard]] std::string text() const;

private:
  [[nodiscard]] std::vector<std::size_t> widths() const;

  std::vector<std::string> heads_;
  std::size_t indent_;
  std::vector<std::vector<std::string>> rows_;
};

/// Names and values below each other, the values aligned; an empty value leaves
/// its line out. Each line is indented by `indent` blanks.
class fact_list {
public:
  explicit fact_list(std::size_t indent = 2) : indent_(indent) {}

  void add(std::string name, std::string value);
  [[nodiscard]] std::string text() const;

private:
  struct fact {
    std::string name;
    std::string value;
  };

  std::size_t indent_;
  std::vector<fact> facts_;
};

} // namespace muster
