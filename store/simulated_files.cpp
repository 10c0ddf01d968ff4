#include "muster/store/simulated_perform.hpp"

#include <algorithm>
#include <limits>

namespace muster {

namespace {

using access_mode = open_how::access_mode;

constexpr std::uint32_t may_write = 2;
constexpr std::uint32_t may_read = 4;
constexpr std::uint32_t permission_bits = 07777;
constexpr std::uint64_t directory_size = 4096;
constexpr std::uint64_t max_offset = std::numeric_limits<std::int64_t>::max();

bool writes(access_mode access) noexcept {
  return access == access_mode::read_write || access == access_mode::append;
}

bool is_path_only(const open_how& how) noexcept {
  return how.access == access_mode::path_only;
}

// The half that a shortened transfer still moves.
std::size_t half_of(std::size_t size) noexcept {
  return size / 2;
}

} // namespace

os_result<handle> simulated_disk::open(handle directory, std::string_view path, const open_how& how) {
  const bool may_change_disk = (how.create || how.truncate) && !is_path_only(how);
  const auto operation = may_change_disk ? disk_operation::create : disk_operation::open;
  return perform<handle>({0, operation, directory, path}, [&]() -> os_result<handle> {
    if (open_handles() >= (aside_ > 0 ? max_handle_slots : max_handles_))
      return os_error{EMFILE};
    const bool create = how.create && !is_path_only(how);
    if (create && how.directory)
      return os_error{EINVAL};
    const bool exclusive = create && how.exclusive;
    const bool link_itself = exclusive || (how.no_follow && (!how.beneath || is_path_only(how)));
    place found;
    if (auto walked = walk(directory, path, {!link_itself, how.beneath, false, create}, found); !walked)
      return walked.error();
    return open_found(found, how, full_path(directory, path));
  });
}

os_result<handle> simulated_disk::open_found(place& found, const open_how& how, std::string path) {
  const bool create = how.create && !is_path_only(how);
  if (found.target.inode == 0) {
    if (!create)
      return os_error{ENOENT};
    auto made = create_file(found, how);
    if (!made)
      return made.error();
    return add_handle(*made, how.access, std::move(path));
  }
  if (create && how.exclusive)
    return os_error{EEXIST};
  if (auto fine = check_access(found.target, how); !fine)
    return fine.error();
  auto& volume = volume_of(found.target);
  if (how.truncate && !is_path_only(how) && inode_of(found.target).type == file_type::regular)
    if (auto cut = volume.resize(found.target.inode, 0, now()); !cut)
      return cut.error();
  return add_handle(found.target, how.access, std::move(path));
}

os_result<simulated_disk::node> simulated_disk::create_file(place& found, const open_how& how) {
  node made;
  if (auto added = add_entry(found, file_type::regular, how.mode & permission_bits & ~user_.umask, made); !added)
    return added.error();
  return made;
}

os_result<void> simulated_disk::check_access(node file, const open_how& how) {
  const auto type = inode_of(file).type;
  if (how.directory && type != file_type::directory)
    return os_error{ENOTDIR};
  if (is_path_only(how))
    return {};
  if (type == file_type::symlink)
    return os_error{ELOOP};
  const bool changes = writes(how.access) || how.truncate;
  if (type == file_type::directory && (changes || how.create))
    return os_error{EISDIR};
  if (how.access != access_mode::append && !may(file, may_read))
    return os_error{EACCES};
  if (changes && !may(file, may_write))
    return os_error{EACCES};
  if (changes && type == file_type::regular && volume_of(file).options.read_only)
    return os_error{EROFS};
  const auto reads_it = [&](const open_handle& open) {
    return open.number != 0 && open.file == file && open.access != access_mode::path_only;
  };
  if (type == file_type::socket ||
      (type == file_type::fifo && how.access == access_mode::append && std::ranges::none_of(handles_, reads_it)))
    return os_error{ENXIO};
  return {};
}

os_result<void> simulated_disk::close(handle file) {
  return perform<void>({0, disk_operation::close, file}, [&]() -> os_result<void> {
    const auto number = static_cast<int>(file);
    const auto slot = static_cast<std::size_t>(number) % max_handle_slots;
    if (number <= 0 || slot >= handles_.size() || handles_[slot].number != number)
      return os_error{EBADF};
    const auto closed = handles_[slot].file;
    handles_[slot] = {};
    free_handles_.push_back(static_cast<std::uint32_t>(slot));
    volume_of(closed).closed(closed.inode);
    return {};
  });
}

file_status simulated_disk::describe(node file) const {
  const auto& inode = inode_of(file);
  const bool is_directory = inode.type == file_type::directory;
  return {inode.type,
          inode.mode,
          inode.uid,
          inode.gid,
          is_directory && inode.links > 0 ? 2 : inode.links,
          is_directory ? directory_size : inode.bytes->size(),
          volumes_[file.volume].device(),
          file.inode,
          inode.mtime,
          inode.ctime};
}

os_result<file_status> simulated_disk::status(handle directory, std::string_view path, bool follow) {
  return perform<file_status>({0, disk_operation::status, directory, path}, [&]() -> os_result<file_status> {
    place found;
    if (auto walked = walk(directory, path, {.follow = follow}, found); !walked)
      return walked.error();
    if (found.target.inode == 0)
      return os_error{ENOENT};
    return describe(found.target);
  });
}

os_result<file_status> simulated_disk::status(handle file) {
  return perform<file_status>({0, disk_operation::status, file}, [&]() -> os_result<file_status> {
    auto open = use(file);
    if (!open)
      return open.error();
    return describe((*open)->file);
  });
}

os_result<filesystem_status> simulated_disk::filesystem(handle file) {
  return perform<filesystem_status>({0, disk_operation::filesystem, file}, [&]() -> os_result<filesystem_status> {
    auto open = use(file);
    if (!open)
      return open.error();
    const auto& volume = volume_of((*open)->file);
    return filesystem_status{volume.options.filesystem_type, volume.free_bytes(), volume.options.read_only};
  });
}

os_result<std::string> simulated_disk::read_link(handle directory, std::string_view path) {
  return perform<std::string>({0, disk_operation::read_link, directory, path}, [&]() -> os_result<std::string> {
    place found;
    if (auto walked = walk(directory, path, {}, found); !walked)
      return walked.error();
    if (found.target.inode == 0)
      return os_error{ENOENT};
    if (inode_of(found.target).type != file_type::symlink)
      return os_error{EINVAL};
    return *inode_of(found.target).bytes;
  });
}

os_result<std::size_t> simulated_disk::read_at(handle file, std::uint64_t offset, std::span<std::byte> into) {
  return perform<std::size_t>({0, disk_operation::read, file}, [&]() -> os_result<std::size_t> {
    auto open = use_for_io(file);
    if (!open)
      return open.error();
    if ((*open)->access == access_mode::append)
      return os_error{EBADF};
    const auto& inode = inode_of((*open)->file);
    if (inode.type == file_type::directory)
      return os_error{EISDIR};
    if (inode.type == file_type::fifo)
      return os_error{ESPIPE};
    if (offset > max_offset)
      return os_error{EINVAL};
    const std::string_view content = *inode.bytes;
    if (offset >= content.size())
      return std::size_t{0};
    auto size = std::min<std::size_t>(into.size(), content.size() - offset);
    if (active_ && active_->what == fault::kind::short_transfer && size > 0 && (size = half_of(size)) == 0)
      return os_error{EINTR};
    return content.copy(reinterpret_cast<char*>(into.data()), size, offset);
  });
}

os_result<std::size_t> simulated_disk::write_to(node file, std::uint64_t offset, std::span<const std::byte> from) {
  auto& volume = volume_of(file);
  const auto type = volume.at(file.inode).type;
  if (type == file_type::fifo)
    return os_error{ESPIPE};
  if (type != file_type::regular)
    return from.size();
  if (volume.options.read_only)
    return os_error{EROFS};
  if (offset > max_offset)
    return os_error{EINVAL};
  if (active_ && active_->what == fault::kind::short_transfer && !from.empty()) {
    from = from.first(half_of(from.size()));
    if (from.empty())
      return os_error{EINTR};
  }
  return volume.write(file.inode, offset, from, now());
}

os_result<std::size_t> simulated_disk::write_at(handle file, std::uint64_t offset, std::span<const std::byte> from) {
  return perform<std::size_t>({0, disk_operation::write, file}, [&]() -> os_result<std::size_t> {
    auto open = use_for_io(file);
    if (!open)
      return open.error();
    const auto node = (*open)->file;
    const auto access = (*open)->access;
    if (!writes(access))
      return os_error{EBADF};
    // As Linux does it, against POSIX.
    return write_to(node, access == access_mode::append ? inode_of(node).bytes->size() : offset, from);
  });
}

os_result<std::size_t> simulated_disk::append(handle file, std::span<const std::byte> from) {
  return perform<std::size_t>({0, disk_operation::append, file}, [&]() -> os_result<std::size_t> {
    auto open = use_for_io(file);
    if (!open)
      return open.error();
    if ((*open)->access != access_mode::append)
      return os_error{EBADF};
    return write_to((*open)->file, inode_of((*open)->file).bytes->size(), from);
  });
}

os_result<void> simulated_disk::truncate(handle file, std::uint64_t size) {
  return perform<void>({0, disk_operation::truncate, file}, [&]() -> os_result<void> {
    auto open = use_for_io(file);
    if (!open)
      return open.error();
    const auto node = (*open)->file;
    if (!writes((*open)->access) || inode_of(node).type != file_type::regular || size > max_offset)
      return os_error{EINVAL};
    if (volume_of(node).options.read_only)
      return os_error{EROFS};
    return volume_of(node).resize(node.inode, size, now());
  });
}

os_result<void> simulated_disk::change_mode(handle file, std::uint32_t mode) {
  return perform<void>({0, disk_operation::change_mode, file}, [&]() -> os_result<void> {
    auto open = use_for_io(file);
    if (!open)
      return open.error();
    const auto node = (*open)->file;
    if (volume_of(node).options.read_only)
      return os_error{EROFS};
    if (user_.uid != 0 && inode_of(node).uid != user_.uid)
      return os_error{EPERM};
    volume_of(node).change_mode(node.inode, mode & permission_bits, now());
    return {};
  });
}

} // namespace muster
