#pragma once

#include "muster/store/simulated_disk.hpp"

#include <cerrno>

namespace muster {

// The gate before every call; a part of simulated_disk for its own sources.
template <class T, class Body>
os_result<T> simulated_disk::perform(disk_call call, Body&& body) {
  if (aside_ > 0)
    return body();
  const auto wrong = begin(call);
  if (wrong && wrong->what == fault::kind::error) {
    trace(call, wrong->code);
    return os_error{wrong->code};
  }
  active_ = wrong;
  os_result<T> answer = body();
  active_.reset();
  if (wrong && wrong->what == fault::kind::kill_after) {
    dead_ = true;
    trace(call, 0);
    throw process_killed{call.number};
  }
  if (wrong && wrong->what == fault::kind::error_but_done && answer)
    answer = os_error{wrong->code};
  trace(call, answer ? 0 : answer.error().code);
  return answer;
}

} // namespace muster
