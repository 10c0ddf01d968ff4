#include "muster/runner/agent_values.hpp"
#include "muster/runner/completion_script.hpp"
#include "muster/runner/data_session.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/setting_keys.hpp"
#include "muster/runner/terminal_text.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace muster {

namespace {

constexpr std::size_t most_names = 1000;
constexpr std::size_t longest_name = 64;

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// Names come from manifests, and what completes expands what it is given: only
// words without a meaning to any shell are handed on.
bool is_plain_word(std::string_view text) {
  return !text.empty() && text.size() <= longest_name && is_plain(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_plain(c) || c == '.' || c == '_' || c == '-'; });
}

std::string names_text(json::value listed) {
  std::set<std::string> names;
  for (const auto each : listed.find("agents")) {
    const auto name = text_of(each, "name");
    const auto id = text_of(each, "id");
    if (names.size() < most_names && (is_plain_word(name) || is_plain_word(id)))
      names.insert(is_plain_word(name) ? name : id);
  }
  std::string lines;
  for (const auto& name : names)
    lines += name + "\n";
  return lines;
}

bool is_there(command_context& context) {
  const auto patience = std::exchange(context.patience, {});
  const auto opened = open_when_free(context, data_directory::presence::looked_at);
  context.patience = patience;
  return opened || opened.error().code == "data-held";
}

// Whatever is wrong, somebody who types has no use for it: there are no names.
expected<answer> agent_names(command_context& context) {
  answer nothing{"", "{\"agents\":[]}\n"};
  if (!is_there(context))
    return nothing; // and no directory is made
  auto named = ask_service(context, {.operation = "list", .body = {}, .doing = "reading the roster"}, names_text);
  if (!named)
    return nothing;
  named->notes.clear();
  return named;
}

completion_words words_we_know() {
  completion_words words{{"--health", agent_healths()}, {"--runtime", runtimes()}};
  for (const auto& key : setting_keys())
    if (!key.ends_with('.'))
      words["KEY"].push_back(key);
  return words;
}

} // namespace

void add_completion_command(command_line& line) {
  auto* group = line.add(line.root(), "completion", "Prints a script that teaches a shell to complete our commands",
                         "source <(muster completion bash)\n"
                         "In ~/.bashrc that line; for zsh: source <(muster completion zsh), after compinit; for fish:\n"
                         "muster completion fish > ~/.config/fish/completions/muster.fish");
  group->require_subcommand(1);
  struct known_shell {
    const char* name;
    shell_kind kind;
    const char* example;
  };
  static constexpr std::array shells{
      known_shell{"bash", shell_kind::bash, "source <(muster completion bash)"},
      known_shell{"zsh", shell_kind::zsh, "source <(muster completion zsh)"},
      known_shell{"fish", shell_kind::fish, "muster completion fish > ~/.config/fish/completions/muster.fish"}};
  for (const auto& shell : shells) {
    auto* command = line.add(group, shell.name, std::string("For ") + shell.name, shell.example);
    command_line::bind(line, command, [kind = shell.kind, root = line.root()](command_context&) -> expected<answer> {
      auto script = completion_script(kind, read_tree(*root), words_we_know());
      auto document = "{\"script\":" + json_text(script) + "}\n";
      return answer{std::move(script), std::move(document)};
    });
  }
  auto* agents = line.add(group, "agents", "Prints the names of agents, for those scripts", "muster completion agents");
  agents->group("");
  command_line::bind(line, agents, agent_names);
}

} // namespace muster
