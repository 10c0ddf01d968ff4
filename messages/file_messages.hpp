#pragma once

#include "muster/messages/digest.hpp"
#include "muster/messages/failure.hpp"
#include "muster/messages/ids.hpp"
#include "muster/messages/saga.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// What is said to the file store. A project is an absolute path.
namespace muster {

/// What one stat tells; equal keys mean an untouched file, but for a change in
/// the instant it was taken (`racy`).
struct stat_key {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::chrono::nanoseconds mtime{0};
  std::chrono::nanoseconds ctime{0};
  /// The file was changed so shortly before that another change could look the same.
  bool racy = false;
  friend bool operator==(const stat_key&, const stat_key&) = default;
};

/// Provably no file: ENOENT or ENOTDIR.
struct no_manifest {
  bool project_gone = false;                ///< there is not even the project directory
  std::optional<directory_mark> where = {}; ///< the project directory, unless it is gone
};

/// A file that was read whole.
struct manifest_bytes {
  std::string bytes;
  sha256_digest hash{};
  stat_key key;
  std::optional<directory_mark> where = {}; ///< the project directory, where it was looked at
};

/// Something is there, or may be, and it cannot be told what it says.
struct manifest_obscured {
  failure why;
  std::optional<directory_mark> where = {}; ///< the project directory, if that could be opened
};

using manifest_sight = std::variant<no_manifest, manifest_bytes, manifest_obscured>;

/// With `where`, a manifest that is not there is obscured ("volume-away") unless
/// it is provably gone from that directory's volume.
struct read_manifest {
  std::string project;
  std::optional<directory_mark> where = {};
};
struct manifest_read {
  manifest_sight sight;
};

/// Puts `bytes` in place of `expected`.
struct write_manifest {
  epoch life;
  std::string project;
  file_version expected;
  std::string bytes;
  bool others_follow = false; ///< others are about to come that can share the sync
};

/// Undoes a write: `previous` comes back if the file holds what was `written`.
/// Where no file is there is nothing to undo; with `where` only if it is provably
/// gone from that directory's volume ("volume-away" if not).
struct restore_manifest {
  epoch life;
  std::string project;
  sha256_digest written{};
  std::optional<std::string> previous;
  std::optional<directory_mark> where = {};
};

/// After an unregistration: removes the manifest if it is `expected`, sets it
/// aside if it is anything else. `where` as of `restore_manifest`.
struct retire_manifest {
  epoch life;
  std::string project;
  file_version expected;
  std::optional<directory_mark> where = {};
};

/// How a change of a manifest ended. An error of kind `unknown_outcome` says
/// that it may have happened; any other, that nothing of it is in the file.
struct manifest_changed {
  std::optional<failure> error;
  /// Hand edits that came by, oldest first: what they said.
  std::vector<manifest_sight> witnessed;
  /// The name of the file set aside, if one was.
  std::string aside;
  /// There may be leftovers in the project now, to be found, recorded and forgotten.
  bool leftovers = false;
  /// Of what is in the file now. Not told of a change just made, whose key is
  /// always racy: the next look reads the file once and tells.
  std::optional<stat_key> key;
};

/// In which way an agent is provably not at its place.
enum class absence : std::uint8_t {
  none,        ///< it is there, or that is not known
  no_manifest, ///< the project directory is there
  no_project,  ///< not even that
  displaced,   ///< the manifest there is of another agent
};

/// One placement as a sweep knows it.
struct place_to_look_at {
  agent_id agent;
  std::string project;
  std::optional<stat_key> known; ///< of the file that is there, whosever it is
  absence gone = absence::none;
};

/// A page of them, which nobody changes and all who are told of it share: from
/// the index to the disk no place is copied.
class known_places {
public:
  known_places() = default;
  known_places(std::vector<place_to_look_at> places)
      : places_(std::make_shared<const std::vector<place_to_look_at>>(std::move(places))) {}

  [[nodiscard]] std::size_t size() const noexcept { return places_ ? places_->size() : 0; }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] const place_to_look_at& operator[](std::size_t which) const { return (*places_)[which]; }
  [[nodiscard]] const place_to_look_at* begin() const noexcept { return places_ ? places_->data() : nullptr; }
  [[nodiscard]] const place_to_look_at* end() const noexcept { return begin() + size(); }
  [[nodiscard]] const place_to_look_at& back() const { return places_->back(); }

private:
  std::shared_ptr<const std::vector<place_to_look_at>> places_;
};

/// Looks at many places, one stat each, and reads what has changed. A place on a
/// device that hangs, or that cannot be looked at now, is seen as obscured. One
/// that was gone and is there again has changed, be its key the old one.
struct look_at_places {
  known_places places; ///< bounded by options
  /// Those of them to look at, in this order; nothing: all.
  std::optional<std::vector<std::uint32_t>> only = {};
};

/// Only what is not as known.
struct place_seen {
  std::size_t index = 0; ///< into the request's places; in the order asked for
  manifest_sight sight;
};
struct places_looked_at {
  std::vector<place_seen> changed;
  /// Those that are provably gone still, in the same way; as `place_seen::index`.
  std::vector<std::size_t> absent;
  std::size_t unchanged = 0;
  /// So many, the last ones and never all, were not looked at: a worker has other
  /// things to do as well. The file store asks for them again, and leaves none.
  std::size_t left = 0;
};

/// Which commit of git a project stands at, as far as two looks can tell that it
/// is another. Empty: it is no git project, or that cannot be told.
struct read_head {
  std::string project;
};
struct head_read {
  std::string head;
};

/// Reads what interrupted changes left in a project, and removes what is ours
/// or is told in the answer. The caller records it before it asks to `forget`.
struct find_leftovers {
  std::string project;
};
struct leftover {
  std::string name;
  std::string bytes;
  sha256_digest hash{};
};
struct leftovers_found {
  std::vector<leftover> leftovers;
  /// Those that cannot be read, so cannot be recorded: somebody has to look.
  std::vector<failure> unreadable;
  bool more = false;         ///< there are more than one listing reads
  bool project_gone = false; ///< the project directory is not there, so nothing could be looked at
};
struct forget_leftover {
  std::string project;
  leftover recorded;
  /// It is an edit that no commit can say, so it is kept as `agent.json.set-aside-…`.
  bool aside = false;
};
struct leftover_forgotten {};

// -- what the file store asks of a disk worker besides ----------------------

/// Which device a directory lies on. Nothing if it is not there or may not be
/// looked at: then its parent's device answers for it.
struct locate_directory {
  std::string path;
};
struct directory_located {
  std::optional<std::uint64_t> device;
};

/// Answered when everything that was asked before is done.
struct report_when_done {};
struct everything_done {};

/// Stands behind the writes that have gathered: all of them are made now.
struct write_batch_tick {};

} // namespace muster
