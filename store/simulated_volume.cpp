#include "muster/store/simulated_volume.hpp"

#include "muster/store/simulated_content.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>

namespace muster {

namespace {

constexpr effect_fate whole{effect_fate::kind::kept, 0};

bool touches(const std::vector<entry_change>& changes, inode_number directory) noexcept {
  return std::ranges::any_of(changes, [=](const auto& change) { return change.directory == directory; });
}

void assign(directory_entries& entries, const entry_change& change) {
  if (change.inode != 0)
    entries.insert_or_assign(change.name, change.inode);
  else
    entries.erase(change.name);
}

} // namespace

simulated_volume::simulated_volume(std::uint64_t device, const volume_options& how)
    : options(how), device_(device), slots_(root + 1) {
  slots_[0].used = true;
  slots_[root].used = true;
  auto& top = edit(root);
  top.type = file_type::directory;
  top.mode = top.durable_mode = 0755;
  top.links = 1;
  top.parent = root;
  used_bytes_ = inode_cost;
}

std::uint64_t simulated_volume::free_bytes() const noexcept {
  return options.capacity - std::min(options.capacity, used_bytes_);
}

inode_number simulated_volume::find(inode_number directory, std::string_view name) const noexcept {
  const auto& entries = *at(directory).entries;
  const auto found = entries.find(name);
  return found == entries.end() ? 0 : found->second;
}

inode_number simulated_volume::create(file_type type, std::uint32_t mode, std::uint32_t uid, std::uint32_t gid,
                                      std::chrono::nanoseconds now) {
  if (free_bytes() < inode_cost)
    return 0;
  if (free_.empty() && slots_.size() >= collect_at_)
    collect();
  inode_number made = slots_.size();
  if (free_.empty()) {
    slots_.emplace_back();
  } else {
    made = free_.back();
    free_.pop_back();
  }
  slots_[made].used = true;
  auto& inode = edit(made);
  inode.type = type;
  inode.mode = inode.durable_mode = mode;
  inode.uid = uid;
  inode.gid = gid;
  inode.mtime = inode.ctime = inode.durable_time = stamp(now);
  used_bytes_ += inode_cost;
  return made;
}

os_result<std::size_t> simulated_volume::write(inode_number inode, std::uint64_t offset,
                                               std::span<const std::byte> from, std::chrono::nanoseconds now) {
  if (from.empty())
    return std::size_t{0};
  const auto size = at(inode).bytes->size();
  if (offset >= options.max_file_size)
    return os_error{EFBIG};
  auto end = std::min(offset + from.size(), options.max_file_size);
  end = std::min(end, std::max(size, offset) + free_bytes());
  if (end <= offset)
    return os_error{ENOSPC};
  auto& file = edit(inode);
  auto bytes = std::make_shared<const std::string>(reinterpret_cast<const char*>(from.data()), end - offset);
  auto& content = file.bytes.edit();
  if (end > size) {
    content.resize(end, '\0');
    used_bytes_ += end - size;
  }
  bytes->copy(content.data() + offset, bytes->size());
  file.mtime = file.ctime = stamp(now);
  add_effect(file, {0, content_effect::kind::write, offset, std::move(bytes), file.mtime});
  return static_cast<std::size_t>(end - offset);
}

os_result<void> simulated_volume::resize(inode_number inode, std::uint64_t size, std::chrono::nanoseconds now) {
  if (size > options.max_file_size)
    return os_error{EFBIG};
  auto& file = edit(inode);
  used_bytes_ = used_bytes_ - file.bytes->size() + size;
  file.bytes.edit().resize(size, '\0');
  file.mtime = file.ctime = stamp(now);
  add_effect(file, {0, content_effect::kind::resize, size, {}, file.mtime});
  return {};
}

void simulated_volume::change_mode(inode_number inode, std::uint32_t mode, std::chrono::nanoseconds now) {
  auto& file = edit(inode);
  file.mode = mode;
  file.ctime = stamp(now);
  add_effect(file, {0, content_effect::kind::mode, mode, {}, file.mtime});
}

void simulated_volume::set_target(inode_number link, std::string_view target) {
  auto& inode = edit(link);
  inode.bytes.edit() = target;
  inode.durable_bytes = inode.bytes;
  used_bytes_ += target.size();
}

void simulated_volume::change_entries(std::vector<entry_change> changes, inode_number moved,
                                      std::chrono::nanoseconds now) {
  const auto time = stamp(now);
  std::array<inode_number, 2> left_behind{};
  std::size_t left_count = 0;
  assert(changes.size() <= left_behind.size());
  for (const auto& change : changes) {
    auto& directory = edit(change.directory);
    directory.mtime = directory.ctime = time;
    const auto before = find(change.directory, change.name);
    assign(directory.entries.edit(), change);
    if (change.inode != 0) {
      auto& named = edit(change.inode);
      ++named.links;
      named.ctime = time;
      if (named.type == file_type::directory)
        named.parent = change.directory;
    }
    if (before != 0) {
      auto& left = edit(before);
      --left.links;
      left.ctime = time;
      left_behind[left_count++] = before;
    }
  }
  // Looked at after all the changes: what a rename takes from one name it gives
  // to another.
  for (std::size_t index = 0; index < left_count; ++index)
    unlinked(left_behind[index]);
  pending_entries_.push_back({++sequence_, moved, time, std::move(changes)});
}

void simulated_volume::closed(inode_number inode) noexcept {
  --slots_[inode].handles;
  unlinked(inode);
}

// The space of what has neither name nor handle is free at once, whatever a
// crash may bring back.
void simulated_volume::unlinked(inode_number inode) noexcept {
  if (at(inode).links == 0 && slots_[inode].handles == 0)
    used_bytes_ -= std::min(used_bytes_, cost_of(at(inode)));
}

std::chrono::nanoseconds simulated_volume::stamp(std::chrono::nanoseconds now) const noexcept {
  return now - now % options.timestamp_granularity;
}

void simulated_volume::add_effect(simulated_inode& inode, content_effect effect) {
  effect.sequence = ++sequence_;
  inode.pending.push_back(std::move(effect));
}

void simulated_volume::sync(inode_number inode) {
  save_content(inode, sequence_ + 1);
  if (options.model == crash_model::ordered || at(inode).type == file_type::directory)
    save_entries(inode);
}

void simulated_volume::sync_all() {
  for (const auto& effect : pending_entries_)
    save_effect(effect);
  pending_entries_.clear();
  for (inode_number inode = root; inode < slots_.size(); ++inode)
    save_content(inode, sequence_ + 1);
}

void simulated_volume::lose(inode_number inode) {
  drop_content(inode);
  if (options.model == crash_model::ordered)
    drop_entries(0);
  else if (at(inode).type == file_type::directory)
    drop_entries(inode);
}

void simulated_volume::lose_all() {
  drop_entries(0);
  for (inode_number inode = root; inode < slots_.size(); ++inode)
    drop_content(inode);
}

void simulated_volume::drop_content(inode_number inode) {
  if (at(inode).pending.empty())
    return;
  edit(inode).pending.clear();
  edit(inode).diverged = true;
}

// Those of one directory, or all for 0.
void simulated_volume::drop_entries(inode_number only) {
  std::erase_if(pending_entries_, [&](const auto& effect) {
    if (only != 0 && !touches(effect.changes, only))
      return false;
    for (const auto& change : effect.changes)
      edit(change.directory).diverged = true;
    return true;
  });
}

void simulated_volume::save_content(inode_number inode, std::uint64_t before) {
  if (at(inode).pending.empty())
    return;
  auto& file = edit(inode);
  const auto end = std::ranges::find_if(file.pending, [=](const auto& effect) { return effect.sequence >= before; });
  for (auto effect = file.pending.begin(); effect != end; ++effect)
    apply_durably(file, *effect, whole);
  file.pending.erase(file.pending.begin(), end);
}

void simulated_volume::save_entries(inode_number directory) {
  std::vector<entry_effect> rest;
  for (auto& effect : pending_entries_) {
    if (options.model == crash_model::weak_posix && !touches(effect.changes, directory)) {
      rest.push_back(std::move(effect));
      continue;
    }
    if (options.model == crash_model::ordered && effect.moved != 0)
      save_content(effect.moved, effect.sequence);
    save_effect(effect);
    // An older change of the same name in another effect no longer matters.
    for (auto& older : rest)
      std::erase_if(older.changes, [&](const auto& change) {
        return std::ranges::any_of(effect.changes, [&](const auto& newer) {
          return newer.directory == change.directory && newer.name == change.name;
        });
      });
  }
  std::erase_if(rest, [](const auto& effect) { return effect.changes.empty(); });
  pending_entries_ = std::move(rest);
}

void simulated_volume::save_effect(const entry_effect& effect) {
  for (const auto& change : effect.changes) {
    auto& directory = edit(change.directory);
    assign(directory.durable_entries.edit(), change);
    directory.durable_time = effect.time;
  }
}

void simulated_volume::collect() {
  std::vector<bool> reached(slots_.size(), false);
  mark(reached);
  for (inode_number inode = slots_.size() - 1; inode > root; --inode)
    if (slots_[inode].used && !reached[inode]) {
      slots_[inode] = {};
      free_.push_back(inode);
    }
  collect_at_ = std::max<std::size_t>(64, 2 * (slots_.size() - free_.size()));
}

void simulated_volume::mark(std::vector<bool>& reached) const {
  std::vector<inode_number> todo;
  const auto reach = [&](inode_number inode) {
    if (inode != 0 && !reached[inode]) {
      reached[inode] = true;
      todo.push_back(inode);
    }
  };
  for (inode_number inode = root; inode < slots_.size(); ++inode)
    if (slots_[inode].used && (at(inode).links > 0 || slots_[inode].handles > 0))
      reach(inode);
  for (const auto& effect : pending_entries_)
    for (const auto& change : effect.changes) {
      reach(change.directory);
      reach(change.inode);
    }
  while (!todo.empty()) {
    const auto inode = todo.back();
    todo.pop_back();
    for (const auto& [name, entry] : *at(inode).durable_entries)
      reach(entry);
  }
}

} // namespace muster
