#pragma once

#include "muster/actors/device_table.hpp"
#include "muster/messages/file_messages.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace muster {

/// One `look_at_places` under way: parts it into batches for the workers, one
/// at a time for each so that other requests get in between, and puts the
/// answers together. Each place is answered exactly once, whatever happens.
class look_gathering {
public:
  /// Part of the places, for one worker. Points into the request.
  struct batch {
    device_table::at_worker where;
    std::vector<std::size_t> places;
  };

  look_gathering(std::vector<place_to_look_at> places, std::size_t batch_size)
      : places_(std::move(places)), open_(places_.size()), unrouted_(places_.size()), batch_size_(batch_size) {}

  [[nodiscard]] const std::vector<place_to_look_at>& places() const noexcept { return places_; }

  /// It is known whom to ask about a place.
  void route(std::size_t place, const device_table::at_worker& where);
  /// Nobody can be asked about it.
  void obscure(std::size_t place, const failure& why);

  /// The batches to send now, for workers that have none: full ones, and the
  /// rest once every place is routed or obscured.
  [[nodiscard]] std::vector<batch> next();
  [[nodiscard]] look_at_places request_for(const batch& part) const;

  /// A batch was answered.
  void take(const batch& part, places_looked_at& answer);
  /// It was not, or could not be sent: its places are obscured, and all that
  /// would have been asked of the same worker.
  void lose(const batch& part, const failure& why);

  [[nodiscard]] bool done() const noexcept { return open_ == 0; }
  /// Once done.
  [[nodiscard]] places_looked_at take_answer();

private:
  struct queue {
    std::deque<std::size_t> places;
    bool asked = false;
  };

  void see(std::size_t place, manifest_sight sight);

  std::vector<place_to_look_at> places_;
  std::size_t open_;
  std::size_t unrouted_;
  std::size_t batch_size_;
  std::map<device_table::at_worker, queue> queues_;
  std::map<std::size_t, manifest_sight> seen_;
  std::vector<std::size_t> absent_;
  std::size_t unchanged_ = 0;
};

} // namespace muster
