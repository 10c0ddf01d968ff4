#pragma once

#include "bench/bare_files.hpp"
#include "bench/bare_tables.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace muster::bench {

/// What a sweep cannot do without to record news, by hand and in its order: the
/// lines of the feed, its mark, and the rows of both databases, which have as many
/// agents. So many places at once share the syncs.
class bare_news {
public:
  static constexpr std::size_t in_a_group = 64;
  /// A commit of one field; a seal is little beside a group of them.
  static constexpr std::size_t commit_size = 330;

  /// `root` is there.
  bare_news(const std::string& root, const std::vector<std::string>& projects)
      : feed_(root + "/bare-feed"), mark_(root + "/bare-mark"), tables_(root) {
    constexpr std::size_t at_once = 1000;
    for (std::size_t i = 0; i < projects.size(); i += at_once) {
      const auto end = std::min(i + at_once, projects.size());
      tables_.insert(
          {projects.begin() + static_cast<std::ptrdiff_t>(i), projects.begin() + static_cast<std::ptrdiff_t>(end)});
    }
  }

  void edit(std::span<const bare_tables::placed> which) {
    in_groups(which, [this](auto group) {
      feed_.write(commit_size * group.size());
      mark_.write();
      tables_.edit(group);
    });
  }

  void lose(std::span<const bare_tables::placed> which) {
    in_groups(which, [this](auto group) { tables_.lose(group); });
  }

private:
  template <class Work>
  static void in_groups(std::span<const bare_tables::placed> which, Work work) {
    for (; !which.empty(); which = which.subspan(std::min(in_a_group, which.size())))
      work(which.first(std::min(in_a_group, which.size())));
  }

  bare_log feed_;
  bare_mark mark_;
  bare_tables tables_;
};

} // namespace muster::bench
