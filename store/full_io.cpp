#include "muster/store/full_io.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace muster {

os_result<std::string> read_full(disk& files, handle file, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const auto into = std::as_writable_bytes(std::span(bytes).subspan(done));
    const auto count = uninterrupted([&] { return files.read_at(file, offset + done, into); });
    if (!count)
      return count.error();
    if (*count > into.size())
      return os_error{EIO};
    if (*count == 0)
      break;
    done += *count;
  }
  bytes.resize(done);
  return bytes;
}

os_result<void> write_full(disk& files, handle file, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto from = std::as_bytes(std::span(bytes));
    const auto count = uninterrupted([&] { return files.write_at(file, offset, from); });
    if (!count)
      return count.error();
    // A disk that takes nothing and names no reason would loop for ever.
    if (*count == 0 || *count > from.size())
      return os_error{EIO};
    offset += *count;
    bytes.remove_prefix(*count);
  }
  return {};
}

os_result<void> sync_full(disk& files, handle file) {
  return uninterrupted([&] { return files.sync(file); });
}

os_result<open_file> open_regular(disk& files, handle directory, std::string_view name, open_how::access_mode access) {
  open_how how;
  how.access = access;
  how.no_follow = true;
  const auto file = uninterrupted([&] { return files.open(directory, name, how); });
  if (!file)
    return file.error();
  open_file result(files, *file);
  const auto status = files.status(*file);
  if (!status)
    return status.error();
  if (status->type != file_type::regular)
    return os_error{status->type == file_type::directory ? EISDIR : EINVAL};
  return result;
}

os_result<open_file> open_directory(disk& files, handle directory, std::string_view name) {
  open_how how;
  how.directory = true;
  how.no_follow = true;
  const auto file = uninterrupted([&] { return files.open(directory, name, how); });
  if (!file)
    return file.error();
  return open_file(files, *file);
}

os_result<open_file> create_new(disk& files, handle directory, std::string_view name) {
  open_how how;
  how.access = open_how::access_mode::read_write;
  how.create = true;
  how.exclusive = true;
  how.no_follow = true;
  const auto file = uninterrupted([&] { return files.open(directory, name, how); });
  if (!file)
    return file.error();
  return open_file(files, *file);
}

os_result<std::string> read_file(disk& files, handle directory, std::string_view name, std::size_t limit) {
  const auto file = open_regular(files, directory, name);
  if (!file)
    return file.error();
  const auto status = files.status(file->get());
  if (!status)
    return status.error();
  if (status->size > limit)
    return os_error{EFBIG};
  // One byte more, so that a file that grows meanwhile is noticed.
  auto bytes = read_full(files, file->get(), 0, static_cast<std::size_t>(status->size) + 1);
  if (bytes && bytes->size() > limit)
    return os_error{EFBIG};
  return bytes;
}

os_result<std::vector<std::string>> list_names(disk& files, handle directory, std::size_t limit) {
  // A handle of its own, for a directory is read from where its handle stands.
  const auto listed = open_directory(files, directory, ".");
  if (!listed)
    return listed.error();
  std::vector<std::string> names;
  std::array<std::byte, 32768> buffer;
  for (;;) {
    const auto size = uninterrupted([&] { return files.read_entries(listed->get(), buffer); });
    if (!size)
      return size.error();
    if (*size == 0)
      break;
    listing_reader reader{std::span(buffer).first(*size)};
    for (directory_entry entry; reader.next(entry);) {
      if (names.size() == limit)
        return os_error{E2BIG};
      names.emplace_back(entry.name);
    }
  }
  std::ranges::sort(names);
  return names;
}

os_result<void> write_new_file(disk& files, handle directory, std::string_view name, std::string_view bytes) {
  auto file = create_new(files, directory, name);
  if (!file)
    return file.error();
  if (auto written = write_full(files, file->get(), 0, bytes); !written)
    return written;
  if (auto synced = sync_full(files, file->get()); !synced)
    return synced;
  return file->close();
}

} // namespace muster
