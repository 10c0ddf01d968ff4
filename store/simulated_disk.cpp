#include "muster/store/simulated_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace muster {

namespace {

constexpr std::uint64_t first_device = 0x100;

template <class T>
T must(os_result<T> answer, std::string_view what, std::string_view path) {
  if (!answer) {
    std::fprintf(stderr, "muster: simulated disk: %.*s %.*s: errno %d\n", static_cast<int>(what.size()), what.data(),
                 static_cast<int>(path.size()), path.data(), answer.error().code);
    std::abort();
  }
  if constexpr (!std::is_void_v<T>)
    return std::move(*answer);
}

bool can_be_short(disk_operation operation) noexcept {
  return operation == disk_operation::read || operation == disk_operation::write || operation == disk_operation::append;
}

bool is_sync(disk_operation operation) noexcept {
  return operation == disk_operation::sync || operation == disk_operation::sync_filesystem;
}

} // namespace

simulated_disk::simulated_disk(simulated_clock& clock, const volume_options& options, simulated_user user)
    : clock_(&clock), user_(user) {
  add_volume(options);
}

simulated_disk::simulated_disk(const simulated_disk& other, simulated_clock& clock) : simulated_disk(other) {
  clock_ = &clock;
  spectator_ = nullptr;
  trace_ = nullptr;
}

std::optional<fault> simulated_disk::begin(disk_call& call) {
  if (dead_)
    return fault{};
  call.number = ++calls_;
  if (spectator_ || trace_)
    name_paths(call);
  if (spectator_) {
    const aside_scope scope{*this};
    spectator_->before(*this, call);
  }
  auto wrong = plan_.decide(call.operation);
  if (!wrong)
    return wrong;
  switch (wrong->what) {
    case fault::kind::error:
    case fault::kind::error_but_done:
    case fault::kind::kill_after: break;
    case fault::kind::short_transfer:
      if (!can_be_short(call.operation))
        wrong = fault{fault::kind::error, EINTR};
      break;
    case fault::kind::sync_loses_data:
      if (!is_sync(call.operation))
        wrong->what = fault::kind::error;
      break;
    case fault::kind::delay: clock_->advance(wrong->length); return std::nullopt;
    case fault::kind::hang: trace(call, 0); throw call_hung{call.number};
    case fault::kind::kill_before:
      dead_ = true;
      trace(call, 0);
      throw process_killed{call.number};
  }
  return wrong;
}

void simulated_disk::name_paths(disk_call& call) {
  call_path_ = full_path(call.on, call.path);
  call.path = call_path_;
  if (call.operation == disk_operation::rename) {
    call_to_ = full_path(call.to_directory, call.to);
    call.to = call_to_;
  }
}

std::string simulated_disk::full_path(handle directory, std::string_view path) const {
  const auto slot = static_cast<std::size_t>(directory) % max_handle_slots;
  if (path.starts_with('/') || slot >= handles_.size() || handles_[slot].number != static_cast<int>(directory))
    return std::string(path);
  auto full = handles_[slot].path;
  if (!path.empty() && !full.ends_with('/'))
    full += '/';
  return full.append(path);
}

void simulated_disk::trace(const disk_call& call, int error) {
  if (trace_)
    trace_->push_back({call.number, call.operation, std::string(call.path), std::string(call.to), error});
}

bool simulated_disk::may(node file, std::uint32_t bits) const noexcept {
  const auto& inode = inode_of(file);
  if (user_.uid == 0)
    return true;
  const auto shift = inode.uid == user_.uid ? 6U : inode.gid == user_.gid ? 3U : 0U;
  return (inode.mode >> shift & bits) == bits;
}

os_result<simulated_disk::open_handle*> simulated_disk::use(handle file) {
  const auto number = static_cast<int>(file);
  const auto slot = static_cast<std::size_t>(number) % max_handle_slots;
  if (number <= 0 || slot >= handles_.size() || handles_[slot].number != number)
    return os_error{EBADF};
  auto& found = handles_[slot];
  if (const int broken = volume_of(found.file).options.broken; broken != 0)
    return os_error{broken};
  return &found;
}

