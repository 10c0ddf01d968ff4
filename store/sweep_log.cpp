#include "muster/store/sweep_log.hpp"

#include <tuple>
#include <utility>

namespace muster {

namespace {

bool did_anything(const sweep_report& what) noexcept {
  return what.synced + what.removed + what.resurrected + what.discovered + what.moved > 0;
}

auto found_by(const sweep_report& what) noexcept {
  return std::tie(what.unreachable, what.refused, what.invalid, what.missing, what.unreadable, what.errors);
}

} // namespace

void sweep_log::go_on_from(const remembered_sweep& written) {
  number_ = written_ = written.number;
  written_at_ = written.ended;
  found_ = written.report;
  if (sweeps_.empty())
    sweeps_.push_back(written);
}

bool sweep_log::add(remembered_sweep which) {
  which.number = ++number_;
  which.report.problems.clear();
  which.report.problems.shrink_to_fit();
  if (sweeps_.size() == most)
    sweeps_.pop_front();
  sweeps_.push_back(std::move(which));
  const auto& report = sweeps_.back().report;
  return did_anything(report) || found_by(report) != found_by(found_.value_or(sweep_report{}));
}

void sweep_log::wrote() {
  if (sweeps_.empty())
    return;
  written_ = sweeps_.back().number;
  written_at_ = sweeps_.back().ended;
  found_ = sweeps_.back().report;
}

} // namespace muster
