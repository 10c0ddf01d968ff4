#pragma once

#include "muster/messages/failure.hpp"

#include <cstdio>
#include <optional>
#include <string>

namespace muster {

/// What a command has to say; printing it is the runner's business. `text` is
/// for people and already safe for a terminal, `json` is one document.
struct answer {
  std::string text;
  std::string json;
  /// Goes to standard error, for people: notes and warnings.
  std::string notes = {};
  /// `text` is JSON from elsewhere: byte for byte into a file or a pipe, made
  /// safe for a terminal.
  bool text_is_json = false;
  /// 0, or the code of a command that worked and found something wrong.
  int exit = 0;
};

/// How the caller wants to be answered.
struct answer_style {
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  std::string request_id = {};
};

/// Whether all of it was taken; if not, errno says why.
[[nodiscard]] bool write_out(std::FILE* stream, const std::string& text);

/// Why an answer did not get out; nothing if whoever read it reads no further, as
/// `head`, and needs no telling. Asked right after a `write_out` that failed.
[[nodiscard]] std::optional<failure> unwritten_answer();

/// Prints to standard output and standard error and returns the exit code:
/// that of the answer or of the failure, or 1 where the output cannot be
/// written.
[[nodiscard]] int deliver(const expected<answer>& result, const answer_style& style);

/// A failure as the document that `--json` promises.
[[nodiscard]] std::string failure_json(const failure& why, const std::string& request_id);

/// A failure as one line for people; `verbose` adds the system's own words.
[[nodiscard]] std::string failure_text(const failure& why, bool verbose);

} // namespace muster
