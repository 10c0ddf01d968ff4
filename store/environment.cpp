#include "muster/store/environment.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace muster {

namespace {

// The layout of the kernel's struct linux_dirent64.
constexpr std::size_t inode_offset = 0;
constexpr std::size_t length_offset = 16;
constexpr std::size_t type_offset = 18;
constexpr std::size_t name_offset = 19;

file_type type_of(unsigned char kernel_type) noexcept {
  switch (kernel_type) {
    case 1: return file_type::fifo;
    case 2: return file_type::char_device;
    case 4: return file_type::directory;
    case 6: return file_type::block_device;
    case 8: return file_type::regular;
    case 10: return file_type::symlink;
    case 12: return file_type::socket;
    default: return file_type::unknown;
  }
}

} // namespace

void throw_exception_from_error(os_error why, const boost::source_location& where) {
  std::fprintf(stderr, "muster: the value of a failed call was read at %s:%u: %s\n", where.file_name(),
               static_cast<unsigned>(where.line()), std::strerror(why.code));
  std::abort();
}

bool listing_reader::next(directory_entry& entry) noexcept {
  while (rest_.size() > name_offset) {
    std::uint16_t length = 0;
    std::memcpy(&length, rest_.data() + length_offset, sizeof length);
    if (length <= name_offset || length > rest_.size())
      return false;
    const auto* name = reinterpret_cast<const char*>(rest_.data() + name_offset);
    std::memcpy(&entry.inode, rest_.data() + inode_offset, sizeof entry.inode);
    entry.name = std::string_view(name, ::strnlen(name, length - name_offset));
    entry.type = type_of(std::to_integer<unsigned char>(rest_[type_offset]));
    rest_ = rest_.subspan(length);
    if (entry.name != "." && entry.name != "..")
      return true;
  }
  return false;
}

} // namespace muster
