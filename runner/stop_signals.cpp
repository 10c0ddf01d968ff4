#include "muster/runner/stop_signals.hpp"

#include <pthread.h>
#include <unistd.h>

namespace muster {

namespace {

// Ours alone: what it stands for is told by `ended_`.
constexpr int wake_up = SIGUSR1;

} // namespace

stop_signals::stop_signals() {
  ::sigemptyset(&stopping_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    ::sigaddset(&stopping_, signal);
  awaited_ = stopping_;
  ::sigaddset(&awaited_, wake_up);
  ::pthread_sigmask(SIG_BLOCK, &awaited_, nullptr);
}

stop_signals::cause stop_signals::wait(std::chrono::nanoseconds pause, const std::function<bool()>& goes_on) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(pause);
  const timespec limit{seconds.count(), (pause - seconds).count()};
  bool may_go_on = true;
  for (;;) {
    const int signal = ::sigtimedwait(&awaited_, nullptr, &limit);
    if (ended_->load() || (signal > 0 && signal != wake_up))
      break;
    may_go_on = goes_on();
    if (!may_go_on)
      break;
  }
  ::pthread_sigmask(SIG_UNBLOCK, &stopping_, nullptr);
  return ended_->load() ? cause::ended : may_go_on ? cause::told : cause::refused;
}

void stop_signals::wake(std::atomic<bool>& ended) noexcept {
  ended = true;
  ::kill(::getpid(), wake_up);
}

} // namespace muster
