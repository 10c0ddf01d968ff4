#include "muster/supervisor/observation_company.hpp"

#include <cassert>
#include <utility>

namespace muster {

observation_company::traveller observation_company::set_out() {
  beginning_.set_out();
  return std::make_shared<stage>(stage::beginning);
}

void observation_company::arrive(const traveller& who, stage at, rendezvous::step then) {
  if (!who)
    return then();
  assert(*who == at);
  *who = stage::over;
  // Who has come to the first is on the way to the second.
  if (at == stage::beginning) {
    *who = stage::noting;
    noting_.set_out();
  }
  auto& where = place_of(at);
  where.come(std::move(then));
  if (where.waiting() == 1 && !where.is_complete())
    self_->run_delayed(most_patience, [this, at, group = where.group()] {
      if (place_of(at).group() == group)
        part(at);
    });
  part_if_complete(at);
}

void observation_company::end(const traveller& who) {
  const auto expected_at = who ? std::exchange(*who, stage::over) : stage::over;
  if (expected_at == stage::over)
    return;
  place_of(expected_at).stay_away();
  part_if_complete(expected_at);
}

void observation_company::part_if_complete(stage at) {
  if (place_of(at).is_complete() && place_of(at).waiting() > 0)
    part(at);
}

void observation_company::part(stage at) {
  for (const auto& step : place_of(at).part())
    step();
}

} // namespace muster
