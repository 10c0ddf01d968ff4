#include "muster/runner/stop_signals.hpp"

#include <pthread.h>
#include <unistd.h>

namespace muster {

namespace {

// Ours alone: what it stands for is told by `why_`.
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

stop_signals::cause stop_signals::wait() {
  int signal = 0;
  do {
    // The one error there is says that the set is invalid.
    if (::sigwait(&awaited_, &signal) != 0)
      break;
  } while (signal == wake_up && why_->load() == cause::told);
  ::pthread_sigmask(SIG_UNBLOCK, &stopping_, nullptr);
  return why_->load();
}

void stop_signals::wake(std::atomic<cause>& why, cause what) noexcept {
  why = what;
  ::kill(::getpid(), wake_up);
}

} // namespace muster
