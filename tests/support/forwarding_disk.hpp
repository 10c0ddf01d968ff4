#pragma once

#include "muster/store/environment.hpp"

namespace muster::test {

/// A disk that does what another does: a base for those that do a little else.
/// `real` outlives it.
class forwarding_disk : public disk {
public:
  explicit forwarding_disk(disk& real) : real_(real) {}

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
  os_result<std::size_t> read_entries(handle directory, std::span<std::byte> into) override {
    return real_.read_entries(directory, into);
  }
  os_result<void> try_lock(handle file) override { return real_.try_lock(file); }
  os_result<bool> has_writers(handle file) override { return real_.has_writers(file); }

protected:
  disk& real_;
};

} // namespace muster::test
