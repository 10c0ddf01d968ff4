#include "muster/store/manifest_probe.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/manifest_place.hpp"
#include "muster/store/sha256.hpp"

#include <cerrno>

namespace muster {

namespace {

manifest_unreadable unreadable(failure_kind kind, std::string_view code, std::string_view shown,
                               std::string_view sentence, int system_errno) {
  return {{kind, code, std::string{shown}.append(sentence), std::string{shown}, "read", {}, system_errno}};
}

manifest_unreadable wrong_type(std::string_view shown, const file_status& status) {
  struct type_words {
    std::string_view code;
    std::string_view sentence;
    int system_errno;
  };
  const auto words = [&]() -> type_words {
    switch (status.type) {
      case file_type::directory: return {"manifest-directory", " is a directory", EISDIR};
      case file_type::symlink: return {"manifest-symlink", " is a symbolic link", ELOOP};
      case file_type::fifo: return {"manifest-fifo", " is a named pipe", 0};
      case file_type::socket: return {"manifest-socket", " is a socket", ENXIO};
      case file_type::char_device:
      case file_type::block_device: return {"manifest-device", " is a device", 0};
      case file_type::regular:
      case file_type::unknown: break;
    }
    return {"manifest-not-a-file", " is no regular file", 0};
  }();
  auto sentence = std::string{words.sentence} + "; put a regular file in its place";
  auto result = unreadable(failure_kind::refused, words.code, shown, sentence, words.system_errno);
  result.status = status;
  return result;
}

manifest_unreadable too_large(std::string_view shown, const file_status& status, std::uint64_t limit) {
  const auto sentence =
      " is larger than a manifest may be (" + std::to_string(limit) + " bytes); make it smaller or move it away";
  auto result = unreadable(failure_kind::refused, "manifest-too-large", shown, sentence, EFBIG);
  result.status = status;
  return result;
}

// Says why an open failed, by the component that is to blame. Looking again is
// only for the words: the refusal stands whatever it finds.
manifest_probe open_refusal(disk& files, handle directory, std::string_view name, std::string_view shown,
                            os_error why) {
  const auto slash = name.rfind('/');
  if (why.code == ENOENT || why.code == ENOTDIR)
    return manifest_absent{why.code};
  if (why.code == ELOOP && slash != std::string_view::npos) {
    const auto parent = files.status(directory, name.substr(0, slash), false);
    if (parent && parent->type == file_type::symlink) {
      const auto shown_parent = shown.substr(0, shown.rfind('/'));
      return manifest_unreadable{symlink_failure(files, "dork-symlink", directory, name.substr(0, slash), shown_parent),
                                 *parent};
    }
  }
  const auto found = files.status(directory, name, false);
  if (found && found->type == file_type::symlink)
    return manifest_unreadable{symlink_failure(files, "manifest-symlink", directory, name, shown), *found};
  if (why.code == EACCES || why.code == EPERM) {
    if (found)
      return unreadable(failure_kind::failed, "manifest-denied", shown,
                        " cannot be opened: permission denied; give this user access", why.code);
    const bool in_project = slash != std::string_view::npos && !files.status(directory, name.substr(0, slash), false);
    const auto parent = shown.substr(0, shown.rfind('/'));
    return unreadable(failure_kind::failed, in_project ? "project-denied" : "dork-denied",
                      in_project ? parent.substr(0, parent.rfind('/')) : parent,
                      " cannot be searched: permission denied; give this user access", why.code);
  }
  if (found && found->type != file_type::regular)
    return wrong_type(shown, *found);
  return manifest_unreadable{disk_failure("open the manifest", shown, why)};
}

// One reading between two looks at the status; nothing if they differ.
std::optional<manifest_probe> read_once(disk& files, const manifest_folder_options& options, handle file,
                                        std::string_view shown, writer_check writers) {
  const auto before = files.status(file);
  if (!before)
    return manifest_unreadable{disk_failure("look at the manifest", shown, before.error())};
  if (before->type != file_type::regular)
    return wrong_type(shown, *before);
  if (before->size > options.max_bytes)
    return too_large(shown, *before, options.max_bytes);
  // Asked before the reading: a writer who is gone by now has written what is
  // read below. An errno says that the file system cannot tell.
  const auto writing = writers == writer_check::yes ? files.has_writers(file) : os_result<bool>{false};
  // One byte more shows the end of the file, or that it grows.
  auto bytes = read_full(files, file, 0, before->size + 1);
  if (!bytes)
    return manifest_unreadable{disk_failure("read the manifest", shown, bytes.error()), *before};
  const auto after = files.status(file);
  if (!after)
    return manifest_unreadable{disk_failure("look at the manifest", shown, after.error()), *before};
  if (*before != *after || bytes->size() != after->size)
    return {};
  manifest_present result{std::move(*bytes), *after};
  result.hash = sha256::of(result.bytes);
  result.being_written = writing && *writing;
  return result;
}

} // namespace

bool is_version(const manifest_probe& found, const file_version& version) noexcept {
  if (!version)
    return std::holds_alternative<manifest_absent>(found);
  const auto* present = std::get_if<manifest_present>(&found);
  return present && present->hash == *version;
}

manifest_probe read_manifest_file(disk& files, const manifest_folder_options& options, handle directory,
                                  std::string_view name, std::string_view shown, writer_check writers) {
  open_how how;
  how.beneath = true;
  how.no_follow = true;
  const auto opened = uninterrupted([&] { return files.open(directory, name, how); });
  if (!opened)
    return open_refusal(files, directory, name, shown, opened.error());
  const open_file file{files, *opened};
  for (unsigned made = 0; made < options.reads; ++made) {
    if (auto found = read_once(files, options, file.get(), shown, writers))
      return std::move(*found);
  }
  return unreadable(failure_kind::busy, "manifest-changing", shown,
                    " changes faster than it can be read; try again when its writer is done", EBUSY);
}

manifest_probe probe_manifest(disk& files, const manifest_folder_options& options, std::string_view project) {
  auto opened = open_project(files, project, directory_use::look);
  if (opened.absent)
    return manifest_absent{opened.why->system_errno, true};
  if (opened.why)
    return manifest_unreadable{std::move(*opened.why)};
  const auto status = files.status(opened.directory.get());
  if (!status)
    return manifest_unreadable{disk_failure("look at the project", project, status.error())};
  const directory_mark where{status->device, status->inode};
  const auto name = std::string{dork_name}.append("/").append(manifest_name);
  auto found = read_manifest_file(files, options, opened.directory.get(), name, path_in_dork(project, manifest_name),
                                  writer_check::no);
  std::visit([&](auto& one) { one.where = where; }, found);
  return found;
}

} // namespace muster
