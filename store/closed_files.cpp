#include "muster/store/closed_files.hpp"

#include "muster/store/full_io.hpp"

#include <cerrno>
#include <chrono>

namespace muster {

namespace {

constexpr std::string_view first_line = "muster closed 1\n";
constexpr std::size_t most_bytes = 4096;

/// Stamps of files are as coarse as the kernel's tick, which is 10 ms at most;
/// those without a fraction come from a file system that keeps none.
constexpr std::chrono::milliseconds window_of_ticks{100};
constexpr std::chrono::milliseconds window_of_seconds{3000};

bool is_settled(std::chrono::nanoseconds stamp, std::chrono::nanoseconds now) {
  const auto window = stamp % std::chrono::seconds{1} == stamp.zero() ? window_of_seconds : window_of_ticks;
  return stamp + window < now;
}

bool has_bytes(const environment& env, const std::string& path) {
  const auto there = env.files.status(no_handle, path, false);
  return there ? there->size != 0 : there.error().code != ENOENT;
}

} // namespace

std::string closed_files::line_of(const closed_file& which) const {
  const auto path = directory_ + "/" + std::string(which.file);
  const auto there = env_.files.status(no_handle, path, false);
  if (!there || there->type != file_type::regular || has_bytes(env_, path + "-wal") ||
      has_bytes(env_, path + "-journal"))
    return {};
  std::string line(which.file);
  line.append(" ").append(which.mark);
  for (const auto number : {there->device, there->inode, there->size})
    line.append(" ").append(std::to_string(number));
  for (const auto stamp : {there->mtime, there->ctime})
    line.append(" ").append(std::to_string(stamp.count()));
  return line.append("\n");
}

std::string closed_files::text() const {
  const auto file = open_regular(env_.files, no_handle, directory_ + "/" + std::string(name));
  if (!file)
    return {};
  auto bytes = read_full(env_.files, file->get(), 0, most_bytes);
  return bytes && bytes->starts_with(first_line) ? std::move(*bytes) : std::string();
}

bool closed_files::holds(std::string_view file, std::string_view mark) const {
  const auto line = line_of({file, mark});
  return !line.empty() && text().find("\n" + line) != std::string::npos;
}

void closed_files::remember(const std::vector<closed_file>& files) const {
  const std::chrono::nanoseconds now = env_.clock.wall();
  std::string fresh(first_line);
  for (const auto& each : files) {
    const auto there = env_.files.status(no_handle, directory_ + "/" + std::string(each.file), false);
    if (there && is_settled(there->mtime, now) && is_settled(there->ctime, now))
      fresh += line_of(each);
  }
  if (fresh == text() || fresh.size() > most_bytes)
    return;
  const auto path = directory_ + "/" + std::string(name);
  const auto made = env_.files.open(
      no_handle, path,
      {.access = open_how::access_mode::read_write, .create = true, .truncate = true, .no_follow = true, .mode = 0600});
  if (!made)
    return;
  // Each line is true by itself: one that is cut says nothing.
  const open_file file(env_.files, *made);
  (void)write_full(env_.files, file.get(), 0, fresh);
}

} // namespace muster
