#pragma once

#include "muster/messages/op.hpp"
#include "muster/messages/saga.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// What is said to the feed store.
namespace muster {

/// Acknowledged only when a seal that covers it is on disk.
struct append_commit {
  epoch life;
  saga_id saga;
  request_id request;
  std::string request_hash;
  std::vector<op> ops;
};
struct commit_appended {
  commit made;
};

/// The commit of our own feed that a saga or a request made, if there is one.
struct find_commit {
  saga_id saga;       ///< or
  request_id request; ///< one of them
};
struct commit_found {
  std::optional<commit> made;
};

/// Commits of one feed in the order of seq, from `after` on exclusively.
struct read_commits {
  instance_id instance;
  sequence after = 0;
  std::size_t limit = 1000;
};
struct commits_read {
  std::vector<commit> commits;
};

/// Which feeds are there and how far each is durable.
struct describe_feeds {};
struct feeds_described {
  instance_id own;
  std::vector<commit_id> durable; ///< the last commit of each
  /// Why nothing can be appended, if so.
  std::optional<failure> read_only;
  /// Clock and damage problems, as sentences.
  std::vector<std::string> problems;
};

} // namespace muster
