#include "muster/store/simulated_content.hpp"

#include <algorithm>

namespace muster {

namespace {

void put(std::string& bytes, std::uint64_t at, std::string_view what) {
  if (bytes.size() < at + what.size())
    bytes.resize(at + what.size(), '\0');
  what.copy(bytes.data() + at, what.size());
}

} // namespace

std::uint32_t sectors_of(const content_effect& effect) noexcept {
  if (effect.what != content_effect::kind::write)
    return 1;
  const auto last = effect.at + effect.bytes->size() - 1;
  return static_cast<std::uint32_t>(last / sector_size - effect.at / sector_size + 1);
}

void apply_durably(simulated_inode& inode, const content_effect& effect, effect_fate fate) {
  if (fate.what == effect_fate::kind::lost)
    return;
  inode.durable_time = effect.time;
  switch (effect.what) {
    case content_effect::kind::mode: inode.durable_mode = static_cast<std::uint32_t>(effect.at); return;
    case content_effect::kind::resize: inode.durable_bytes.edit().resize(effect.at, '\0'); return;
    case content_effect::kind::write: break;
  }
  const std::string_view all = *effect.bytes;
  const auto boundary = (effect.at / sector_size + fate.sectors) * sector_size;
  const auto cut = std::min<std::uint64_t>(boundary - std::min(boundary, effect.at), all.size());
  switch (fate.what) {
    case effect_fate::kind::lost: return;
    case effect_fate::kind::kept: put(inode.durable_bytes.edit(), effect.at, all); return;
    case effect_fate::kind::head: put(inode.durable_bytes.edit(), effect.at, all.substr(0, cut)); return;
    case effect_fate::kind::tail:
      if (cut < all.size())
        put(inode.durable_bytes.edit(), effect.at + cut, all.substr(cut));
      return;
  }
}

} // namespace muster
