#include "muster/runner/completion_script.hpp"

#include <functional>
#include <string_view>
#include <utility>

namespace muster {

namespace {

// The tables of bash and zsh. Every word in them is one of ours.
constexpr std::string_view tables = R"script(_muster_commands() {
  case $1 in
@COMMANDS@  esac
}
_muster_options() {
  case $1 in
@OPTIONS@  esac
}
_muster_argument() {
  case $1 in
@ARGUMENTS@  esac
}
_muster_words() {
  case $1 in
@WORDS@  esac
}
_muster_takes_value() {
  case $1 in
    @VALUED@) return 0 ;;
  esac
  return 1
}
)script";

constexpr std::string_view bash_walk = R"script(_muster() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local program=${COMP_WORDS[0]} chain= data= owner= words= directories= word at
  if [[ $current == = ]]; then current=
  elif [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=${COMP_WORDS[at]}
    if [[ $word == = ]]; then continue
    elif [[ -n $owner ]]; then
      [[ $owner == --data ]] && data=$word
      owner=
    elif _muster_takes_value "$word"; then owner=$word
    elif [[ " $(_muster_commands "$chain") " == *" $word "* ]]; then chain+=" $word"
    fi
  done
  if _muster_takes_value "$previous"; then
    words=$(_muster_words "$previous")
    [[ $previous == --data || $previous == --scan-root ]] && directories=1
  elif [[ $current == -* ]]; then words=$(_muster_options "$chain")
  else
    words=$(_muster_commands "$chain")
    if [[ -z $words ]]; then
      word=$(_muster_argument "$chain")
      words=$(_muster_words "$word")
      if [[ $word == AGENT ]]; then words=$("$program" ${data:+--data "$data"} completion agents 2>/dev/null); fi
      if [[ $word == PATH || ($word == AGENT && $current == [./~]*) ]]; then directories=1; fi
    fi
  fi
  COMPREPLY=()
  if [[ -n $words ]]; then mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"); fi
  if [[ -n $directories ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current")
  fi
}
complete -F _muster muster
)script";

constexpr std::string_view zsh_walk = R"script(_muster() {
  local program=${words[1]} previous=${words[CURRENT-1]} current=${words[CURRENT]}
  local chain= data= owner= directories= word
  local -a candidates
  for word in "${(@)words[2,CURRENT-1]}"; do
    if [[ -n $owner ]]; then
      [[ $owner == --data ]] && data=$word
      owner=
    elif _muster_takes_value "$word"; then owner=$word
    elif [[ " $(_muster_commands "$chain") " == *" $word "* ]]; then chain+=" $word"
    fi
  done
  if _muster_takes_value "$previous"; then
    candidates=(${=$(_muster_words "$previous")})
    if [[ $previous == --data || $previous == --scan-root ]]; then directories=1; fi
  elif [[ $current == -* ]]; then
    candidates=(${=$(_muster_options "$chain")})
  else
    candidates=(${=$(_muster_commands "$chain")})
    if (( ! $#candidates )); then
      word=$(_muster_argument "$chain")
      candidates=(${=$(_muster_words "$word")})
      if [[ $word == AGENT ]]; then
        candidates=(${=$("$program" ${data:+--data} ${data:+"$data"} completion agents 2>/dev/null)})
      fi
      if [[ $word == PATH || ($word == AGENT && $current == [./~]*) ]]; then directories=1; fi
    fi
  fi
  if (( $#candidates )); then compadd -- $candidates; fi
  if [[ -n $directories ]]; then _files -/; fi
}
if [[ $funcstack[1] == _muster ]]; then _muster "$@"; else compdef _muster muster; fi
)script";

constexpr std::string_view fish_script = R"script(function __muster_commands
  switch "$argv[1]"
@COMMANDS@  end
end
function __muster_options
  switch "$argv[1]"
@OPTIONS@  end
end
function __muster_argument
  switch "$argv[1]"
@ARGUMENTS@  end
end
function __muster_words
  switch "$argv[1]"
@WORDS@  end
end
function __muster_takes_value
  contains -- "$argv[1]" @VALUED@
end
function __muster_candidates
  set -l line (commandline -opc)
  set -l current (commandline -ct)
  set -l chain ''
  set -l data
  set -l owner ''
  for word in $line[2..-1]
    if test -n "$owner"
      test "$owner" = --data; and set data --data $word
      set owner ''
    else if __muster_takes_value "$word"
      set owner $word
    else if contains -- "$word" (__muster_commands "$chain")
      set chain "$chain $word"
    end
  end
  if test -n "$owner"
    __muster_words "$owner"
    contains -- "$owner" --data --scan-root; and __fish_complete_directories "$current"
    return
  end
  if string match -q -- '-*' "$current"
    __muster_options "$chain"
    return
  end
  set -l commands (__muster_commands "$chain")
  if test (count $commands) -gt 0
    string join \n -- $commands
    return
  end
  set -l argument (__muster_argument "$chain")
  __muster_words "$argument"
  test "$argument" = AGENT; and $line[1] $data completion agents 2>/dev/null
  contains -- "$argument" PATH AGENT; and __fish_complete_directories "$current"
end
complete -c muster -f -a '(__muster_candidates)'
)script";

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const auto& word : words) {
    text += text.empty() ? "" : between;
    text += word;
  }
  return text;
}

std::string filled(std::string text, std::string_view mark, const std::string& with) {
  if (const auto at = text.find(mark); at != std::string::npos)
    text.replace(at, mark.size(), with);
  return text;
}

/// How a shell spells one row of a table.
using row_spelling = std::function<std::string(const std::string& key, const std::vector<std::string>& words)>;

std::string posix_row(const std::string& key, const std::vector<std::string>& words) {
  return words.empty() ? "" : "    '" + key + "') echo '" + joined(words, " ") + "' ;;\n";
}

std::string fish_row(const std::string& key, const std::vector<std::string>& words) {
  return words.empty() ? "" : "    case '" + key + "'\n      string join \\n -- " + joined(words, " ") + "\n";
}

std::string with_tables(std::string_view text, const known_tree& tree, const completion_words& words,
                        const row_spelling& row, std::string_view between_options) {
  std::string commands, options, arguments, lists;
  for (const auto& each : tree.commands) {
    commands += row(each.chain, each.commands);
    options += row(each.chain, each.options);
    if (!each.argument.empty())
      arguments += row(each.chain, {each.argument});
    if (each.chain.empty())
      lists += row("COMMAND", each.commands);
  }
  for (const auto& [name, list] : words)
    lists += row(name, list);
  std::string result(text);
  result = filled(std::move(result), "@COMMANDS@", commands);
  result = filled(std::move(result), "@OPTIONS@", options);
  result = filled(std::move(result), "@ARGUMENTS@", arguments);
  result = filled(std::move(result), "@WORDS@", lists);
  return filled(std::move(result), "@VALUED@", joined({tree.valued.begin(), tree.valued.end()}, between_options));
}

} // namespace

std::string completion_script(shell_kind shell, const known_tree& tree, const completion_words& words) {
  switch (shell) {
    case shell_kind::bash:
      return with_tables(std::string(tables) + std::string(bash_walk), tree, words, posix_row, "|");
    case shell_kind::zsh:
      return "#compdef muster\n" +
             with_tables(std::string(tables) + std::string(zsh_walk), tree, words, posix_row, "|");
    case shell_kind::fish: return with_tables(fish_script, tree, words, fish_row, " ");
  }
  return "";
}

} // namespace muster
