#include "muster/supervisor/late_folds.hpp"

#include <utility>

namespace muster {

void late_folds::add(fold_commit what, std::optional<endpoint_under_way> brings) {
  if (brings)
    endpoints_.insert_or_assign(what.saga, std::move(*brings));
  ask(std::move(what), 1);
}

std::vector<endpoint_under_way> late_folds::endpoints() const {
  std::vector<endpoint_under_way> result;
  for (const auto& [saga, endpoint] : endpoints_)
    result.push_back(endpoint);
  return result;
}

void late_folds::ask(fold_commit what, unsigned attempt) {
  if (attempt > options_.attempts) {
    endpoints_.erase(what.saga);
    return;
  }
  self_->run_delayed(options_.pause * (1U << (attempt - 1)), [this, what = std::move(what), attempt] {
    consult<commit_folded>(self_, mail_, limit_, by_.index, what,
                           [this, what, attempt](const expected<commit_folded>& how) {
                             if (how)
                               endpoints_.erase(what.saga);
                             else
                               ask(what, attempt + 1);
                           });
  });
}

} // namespace muster
