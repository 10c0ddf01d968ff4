#pragma once

#include "muster/store/copy_on_write.hpp"
#include "muster/store/crash_states.hpp"
#include "muster/store/environment.hpp"

#include <map>
#include <vector>

namespace muster {

/// What a sync promises and what a crash may therefore take.
enum class crash_model : std::uint8_t {
  /// Nothing but what POSIX says: a file's sync saves its content, a
  /// directory's its entries; everything else is kept or lost by itself, in
  /// any order. A rename is one effect, and the sync of either directory saves
  /// it.
  weak_posix,
  /// As ext4 does it: entries change in order, so that a crash keeps a prefix
  /// of their changes; a rename over a file takes the content of the moved file
  /// along; any sync saves all changes of entries before it; of a file's writes
  /// a prefix is kept.
  ordered,
};

/// What a volume is like. All of it may be changed while it is in use.
struct volume_options {
  std::uint64_t capacity = std::uint64_t{1} << 40U;      ///< bytes; beyond it ENOSPC
  std::uint64_t max_file_size = std::uint64_t{1} << 28U; ///< beyond it EFBIG
  bool read_only = false;                                ///< EROFS
  bool can_exchange = true;                              ///< else EINVAL
  bool can_lease = true;                                 ///< else `has_writers` is EINVAL
  int broken = 0;                                        ///< an errno: every call that touches the volume gets it
  crash_model model = crash_model::weak_posix;
  std::uint64_t filesystem_type = 0xEF53;
  std::chrono::nanoseconds timestamp_granularity = std::chrono::milliseconds{4};
};

/// A file of one volume, by its inode number; 0 stands for none.
using inode_number = std::uint64_t;

using directory_entries = std::map<std::string, inode_number, std::less<>>;

/// A change of a file's content that no sync has saved.
struct content_effect {
  enum class kind : std::uint8_t { write, resize, mode };
  std::uint64_t sequence = 0;
  kind what = kind::write;
  std::uint64_t at = 0; ///< the offset, the new size or the new mode
  std::shared_ptr<const std::string> bytes = {};
  std::chrono::nanoseconds time{0};
};

struct simulated_inode {
  file_type type = file_type::regular;
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t links = 0;
  inode_number parent = 0; ///< of a directory
  std::chrono::nanoseconds mtime{0};
  std::chrono::nanoseconds ctime{0};
  copy_on_write<std::string> bytes; ///< content, or what a symbolic link says
  copy_on_write<directory_entries> entries;

  std::uint32_t durable_mode = 0;
  std::chrono::nanoseconds durable_time{0};
  copy_on_write<std::string> durable_bytes;
  copy_on_write<directory_entries> durable_entries;
  std::vector<content_effect> pending;
  bool diverged = false; ///< a failed sync has dropped what was pending
};

/// One name in one directory gets another inode, or none.
struct entry_change {
  inode_number directory = 0;
  std::string name;
  inode_number inode = 0;
};

/// One file system of a simulated disk: inodes and entries, as the running
/// system sees them and as they would be found after a crash. Knows nothing of
/// paths, handles or permissions. Copies in time proportional to the number of
/// its inodes, not their content.
class simulated_volume {
public:
  static constexpr inode_number root = 1;

  simulated_volume(std::uint64_t device, const volume_options& options);

  volume_options options;
  [[nodiscard]] std::uint64_t device() const noexcept { return device_; }
  [[nodiscard]] std::uint64_t free_bytes() const noexcept;

  [[nodiscard]] const simulated_inode& at(inode_number inode) const noexcept { return *slots_[inode].inode; }
  [[nodiscard]] inode_number find(inode_number directory, std::string_view name) const noexcept;

  /// A new inode without a name; 0 if there is no space for it.
  inode_number create(file_type type, std::uint32_t mode, std::uint32_t uid, std::uint32_t gid,
                      std::chrono::nanoseconds now);
  /// Writes as much as there is space for, or ENOSPC, EFBIG.
  os_result<std::size_t> write(inode_number inode, std::uint64_t offset, std::span<const std::byte> from,
                               std::chrono::nanoseconds now);
  os_result<void> resize(inode_number inode, std::uint64_t size, std::chrono::nanoseconds now);
  void change_mode(inode_number inode, std::uint32_t mode, std::chrono::nanoseconds now);
  /// What a link says; only before anything else sees it.
  void set_target(inode_number link, std::string_view target);
  /// One effect, however many names it changes. `moved` is what a rename moves.
  void change_entries(std::vector<entry_change> changes, inode_number moved, std::chrono::nanoseconds now);

  /// Counts the handles on an inode, which keep it after its last name is gone.
  void opened(inode_number inode) noexcept { ++slots_[inode].handles; }
  void closed(inode_number inode) noexcept;

  void sync(inode_number inode);
  void sync_all();
  /// What `sync` would have saved is never saved, and no longer pending.
  void lose(inode_number inode);
  void lose_all();

  void list_pending(std::uint32_t volume, std::vector<pending_effect>& into) const;
  /// Treats the effects as chosen, in the order of `list_pending`, and forgets
  /// what no name leads to. Handles are gone. Returns how many fates it used.
  std::size_t crash(std::span<const effect_fate> fates);

  /// Mixes everything a walk from the root can see into `hash`.
  [[nodiscard]] std::uint64_t fingerprint(std::uint64_t hash) const;

private:
  struct slot {
    copy_on_write<simulated_inode> inode;
    std::uint32_t handles = 0;
    bool used = false;
  };
  struct entry_effect {
    std::uint64_t sequence = 0;
    inode_number moved = 0;
    std::chrono::nanoseconds time{0};
    std::vector<entry_change> changes;
  };
  using fates = std::vector<effect_fate>;

  [[nodiscard]] simulated_inode& edit(inode_number inode) { return slots_[inode].inode.edit(); }
  [[nodiscard]] std::chrono::nanoseconds stamp(std::chrono::nanoseconds now) const noexcept;
  void add_effect(simulated_inode& inode, content_effect effect);
  void unlinked(inode_number inode) noexcept;
  void save_content(inode_number inode, std::uint64_t before);
  void save_entries(inode_number directory);
  void save_effect(const entry_effect& effect);
  void drop_entries(inode_number only);
  void drop_content(inode_number inode);
  void collect();
  void mark(std::vector<bool>& reached) const;

  void put_in_order(fates& entries, std::vector<fates>& contents) const;
  void crash_content(inode_number inode, const fates& chosen);
  [[nodiscard]] std::vector<std::uint32_t> count_links();
  void recount();

  std::uint64_t device_;
  std::uint64_t used_bytes_ = 0;
  std::uint64_t sequence_ = 0;
  std::size_t collect_at_ = 64;
  std::vector<slot> slots_;
  std::vector<inode_number> free_;
  std::vector<entry_effect> pending_entries_;
};

} // namespace muster
