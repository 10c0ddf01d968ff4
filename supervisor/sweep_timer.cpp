#include "muster/supervisor/sweep_timer.hpp"

#include "muster/supervisor/random_draw.hpp"

#include <utility>

namespace muster {

std::optional<std::chrono::nanoseconds> wait_for_sweep(std::chrono::milliseconds interval, std::uint32_t jitter) {
  if (interval.count() <= 0)
    return std::nullopt;
  const std::chrono::nanoseconds whole = interval;
  const auto tenth = whole / 10;
  return whole - tenth + (tenth * 2 / UINT16_MAX) * (jitter >> 16U);
}

void sweep_timer::start() {
  started_ = true;
  sweep_by_clock();
}

void sweep_timer::stop() {
  started_ = false;
  next_.dispose();
  if (core_.by.reconciler)
    tell(core_.self, core_.by.reconciler, cancel_sweep{});
}

void sweep_timer::reset() {
  next_.dispose();
  if (!started_ || running_)
    return;
  if (const auto wait = wait_for_sweep(core_.options.now.sweep_interval, draw_number(core_.env.random)))
    next_ = core_.self->run_delayed(*wait, [this] { sweep_by_clock(); });
}

void sweep_timer::sweep_by_clock() {
  if (!started_)
    return;
  running_ = true;
  sweep({}, [this](const expected<sweep_report>&) {
    running_ = false;
    reset();
  });
}

void sweep_timer::sweep(const sweep_now& how, taker then) {
  consult<sweep_report>(core_.self, core_.mail, core_.options.long_limit, core_.by.reconciler, how,
                        [this, then = std::move(then)](const expected<sweep_report>& report) {
                          if (report) {
                            last_ = *report;
                            last_at_ = core_.now();
                          }
                          then(report);
                        });
}

} // namespace muster
