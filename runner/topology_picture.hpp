#pragma once

#include "muster/store/json.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace muster {

/// What is drawn of a topology: its namespaces with their agents, and an arrow for
/// each rule between two of them. Texts are foreign as they stand here.
struct topology_picture {
  struct agent {
    std::string name;
    std::string runtime;
    std::string status;
    std::string health;
    bool is_system = false;
  };
  struct group {
    std::string name;
    std::vector<agent> agents;
  };
  struct link {
    std::size_t source = 0; ///< into `groups`
    std::size_t target = 0;
    bool allows = false;
    bool both_ways = false;
  };
  enum class mesh : std::uint8_t { by_rules, open, shut };

  std::string seen_from;
  std::vector<group> groups; ///< by name
  std::vector<link> links;   ///< by source and target; what goes both ways once
  mesh switched = mesh::by_rules;

  [[nodiscard]] std::size_t agents() const noexcept;
};

/// From the document of docs/api.md.
[[nodiscard]] topology_picture read_picture(json::value topology);

/// The sentence that says what is seen.
[[nodiscard]] std::string picture_title(const topology_picture& what);
/// The sentence about the mesh-wide switch; empty without it.
[[nodiscard]] std::string switch_sentence(topology_picture::mesh switched);

/// As text for `dot`.
[[nodiscard]] std::string dot_of(const topology_picture& what);

/// As a drawing that needs nobody else: namespaces below each other, what is
/// allowed between them on the right, what is denied on the left. No line crosses
/// a box, whatever there is.
[[nodiscard]] std::string svg_of(const topology_picture& what);

/// A foreign text that can stand in XML, in an attribute, too, cut to so many
/// columns.
[[nodiscard]] std::string picture_text(const std::string& foreign, std::size_t columns);

} // namespace muster
