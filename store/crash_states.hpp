#pragma once

#include "muster/store/splitmix.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace muster {

/// One effect on a simulated disk that no sync has made durable yet.
struct pending_effect {
  enum class kind : std::uint8_t { content, entries };
  kind what = kind::content;
  std::uint32_t volume = 0;
  std::uint64_t inode = 0;   ///< the file, or a directory whose entries change
  std::uint32_t sectors = 1; ///< sectors of 512 bytes a write touches; more than 1 can be torn
  std::string text = {};     ///< for people
};

/// What becomes of one pending effect when the power goes.
struct effect_fate {
  enum class kind : std::uint8_t {
    lost,
    kept,
    head, ///< of a write, only the first `sectors`
    tail, ///< of a write, all but the first `sectors`
  };
  kind what = kind::lost;
  std::uint32_t sectors = 0;
  friend bool operator==(const effect_fate&, const effect_fate&) = default;
};

/// A fate for each effect, in the order in which `simulated_disk::pending`
/// lists them. Effects beyond its end are lost.
using crash_choice = std::vector<effect_fate>;

/// Lists the ways in which a crash may treat pending effects, at most `bound`
/// of them: none kept, all kept, each alone, each dropped, each long write torn
/// near its ends and in the middle with the others kept or lost; then all
/// subsets if they fit into the bound, else subsets and tears drawn by the
/// seed. Different choices may lead to the same state of the disk:
/// `simulated_disk::fingerprint` tells.
class crash_states {
public:
  crash_states(const std::vector<pending_effect>& pending, std::size_t bound, std::uint64_t seed);

  /// The next choice, or false when there are no more.
  bool next(crash_choice& choice);

private:
  struct tear {
    std::size_t effect;
    effect_fate fate;
    bool others_kept;
  };
  bool structured(std::size_t step, crash_choice& choice) const;
  void drawn(crash_choice& choice);

  std::vector<std::uint32_t> sectors_;
  std::vector<tear> tears_;
  std::size_t left_;
  bool listed_ = false;
  std::size_t step_ = 0;
  std::size_t subset_ = 0;
  splitmix chance_;
};

} // namespace muster
