#include "muster/actors/scan_worker.hpp"

#include "muster/messages/actor_failure.hpp"

#include <optional>
#include <utility>

namespace muster {

scan_worker_actor::behavior_type scan_worker_state::make_behavior() {
  ignore_stray_errors(self_);
  return {
      [this](const list_directories& m) -> caf::result<directories_listed> {
        std::optional<directories_listed> listed;
        if (!guard_.stuck())
          if (auto why = guard_.attempt([&] { listed = lister_.list(m); }))
            return to_error(std::move(*why));
        if (listed)
          return std::move(*listed);
        unanswered_.push_back(self_->make_response_promise());
        return unanswered_.back();
      },
  };
}

} // namespace muster
