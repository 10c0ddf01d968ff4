#pragma once

#include "muster/store/json.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// How a document sets its values out, so that what is added looks like it.
namespace muster::json {

/// A document's habits; made by default, those of JSON.stringify(value, null, 2).
struct layout {
  bool lines = true; ///< the root has a line for each member
  std::string newline = "\n";
  std::string unit = "  ";  ///< what a level is indented by
  std::string colon = ": "; ///< between key and value
  std::string comma = ", "; ///< between values on one line
};

[[nodiscard]] layout layout_of(const document& doc);

/// What holds for the children of one container.
struct place {
  bool lines = true;  ///< each child has a line of its own
  std::string indent; ///< of the line a container or its children stand on
};

/// Appends a value that is not absent, its strings as `quote` writes them and
/// its numbers as read. `at` is of the line it begins on.
void append_laid_out(std::string& out, value v, const layout& style, const place& at);

/// Appends a string value as `quote` would write it.
void append_string(std::string& out, value string);

/// Appends a member's key as `quote` would write it.
void append_key(std::string& out, value member);

/// The bytes of a container around its children, each as read.
struct gaps {
  explicit gaps(value container);

  std::vector<value> children;
  /// Before each child: blanks for the first, comma and blanks for the others.
  std::vector<std::string_view> before;
  std::string_view close; ///< blanks after the last child
};

/// What to put around new children of a container so that they look like the old ones.
struct surroundings {
  std::string open;
  std::string separator;
  std::string colon;
  std::string close;
  place inside;
};

/// `at` is of the line the container begins on.
[[nodiscard]] surroundings surroundings_of(const gaps& old, const layout& style, const place& at);

} // namespace muster::json
