#pragma once

#include "muster/store/fault_plan.hpp"
#include "muster/store/simulated_clock.hpp"
#include "muster/store/simulated_volume.hpp"

#include <algorithm>
#include <optional>

namespace muster {

class simulated_disk;

/// Whom the permission bits are held against; 0 may do everything.
struct simulated_user {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t umask = 0022;
};

/// Is called before every counted call and may do anything to the disk: what
/// it does is neither counted nor failed. An editor, a second process.
class disk_spectator {
public:
  virtual ~disk_spectator() = default;
  virtual void before(simulated_disk& files, const disk_call& call) = 0;
};

/// One finished call.
struct traced_call {
  std::uint64_t number = 0;
  disk_operation operation = disk_operation::open;
  std::string path;
  std::string to;
  int error = 0;
};

/// A file system in memory with a fault plan before it and a crash behind it.
/// Volume 0 is mounted at "/". The plan counts calls of `disk`, not the other
/// functions of this class. Listings come in the order of the names' bytes.
class simulated_disk final : public disk {
public:
  static constexpr std::size_t max_handle_slots = 4096;

  explicit simulated_disk(simulated_clock& clock, const volume_options& options = {}, simulated_user user = {});
  /// A snapshot: shares all content until one of the two changes it, and has
  /// handles, counters and a plan of its own from there on. It follows another
  /// clock and has no spectator or trace.
  simulated_disk(const simulated_disk& other, simulated_clock& clock);
  simulated_disk& operator=(const simulated_disk&) = delete;

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

  void set_plan(fault_plan plan) { plan_ = std::move(plan); }
  [[nodiscard]] const fault_plan& plan() const noexcept { return plan_; }
  /// Neither is owned; null for none.
  void set_spectator(disk_spectator* spectator) noexcept { spectator_ = spectator; }
  void set_trace(std::vector<traced_call>* trace) noexcept { trace_ = trace; }
  [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }
  [[nodiscard]] std::size_t open_handles() const noexcept { return handles_.size() - free_handles_.size(); }
  void set_user(simulated_user user) noexcept { user_ = user; }
  /// Beyond it EMFILE; at most `max_handle_slots`. Does not bind a second actor.
  void set_max_handles(std::size_t limit) noexcept { max_handles_ = std::min(limit, max_handle_slots); }

  /// The process ends and another starts: handles and locks are gone, what was
  /// not synced is still in the page cache.
  void restart();
  /// What a crash may keep or lose.
  [[nodiscard]] std::vector<pending_effect> pending() const;
  /// The power goes and comes back. Mounts and options stay.
  void crash(const crash_choice& choice);
  /// Equal for equal trees: names, types, modes, content.
  [[nodiscard]] std::uint64_t fingerprint() const;

  /// Volumes are numbered from 0; a new one is mounted nowhere.
  std::uint32_t add_volume(const volume_options& options);
  [[nodiscard]] volume_options& options(std::uint32_t volume) { return volumes_.at(volume).options; }
  /// Mounts a volume over a directory; it had no other mount. Unmounting leaves
  /// open handles working, as a lazy unmount does.
  void mount(std::uint32_t volume, std::string_view directory);
  void unmount(std::uint32_t volume);

  /// Runs `work(files)` outside of all counting and faults: a second actor, or
  /// a check of the harness.
  template <class Work>
  decltype(auto) aside(Work&& work) {
    const aside_scope scope{*this};
    return std::forward<Work>(work)(*this);
  }
  /// Shorthands for harnesses, outside of all counting and faults. Paths are
  /// absolute; what cannot be done ends the process.
  void put_file(std::string_view path, std::string_view content);
  void put_directory(std::string_view path);
  void put_symlink(std::string_view path, std::string_view target);
  void put_special(std::string_view path, file_type type);
  [[nodiscard]] std::string file_content(std::string_view path);
  [[nodiscard]] bool exists(std::string_view path);

private:
  simulated_disk(const simulated_disk&) = default;

  static constexpr int max_generation = (1 << 19) - 1;