os_result<simulated_disk::open_handle*> simulated_disk::use_for_io(handle file) {
  auto found = use(file);
  if (found && (*found)->access == open_how::access_mode::path_only)
    return os_error{EBADF};
  return found;
}

os_result<handle> simulated_disk::add_handle(node file, open_how::access_mode access, std::string path) {
  if (free_handles_.empty()) {
    free_handles_.push_back(static_cast<std::uint32_t>(handles_.size()));
    handles_.emplace_back();
  }
  const auto slot = free_handles_.back();
  free_handles_.pop_back();
  // A number does not come again soon, so that the use of a closed handle is
  // EBADF and not somebody else's file.
  generation_ = generation_ % max_generation + 1;
  const int number = generation_ * static_cast<int>(max_handle_slots) + static_cast<int>(slot);
  handles_[slot] = {.file = file, .number = number, .access = access, .path = std::move(path)};
  volume_of(file).opened(file.inode);
  return handle{number};
}

void simulated_disk::forget_handles() {
  for (auto& open : handles_)
    if (open.number != 0)
      volume_of(open.file).closed(open.file.inode);
  handles_.clear();
  free_handles_.clear();
  dead_ = false;
}

void simulated_disk::restart() {
  forget_handles();
}

std::vector<pending_effect> simulated_disk::pending() const {
  std::vector<pending_effect> effects;
  for (std::uint32_t volume = 0; volume < volumes_.size(); ++volume)
    volumes_[volume].list_pending(volume, effects);
  return effects;
}

void simulated_disk::crash(const crash_choice& choice) {
  forget_handles();
  std::span<const effect_fate> rest = choice;
  for (auto& volume : volumes_)
    rest = rest.subspan(volume.crash(rest));
}

std::uint64_t simulated_disk::fingerprint() const {
  std::uint64_t hash = 0;
  for (const auto& volume : volumes_)
    hash = volume.fingerprint(hash);
  return hash;
}

std::uint32_t simulated_disk::add_volume(const volume_options& options) {
  volumes_.emplace_back(first_device + volumes_.size(), options);
  return static_cast<std::uint32_t>(volumes_.size() - 1);
}

void simulated_disk::mount(std::uint32_t volume, std::string_view directory) {
  unmount(volume);
  place found;
  must(walk(no_handle, directory, {.follow = true}, found), "mount", directory);
  mounts_.push_back({volume, found.target});
}

void simulated_disk::unmount(std::uint32_t volume) {
  std::erase_if(mounts_, [=](const auto& mounted) { return mounted.volume == volume; });
}

void simulated_disk::put_file(std::string_view path, std::string_view content) {
  const aside_scope scope{*this};
  const open_how how{.access = open_how::access_mode::read_write, .create = true, .truncate = true, .mode = 0644};
  const open_file file{*this, must(open(no_handle, path, how), "create", path)};
  const auto wrote = must(write_at(file.get(), 0, std::as_bytes(std::span(content))), "write", path);
  if (wrote != content.size())
    must<void>(os_error{ENOSPC}, "write", path);
}

void simulated_disk::put_directory(std::string_view path) {
  const aside_scope scope{*this};
  must(make_directory(no_handle, path, 0755), "make directory", path);
}

void simulated_disk::put_symlink(std::string_view path, std::string_view target) {
  place found;
  node made;
  must(walk(no_handle, path, {}, found), "make link", path);
  must(add_entry(found, file_type::symlink, 0777, made), "make link", path);
  volume_of(made).set_target(made.inode, target);
}

void simulated_disk::put_special(std::string_view path, file_type type) {
  place found;
  node made;
  must(walk(no_handle, path, {}, found), "make", path);
  must(add_entry(found, type, 0644, made), "make", path);
}

std::string simulated_disk::file_content(std::string_view path) {
  place found;
  must(walk(no_handle, path, {.follow = true}, found), "read", path);
  if (found.target.inode == 0)
    must<void>(os_error{ENOENT}, "read", path);
  return *inode_of(found.target).bytes;
}

bool simulated_disk::exists(std::string_view path) {
  place found;
  return walk(no_handle, path, {}, found) && found.target.inode != 0;
}

} // namespace muster
