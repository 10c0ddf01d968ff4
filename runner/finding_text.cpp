#include "muster/runner/finding_text.hpp"

#include "muster/runner/documents.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"

namespace muster {

std::string findings_text(json::value findings, std::string_view indent) {
  constexpr std::size_t widest_sentence = 4096;
  std::string lines;
  for (const auto each : findings) {
    const auto path = path_of(each, "path");
    lines += std::string(indent) + printable(text_of(each, "severity"), 32) + ": ";
    lines += path.empty() ? "" : shown_path(path) + ": ";
    lines += printable(text_of(each, "message"), widest_sentence) + " [" + printable(text_of(each, "code"), 64) + "]\n";
  }
  return lines;
}

} // namespace muster
