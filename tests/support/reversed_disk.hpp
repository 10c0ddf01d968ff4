#pragma once

#include "muster/store/environment.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace muster::test {

/// A disk whose listings come the other way round and do not tell any types,
/// as those of some file systems.
class reversed_disk final : public disk {
public:
  explicit reversed_disk(disk& real, bool tells_types) : real_(real), tells_types_(tells_types) {}

  os_result<std::size_t> read_entries(handle directory, std::span<std::byte> into) override {
    constexpr std::size_t length_offset = 16;
    constexpr std::size_t type_offset = 18;
    const auto size = real_.read_entries(directory, into);
    if (!size)
      return size;
    std::vector<std::vector<std::byte>> entries;
    for (std::size_t at = 0; at < *size;) {
      std::uint16_t length = 0;
      std::memcpy(&length, into.data() + at + length_offset, sizeof length);
      auto& entry = entries.emplace_back(into.begin() + static_cast<std::ptrdiff_t>(at),
                                         into.begin() + static_cast<std::ptrdiff_t>(at + length));
      if (!tells_types_)
        entry[type_offset] = std::byte{0};
      at += length;
    }
    auto out = into.begin();
    for (auto each = entries.rbegin(); each != entries.rend(); ++each)
      out = std::ranges::copy(*each, out).out;
    return size;
  }

  os_result<handle> open(handle directory, std::string_view path, const open_how& how) override {
    return real_.open(directory, path, how);
  }
  os_result<void> close(handle file) override { return real_.close(file); }
  os_result<file_status> status(handle directory, std::string_view path, bool follow) override {
    return real_.status(directory, path, follow);
  }
  os_result<file_status> status(handle file) override { return real_.status(file); }
  os_result<filesystem_status> filesystem(handle file) override { return real_.filesystem(file); }
  os_result<std::string> read_link(handle directory, std::string_view path) override {
    return real_.read_link(directory, path);
  }
  os_result<std::size_t> read_at(handle file, std::uint64_t offset, std::span<std::byte> into) override {
    return real_.read_at(file, offset, into);
  }
  os_result<std::size_t> write_at(handle file, std::uint64_t offset, std::span<const std::byte> from) override {
    return real_.write_at(file, offset, from);
  }
  os_result<std::size_t> append(handle file, std::span<const std::byte> from) override {
    return real_.append(file, from);
  }
  os_result<void> truncate(handle file, std::uint64_t size) override { return real_.truncate(file, size); }
  os_result<void> change_mode(handle file, std::uint32_t mode) override { return real_.change_mode(file, mode); }
  os_result<void> sync(handle file) override { return real_.sync(file); }
  os_result<void> sync_filesystem(handle file) override { return real_.sync_filesystem(file); }
  os_result<void> rename(handle from_directory, std::string_view from, handle to_directory, std::string_view to,
                         rename_mode mode) override {
    return real_.rename(from_directory, from, to_directory, to, mode);
  }
  os_result<void> unlink(handle directory, std::string_view path, unlink_kind kind) override {
    return real_.unlink(directory, path, kind);
  }
  os_result<void> make_directory(handle directory, std::string_view path, std::uint32_t mode) override {
    return real_.make_directory(directory, path, mode);
  }
  os_result<void> try_lock(handle file) override { return real_.try_lock(file); }
  os_result<bool> has_writers(handle file) override { return real_.has_writers(file); }

private:
  disk& real_;
  bool tells_types_;
};

} // namespace muster::test
