#include "muster/runner/completion_tree.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

void read_option(const CLI::Option& option, known_command& into, known_tree& tree) {
  if (option.get_positional()) {
    if (into.argument.empty())
      into.argument = option.get_single_name();
    return;
  }
  std::vector<std::string> names;
  for (const auto& name : option.get_lnames())
    names.push_back("--" + name);
  for (const auto& name : option.get_snames())
    names.push_back("-" + name);
  for (auto& name : names) {
    if (option.get_expected_max() > 0)
      tree.valued.insert(name);
    into.options.push_back(std::move(name));
  }
}

void read_command(const CLI::App& app, const std::string& chain, known_tree& tree) {
  known_command known{chain, {}, {}, {}};
  for (const auto* option : app.get_options())
    read_option(*option, known, tree);
  const auto below = app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
  if (!tree.commands.empty())
    for (const auto& option : tree.commands.front().options)
      if (std::ranges::find(known.options, option) == known.options.end())
        known.options.push_back(option);
  for (const auto* command : below)
    known.commands.push_back(command->get_name());
  tree.commands.push_back(std::move(known));
  for (const auto* command : below)
    read_command(*command, chain + " " + command->get_name(), tree);
}

} // namespace

known_tree read_tree(const CLI::App& root) {
  known_tree tree;
  read_command(root, "", tree);
  return tree;
}

} // namespace muster
