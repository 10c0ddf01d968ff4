#include "muster/store/feed_folder.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/feed_damage.hpp"
#include "muster/store/feed_limits.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/op_codec.hpp"
#include "muster/store/segment_scan.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace muster {

namespace {

constexpr std::size_t most_files = 100'000;
// More than a seal needs.
/// More than a header of ours takes.
constexpr std::size_t head_bytes = 4096;
constexpr std::uint64_t last_line_bytes = 512;

} // namespace

failure feed_folder::disk_failure(os_error why, std::string_view file) const {
  auto path = file.empty() ? place_ : place_ + "/" + std::string(file);
  return {failure_kind::failed,
          "feed-disk",
          "the feed cannot be opened: " + path + ": " + std::strerror(why.code) +
              "; nothing is lost: " + std::string(disk_advice(why)),
          path,
          "feed",
          {},
          why.code};
}

expected<feed_folder> feed_folder::open(environment env, handle feeds, const instance_id& instance) {
  auto directory = open_directory(env.files, feeds, instance.text);
  const auto error = directory ? os_error{} : directory.error();
  feed_folder result(env, directory ? std::move(*directory) : open_file(), instance);
  if (error.code == ENOENT)
    return failure{failure_kind::not_found, "no-feed", "there is no feed of this instance here", result.place_};
  if (error.code != 0)
    return result.disk_failure(error, {});
  if (auto seen = result.look(); !seen)
    return seen.error();
  return result;
}

expected<void> feed_folder::look() {
  const auto names = list_names(env_.files, directory_.get(), most_files);
  if (!names)
    return disk_failure(names.error(), {});
  for (const auto& name : *names) {
    if (const auto first = segment_first(name))
      segments_.push_back(*first);
    else if (name == durable_file::name)
      has_mark_file_ = true;
    else
      leftovers_.push_back(name);
  }
  if (!has_mark_file_)
    return {};
  const auto held = durable_file::read(env_.files, directory_.get());
  if (!held)
    return disk_failure(held.error(), durable_file::name);
  if (held->later_format)
    return failure{failure_kind::release_mismatch, "feed-format",
                   "the feed in " + place_ + " is in a format of another release: upgrade muster on this machine",
                   place_};
  mark_ = *held;
  return {};
}

bool feed_folder::has(sequence first) const noexcept {
  return std::ranges::binary_search(segments_, first);
}

sequence feed_folder::after(sequence first) const noexcept {
  const auto next = std::ranges::upper_bound(segments_, first);
  return next == segments_.end() ? 0 : *next;
}

sequence feed_folder::holding(sequence seq) const noexcept {
  const auto next = std::ranges::upper_bound(segments_, seq);
  return next == segments_.begin() ? 0 : *std::prev(next);
}

expected<std::string> feed_folder::load_head(sequence first) const {
  const auto name = segment_name(first);
  const auto file = open_regular(env_.files, directory_.get(), name);
  if (!file)
    return disk_failure(file.error(), name);
  auto bytes = read_full(env_.files, file->get(), 0, head_bytes);
  if (!bytes)
    return disk_failure(bytes.error(), name);
  if (bytes->size() < head_bytes || bytes->find('\n') != std::string::npos)
    return std::move(*bytes);
  // No header of ours; what it is takes the whole line to tell.
  auto segment = load(first);
  if (!segment)
    return segment.error();
  return std::move(segment->bytes);
}

expected<loaded_segment> feed_folder::load(sequence first) const {
  const auto name = segment_name(first);
  const auto file = open_regular(env_.files, directory_.get(), name);
  if (!file)
    return disk_failure(file.error(), name);
  const auto status = env_.files.status(file->get());
  if (!status)
    return disk_failure(status.error(), name);
  const auto most = std::min<std::uint64_t>(status->size, feed_limits::segment_bytes);
  auto bytes = read_full(env_.files, file->get(), 0, static_cast<std::size_t>(most));
  if (!bytes)
    return disk_failure(bytes.error(), name);
  return loaded_segment{std::move(*bytes), status->size};
}

expected<seal> feed_folder::last_seal(sequence first) const {
  const auto name = segment_name(first);
  const auto file = open_regular(env_.files, directory_.get(), name);
  if (!file)
    return disk_failure(file.error(), name);
  const auto status = env_.files.status(file->get());
  if (!status)
    return disk_failure(status.error(), name);
  const auto from = status->size - std::min(status->size, last_line_bytes);
  const auto bytes = read_full(env_.files, file->get(), from, last_line_bytes);
  if (!bytes)
    return disk_failure(bytes.error(), name);
  if (!bytes->ends_with('\n'))
    return seal{};
  const auto text = std::string_view(*bytes).substr(0, bytes->size() - 1);
  const auto before = text.rfind('\n');
  if (before == std::string_view::npos)
    return seal{};
  const auto read = decode_seal(text.substr(before + 1));
  return read ? *read : seal{};
}

expected<public_key> feed_folder::find_key() const {
  for (const auto first : segments_) {
    const auto head = load_head(first);
    if (!head)
      return head.error();
    const auto opened = open_segment(*head);
    if (opened && opened->header.instance == instance_)
      return opened->header.key;
    if (!opened && !mark_.mark && opened.error().kind == failure_kind::release_mismatch)
      return opened.error();
  }
  return damaged_feed({damage_kind::header_unreadable, {}, 0, 1}, place_);
}

expected<std::vector<instance_id>> list_feeds(environment env, handle feeds) {
  const auto names = list_names(env.files, feeds, most_files);
  if (!names)
    return failure{failure_kind::failed,
                   "feed-disk",
                   std::string("the feeds cannot be listed: ") + std::strerror(names.error().code),
                   "feeds",
                   "feed",
                   {},
                   names.error().code};
  std::vector<instance_id> result;
  for (const auto& name : *names)
    if (is_instance_id(name))
      result.emplace_back(name);
  return result;
}

} // namespace muster
