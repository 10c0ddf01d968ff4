#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/ids.hpp"
#include "muster/store/sha256.hpp"
#include "muster/store/signing_key.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The lines of a feed other than commits. Each is canonical JSON without its
/// line feed; docs/formats.md has the grammar.
namespace muster {

inline constexpr std::uint64_t feed_format_version = 1;

/// The first line of a segment: enough to check the rest without any other
/// file, for the instance is the hash of the key.
struct segment_header {
  instance_id instance;
  public_key key{};
  sequence first = 1;       ///< of the segment's first commit
  sha256_digest previous{}; ///< the chain at first - 1
  friend bool operator==(const segment_header&, const segment_header&) = default;
};

/// The author's word for all commits up to `seq`.
struct seal {
  sequence seq = 0;
  sha256_digest chain{};
  signature sig{};
  friend bool operator==(const seal&, const seal&) = default;
};

/// The place in a feed after commit `seq`.
struct feed_tip {
  sequence seq = 0;
  sha256_digest chain{};
  friend bool operator==(const feed_tip&, const feed_tip&) = default;
};

[[nodiscard]] std::string encode_header(const segment_header& what);
/// `damaged` "header-…", or `release_mismatch` "feed-format" for a later format.
[[nodiscard]] expected<segment_header> decode_header(std::string_view line);

[[nodiscard]] std::string encode_seal(const seal& what);
[[nodiscard]] expected<seal> decode_seal(std::string_view line);
/// Whether a line claims to be a seal; every other one claims to be a commit.
[[nodiscard]] bool looks_like_seal(std::string_view line) noexcept;

/// chain(0) = SHA-256(instance id).
[[nodiscard]] feed_tip start_of_feed(const instance_id& instance);
/// chain(n) = SHA-256(chain(n-1), bytes of commit n without its line feed).
[[nodiscard]] feed_tip after_commit(const feed_tip& before, std::string_view line);

/// What a seal's signature is over: "muster seal 1\n", the instance id, "\n", seq
/// in decimal, "\n", the chain in lower-case hexadecimal, "\n".
[[nodiscard]] std::string sealed_text(const instance_id& instance, const feed_tip& at);
[[nodiscard]] seal make_seal(const signing_key& key, const instance_id& instance, const feed_tip& at);

/// `0000000000000001.feed`.
[[nodiscard]] std::string segment_name(sequence first);
/// The first seq that a segment's name says, or nothing for any other name.
[[nodiscard]] std::optional<sequence> segment_first(std::string_view name) noexcept;

} // namespace muster
