#pragma once

#include <string>

namespace muster {

/// Where an agent lives, as the owner of the placement says.
struct placement {
  std::string path;      ///< absolute; bytes
  std::string scan_root; ///< empty: none recorded
  std::string namespace_name;
  bool admitted = true;
  friend bool operator==(const placement&, const placement&) = default;
};

} // namespace muster
