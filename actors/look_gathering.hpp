#pragma once

#include "muster/actors/device_table.hpp"
#include "muster/messages/file_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace muster {

/// One `look_at_places` under way: parts it into batches for the workers, one
/// at a time for each so that other requests get in between, and puts the
/// answers together. Each place is answered exactly once, whatever happens.
class look_gathering {
public:
  using place_number = std::uint32_t; ///< into `places`

  /// Part of the places, for one worker.
  struct batch {
    device_table::at_worker where;
    std::vector<place_number> places;
  };

  look_gathering(known_places places, std::size_t batch_size)
      : places_(std::move(places)), open_(places_.size()), unrouted_(places_.size()), batch_size_(batch_size) {}

  [[nodiscard]] const known_places& places() const noexcept { return places_; }

  /// It is known whom to ask about a place.
  void route(place_number place, const device_table::at_worker& where);
  /// Nobody can be asked about it.
  void obscure(place_number place, const failure& why);

  /// The batches to send now, for workers that have none: full ones, and the
  /// rest once every place is routed or obscured.
  [[nodiscard]] std::vector<batch> next();
  [[nodiscard]] look_at_places request_for(const batch& part) const { return {places_, part.places}; }

  /// Places of a batch that were found, unchanged, where it had not been confirmed
  /// for a while that they lie.
  [[nodiscard]] std::vector<place_number> confirmed(const batch& part, const places_looked_at& answer) const;
  /// A batch was answered. What was left is in the next one.
  void take(const batch& part, places_looked_at& answer);
  /// It was not, or could not be sent: its places are obscured, and all that
  /// would have been asked of the same worker.
  void lose(const batch& part, const failure& why);

  [[nodiscard]] bool done() const noexcept { return open_ == 0; }
  /// Once done.
  [[nodiscard]] places_looked_at take_answer();

private:
  struct queue {
    std::vector<place_number> places;
    std::size_t next = 0; ///< those before it were asked for
    bool asked = false;
  };

  void see(std::size_t place, manifest_sight sight);

  known_places places_;
  std::size_t open_;
  std::size_t unrouted_;
  std::size_t batch_size_;
  std::map<device_table::at_worker, queue> queues_;
  std::vector<bool> unconfirmed_; ///< by place; empty: none
  std::map<std::size_t, manifest_sight> seen_;
  std::vector<std::size_t> absent_;
  std::size_t unchanged_ = 0;
};

} // namespace muster
