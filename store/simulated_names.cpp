#include "muster/store/simulated_perform.hpp"

#include <cstring>

namespace muster {

namespace {

// The layout of the kernel's struct linux_dirent64.
constexpr std::size_t name_offset = 19;
constexpr std::size_t record_alignment = 8;

unsigned char kernel_type(file_type type) noexcept {
  switch (type) {
    case file_type::fifo: return 1;
    case file_type::char_device: return 2;
    case file_type::directory: return 4;
    case file_type::block_device: return 6;
    case file_type::regular: return 8;
    case file_type::symlink: return 10;
    case file_type::socket: return 12;
    case file_type::unknown: return 0;
  }
  return 0;
}

// Writes records as long as they fit.
class listing_writer {
public:
  explicit listing_writer(std::span<std::byte> into) noexcept : into_(into) {}

  bool add(std::string_view name, inode_number inode, file_type type) noexcept {
    const auto bare = name_offset + name.size() + 1;
    const auto length = static_cast<std::uint16_t>((bare + record_alignment - 1) / record_alignment * record_alignment);
    if (into_.size() - size_ < length)
      return false;
    auto* record = into_.data() + size_;
    std::memset(record, 0, length);
    std::memcpy(record, &inode, sizeof inode);
    std::memcpy(record + 16, &length, sizeof length);
    record[18] = static_cast<std::byte>(kernel_type(type));
    std::memcpy(record + name_offset, name.data(), name.size());
    size_ += length;
    return true;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  std::span<std::byte> into_;
  std::size_t size_ = 0;
};

} // namespace

os_result<void> simulated_disk::add_entry(place& found, file_type type, std::uint32_t mode, node& made) {
  if (found.target.inode != 0)
    return os_error{EEXIST};
  if (auto fine = may_change(found); !fine)
    return fine;
  auto& volume = volume_of(found.directory);
  const auto inode = volume.create(type, mode, user_.uid, user_.gid, now());
  if (inode == 0)
    return os_error{ENOSPC};
  made = {found.directory.volume, inode};
  volume.change_entries({{found.directory.inode, std::string(found.name), inode}}, 0, now());
  return {};
}

os_result<void> simulated_disk::make_directory(handle directory, std::string_view path, std::uint32_t mode) {
  return perform<void>({0, disk_operation::make_directory, directory, path}, [&]() -> os_result<void> {
    place found;
    if (auto walked = walk(directory, path, {.entry = true}, found); !walked)
      return walked;
    node made;
    return add_entry(found, file_type::directory, mode & 01777 & ~user_.umask, made);
  });
}

os_result<void> simulated_disk::unlink(handle directory, std::string_view path, unlink_kind kind) {
  return perform<void>({0, disk_operation::unlink, directory, path}, [&]() -> os_result<void> {
    place found;
    if (auto walked = walk(directory, path, {.entry = true}, found); !walked)
      return walked;
    const bool wants_directory = kind == unlink_kind::directory;
    if (found.name.empty())
      return os_error{!wants_directory ? EISDIR : found.dots ? ENOTEMPTY : EINVAL};
    if (found.target.inode == 0)
      return os_error{ENOENT};
    if (auto fine = may_change(found); !fine)
      return fine;
    const auto& inode = inode_of(found.target);
    if (found.slash && inode.type != file_type::directory)
      return os_error{ENOTDIR};
    if (wants_directory != (inode.type == file_type::directory))
      return os_error{wants_directory ? ENOTDIR : EISDIR};
    if (is_mount_point(found.target))
      return os_error{EBUSY};
    if (!inode.entries->empty())
      return os_error{ENOTEMPTY};
    volume_of(found.directory).change_entries({{found.directory.inode, std::string(found.name), 0}}, 0, now());
    return {};
  });
}

os_result<void> simulated_disk::rename(handle from_directory, std::string_view from, handle to_directory,
                                       std::string_view to, rename_mode mode) {
  return perform<void>({0, disk_operation::rename, from_directory, from, to_directory, to}, [&]() -> os_result<void> {
    place source;
    place target;
    if (auto walked = walk(from_directory, from, {.entry = true}, source); !walked)
      return walked;
    if (auto walked = walk(to_directory, to, {.entry = true}, target); !walked)
      return walked;
    return move(source, target, mode);
  });
}

os_result<void> simulated_disk::move(place& from, place& to, rename_mode mode) {
  if (from.directory.volume != to.directory.volume)
    return os_error{EXDEV};
  if (from.name.empty() || to.name.empty())
    return os_error{mode == rename_mode::no_replace && !from.name.empty() ? EEXIST : EBUSY};
  if (from.target.inode == 0)
    return os_error{ENOENT};
  if (to.target.inode != 0 && mode == rename_mode::no_replace)
    return os_error{EEXIST};
  if (to.target.inode == 0 && mode == rename_mode::exchange)
    return os_error{ENOENT};
  const bool source_is_directory = inode_of(from.target).type == file_type::directory;
  const bool target_is_directory = inode_of(to.target).type == file_type::directory;
  const bool slash_fits = mode == rename_mode::exchange ? target_is_directory : source_is_directory;
  if ((from.slash && !source_is_directory) || (to.slash && !slash_fits))
    return os_error{ENOTDIR};
  if (source_is_directory && is_inside(to.directory, from.target))
    return os_error{EINVAL};
  if (to.target.inode != 0 && is_inside(from.directory, to.target))
    return os_error{mode == rename_mode::exchange ? EINVAL : ENOTEMPTY};
  if (from.target == to.target)
    return {};
  for (const auto* side : {&from, &to})
    if (auto fine = may_change(*side); !fine)
      return fine;
  if (mode == rename_mode::replace && to.target.inode != 0)
    if (auto fine = check_replace(from, to); !fine)
      return fine;
  auto& volume = volume_of(from.directory);
  if (mode == rename_mode::exchange && !volume.options.can_exchange)
    return os_error{EINVAL};
  if (is_mount_point(from.target) || is_mount_point(to.target))
    return os_error{EBUSY};
  const bool replaces = mode == rename_mode::replace && to.target.inode != 0;
  volume.change_entries(
      {{to.directory.inode, std::string(to.name), from.target.inode},
       {from.directory.inode, std::string(from.name), mode == rename_mode::exchange ? to.target.inode : 0}},
      replaces ? from.target.inode : 0, now());
  return {};
}

os_result<void> simulated_disk::check_replace(const place& from, const place& to) const {
  const bool source_is_directory = inode_of(from.target).type == file_type::directory;
  const auto& target = inode_of(to.target);
  const bool target_is_directory = target.type == file_type::directory;
  if (source_is_directory != target_is_directory)
    return os_error{target_is_directory ? EISDIR : ENOTDIR};
  if (!target.entries->empty())
    return os_error{ENOTEMPTY};
  return {};
}

bool simulated_disk::is_inside(node directory, node above) const noexcept {
  if (directory.volume != above.volume)
    return false;
  const auto& volume = volumes_[directory.volume];
  for (auto inode = directory.inode; inode != above.inode; inode = volume.at(inode).parent)
    if (inode == simulated_volume::root)
      return false;
  return true;
}

os_result<std::size_t> simulated_disk::read_entries(handle directory, std::span<std::byte> into) {
  return perform<std::size_t>({0, disk_operation::read_entries, directory}, [&]() -> os_result<std::size_t> {
    auto open = use_for_io(directory);
    if (!open)
      return open.error();
    auto& reader = **open;
    const auto here = reader.file;
    if (inode_of(here).type != file_type::directory)
      return os_error{ENOTDIR};
    if (inode_of(here).links == 0)
      return os_error{ENOENT};
    listing_writer listing{into};
    if (reader.listed == 0 && listing.add(".", here.inode, file_type::directory))
      reader.listed = 1;
    if (reader.listed == 1 && listing.add("..", parent_of(here).inode, file_type::directory))
      reader.listed = 2;
    const auto& entries = *inode_of(here).entries;
    auto entry = reader.last_name.empty() ? entries.begin() : entries.upper_bound(reader.last_name);
    const bool at_end = reader.listed == 2 && entry == entries.end();
    for (; reader.listed == 2 && entry != entries.end(); ++entry) {
      if (!listing.add(entry->first, entry->second, inode_of({here.volume, entry->second}).type))
        break;
      reader.last_name = entry->first;
    }
    if (listing.size() == 0 && !at_end)
      return os_error{EINVAL};
    return listing.size();
  });
}

} // namespace muster
