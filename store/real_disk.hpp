#pragma once

#include "muster/store/environment.hpp"

namespace muster {

/// Whether `open_how::beneath` may use openat2. `never` is for tests of the
/// walk that stands in for it.
enum class openat2_use : std::uint8_t { if_present, never };

/// The file system of this machine. A handle is a file descriptor. Holds no
/// state, so any thread may call it at any time.
class real_disk final : public disk {
public:
  explicit real_disk(openat2_use use = openat2_use::if_present);

  os_result<handle> open(handle directory, std::string_view path, const open_how& how) override;
  os_result<void> close(handle file) override;
  os_result<file_status> status(handle directory, std::string_view path, bool follow) override;
  os_result<file_status> status(handle file) override;
  os_result<filesystem_status> filesystem(handle file) override;
  os_result<std::string> read_link(handle directory, std::string_view path) override;
  os_result<std::size_t> read_at(handle file, std::uint64_t offset, std::span<std::byte> into) override;
  os_result<std::size_t> write_at(handle file, std::uint64_t offset, std::span<const std::byte> from) override;
  os_result<std::size_t> append(handle file, std::span<const std::byte> from) override;
  os_result<void> truncate(handle file, std::uint64_t size) override;
  os_result<void> change_mode(handle file, std::uint32_t mode) override;
  os_result<void> sync(handle file) override;
  os_result<void> sync_filesystem(handle file) override;
  os_result<void> rename(handle from_directory, std::string_view from, handle to_directory, std::string_view to,
                         rename_mode mode) override;
  os_result<void> unlink(handle directory, std::string_view path, unlink_kind kind) override;
  os_result<void> make_directory(handle directory, std::string_view path, std::uint32_t mode) override;
  os_result<std::size_t> read_entries(handle directory, std::span<std::byte> into) override;
  os_result<void> try_lock(handle file) override;
  os_result<bool> has_writers(handle file) override;

private:
  bool has_openat2_ = false;
};

} // namespace muster
