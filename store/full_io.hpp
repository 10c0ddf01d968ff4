#pragma once

#include "muster/store/environment.hpp"

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Whole transfers over a `disk`: these go on after EINTR and short transfers,
/// a bounded number of times without progress, then EIO.
namespace muster {

/// Makes a call that changes nothing by failing again when it was interrupted,
/// a bounded number of times.
template <class Call>
auto uninterrupted(Call call) {
  constexpr int most_interruptions = 100;
  auto answer = call();
  for (int i = 0; i != most_interruptions && !answer && answer.error().code == EINTR; ++i)
    answer = call();
  return answer;
}

/// At most `size` bytes from `offset`; fewer only at the end of the file.
[[nodiscard]] os_result<std::string> read_full(disk& files, handle file, std::uint64_t offset, std::size_t size);
[[nodiscard]] os_result<void> write_full(disk& files, handle file, std::uint64_t offset, std::string_view bytes);
[[nodiscard]] os_result<void> sync_full(disk& files, handle file);

/// Opens a regular file for reading, never through a symbolic link; ELOOP,
/// EISDIR and the like for anything else.
[[nodiscard]] os_result<open_file> open_regular(disk& files, handle directory, std::string_view name,
                                                open_how::access_mode access = open_how::access_mode::read);
[[nodiscard]] os_result<open_file> open_directory(disk& files, handle directory, std::string_view name);
/// Makes a file that was not there (EEXIST), mode 0600.
[[nodiscard]] os_result<open_file> create_new(disk& files, handle directory, std::string_view name);

/// The whole of a regular file; EFBIG if it is over `limit`.
[[nodiscard]] os_result<std::string> read_file(disk& files, handle directory, std::string_view name, std::size_t limit);

/// The names in a directory, sorted; at most `limit` of them, else E2BIG.
[[nodiscard]] os_result<std::vector<std::string>> list_names(disk& files, handle directory, std::size_t limit);

/// Makes a new file of these bytes and syncs it, not its directory.
[[nodiscard]] os_result<void> write_new_file(disk& files, handle directory, std::string_view name,
                                             std::string_view bytes);

} // namespace muster
