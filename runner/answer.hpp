#pragma once

#include "muster/messages/failure.hpp"

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

/// Prints to standard output and standard error and returns the exit code:
/// that of the answer or of the failure, or 1 where the output cannot be
/// written.
[[nodiscard]] int deliver(const expected<answer>& result, const answer_style& style);

/// A failure as the document that `--json` promises.
[[nodiscard]] std::string failure_json(const failure& why, const std::string& request_id);

/// A failure as one line for people; `verbose` adds the system's own words.
[[nodiscard]] std::string failure_text(const failure& why, bool verbose);

} // namespace muster
