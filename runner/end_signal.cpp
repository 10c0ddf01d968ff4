#include "muster/runner/end_signal.hpp"

#include <cerrno>
#include <csignal>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace muster {

namespace {

// What a handler can reach.
volatile std::sig_atomic_t asked_to_end = 0;
volatile std::sig_atomic_t to_be_woken = -1;

void note_signal(int) {
  const int kept = errno;
  asked_to_end = 1;
  if (to_be_woken >= 0)
    (void)::eventfd_write(to_be_woken, 1);
  errno = kept;
}

} // namespace

end_signal::end_signal() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  asked_to_end = 0;
  to_be_woken = descriptor_;
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, &interrupt_before_);
  ::sigaction(SIGTERM, &action, &terminate_before_);
}

end_signal::~end_signal() {
  ::sigaction(SIGINT, &interrupt_before_, nullptr);
  ::sigaction(SIGTERM, &terminate_before_, nullptr);
  to_be_woken = -1;
  if (descriptor_ >= 0)
    ::close(descriptor_);
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
