#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/ids.hpp"
#include "muster/store/signing_key.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// What ties an identity to one place: a renamed directory keeps both, a copy
/// or a restored backup has another inode, another machine another id.
struct identity_binding {
  std::string machine_id;
  std::uint64_t inode = 0; ///< of `identity.key`
  friend bool operator==(const identity_binding&, const identity_binding&) = default;
};

/// What `instance.json` says.
struct identity_record {
  instance_id id;
  public_key key{};
  std::uint64_t release = 1;
  std::chrono::milliseconds created{0};
  identity_binding binding;
  /// The identity this directory had before it was copied or restored; empty if
  /// this is its first. While our own feed is empty, its placements are owed.
  instance_id replaces;
  friend bool operator==(const identity_record&, const identity_record&) = default;
};

/// One line of canonical JSON and a line feed.
[[nodiscard]] std::string encode_record(const identity_record& what);
/// `damaged` "instance-unreadable", or `release_mismatch` "instance-release" if
/// it is of another release than `ours`.
[[nodiscard]] expected<identity_record> decode_record(std::string_view text, std::uint64_t ours);

/// What to do about the identity of a data directory.
enum class identity_step : std::uint8_t {
  use,     ///< it is ours
  create,  ///< there is none
  replace, ///< a copy, a restored backup, a lost key or an interrupted creation: take a new key
};

/// What was found of an identity.
struct identity_traces {
  std::optional<identity_record> record;
  std::optional<public_key> key; ///< of `identity.key`
  identity_binding here;         ///< this machine, and the inode of the key found
  /// There is a feed of the key's instance: its identity was whole once.
  bool has_feed = false;
};

/// Decides; a table with a row for each case, all of them tested.
[[nodiscard]] identity_step decide_identity(const identity_traces& found);

} // namespace muster
