#pragma once

#include "muster/messages/feed_messages.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/feed_reader.hpp"

#include <cstddef>
#include <optional>

/// What the feed store answers by reading alone, of whatever feed.
namespace muster {

/// How much one answer holds. More is not an error: the answer is shorter.
struct feed_answer_limits {
  std::size_t page_commits = 10'000;
  std::size_t page_bytes = std::size_t{8} * 1024 * 1024;
  std::size_t log_commits = 10'000;
  std::size_t log_bytes = std::size_t{64} * 1024 * 1024;
};

/// Reads pages of commits. Between the pages of one feed it stays open, with one
/// segment in memory, until its end has been read.
class feed_pages {
public:
  feed_pages(environment env, handle feeds, const feed_answer_limits& limits)
      : env_(env), feeds_(feeds), limits_(limits) {}

  /// At least one commit if there is one beyond `after`. What is whole before
  /// damage is given out first. not_found ("no-feed") for an instance of which
  /// there is no feed.
  [[nodiscard]] expected<commits_read> read(const read_commits& request);

private:
  environment env_;
  handle feeds_;
  feed_answer_limits limits_;
  std::optional<feed_reader> open_;
};

/// not_found ("no-such-version") for a `since` that is not there.
[[nodiscard]] expected<log_read> read_log_of(environment env, handle feeds, const read_log& request,
                                             const feed_answer_limits& limits);

/// not_found ("no-such-version") for a commit that is not there, or is not on
/// the agent; damaged if the commits before it cannot be read.
[[nodiscard]] expected<version_found> find_version_in(environment env, handle feeds, const find_version& request);

/// What is wrong with any feed, and what lies beside them.
[[nodiscard]] expected<findings_told> examine_feeds_in(environment env, handle feeds);

/// `durable` and the problems of damaged feeds.
[[nodiscard]] expected<feeds_described> describe_feeds_in(environment env, handle feeds, const instance_id& own);

} // namespace muster
