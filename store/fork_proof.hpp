#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/feed_format.hpp"
#include "muster/store/feed_reader.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// That one key sealed two histories: two valid seals whose chains differ at
/// `one.seq`. Where the other history has no seal at that very commit, the lines
/// from there to its next seal show what its chain was. Anyone can check the
/// text; nobody without the key can make one.
struct fork_proof {
  instance_id instance;
  public_key key{};
  seal one;
  sha256_digest other_chain{}; ///< of the other history at `one.seq`
  std::string between;         ///< its commits after `one.seq` up to `other.seq`, with line feeds
  seal other;
  friend bool operator==(const fork_proof&, const fork_proof&) = default;
};

/// A page of the other history (header, lines, seal) and then the one seal.
[[nodiscard]] std::string encode_fork_proof(const fork_proof& what);
/// Decodes a proof and checks that it proves. Refused ("fork-unproven") is
/// everything else.
[[nodiscard]] expected<fork_proof> decode_fork_proof(std::string_view text);

/// Holds a feed against a seal of the same instance from elsewhere: a proof if
/// the feed has another chain there, nothing if it agrees or does not reach that
/// far. Refused ("seal-forged") if the seal is not the instance's.
[[nodiscard]] expected<std::optional<fork_proof>> compare_with_seal(feed_reader& feed, const seal& theirs);

} // namespace muster
