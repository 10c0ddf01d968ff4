#include "muster/runner/answer.hpp"

#include "muster/runner/terminal_text.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <unistd.h>

namespace muster {

namespace {

constexpr std::size_t widest_message = 4096;

} // namespace

bool write_out(std::FILE* stream, const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  return std::fflush(stream) == 0 && written;
}

std::optional<failure> unwritten_answer() {
  const auto why = errno;
  if (why == EPIPE)
    return std::nullopt;
  return failure{failure_kind::failed, "output-unwritable",
                 std::string("the command was carried out, but its answer could not be written to standard output: ") +
                     std::strerror(why)};
}

std::string failure_json(const failure& why, const std::string& request_id) {
  std::string out = "{\"error\":{\"kind\":" + json_text(to_string(why.kind)) + ",\"code\":" + json_text(why.code) +
                    ",\"message\":" + json_text(why.message);
  const auto add = [&out](const char* key, const std::string& value) {
    if (!value.empty())
      out += std::string(",\"") + key + "\":" + json_text(value);
  };
  add("step", why.step);
  add("path", why.path);
  add("id", why.agent);
  add("requestId", request_id);
  return out + "}}\n";
}

std::string failure_text(const failure& why, bool verbose) {
  std::string out = "muster: " + printable(why.message, widest_message);
  if (!why.step.empty())
    out += " (at: " + printable(why.step) + ")";
  if (verbose && why.system_errno != 0)
    out += " (errno " + std::to_string(why.system_errno) + ": " + std::strerror(why.system_errno) + ")";
  return out + " [" + printable(why.code) + "]\n";
}

int deliver(const expected<answer>& result, const answer_style& style) {
  if (!result) {
    if (style.json)
      (void)write_out(stdout, failure_json(result.error(), style.request_id));
    else
      (void)write_out(stderr, failure_text(result.error(), style.verbose));
    return exit_code(result.error().kind);
  }
  if (!style.quiet && !result->notes.empty())
    (void)write_out(stderr, result->notes);
  const bool make_safe = result->text_is_json && ::isatty(STDOUT_FILENO) == 1;
  if (!write_out(stdout, style.json ? result->json : make_safe ? printable_json(result->text) : result->text)) {
    if (const auto why = unwritten_answer())
      (void)write_out(stderr, failure_text(*why, style.verbose));
    return exit_code(failure_kind::failed);
  }
  return result->exit;
}

} // namespace muster
