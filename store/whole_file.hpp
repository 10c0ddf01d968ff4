#pragma once

#include "muster/store/environment.hpp"

#include <cerrno>
#include <string>
#include <string_view>

namespace muster {

/// Makes a call that changes nothing by failing until it ends otherwise than
/// with EINTR, `times` times at most. Not for syncs: a failed sync must not be
/// made again on the same handle.
template <class Call>
auto without_interruption(unsigned times, Call call) {
  auto answer = call();
  for (unsigned made = 1; made < times && !answer && answer.error().code == EINTR; ++made)
    answer = call();
  return answer;
}

/// Writes all bytes from the start of the file on, over short writes and EINTR.
os_result<void> write_whole(disk& files, handle file, std::string_view bytes, unsigned interruptions);

/// Reads from the start of the file on, to its end or `limit` bytes, over short
/// reads and EINTR.
os_result<std::string> read_start(disk& files, handle file, std::size_t limit, unsigned interruptions);

} // namespace muster
