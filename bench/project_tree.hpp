#pragma once

#include "bench/figure.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace muster::bench {

/// A tree to scan: as many directories in each level's as `fanout` says, three
/// files in each, and in one of a hundred that lie at least two deep something at
/// `.dork/agent.json`, in another one a marker of some tool. The same every time.
class project_tree {
public:
  project_tree(const std::string& root, std::span<const std::size_t> fanout) {
    std::filesystem::create_directory(root);
    std::vector<std::string> level{root};
    std::vector<std::string> deep;
    for (std::size_t depth = 0; depth < fanout.size(); ++depth) {
      std::vector<std::string> next;
      for (const auto& parent : level)
        for (std::size_t i = 0; i < fanout[depth]; ++i) {
          next.push_back(parent + "/p" + std::to_string(depth + 1) + "_" + std::to_string(i));
          std::filesystem::create_directory(next.back());
          for (const char* name : {"/f0.txt", "/f1.txt", "/f2.txt"})
            write(next.back() + name, "a line of some words\nand another line\n");
        }
      directories_ += next.size();
      if (depth >= 1)
        deep.insert(deep.end(), next.begin(), next.end());
      level = std::move(next);
    }
    std::shuffle(deep.begin(), deep.end(), std::mt19937_64{1});
    const auto each = directories_ / 100;
    for (std::size_t i = 0; i < each; ++i)
      add_manifest(deep[i], i);
    for (std::size_t i = each; i < 2 * each; ++i)
      add_marker(deep[i], i);
  }

  [[nodiscard]] std::size_t directories() const noexcept { return directories_; }

private:
  static void write(const std::string& path, std::string_view text) {
    std::ofstream out(path, std::ios::binary);
    out << text;
    must(out.good(), "write");
  }

  static void add_manifest(const std::string& directory, std::size_t number) {
    const auto digits = std::to_string(number);
    std::filesystem::create_directory(directory + "/.dork");
    write(directory + "/.dork/agent.json",
          R"({"id":"01KDVERZK6S1GXBKBHX9)" + std::string(6 - digits.size(), '0') + digits + R"(","name":"t)" + digits +
              R"(","description":"Gateway storage always never notes notes tests.","runtime":"claude-code",)"
              R"("capabilities":["code","docs"],"behavior":{"responseMode":"always"},"namespace":"g1",)"
              R"("registeredAt":"2026-01-01T00:19:28.998Z","registeredBy":"mesh"})");
  }

  static void add_marker(const std::string& directory, std::size_t number) {
    static constexpr std::string_view text = "# Project\n\nChecks what the others have built, every night.\n";
    static constexpr std::array files{"CLAUDE.md",   "CLAUDE.md",     "CLAUDE.md",
                                      "AGENTS.md",   ".cursor/rules", ".codex/x",
                                      ".windsurf/x", ".gemini/x",     ".github/copilot-instructions.md",
                                      ".continue/x"};
    const std::filesystem::path path = directory + "/" + files[number % files.size()];
    std::filesystem::create_directories(path.parent_path());
    write(path, text);
  }

  std::size_t directories_ = 1;
};

} // namespace muster::bench
