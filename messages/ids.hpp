#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

namespace muster {

/// A string that means one thing; two kinds of id never mix by accident.
/// Ordered by bytes.
template <class Tag>
struct text_id {
  std::string text;

  text_id() = default;
  explicit text_id(std::string value) : text(std::move(value)) {}
  [[nodiscard]] bool empty() const noexcept { return text.empty(); }
  friend bool operator==(const text_id&, const text_id&) = default;
  friend std::strong_ordering operator<=>(const text_id& a, const text_id& b) noexcept {
    return a.text.compare(b.text) <=> 0;
  }
};

/// One muster data directory on one machine: base32 of the SHA-256 of its
/// public key, 52 characters of a-z and 2-7.
using instance_id = text_id<struct instance_tag>;

/// What a manifest calls itself; any text of at least one character. The ones
/// we mint are ULIDs.
using agent_id = text_id<struct agent_tag>;

/// The place of a commit in its feed; counts from 1 without gaps.
using sequence = std::uint64_t;

/// A hybrid logical clock reading: 48 bits of milliseconds since the epoch,
/// then 16 bits of counter. Breaks ties between concurrent ops and nothing else.
struct stamp {
  std::uint64_t value = 0;
  friend auto operator<=>(stamp, stamp) = default;
};

/// The identity of a commit.
struct commit_id {
  instance_id instance;
  sequence seq = 0;
  friend auto operator<=>(const commit_id&, const commit_id&) = default;
};

} // namespace muster
