#include "muster/store/durable_mark.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/feed_limits.hpp"
#include "muster/store/full_io.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>

namespace muster {

namespace {

// The slots lie in blocks of their own, so that a torn write of one leaves the
// other alone.
constexpr std::uint64_t second_slot = 4096;
constexpr std::size_t file_bytes = second_slot + mark_slot_bytes;
constexpr std::size_t check_bytes = 64;
constexpr std::size_t text_bytes = mark_slot_bytes - check_bytes - 1;
constexpr std::string_view new_name = "durable.new";

std::string_view text_of(const sha256_digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::uint64_t place_of(std::uint64_t turn) noexcept {
  return turn % 2 == 0 ? 0 : second_slot;
}

std::string with_both_slots(const durable_mark& mark) {
  std::string bytes(file_bytes, ' ');
  bytes.replace(0, mark_slot_bytes, encode_slot(mark, 0));
  bytes.replace(second_slot, mark_slot_bytes, encode_slot(mark, 1));
  return bytes;
}

struct slots {
  std::optional<mark_slot> newest;
  bool both = false;
  bool later_format = false;

  [[nodiscard]] durable_file::found found() const {
    if (later_format || !newest)
      return {std::nullopt, both, later_format};
    return {newest->mark, both, false};
  }
};

slots slots_of(std::string_view bytes) {
  if (bytes.size() < file_bytes)
    bytes = bytes.substr(0, mark_slot_bytes);
  auto first = decode_slot(bytes.substr(0, mark_slot_bytes));
  auto second = bytes.size() < file_bytes ? std::nullopt : decode_slot(bytes.substr(second_slot, mark_slot_bytes));
  const bool both = first && second;
  const bool later = (first && first->later_format) || (second && second->later_format);
  if (!first || (second && second->turn > first->turn))
    first = second;
  return {first, both, later};
}

} // namespace

sha256_digest start_of_content(std::string_view header) {
  return sha256::of(header);
}

sha256_digest after_run(const sha256_digest& before, std::string_view run) {
  thread_local sha256 hasher;
  hasher.update(text_of(before));
  hasher.update(run);
  return hasher.finish();
}

std::string encode_slot(const durable_mark& mark, std::uint64_t turn) {
  std::string text = "{\"at\":\"";
  std::array<std::byte, 8> at{};
  for (std::size_t i = 0; i != at.size(); ++i)
    at[i] = static_cast<std::byte>(mark.at.value >> (56 - 8 * i) & 0xff);
  append_hex(text, at);
  text.append("\",\"chain\":\"");
  append_hex(text, mark.tip.chain);
  text.append("\",\"content\":\"");
  append_hex(text, mark.content);
  text.append("\",\"durable\":").append(std::to_string(mark.tip.seq));
  text.append(",\"first\":").append(std::to_string(mark.first));
  text.append(",\"format\":").append(std::to_string(feed_format_version));
  text.append(",\"length\":").append(std::to_string(mark.length));
  text.append(",\"turn\":").append(std::to_string(turn)).append("}");
  assert(text.size() <= text_bytes);
  text.resize(text_bytes, ' ');
  append_hex(text, sha256::of(text));
  return text.append("\n");
}

std::optional<mark_slot> decode_slot(std::string_view slot) {
  if (slot.size() != mark_slot_bytes || slot.back() != '\n')
    return std::nullopt;
  const auto text = slot.substr(0, text_bytes);
  sha256_digest check{};
  if (!read_hex(slot.substr(text_bytes, check_bytes), check) || check != sha256::of(text))
    return std::nullopt;
  canonical_reader in(text.substr(0, text.find_last_not_of(' ') + 1));
  mark_slot result;
  auto& mark = result.mark;
  std::array<std::byte, 8> at{};
  std::uint64_t format = 0;
  constexpr auto highest = feed_limits::last_sequence;
  if (!in.open_object() || !in.required("at") || !in.hex(at) || !in.required("chain") || !in.hex(mark.tip.chain) ||
      !in.required("content") || !in.hex(mark.content) || !in.required("durable") ||
      !in.whole_number(mark.tip.seq, highest) || !in.required("first") || !in.counting_number(mark.first, highest) ||
      !in.required("format") || !in.counting_number(format, feed_format_version) || !in.required("length") ||
      !in.whole_number(mark.length, feed_limits::segment_bytes) || !in.required("turn") ||
      !in.whole_number(result.turn, highest) || !in.close_object() || !in.end()) {
    result.later_format = true;
    return result;
  }
  for (const auto byte : at)
    mark.at.value = mark.at.value << 8 | std::to_integer<std::uint64_t>(byte);
  return result;
}

os_result<durable_file> durable_file::create(disk& files, handle directory, const durable_mark& mark) {
  // A left-over of a creation that a crash cut short is nobody's.
  if (auto removed = files.unlink(directory, new_name, unlink_kind::file); !removed && removed.error().code != ENOENT)
    return removed.error();
  if (auto written = write_new_file(files, directory, new_name, with_both_slots(mark)); !written)
    return written.error();
  if (auto renamed = files.rename(directory, new_name, directory, name, rename_mode::replace); !renamed)
    return renamed.error();
  if (auto synced = sync_full(files, directory); !synced)
    return synced.error();
  auto file = open_regular(files, directory, name, open_how::access_mode::read_write);
  if (!file)
    return file.error();
  return durable_file(files, std::move(*file));
}

os_result<durable_file> durable_file::open(disk& files, handle directory, found& seen) {
  auto file = open_regular(files, directory, name, open_how::access_mode::read_write);
  if (!file)
    return file.error();
  const auto bytes = read_full(files, file->get(), 0, file_bytes);
  if (!bytes)
    return bytes.error();
  const auto held = slots_of(*bytes);
  durable_file result(files, std::move(*file));
  seen = held.found();
  result.settled_ = false;
  if (!seen.mark)
    return result;
  result.turn_ = held.newest->turn;
  result.read_ = held.newest->mark;
  return result;
}

os_result<durable_file::found> durable_file::read(disk& files, handle directory) {
  const auto file = open_regular(files, directory, name);
  if (!file)
    return file.error();
  const auto bytes = read_full(files, file->get(), 0, file_bytes);
  if (!bytes)
    return bytes.error();
  return slots_of(*bytes).found();
}

os_result<void> durable_file::write(const durable_mark& mark) {
  assert(settled_);
  // Whatever the answer, the slot may have changed.
  settled_ = false;
  ++turn_;
  return put(mark);
}

os_result<void> durable_file::put(const durable_mark& mark) {
  return write_full(*files_, file_.get(), place_of(turn_), encode_slot(mark, turn_));
}

os_result<void> durable_file::settle() {
  if (settled_)
    return {};
  // What was read may stand in memory only, left there by a sync that failed;
  // only bytes that are written again are sure to be synced.
  if (read_)
    if (auto again = put(*read_); !again)
      return again;
  if (auto synced = sync_full(*files_, file_.get()); !synced)
    return synced;
  read_.reset();
  settled_ = true;
  return {};
}

} // namespace muster
