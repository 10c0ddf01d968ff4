#pragma once

#include "muster/messages/caf.hpp"
#include "muster/supervisor/rendezvous.hpp"

#include <chrono>
#include <cstdint>
#include <memory>

namespace muster {

/// Has the places that a sweep found changed go on together, twice: they begin
/// what is to become of them, and it is noted what was seen. A part of one actor's
/// state.
///
/// 1. Whoever has set out is waited for until it has come to both, or is over.
/// 2. Nobody waits at one of them longer than `most_patience`.
class observation_company {
public:
  static constexpr std::chrono::milliseconds most_patience{20};

  enum class stage : std::uint8_t { beginning, noting, over };
  /// Where one is expected next. Without it none is waited for, nor waits.
  using traveller = std::shared_ptr<stage>;

  explicit observation_company(caf::scheduled_actor* self) : self_(self) {}

  [[nodiscard]] traveller set_out();
  /// Runs it when all have come. At the second it is noted only if it came to the
  /// first.
  void begin(const traveller& who, rendezvous::step then) { arrive(who, stage::beginning, std::move(then)); }
  void note(const traveller& who, rendezvous::step then) { arrive(who, stage::noting, std::move(then)); }
  /// May be said more than once.
  void end(const traveller& who);

private:
  void arrive(const traveller& who, stage at, rendezvous::step then);
  void part_if_complete(stage at);
  void part(stage at);
  [[nodiscard]] rendezvous& place_of(stage which) noexcept { return which == stage::beginning ? beginning_ : noting_; }

  caf::scheduled_actor* self_;
  rendezvous beginning_;
  rendezvous noting_;
};

} // namespace muster
