#pragma once

#include "muster/runner/answer.hpp"

#include <memory>
#include <string>

namespace muster {

/// Tells on standard error what is being done once it takes over 300 ms, and
/// takes it back at the end. Only on a terminal, and neither with --quiet nor
/// with --json.
class progress {
public:
  progress(const answer_style& style, std::string doing);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// From now on it is this.
  void say(std::string doing);

private:
  struct display;
  std::unique_ptr<display> display_; ///< none where nobody looks
};

} // namespace muster
