#include "muster/actors/scanner.hpp"

#include "muster/messages/actor_failure.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

failure too_many_scans(std::size_t scans) {
  return {failure_kind::busy, "scans-under-way",
          "there are " + std::to_string(scans) + " scans under way already; wait for one, or cancel it"};
}

failure too_many_hang(std::size_t workers) {
  return {failure_kind::busy, "scans-hang",
          std::to_string(workers) +
              " directories of earlier scans do not answer still; no other scan begins until their disks do"};
}

} // namespace

scanner_state::scanner_state(scanner_actor::pointer self, index_actor index, const supervisor_actor& supervisor,
                             const scanner_options& options, scan_worker_source source)
    : self_(self),
      index_(std::move(index)),
      supervisor_(caf::actor_cast<caf::actor_addr>(supervisor)),
      options_(options),
      source_(std::move(source)) {}

scanner_actor::behavior_type scanner_state::make_behavior() {
  ignore_stray_errors(self_);
  self_->attach_functor([workers = workers_](const caf::error&) {
    for (const auto& each : *workers)
      ask_to_end(each);
  });
  return {
      [this](scan_now& m) { return begin(m); },
      [this](const look_at_scan& m) -> caf::result<scan_progress> {
        if (const auto scan = find(m.scan))
          return scan->progress();
        return to_error({failure_kind::not_found, "no-such-scan", "no scan of that name is under way"});
      },
      [this](const cancel_scan& m) {
        const auto scan = find(m.scan);
        if (scan)
          scan->cancel();
        return scan_cancelled{scan != nullptr};
      },
  };
}

caf::result<scan_report> scanner_state::begin(scan_now& asked) {
  if (scans_.size() >= options_.scans)
    return to_error(too_many_scans(scans_.size()));
  const auto busy = scans_.size() * options_.scan.crew.workers;
  if (workers_->size() >= options_.hanging + busy)
    return to_error(too_many_hang(workers_->size() - busy));
  if (find(asked.scan))
    return to_error({failure_kind::refused, "scan-exists", "a scan of that name is under way; take another name"});
  auto promise = self_->make_response_promise<scan_report>();
  auto scan = std::make_shared<scan_run>(self_, scan_neighbours{index_, supervisor_, [this] { return hire(); }},
                                         options_.scan, std::move(asked));
  scans_.push_back(scan);
  scan->start([this, promise, which = std::weak_ptr{scan}](expected<scan_report> report) mutable {
    std::erase(scans_, which.lock());
    if (report)
      promise.deliver(std::move(*report));
    else
      promise.deliver(to_error(report.error()));
  });
  return promise;
}

scan_worker_actor scanner_state::hire() {
  auto worker = source_();
  workers_->push_back(worker);
  watch(self_, worker, [this, at = std::prev(workers_->end())](const caf::error&) { workers_->erase(at); });
  return worker;
}

scanner_state::running scanner_state::find(std::string_view scan) const {
  const auto found = std::ranges::find_if(scans_, [&](const running& each) { return each->name() == scan; });
  return scan.empty() || found == scans_.end() ? nullptr : *found;
}

} // namespace muster
