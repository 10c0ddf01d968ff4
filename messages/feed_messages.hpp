#pragma once

#include "muster/messages/op.hpp"
#include "muster/messages/saga.hpp"

#include <cstddef>
#include <map>
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
  bool others_follow = false; ///< others are about to come that can share the sync
};
struct commit_appended {
  commit made;
};

/// The commit of our own feed that a saga or a request made, if there is one; of
/// a request, if that is no longer ago than a day. Whoever takes up a saga of an
/// earlier life asks this before it appends.
struct find_commit {
  saga_id saga;       ///< or
  request_id request; ///< one of them
};
struct commit_found {
  std::optional<commit> made;
};

/// Commits of one feed in the order of seq, from `after` on exclusively. A page
/// may be shorter than `limit` though the feed goes on; an empty one is its end.
struct read_commits {
  instance_id instance;
  sequence after = 0;
  std::size_t limit = 1000;
};
struct commits_read {
  std::vector<commit> commits;
};

/// Something that a person should look at, as `doctor` and `status` say it.
struct finding {
  std::string code; ///< fixed, for scripts
  std::string message;
  std::string path;
  bool damage = false; ///< exit code 7
};

/// The latest commits of all feeds, or of one, newest first; those that touch
/// an agent if one is named. No more than 10,000, and no more than 64 MiB.
struct read_log {
  agent_id agent;       ///< empty: all
  instance_id instance; ///< empty: all
  commit_id since;      ///< only later ones of that feed, and of others; empty: from the start
  std::size_t limit = 100;
};
struct log_read {
  std::vector<commit> commits;
  std::vector<finding> problems = {}; ///< why a feed could not be read to its end
};

/// What an agent's fields were as of a commit on it: what its author had
/// folded, as far as `at` tells.
struct find_version {
  agent_id agent;
  commit_id version;
};
struct version_found {
  std::map<std::string, std::string> fields; ///< name -> canonical JSON
};

struct findings_told {
  std::vector<finding> findings;
};

/// Every file, chain and seal of every feed. Nothing is mended.
struct examine_feeds {};

/// Stands behind the commits that have gathered: all of them are sealed now.
struct commit_batch_tick {};

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