  struct node {
    std::uint32_t volume = 0;
    inode_number inode = 0;
    friend bool operator==(const node&, const node&) = default;
  };
  struct open_handle {
    node file;
    int number = 0; ///< 0: the slot is free
    open_how::access_mode access = open_how::access_mode::read;
    bool locked = false;
    std::uint8_t listed = 0;    ///< 1 after ".", 2 after ".."
    std::string last_name = {}; ///< the name listed last
    std::string path = {};      ///< as it was opened
  };
  struct mount_point {
    std::uint32_t volume;
    node at;
  };
  /// Where a path leads. The name may point into `expanded`, so a place stays
  /// where it is.
  struct place {
    place() = default;
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    node directory;
    std::string_view name; ///< empty: the path ends in "/", "." or ".."
    node target;           ///< inode 0: nothing there
    bool dots = false;     ///< it ends in ".."
    bool slash = false;    ///< a slash follows the name
    std::string expanded;
  };
  struct walk_rules {
    bool follow = false;  ///< a symbolic link at the end
    bool beneath = false; ///< as `open_how::beneath`
    bool entry = false;   ///< the entry itself is meant, whatever slashes follow it
    bool create = false;  ///< a slash at the end is EISDIR
  };
  class aside_scope {
  public:
    explicit aside_scope(simulated_disk& owner) noexcept : owner_(owner) { ++owner_.aside_; }
    aside_scope(const aside_scope&) = delete;
    aside_scope& operator=(const aside_scope&) = delete;
    ~aside_scope() { --owner_.aside_; }

  private:
    simulated_disk& owner_;
  };

  template <class T, class Body>
  os_result<T> perform(disk_call call, Body&& body);
  std::optional<fault> begin(disk_call& call);
  void trace(const disk_call& call, int error);
  void name_paths(disk_call& call);
  [[nodiscard]] std::string full_path(handle directory, std::string_view path) const;

  [[nodiscard]] std::chrono::nanoseconds now() const noexcept { return clock_->exact_wall(); }
  [[nodiscard]] simulated_volume& volume_of(node file) { return volumes_[file.volume]; }
  [[nodiscard]] const simulated_inode& inode_of(node file) const { return volumes_[file.volume].at(file.inode); }
  [[nodiscard]] bool may(node file, std::uint32_t bits) const noexcept;
  [[nodiscard]] os_result<open_handle*> use(handle file);
  [[nodiscard]] os_result<open_handle*> use_for_io(handle file);
  void forget_handles();

  [[nodiscard]] node enter(node file) const noexcept;
  [[nodiscard]] node parent_of(node directory) const noexcept;
  [[nodiscard]] bool is_mount_point(node file) const noexcept;
  os_result<void> start(handle directory, std::string_view path, walk_rules rules, node& from);
  os_result<void> walk(handle directory, std::string_view path, walk_rules rules, place& found);
  os_result<void> may_search(node directory) const;
  /// That `found.directory` may get or lose an entry.
  os_result<void> may_change(const place& found);

  os_result<handle> open_found(place& found, const open_how& how, std::string path);
  os_result<node> create_file(place& found, const open_how& how);
  os_result<void> check_access(node file, const open_how& how);
  os_result<handle> add_handle(node file, open_how::access_mode access, std::string path);
  [[nodiscard]] file_status describe(node file) const;
  os_result<std::size_t> write_to(node file, std::uint64_t offset, std::span<const std::byte> from);
  os_result<void> move(place& from, place& to, rename_mode mode);
  os_result<void> check_replace(const place& from, const place& to) const;
  [[nodiscard]] bool is_inside(node directory, node above) const noexcept;
  os_result<void> add_entry(place& found, file_type type, std::uint32_t mode, node& made);

  simulated_clock* clock_;
  simulated_user user_;
  std::vector<simulated_volume> volumes_;
  std::vector<mount_point> mounts_;
  std::vector<open_handle> handles_;
  std::vector<std::uint32_t> free_handles_;
  std::size_t max_handles_ = 1024;
  int generation_ = 0;

  fault_plan plan_;
  disk_spectator* spectator_ = nullptr;
  std::vector<traced_call>* trace_ = nullptr;
  std::uint64_t calls_ = 0;
  int aside_ = 0;
  bool dead_ = false;
  std::string call_path_; ///< what the running call's views point to
  std::string call_to_;
  std::optional<fault> active_; ///< what the running call must do to itself
};

} // namespace muster
