#include "muster/messages/actor_failure.hpp"

#include "muster/messages/interfaces.hpp"

namespace muster {

void register_message_types() {
  caf::init_global_meta_objects<caf::id_block::muster>();
  caf::core::init_global_meta_objects();
}

caf::error to_error(failure why) {
  const auto kind = why.kind;
  return caf::make_error(kind, std::move(why));
}

failure to_failure(const caf::error& error, std::string_view step) {
  if (!error)
    return {
        failure_kind::failed, "actor-no-error", "an actor reported an error and none was there", {}, std::string(step)};
  if (error.category() == caf::type_id_v<failure_kind>)
    if (auto view = caf::make_const_typed_message_view<failure>(error.context())) {
      auto why = caf::get<0>(view);
      if (why.step.empty())
        why.step = step;
      return why;
    }
  return {failure_kind::unknown_outcome,
          "actor-silent",
          "an actor gave no proper answer (" + caf::to_string(error) + "); repeat the request with the same request id",
          {},
          std::string(step)};
}

bool from_integer(std::uint8_t number, failure_kind& kind) noexcept {
  if (number == 0 || number > static_cast<std::uint8_t>(failure_kind::unknown_outcome))
    return false;
  kind = static_cast<failure_kind>(number);
  return true;
}

} // namespace muster
