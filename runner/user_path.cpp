#include "muster/runner/user_path.hpp"

#include <climits>

#include <cstdlib>
#include <memory>
#include <vector>

#include <unistd.h>

namespace muster {

namespace {

constexpr std::size_t longest_path = 4096;

struct free_text {
  void operator()(char* text) const { std::free(text); }
};
using owned_text = std::unique_ptr<char, free_text>;

failure refused(std::string_view code, std::string message) {
  return {failure_kind::refused, code, std::move(message)};
}

} // namespace

expected<std::string> absolute_path(const std::string& typed) {
  if (typed.empty())
    return refused("path-empty", "the path is empty; name a project directory or a manifest");
  if (typed.size() > longest_path)
    return refused("path-too-long", "the path has " + std::to_string(typed.size()) +
                                        " bytes, and none may have more than 4096; move the project further up");
  if (typed.front() == '/')
    return typed;
  if (typed == "~" || typed.starts_with("~/")) {
    const char* home = std::getenv("HOME");
    if (!home || *home != '/')
      return refused("path-no-home", "'~' stands for the home directory, and HOME names none; give the whole path");
    return home + typed.substr(1);
  }
  const owned_text here(::getcwd(nullptr, 0));
  if (!here)
    return refused("path-no-directory", "the directory this was started in is gone; give the whole path");
  return std::string(here.get()) + "/" + typed;
}

std::string resolved_path(const std::string& absolute) {
  const owned_text resolved(::realpath(absolute.c_str(), nullptr));
  return resolved ? resolved.get() : absolute;
}

std::string settled_path(const std::string& absolute) {
  std::string existing = absolute;
  std::vector<std::string> rest; // from the end
  while (existing.size() > 1) {
    if (const owned_text resolved(::realpath(existing.c_str(), nullptr)); resolved) {
      existing = resolved.get();
      break;
    }
    const auto slash = existing.rfind('/');
    rest.push_back(existing.substr(slash + 1));
    existing.resize(slash);
  }
  if (existing == "/")
    existing.clear();
  for (auto part = rest.rbegin(); part != rest.rend(); ++part) {
    if (*part == "..")
      existing.resize(existing.empty() ? 0 : existing.rfind('/'));
    else if (!part->empty() && *part != ".")
      existing += "/" + *part;
  }
  return existing.empty() ? "/" : existing;
}

} // namespace muster
