#include "muster/store/call_log.hpp"

#include "muster/store/full_io.hpp"
#include "muster/store/relay_subject.hpp"
#include "muster/store/whole_number.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>

namespace muster {

namespace {

constexpr std::chrono::minutes hour{60};

std::string_view cut(std::string_view& text, char at) {
  const auto end = text.find(at);
  const auto result = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return result;
}

/// `<minute> <count> <sender>`.
std::optional<sender_calls> to_calls(std::string_view line) {
  const auto minute = whole_number(cut(line, ' '));
  const auto count = whole_number(cut(line, ' '));
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  if (!minute || *minute > most || !count || *count == 0 || *count > most || !is_subject(line))
    return {};
  return sender_calls{std::chrono::minutes{*minute}, std::string{line}, static_cast<std::uint32_t>(*count)};
}

/// What cannot be a file of ours, as opposed to one that cannot be read now.
bool is_foreign(os_error why) noexcept {
  return why.code == ELOOP || why.code == EISDIR || why.code == EFBIG || why.code == EINVAL || why.code == ENXIO;
}

} // namespace

std::chrono::minutes call_log::now() const {
  return std::chrono::floor<std::chrono::minutes>(env_.clock.wall());
}

std::optional<std::vector<sender_calls>> call_log::recall() {
  const auto home = open_directory(env_.files, no_handle, home_);
  if (!home)
    return {};
  counts found;
  auto file = open_regular(env_.files, home->get(), file_name, open_how::access_mode::read_write);
  if (!file && file.error().code != ENOENT && !is_foreign(file.error()))
    return {};
  if (file) {
    const auto text = read_full(env_.files, file->get(), 0, options_.bytes + 1);
    if (!text)
      return {};
    // A line that a crash has cut is none; and nothing of ours is too long.
    const auto whole = text->size() > options_.bytes ? 0 : text->rfind('\n') + 1;
    read_lines(std::string_view{*text}.substr(0, whole), found);
    size_ = whole;
    if (whole == text->size())
      file_ = std::move(*file);
  }
  known_ = true;
  std::vector<sender_calls> result;
  result.reserve(found.size());
  for (const auto& [when_and_who, count] : found)
    result.push_back({when_and_who.first, when_and_who.second, count});
  return result;
}

/// Of the last hour; what a clock ahead of ours has written counts as of now.
void call_log::read_lines(std::string_view text, counts& into) const {
  const auto this_minute = now();
  while (!text.empty()) {
    auto calls = to_calls(cut(text, '\n'));
    if (!calls || calls->minute < this_minute - hour || calls->minute > this_minute + hour)
      continue;
    auto& count = into[{std::min(calls->minute, this_minute), std::move(calls->sender)}];
    count = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(std::uint64_t{count} + calls->count, std::numeric_limits<std::uint32_t>::max()));
  }
}

std::string call_log::to_lines(const counts& what) {
  std::string result;
  for (const auto& [when_and_who, count] : what)
    result.append(std::to_string(when_and_who.first.count()))
        .append(" ")
        .append(std::to_string(count))
        .append(" ")
        .append(when_and_who.second)
        .append("\n");
  return result;
}

void call_log::note(const std::string& sender) {
  ++unsaved_[{now(), sender}];
  if (unsaved_.size() > options_.unsaved)
    unsaved_.erase(unsaved_.begin());
}

void call_log::save() {
  if (unsaved_.empty() || !known_)
    return;
  const auto lines = to_lines(unsaved_);
  if (file_ && size_ + lines.size() <= options_.bytes && write_full(env_.files, file_.get(), size_, lines))
    size_ += lines.size();
  else if (!write_anew())
    return;
  unsaved_.clear();
}

os_result<void> call_log::write_anew() {
  file_ = {};
  const auto home = open_directory(env_.files, no_handle, home_);
  if (!home)
    return home.error();
  counts kept = unsaved_;
  // Behind that may lie what was written by halves just now.
  if (const auto text = read_file(env_.files, home->get(), file_name, 2 * options_.bytes))
    read_lines(std::string_view{*text}.substr(0, size_), kept);
  else if (text.error().code != ENOENT && !is_foreign(text.error()))
    return text.error();
  auto lines = to_lines(kept);
  // The newest are at the end; half is left for what comes.
  if (const auto most = options_.bytes / 2; lines.size() > most)
    lines.erase(0, lines.find('\n', lines.size() - most - 1) + 1);
  const auto drop_new = [&] {
    (void)uninterrupted([&] { return env_.files.unlink(home->get(), new_file_name, unlink_kind::file); });
  };
  drop_new();
  auto made = create_new(env_.files, home->get(), new_file_name);
  if (!made)
    return made.error();
  auto done = write_full(env_.files, made->get(), 0, lines);
  if (done)
    done = uninterrupted(
        [&] { return env_.files.rename(home->get(), new_file_name, home->get(), file_name, rename_mode::replace); });
  if (!done) {
    drop_new();
    return done;
  }
  size_ = lines.size();
  file_ = std::move(*made);
  return {};
}

} // namespace muster
