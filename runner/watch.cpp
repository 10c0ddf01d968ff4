#include "muster/runner/watch.hpp"

#include "muster/runner/end_signal.hpp"
#include "muster/runner/shown_values.hpp"

#include <cstdio>
#include <string>
#include <utility>

#include <unistd.h>

namespace muster {

namespace {

bool may_pass(const failure& why) {
  return why.kind == failure_kind::busy || why.kind == failure_kind::unreachable;
}

} // namespace

expected<answer> watch(command_context& context, const std::function<expected<answer>()>& look,
                       const watch_pace& pace) {
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
      (void)write_out(stderr, said);
    const auto shown = seen ? context.style.json ? seen->json : seen->text : before;
    bool written = true;
    if (redraws)
      written =
          write_out(stdout, "\x1b[H\x1b[2J" + shown + "\n" + (seen ? "" : said) + pace.told + "; Ctrl-C ends it\n");
    else if (first || shown != before)
      written = write_out(stdout, shown);
    if (!written) {
      if (auto why = unwritten_answer())
        return std::move(*why);
      return answer{.text = {}, .json = {}, .exit = exit_code(failure_kind::failed)};
    }
    told = said;
    before = shown;
    first = false;
    pace.wait(ends);
  } while (!ends.came());
  return answer{};
}

expected<answer> watch(command_context& context, const std::function<expected<answer>()>& look,
                       std::chrono::milliseconds pause) {
  return watch(
      context, look,
      {[pause](const end_signal& ends) { (void)ends.came_within(pause); }, "again every " + shown_span(pause)});
}

} // namespace muster
