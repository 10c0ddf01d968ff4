#include "muster/runner/watch.hpp"

#include "muster/runner/shown_values.hpp"

#include <csignal>
#include <cstdio>
#include <string>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace muster {

namespace {

// What a handler can reach. One watch is under way at a time.
volatile std::sig_atomic_t asked_to_end = 0;

/// Hears SIGINT and SIGTERM while it lives. A second one ends the process as it
/// would have, should an answer not come.
class end_signal {
public:
  end_signal() {
    asked_to_end = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { asked_to_end = 1; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, &interrupt_before_);
    ::sigaction(SIGTERM, &action, &terminate_before_);
  }
  end_signal(const end_signal&) = delete;
  end_signal& operator=(const end_signal&) = delete;
  ~end_signal() {
    ::sigaction(SIGINT, &interrupt_before_, nullptr);
    ::sigaction(SIGTERM, &terminate_before_, nullptr);
  }

  /// Waits, and tells whether a signal came before the time was over.
  [[nodiscard]] bool came_within(std::chrono::milliseconds time) const {
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

private:
  struct sigaction interrupt_before_ {};
  struct sigaction terminate_before_ {};
};

bool put(std::FILE* stream, const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  return std::fflush(stream) == 0 && written;
}

bool may_pass(const failure& why) {
  return why.kind == failure_kind::busy || why.kind == failure_kind::unreachable;
}

} // namespace

expected<answer> watch(command_context& context, const std::function<expected<answer>()>& look,
                       std::chrono::milliseconds pause) {
  const end_signal ends;
  const bool redraws = !context.style.json && ::isatty(STDOUT_FILENO) == 1;
  std::string before;
  std::string told;
  bool first = true;
  do {
    const auto seen = look();
    if (!seen && (first || !may_pass(seen.error())))
      return seen.error();
    const auto said = seen ? seen->notes : failure_text(seen.error(), context.style.verbose);
    if (!context.style.quiet && !redraws && said != told)
      (void)put(stderr, said);
    const auto shown = seen ? context.style.json ? seen->json : seen->text : before;
    bool written = true;
    if (redraws)
      written = put(stdout, "\x1b[H\x1b[2J" + shown + "\n" + (seen ? "" : said) + "again every " + shown_span(pause) +
                                "; Ctrl-C ends it\n");
    else if (first || shown != before)
      written = put(stdout, shown);
    if (!written)
      return failure{failure_kind::failed, "output-unwritable", "the answer could not be written to standard output"};
    told = said;
    before = shown;
    first = false;
  } while (!ends.came_within(pause));
  return answer{};
}

} // namespace muster
