#include "muster/store/simulated_perform.hpp"

#include <algorithm>

namespace muster {

os_result<void> simulated_disk::sync(handle file) {
  return perform<void>({0, disk_operation::sync, file}, [&]() -> os_result<void> {
    auto open = use_for_io(file);
    if (!open)
      return open.error();
    const auto node = (*open)->file;
    const auto type = inode_of(node).type;
    if (type != file_type::regular && type != file_type::directory)
      return os_error{EINVAL};
    if (active_ && active_->what == fault::kind::sync_loses_data) {
      volume_of(node).lose(node.inode);
      return os_error{active_->code};
    }
    volume_of(node).sync(node.inode);
    return {};
  });
}

os_result<void> simulated_disk::sync_filesystem(handle file) {
  return perform<void>({0, disk_operation::sync_filesystem, file}, [&]() -> os_result<void> {
    auto open = use_for_io(file);
    if (!open)
      return open.error();
    auto& volume = volume_of((*open)->file);
    if (active_ && active_->what == fault::kind::sync_loses_data) {
      volume.lose_all();
      return os_error{active_->code};
    }
    volume.sync_all();
    return {};
  });
}

os_result<void> simulated_disk::try_lock(handle file) {
  return perform<void>({0, disk_operation::try_lock, file}, [&]() -> os_result<void> {
    auto mine = use_for_io(file);
    if (!mine)
      return mine.error();
    const auto holds_it = [&](const open_handle& other) {
      return other.number != 0 && &other != *mine && other.locked && other.file == (*mine)->file;
    };
    if (std::ranges::any_of(handles_, holds_it))
      return os_error{EWOULDBLOCK};
    (*mine)->locked = true;
    return {};
  });
}

os_result<bool> simulated_disk::has_writers(handle file) {
  return perform<bool>({0, disk_operation::has_writers, file}, [&]() -> os_result<bool> {
    auto mine = use_for_io(file);
    if (!mine)
      return mine.error();
    const auto node = (*mine)->file;
    if (user_.uid != 0 && inode_of(node).uid != user_.uid)
      return os_error{EACCES};
    if (inode_of(node).type != file_type::regular || !volume_of(node).options.can_lease)
      return os_error{EINVAL};
    return std::ranges::any_of(handles_, [&](const open_handle& other) {
      const bool writes =
          other.access == open_how::access_mode::read_write || other.access == open_how::access_mode::append;
      return other.number != 0 && writes && other.file == node;
    });
  });
}

} // namespace muster
