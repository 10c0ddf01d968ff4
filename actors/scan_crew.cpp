#include "muster/actors/scan_crew.hpp"

#include "muster/messages/actor_failure.hpp"

#include <optional>

namespace muster {

namespace {

/// Hands are looked at so often while one hangs.
constexpr int looks_in_a_hang = 5;

} // namespace

void scan_crew::start() {
  for (std::size_t i = 0; i < options_.workers; ++i)
    add_hand();
  watch_hands();
  hand_out();
}

void scan_crew::add_hand() {
  auto made = std::make_shared<hand>();
  made->worker = hire_();
  made->moved = self_->clock().now();
  hands_.push_back(std::move(made));
}

/// One each in turn, so that all are at work before any has more ahead.
void scan_crew::hand_out() {
  for (std::size_t ahead = 1; ahead <= options_.batches_ahead; ++ahead)
    for (const auto& each : hands_)
      if (!each->left && each->batches.size() < ahead)
        if (auto batch = walk_.next())
          give(each, std::move(*batch));
  if (walk_.is_over())
    end();
}

void scan_crew::give(const hand_ptr& to, list_directories batch) {
  if (to->batches.empty())
    to->moved = self_->clock().now();
  batch.pulse = to->pulse;
  const auto number = batch.batch;
  to->batches.insert(number);
  ask(self_, options_.batch_limit, to->worker, std::move(batch))
      .then(
          [me = shared_from_this(), to, number](directories_listed& listed) {
            if (me->is_over() || to->left)
              return;
            to->batches.erase(number);
            me->walk_.take(std::move(listed));
            me->hand_out();
          },
          [me = shared_from_this(), to, number](const caf::error& why) {
            if (!me->is_over() && !to->left)
              me->leave_behind(to, number, to_failure(why, "scan").message);
          });
}

void scan_crew::watch_hands() {
  watch_ = self_->run_delayed(options_.hang_limit / looks_in_a_hang, [weak = weak_from_this()] {
    const auto me = weak.lock();
    if (!me || me->is_over())
      return;
    const auto all = me->hands_;
    for (const auto& each : all)
      if (!me->is_over())
        me->look_at(each);
    if (!me->is_over())
      me->watch_hands();
  });
}

void scan_crew::look_at(const hand_ptr& which) {
  if (which->left)
    return;
  const auto now = self_->clock().now();
  const auto steps = which->pulse->steps.load();
  if (which->batches.empty() || std::exchange(which->steps, steps) != steps)
    which->moved = now;
  else if (now - which->moved >= options_.hang_limit)
    leave_behind(which, which->pulse->batch.load(), {});
}

void scan_crew::leave_behind(const hand_ptr& which, std::uint64_t batch, const std::string& why) {
  which->left = true;
  which->batches.insert(batch);
  for (const auto each : which->batches)
    walk_.abandon(each, each == batch ? std::optional(which->pulse->index.load()) : std::nullopt);
  ask_to_end(which->worker);
  if (!why.empty())
    walk_.tell({{}, "scan-worker", why});
  if (++left_behind_ > options_.left_behind) {
    walk_.tell({{}, "scan-hangs", "too many directories do not answer, so the scan has ended before its end"});
    walk_.truncate();
    return end();
  }
  add_hand();
  hand_out();
}

void scan_crew::end() {
  if (const auto over = std::exchange(over_, {}))
    over();
}

void scan_crew::dismiss() {
  over_ = {};
  watch_.dispose();
  for (const auto& each : std::exchange(hands_, {}))
    ask_to_end(each->worker);
}

} // namespace muster
