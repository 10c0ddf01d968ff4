#include "muster/store/instance_table.hpp"

#include <cstdlib>

namespace muster {

std::string_view to_string(refusal_reason reason) noexcept {
  switch (reason) {
    case refusal_reason::not_own_key: return "not-own-key";
    case refusal_reason::repeated_key: return "repeated-key";
    case refusal_reason::bad_value: return "bad-value";
    case refusal_reason::choice_not_seen: return "choice-not-seen";
    case refusal_reason::too_many_open: return "too-many-open";
  }
  std::abort();
}

instance_index instance_table::enter(const instance_id& id) {
  if (last_ && (*this)[*last_].id == id)
    return *last_;
  auto [position, fresh] = indexes_.try_emplace(id, static_cast<instance_index>(records_.size()));
  if (fresh)
    records_.emplace_back().id = id;
  last_ = position->second;
  return position->second;
}

std::optional<instance_index> instance_table::find(const instance_id& id) const {
  auto position = indexes_.find(id);
  if (position == indexes_.end())
    return std::nullopt;
  return position->second;
}

} // namespace muster
