#include "muster/store/segment_repair.hpp"

#include "muster/store/full_io.hpp"
#include "muster/store/set_aside.hpp"

#include <cerrno>

namespace muster {

namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

/// Copies [from, until) of a file into a new one, and syncs that.
os_result<void> copy_range(disk& files, handle directory, handle source, std::uint64_t from, std::uint64_t until,
                           std::string_view name) {
  auto copy = create_new(files, directory, name);
  if (!copy)
    return copy.error();
  for (std::uint64_t at = from; at < until;) {
    const auto piece = read_full(files, source, at, std::min<std::uint64_t>(piece_bytes, until - at));
    if (!piece)
      return piece.error();
    if (piece->empty())
      break;
    if (auto written = write_full(files, copy->get(), at - from, *piece); !written)
      return written;
    at += piece->size();
  }
  return sync_full(files, copy->get());
}

} // namespace

os_result<std::string> cut_tail(environment env, handle directory, std::string_view segment, std::uint64_t keep) {
  if (keep == 0)
    return set_aside(env, directory, segment, aside_kind::cut);
  const auto file = open_regular(env.files, directory, segment, open_how::access_mode::read_write);
  if (!file)
    return file.error();
  const auto status = env.files.status(file->get());
  if (!status)
    return status.error();
  auto name = aside_name(env, directory, segment, aside_kind::cut);
  if (!name)
    return name;
  if (auto copied = copy_range(env.files, directory, file->get(), keep, status->size, *name); !copied)
    return copied.error();
  if (auto synced = sync_full(env.files, directory); !synced)
    return synced.error();
  if (auto cut = env.files.truncate(file->get(), keep); !cut)
    return cut.error();
  if (auto synced = sync_full(env.files, file->get()); !synced)
    return synced.error();
  return name;
}

os_result<std::string> put_damaged_aside(environment env, handle directory, std::string_view segment,
                                         std::uint64_t keep) {
  if (keep == 0)
    return set_aside(env, directory, segment, aside_kind::damaged);
  const auto file = open_regular(env.files, directory, segment);
  if (!file)
    return file.error();
  auto name = aside_name(env, directory, segment, aside_kind::damaged);
  if (!name)
    return name;
  if (auto copied = copy_range(env.files, directory, file->get(), 0, keep, *name); !copied)
    return copied.error();
  if (auto swapped = env.files.rename(directory, *name, directory, segment, rename_mode::exchange); !swapped)
    return swapped.error();
  if (auto synced = sync_full(env.files, directory); !synced)
    return synced.error();
  return name;
}

os_result<void> write_again(disk& files, handle directory, const std::string& segment, std::string_view bytes,
                            std::uint64_t sure) {
  const auto file = open_regular(files, directory, segment, open_how::access_mode::read_write);
  if (!file)
    return file.error();
  if (auto written = write_full(files, file->get(), sure, bytes.substr(sure)); !written)
    return written.error();
  return sync_full(files, file->get());
}

os_result<void> make_anew(disk& files, handle directory, const std::string& segment, std::string_view bytes) {
  const auto fresh = segment + ".new";
  if (auto gone = files.unlink(directory, fresh, unlink_kind::file); !gone && gone.error().code != ENOENT)
    return gone.error();
  if (auto written = write_new_file(files, directory, fresh, bytes); !written)
    return written.error();
  if (auto renamed = files.rename(directory, fresh, directory, segment, rename_mode::replace); !renamed)
    return renamed.error();
  return sync_full(files, directory);
}

} // namespace muster
