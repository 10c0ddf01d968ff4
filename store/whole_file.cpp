#include "muster/store/whole_file.hpp"

namespace muster {

os_result<void> write_whole(disk& files, handle file, std::string_view bytes, unsigned interruptions) {
  auto rest = std::as_bytes(std::span{bytes});
  std::uint64_t offset = 0;
  while (!rest.empty()) {
    const auto written = without_interruption(interruptions, [&] { return files.write_at(file, offset, rest); });
    if (!written)
      return written.error();
    // A disk that takes nothing and names no reason would loop for ever.
    if (*written == 0 || *written > rest.size())
      return os_error{EIO};
    rest = rest.subspan(*written);
    offset += *written;
  }
  return {};
}

os_result<std::string> read_start(disk& files, handle file, std::size_t limit, unsigned interruptions) {
  std::string bytes(limit, '\0');
  std::size_t size = 0;
  while (size < limit) {
    const auto into = std::as_writable_bytes(std::span{bytes}).subspan(size);
    const auto got = without_interruption(interruptions, [&] { return files.read_at(file, size, into); });
    if (!got)
      return got.error();
    if (*got > into.size())
      return os_error{EIO};
    size += *got;
    if (*got == 0)
      break;
  }
  bytes.resize(size);
  return bytes;
}

} // namespace muster
