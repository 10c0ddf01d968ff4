#include "muster/runner/end_signal.hpp"

#include <csignal>

#include <poll.h>

namespace muster {

namespace {

// What a handler can reach.
volatile std::sig_atomic_t asked_to_end = 0;

} // namespace

end_signal::end_signal() {
  asked_to_end = 0;
  struct sigaction action {};
  action.sa_handler = [](int) { asked_to_end = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, &interrupt_before_);
  ::sigaction(SIGTERM, &action, &terminate_before_);
}

end_signal::~end_signal() {
  ::sigaction(SIGINT, &interrupt_before_, nullptr);
  ::sigaction(SIGTERM, &terminate_before_, nullptr);
}

bool end_signal::came() const noexcept {
  return asked_to_end != 0;
}

bool end_signal::came_within(std::chrono::milliseconds time) const {
  sigset_t ours;
  sigset_t before;
  ::sigemptyset(&ours);
  ::sigaddset(&ours, SIGINT);
  ::sigaddset(&ours, SIGTERM);
  // A signal between the look at the flag and the wait would be missed.
  ::pthread_sigmask(SIG_BLOCK, &ours, &before);
  const timespec wait{time.count() / 1000, time.count() % 1000 * 1'000'000};
  if (asked_to_end == 0)
    (void)::ppoll(nullptr, 0, &wait, &before);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return asked_to_end != 0;
}

} // namespace muster
