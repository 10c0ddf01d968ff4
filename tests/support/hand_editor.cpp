#include "tests/support/hand_editor.hpp"

namespace muster::test {

namespace {

open_file open_directory(simulated_disk& files, const std::string& path) {
  open_how how;
  how.directory = true;
  return {files, files.open(no_handle, path, how).value()};
}

std::string read_all(simulated_disk& files, handle file) {
  std::string bytes(files.status(file).value().size, '\0');
  bytes.resize(files.read_at(file, 0, std::as_writable_bytes(std::span{bytes})).value());
  return bytes;
}

} // namespace

void hand_editor::edit(simulated_disk& disk, edit_kind kind) {
  disk.aside([&](simulated_disk& files) {
    const auto path = manifest_world::manifest(project_);
    open_how how;
    how.access = open_how::access_mode::read_write;
    switch (kind) {
      case edit_kind::rename: {
        make_dork(files);
        const auto swap = manifest_world::in_dork(project_, "agent.json.swp");
        how.create = true;
        const auto content = next_content();
        {
          const open_file file{files, files.open(no_handle, swap, how).value()};
          save(files, file.get(), content);
        }
        oracle_.hand_edit(found(files), content);
        abandon_opened(files);
        files.rename(no_handle, swap, no_handle, path, rename_mode::replace).value();
        sync_dork(files);
        break;
      }
      case edit_kind::in_place: {
        make_dork(files);
        const auto content = next_content();
        oracle_.hand_edit(found(files), content);
        how.create = true;
        const open_file file{files, files.open(no_handle, path, how).value()};
        save(files, file.get(), content);
        sync_dork(files);
        break;
      }
      case edit_kind::remove:
        if (!files.exists(path))
          break;
        oracle_.hand_edit(found(files), {});
        abandon_opened(files);
        files.unlink(no_handle, path, unlink_kind::file).value();
        sync_dork(files);
        ++made_;
        break;
      case edit_kind::open:
        if (!opened_ && files.exists(path))
          opened_ = files.open(no_handle, path, how).value();
        break;
      case edit_kind::write_opened:
        if (!opened_)
          break;
        const auto content = next_content();
        oracle_.hand_edit(read_all(files, *opened_), content);
        save(files, *opened_, content);
        files.close(*opened_).value();
        opened_.reset();
        break;
    }
  });
}

// What an editor has open and deletes itself, nobody else has lost.
void hand_editor::abandon_opened(simulated_disk& files) {
  const auto named = files.status(no_handle, manifest_world::manifest(project_), false);
  if (!opened_ || !named || files.status(*opened_).value().inode != named->inode)
    return;
  files.close(*opened_).value();
  opened_.reset();
}

std::string hand_editor::next_content() {
  return "edit " + std::to_string(++made_) + " of project " + std::to_string(project_);
}

// Syncs the project too, in case somebody else has just made the directory.
void hand_editor::make_dork(simulated_disk& files) {
  const auto project = manifest_world::project(project_);
  if (!files.exists(dork_path(project)))
    files.make_directory(no_handle, dork_path(project), 0755).value();
  files.sync(open_directory(files, project).get()).value();
}

void hand_editor::save(simulated_disk& files, handle file, const std::string& content) {
  files.truncate(file, 0).value();
  files.write_at(file, 0, std::as_bytes(std::span{content})).value();
  files.sync(file).value();
}

void hand_editor::sync_dork(simulated_disk& files) {
  files.sync(open_directory(files, dork_path(manifest_world::project(project_))).get()).value();
}

manifest_oracle::content hand_editor::found(simulated_disk& files) {
  const auto path = manifest_world::manifest(project_);
  if (!files.exists(path))
    return {};
  return files.file_content(path);
}

} // namespace muster::test
