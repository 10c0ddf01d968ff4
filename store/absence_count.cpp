#include "muster/store/absence_count.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds most_across_boots = std::chrono::hours{1};
/// Longer than any grace, and far from what would overflow.
constexpr nanoseconds most = std::chrono::hours{24 * 366 * 50};

nanoseconds within(nanoseconds span, nanoseconds highest) {
  return std::clamp(span, nanoseconds{0}, highest);
}

} // namespace

absence_count::absence_count(nanoseconds counted, std::optional<sighting> last)
    : counted_(counted), last_(std::move(last)) {
  if (counted < nanoseconds{0} || counted > most)
    there();
}

void absence_count::gone(const absent_look& look) {
  counted_ = within(counted_ + since_last(look), most);
  const auto until = std::max(look.from, look.until);
  last_ = sighting{look.boot_id, until, look.wall, std::max(look.sweep, last_ ? last_->sweep : 0)};
}

nanoseconds absence_count::since_last(const absent_look& look) const noexcept {
  if (!last_)
    return nanoseconds{0};
  const bool numbered = last_->sweep != 0 && look.sweep != 0;
  if (numbered && look.sweep > last_->sweep + 1)
    return nanoseconds{0};
  if (last_->boot_id == look.boot_id && !look.boot_id.empty())
    return last_->boot < nanoseconds{0} ? nanoseconds{0} : within(look.from - last_->boot, most);
  // Compared before the difference is taken, which a damaged row could overflow.
  const auto hour = std::chrono::duration_cast<std::chrono::milliseconds>(most_across_boots);
  if (look.wall <= last_->wall)
    return nanoseconds{0};
  return last_->wall < look.wall - hour ? most_across_boots : nanoseconds{look.wall - last_->wall};
}

nanoseconds absence_count::left_of(nanoseconds grace) const noexcept {
  return std::max(grace - counted_, nanoseconds{0});
}

} // namespace muster
