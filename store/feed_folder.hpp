#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/durable_mark.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/feed_format.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// The bytes of a segment, as many as can be part of one, and the file's size.
struct loaded_segment {
  std::string bytes;
  std::uint64_t size = 0;
};

/// One feed's directory, as it was when it was looked at. Changes nothing.
class feed_folder {
public:
  /// Lists the directory and reads its mark. not_found ("no-feed") if there is
  /// no such directory.
  [[nodiscard]] static expected<feed_folder> open(environment env, handle feeds, const instance_id& instance);

  /// `feeds/<instance>`, for messages.
  [[nodiscard]] const std::string& place() const noexcept { return place_; }
  [[nodiscard]] handle directory() const noexcept { return directory_.get(); }
  /// The first seq of each segment, ascending.
  [[nodiscard]] const std::vector<sequence>& segments() const noexcept { return segments_; }
  [[nodiscard]] bool has(sequence first) const noexcept;
  /// The segment that begins after `first`, or 0.
  [[nodiscard]] sequence after(sequence first) const noexcept;
  /// The segment in which a commit stands if it is there, or 0.
  [[nodiscard]] sequence holding(sequence seq) const noexcept;
  /// Names that are neither segments nor the mark.
  [[nodiscard]] const std::vector<std::string>& leftovers() const noexcept { return leftovers_; }
  [[nodiscard]] bool has_mark_file() const noexcept { return has_mark_file_; }
  [[nodiscard]] const durable_file::found& mark() const noexcept { return mark_; }

  [[nodiscard]] expected<loaded_segment> load(sequence first) const;
  /// The seal in the last line of a segment, or one of seq 0.
  [[nodiscard]] expected<seal> last_seal(sequence first) const;
  /// The key that a header here gives for the instance; `damaged` if none does.
  [[nodiscard]] expected<public_key> find_key() const;

  void forget(sequence first) { std::erase(segments_, first); }
  /// Hands the directory over.
  [[nodiscard]] open_file release() noexcept { return std::move(directory_); }
  [[nodiscard]] failure disk_failure(os_error why, std::string_view file) const;

private:
  feed_folder(environment env, open_file directory, const instance_id& instance)
      : env_(env), directory_(std::move(directory)), instance_(instance), place_("feeds/" + instance.text) {}
  expected<void> look();
  /// The bytes of a segment from its begin, as many as its first line takes.
  [[nodiscard]] expected<std::string> load_head(sequence first) const;

  environment env_;
  open_file directory_;
  instance_id instance_;
  std::string place_;
  std::vector<sequence> segments_;
  std::vector<std::string> leftovers_;
  bool has_mark_file_ = false;
  durable_file::found mark_;
};

/// The instances whose feeds are kept here, sorted; an empty list where there
/// is no directory.
[[nodiscard]] expected<std::vector<instance_id>> list_feeds(environment env, handle feeds);

} // namespace muster
