#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/op.hpp"
#include "muster/messages/saga.hpp"
#include "muster/store/durable_mark.hpp"
#include "muster/store/environment.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace muster {

/// Finds the commits of our own feed by what made them. The feed has no such
/// index; this remembers what was appended in this life, and reads the feed
/// backwards, a segment at a time, only as far as a question needs.
///
/// 1. What is known is one stretch of the feed that ends at its tip.
/// 2. A saga that is not found has no commit: the whole feed was read for it.
/// 3. A request that is not found has none in the last `requests_kept`; segments
///    that are older throughout are not read for requests.
/// 4. What is read once is not read again. It takes some 30 bytes a commit.
class commit_finder {
public:
  static constexpr std::chrono::milliseconds requests_kept = std::chrono::hours{24};

  /// `feeds` stays open as long as this.
  commit_finder(environment env, handle feeds, instance_id own) : env_(env), feeds_(feeds), own_(std::move(own)) {}

  /// The feed was recovered up to this mark: what it has more than is known is
  /// read. To be called before anything else, and after each recovery.
  expected<void> go_on_at(const durable_mark& mark);

  /// The next commit of the feed is durable.
  void note(const commit& made);

  expected<std::optional<commit>> by_saga(const saga_id& saga);
  expected<std::optional<commit>> by_request(const request_id& request);

  /// The same, for a saga that is about to commit, which is mostly a new one. A
  /// commit is stamped at or after the time at which its saga was minted, so a
  /// saga that is younger than all that was not read has no commit there, and
  /// nothing is read for it. That is not so if the clock was set back between the
  /// two: who takes up a saga of an earlier life asks `by_saga` first.
  expected<std::optional<commit>> made_before(const saga_id& saga);

private:
  using digest = std::array<std::byte, 16>;
  struct hash {
    std::size_t operator()(const digest& what) const noexcept;
  };
  using places = boost::unordered_flat_map<digest, sequence, hash>;

  static digest digest_of(std::string_view text);
  [[nodiscard]] bool may_be_unread(const saga_id& saga) const;
  void enter(const commit& what);
  expected<void> read_before();
  expected<std::optional<commit>> read(sequence seq);

  environment env_;
  handle feeds_;
  instance_id own_;
  places sagas_;
  places requests_;
  bool begun_ = false;
  sequence first_ = 1; ///< what is known: from here ...
  sequence last_ = 0;  ///< ... to here
  stamp latest_unread_;
  /// The latest stamp of the segment that was read last.
  stamp latest_read_;
};

} // namespace muster
