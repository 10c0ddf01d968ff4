#include "muster/runner/progress.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>

#include <unistd.h>

namespace muster {

using namespace std::chrono_literals;

struct progress::display {
  std::mutex guard;
  std::condition_variable over;
  bool ended = false;
  bool shown = false;
  std::string doing;
  std::thread painter;

  void paint() {
    std::unique_lock held(guard);
    auto taken = 0ms;
    for (auto pause = 300ms; !over.wait_for(held, pause, [this] { return ended; }); pause = 200ms) {
      taken += pause;
      shown = true;
      const auto seconds = std::to_string(taken / 1s) + "." + std::to_string(taken % 1s / 100ms);
      (void)std::fputs(("\r\x1b[Kmuster: " + doing + " … " + seconds + " s").c_str(), stderr);
      (void)std::fflush(stderr);
    }
    if (shown) {
      (void)std::fputs("\r\x1b[K", stderr);
      (void)std::fflush(stderr);
    }
  }
};

progress::progress(const answer_style& style, std::string doing) {
  if (style.json || style.quiet || ::isatty(STDERR_FILENO) != 1)
    return;
  display_ = std::make_unique<display>();
  display_->doing = std::move(doing);
  display_->painter = std::thread([shown = display_.get()] { shown->paint(); });
}

progress::~progress() {
  if (!display_)
    return;
  {
    const std::lock_guard held(display_->guard);
    display_->ended = true;
  }
  display_->over.notify_all();
  display_->painter.join();
}

void progress::say(std::string doing) {
  if (!display_)
    return;
  const std::lock_guard held(display_->guard);
  display_->doing = std::move(doing);
}

} // namespace muster
