#pragma once

#include <CLI/CLI.hpp>

#include <set>
#include <string>
#include <vector>

namespace muster {

/// One command, as a shell has to know it to complete a line.
struct known_command {
  std::string chain;                 ///< its words, a blank before each: "", " manifest", " manifest check"
  std::vector<std::string> commands; ///< below it
  std::vector<std::string> options;  ///< with their dashes; those of muster itself are everyone's
  std::string argument;              ///< the first it takes: AGENT, PATH, KEY, COMMAND, another name, or nothing
};

struct known_tree {
  std::vector<known_command> commands; ///< the root first
  std::set<std::string> valued;        ///< options that take a value
};

/// Everything a line may say, as the commands stand now; hidden ones left out.
[[nodiscard]] known_tree read_tree(const CLI::App& root);

} // namespace muster
