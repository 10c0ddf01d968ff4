#include "muster/store/simulated_content.hpp"

#include <algorithm>

namespace muster {

namespace {

using fate = effect_fate::kind;

std::string describe(const content_effect& effect, inode_number inode) {
  const auto where = " of inode " + std::to_string(inode);
  switch (effect.what) {
    case content_effect::kind::write:
      return "write " + std::to_string(effect.bytes->size()) + " bytes at " + std::to_string(effect.at) + where;
    case content_effect::kind::resize: return "resize to " + std::to_string(effect.at) + where;
    case content_effect::kind::mode: return "change mode" + where;
  }
  return {};
}

std::string describe(const std::vector<entry_change>& changes) {
  std::string text;
  for (const auto& change : changes)
    text += (text.empty() ? "" : ", ") + change.name + " in inode " + std::to_string(change.directory) + " -> " +
            (change.inode == 0 ? "nothing" : "inode " + std::to_string(change.inode));
  return text;
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) noexcept {
  return splitmix{hash ^ value}.next();
}

std::uint64_t mix(std::uint64_t hash, std::string_view text) noexcept {
  hash = mix(hash, text.size());
  for (; text.size() >= sizeof hash; text.remove_prefix(sizeof hash)) {
    std::uint64_t word = 0;
    text.copy(reinterpret_cast<char*>(&word), sizeof word);
    hash = mix(hash, word);
  }
  std::uint64_t word = 0;
  text.copy(reinterpret_cast<char*>(&word), text.size());
  return mix(hash, word);
}

std::uint64_t mix_tree(const simulated_volume& volume, inode_number inode, std::uint64_t hash) {
  const auto& file = volume.at(inode);
  hash = mix(hash, static_cast<std::uint64_t>(file.type) << 32U | file.mode);
  hash = mix(hash, *file.bytes);
  for (const auto& [name, entry] : *file.entries)
    hash = mix_tree(volume, entry, mix(hash, name));
  return mix(hash, file.entries->size());
}

} // namespace

void simulated_volume::list_pending(std::uint32_t volume, std::vector<pending_effect>& into) const {
  for (const auto& effect : pending_entries_)
    into.push_back(
        {pending_effect::kind::entries, volume, effect.changes.front().directory, 1, describe(effect.changes)});
  for (inode_number inode = root; inode < slots_.size(); ++inode)
    for (const auto& effect : at(inode).pending)
      into.push_back({pending_effect::kind::content, volume, inode, sectors_of(effect), describe(effect, inode)});
}

std::size_t simulated_volume::crash(std::span<const effect_fate> chosen) {
  std::size_t used = 0;
  const auto take = [&](std::size_t count) {
    fates taken(count);
    for (auto& one : taken) {
      if (used < chosen.size())
        one = chosen[used];
      ++used;
    }
    return taken;
  };
  auto entries = take(pending_entries_.size());
  std::vector<fates> contents(slots_.size());
  for (inode_number inode = root; inode < slots_.size(); ++inode)
    contents[inode] = take(at(inode).pending.size());
  if (options.model == crash_model::ordered)
    put_in_order(entries, contents);
  // What has nothing pending is on the medium as it is in memory.
  std::vector<bool> changed(slots_.size());
  for (std::size_t effect = 0; effect < entries.size(); ++effect) {
    for (const auto& change : pending_entries_[effect].changes)
      changed[change.directory] = true;
    if (entries[effect].what != fate::lost)
      save_effect(pending_entries_[effect]);
  }
  pending_entries_.clear();
  for (inode_number inode = root; inode < slots_.size(); ++inode)
    if (changed[inode] || !contents[inode].empty() || at(inode).diverged)
      crash_content(inode, contents[inode]);
  recount();
  return std::min(used, chosen.size());
}

// Makes of any choice the nearest one that an ordered file system allows.
void simulated_volume::put_in_order(fates& entries, std::vector<fates>& contents) const {
  const auto first_lost = std::ranges::find(entries, fate::lost, &effect_fate::what);
  std::fill(first_lost, entries.end(), effect_fate{});
  for (auto& chosen : contents) {
    auto cut = std::ranges::find_if(chosen, [](const auto& one) { return one.what != fate::kept; });
    if (cut != chosen.end() && cut->what == fate::head)
      ++cut;
    std::fill(cut, chosen.end(), effect_fate{});
  }
  const auto kept = static_cast<std::size_t>(first_lost - entries.begin());
  for (std::size_t effect = 0; effect < kept; ++effect) {
    const auto& [sequence, moved, time, changes] = pending_entries_[effect];
    if (moved == 0)
      continue;
    for (std::size_t index = 0; index < contents[moved].size(); ++index)
      if (at(moved).pending[index].sequence < sequence)
        contents[moved][index] = {fate::kept, 0};
  }
}

void simulated_volume::crash_content(inode_number inode, const fates& chosen) {
  auto& file = edit(inode);
  for (std::size_t effect = 0; effect < chosen.size(); ++effect)
    apply_durably(file, file.pending[effect], chosen[effect]);
  file.pending.clear();
  file.bytes = file.durable_bytes;
  file.entries = file.durable_entries;
  file.mode = file.durable_mode;
  file.mtime = file.ctime = file.durable_time;
  file.diverged = false;
}

// How many names lead to each inode. A directory that two names lead to keeps
// the first, as after a check of the file system.
std::vector<std::uint32_t> simulated_volume::count_links() {
  std::vector<std::uint32_t> links(slots_.size());
  links[root] = 1;
  std::vector<inode_number> todo{root};
  while (!todo.empty()) {
    const auto directory = todo.back();
    todo.pop_back();
    const auto entries = at(directory).entries;
    for (const auto& [name, entry] : *entries) {
      const bool is_directory = at(entry).type == file_type::directory;
      if (is_directory && links[entry] > 0) {
        edit(directory).entries.edit().erase(name);
        edit(directory).durable_entries.edit().erase(name);
        continue;
      }
      ++links[entry];
      if (is_directory) {
        if (at(entry).parent != directory)
          edit(entry).parent = directory;
        todo.push_back(entry);
      }
    }
  }
  return links;
}

void simulated_volume::recount() {
  const auto links = count_links();
  used_bytes_ = 0;
  for (inode_number inode = slots_.size() - 1; inode >= root; --inode) {
    auto& slot = slots_[inode];
    if (!slot.used)
      continue;
    slot.handles = 0;
    if (links[inode] == 0) {
      slot = {};
      free_.push_back(inode);
      continue;
    }
    if (slot.inode->links != links[inode])
      slot.inode.edit().links = links[inode];
    used_bytes_ += cost_of(at(inode));
  }
}

std::uint64_t simulated_volume::fingerprint(std::uint64_t hash) const {
  return mix_tree(*this, root, hash);
}

} // namespace muster
