#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/op.hpp"

#include <functional>
#include <map>

namespace muster {

/// Instance -> the highest seq of its feed.
using state_vector = std::map<instance_id, sequence>;

/// All feeds, as far as they are durable and proved: what an index is made of.
class commit_source {
public:
  virtual ~commit_source() = default;

  /// How far each feed goes.
  virtual expected<state_vector> ends() = 0;

  /// Hands over every commit beyond `have`, those of one feed in their order.
  /// Ends with the first failure of `take`, and fails with it.
  virtual expected<void> read(const state_vector& have, const std::function<expected<void>(const commit&)>& take) = 0;

  /// Whether more of a feed is there than could be read when it was read last.
  [[nodiscard]] virtual bool withholds(const instance_id&) const { return false; }

  /// Whether all feeds could be read to their ends when they were read last.
  [[nodiscard]] virtual bool is_whole() const { return true; }
};

} // namespace muster
