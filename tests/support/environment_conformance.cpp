#include "tests/support/environment_conformance.hpp"

#include <cerrno>

namespace muster::test {

namespace {

using access_mode = open_how::access_mode;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

void open_says_what_is_wrong(conformance_world& w) {
  auto& files = w.files;
  w.put("file", "x");
  w.succeeds(files.make_directory(w.root, "directory", 0755));
  w.make_symlink("link", "file");
  w.make_symlink("loop", "loop");
  w.make_symlink("dangling", "nowhere");
  w.fails(files.open(w.root, "missing", {}), ENOENT);
  w.fails(files.open(w.root, "", {}), ENOENT);
  w.fails(files.open(w.root, "missing/file", {}), ENOENT);
  w.fails(files.open(w.root, "file/file", {}), ENOTDIR);
  w.fails(files.open(w.root, "file/", {}), ENOTDIR);
  w.fails(files.open(w.root, "file", {.directory = true}), ENOTDIR);
  w.fails(files.open(w.root, "directory", {.access = access_mode::read_write}), EISDIR);
  w.fails(files.open(w.root, "directory", {.access = access_mode::append}), EISDIR);
  w.fails(files.open(w.root, "link", {.no_follow = true}), ELOOP);
  w.fails(files.open(w.root, "link", {.directory = true, .no_follow = true}), ENOTDIR);
  w.fails(files.open(w.root, "loop", {}), ELOOP);
  w.fails(files.open(w.root, "dangling", {}), ENOENT);
  w.fails(files.open(w.root, std::string_view("a\0b", 3), {}), EINVAL);
  w.fails(files.open(w.root, std::string(256, 'n'), {}), ENAMETOOLONG);
  w.fails(files.open(w.root, std::string(5000, '/'), {}), ENAMETOOLONG);
  w.fails(files.open(no_handle, "file", {}), EBADF);
  const auto file = w.open("file", {});
  w.fails(files.open(file.get(), "file", {}), ENOTDIR);
  const auto link = w.open("link", {});
  w.holds(w.read(link.get()) == "x");
  const auto absolute = files.open(no_handle, w.root_path + "/file", {});
  if (w.succeeds(absolute))
    w.succeeds(files.close(*absolute));
  const auto ignored = files.open(w.root, w.root_path + "/file", {});
  if (w.succeeds(ignored))
    w.succeeds(files.close(*ignored));
}

void create_makes_what_was_asked_for(conformance_world& w) {
  auto& files = w.files;
  const open_how create{.access = access_mode::read_write, .create = true, .exclusive = true, .mode = 0640};
  {
    const auto made = w.open("made", create);
    const auto status = files.status(made.get());
    w.holds(status && status->type == file_type::regular && status->mode == 0640 && status->size == 0);
    w.holds(status && status->links == 1 && status->inode != 0);
  }
  w.fails(files.open(w.root, "made", create), EEXIST);
  w.make_symlink("dangling", "target");
  w.fails(files.open(w.root, "dangling", create), EEXIST);
  w.fails(files.open(w.root, "missing/made", create), ENOENT);
  w.fails(files.open(w.root, "trailing/", create), EISDIR);
  w.succeeds(files.make_directory(w.root, "directory", 0755));
  w.fails(files.open(w.root, "directory", create), EEXIST);
  w.fails(files.open(w.root, "directory", {.access = access_mode::read_write, .create = true}), EISDIR);
  {
    const auto through = w.open("dangling", {.access = access_mode::read_write, .create = true});
    w.succeeds(files.write_at(through.get(), 0, bytes("through")));
  }
  w.holds(w.content("target") == "through");
  {
    const auto all = w.open("masked", {.access = access_mode::read_write, .create = true, .mode = 0666});
    const auto status = files.status(all.get());
    w.holds(status && status->mode == 0644);
    w.succeeds(files.change_mode(all.get(), 0400));
    const auto changed = files.status(all.get());
    w.holds(changed && changed->mode == 0400);
  }
}

void bytes_are_where_they_were_written(conformance_world& w) {
  auto& files = w.files;
  w.put("file", "0123456789");
  const auto file = w.open("file", {.access = access_mode::read_write});
  w.holds(w.read(file.get()) == "0123456789");
  w.holds(w.read(file.get(), 7) == "789");
  w.holds(w.read(file.get(), 2, 3) == "234");
  w.holds(w.read(file.get(), 10).empty());
  w.holds(w.read(file.get(), 1000).empty());
  w.succeeds(files.write_at(file.get(), 3, bytes("xyz")));
  w.holds(w.read(file.get()) == "012xyz6789");
  w.succeeds(files.write_at(file.get(), 12, bytes("end")));
  w.holds(w.read(file.get()) == std::string("012xyz6789\0\0end", 15));
  w.succeeds(files.truncate(file.get(), 4));
  w.holds(w.read(file.get()) == "012x");
  w.succeeds(files.truncate(file.get(), 6));
  w.holds(w.read(file.get()) == std::string("012x\0\0", 6));
  const auto status = files.status(w.root, "file", false);
  w.holds(status && status->size == 6);
  const auto nothing = files.write_at(file.get(), 100, {});
  w.holds(nothing && *nothing == 0 && w.read(file.get()).size() == 6);
  w.fails(files.write_at(file.get(), ~std::uint64_t{0}, bytes("x")), EINVAL);
  std::byte one{};
  w.fails(files.read_at(file.get(), ~std::uint64_t{0}, {&one, 1}), EINVAL);
  w.fails(files.truncate(file.get(), ~std::uint64_t{0}), EINVAL);
  const auto emptied = w.open("file", {.access = access_mode::read_write, .truncate = true});
  w.holds(w.read(file.get()).empty());
}

void append_writes_at_the_end(conformance_world& w) {
  auto& files = w.files;
  w.put("log", "one\n");
  const auto log = w.open("log", {.access = access_mode::append});
  const auto other = w.open("log", {.access = access_mode::append});
  const auto wrote = files.append(log.get(), bytes("two\n"));
  w.holds(wrote && *wrote == 4);
  w.succeeds(files.append(other.get(), bytes("three\n")));
  w.succeeds(files.append(log.get(), bytes("four\n")));
  w.succeeds(files.write_at(log.get(), 0, bytes("five\n")));
  w.holds(w.content("log") == "one\ntwo\nthree\nfour\nfive\n");
  std::byte one{};
  w.fails(files.read_at(log.get(), 0, {&one, 1}), EBADF);
  w.succeeds(files.truncate(log.get(), 3));
  w.succeeds(files.append(other.get(), bytes("!")));
  w.holds(w.content("log") == "one!");
}

void handles_do_what_they_were_opened_for(conformance_world& w) {
  auto& files = w.files;
  w.put("file", "x");
  std::byte one{};
  const auto reader = w.open("file", {});
  w.fails(files.write_at(reader.get(), 0, bytes("y")), EBADF);
  w.fails(files.truncate(reader.get(), 0), EINVAL);
  const auto directory = w.open(".", {.directory = true});
  w.fails(files.read_at(directory.get(), 0, {&one, 1}), EISDIR);
  w.fails(files.truncate(directory.get(), 0), EINVAL);
  w.fails(files.read_entries(reader.get(), {&one, 1}), ENOTDIR);
  const auto path_only = w.open("file", {.access = access_mode::path_only});
  w.succeeds(files.status(path_only.get()));
  w.fails(files.read_at(path_only.get(), 0, {&one, 1}), EBADF);
  w.fails(files.write_at(path_only.get(), 0, bytes("y")), EBADF);
  w.fails(files.change_mode(path_only.get(), 0600), EBADF);
  w.fails(files.sync(path_only.get()), EBADF);
  w.fails(files.sync_filesystem(path_only.get()), EBADF);
  w.fails(files.try_lock(path_only.get()), EBADF);
  w.fails(files.has_writers(path_only.get()), EBADF);
  w.fails(files.status(no_handle), EBADF);
  w.fails(files.close(no_handle), EBADF);
  w.fails(files.sync(no_handle), EBADF);
  auto closed = w.open("file", {});
  const auto number = closed.get();
  w.succeeds(closed.close());
  w.fails(files.read_at(number, 0, {&one, 1}), EBADF);
  w.fails(files.close(number), EBADF);
  const auto nested = w.open(".", {.access = access_mode::path_only, .directory = true});
  const auto below = files.open(nested.get(), "file", {});
  if (w.succeeds(below))
    w.succeeds(files.close(*below));
}

void status_tells_what_is_there(conformance_world& w) {
  auto& files = w.files;
  w.put("file", "12345");
  w.succeeds(files.make_directory(w.root, "directory", 0750));
  w.make_symlink("link", "file");
  w.make_fifo("fifo");
  const auto type_of = [&](std::string_view path, bool follow) {
    const auto status = files.status(w.root, path, follow);
    return w.succeeds(status) ? status->type : file_type::unknown;
  };
  w.holds(type_of("file", false) == file_type::regular);
  w.holds(type_of("directory", false) == file_type::directory);
  w.holds(type_of("directory/", false) == file_type::directory);
  w.holds(type_of("link", false) == file_type::symlink);
  w.holds(type_of("link", true) == file_type::regular);
  w.holds(type_of("fifo", true) == file_type::fifo);
  const auto by_path = files.status(w.root, "link", true);
  const auto file = w.open("file", {});
  const auto by_handle = files.status(file.get());
  w.holds(by_path && by_handle && *by_path == *by_handle);
  w.holds(by_handle && by_handle->size == 5 && by_handle->mode == 0644);
  w.fails(files.status(w.root, "missing", false), ENOENT);
  w.fails(files.status(w.root, "file/x", false), ENOTDIR);
  w.fails(files.status(w.root, "file/", false), ENOTDIR);
  w.fails(files.status(w.root, "link/", false), ENOTDIR);
  const auto target = files.read_link(w.root, "link");
  w.holds(target && *target == "file");
  w.fails(files.read_link(w.root, "file"), EINVAL);
  w.fails(files.read_link(w.root, "missing"), ENOENT);
  const auto filesystem = files.filesystem(file.get());
  w.holds(filesystem && filesystem->type != 0 && filesystem->free_bytes > 0 && !filesystem->read_only);
}

void a_file_lives_as_long_as_its_handle(conformance_world& w) {
  auto& files = w.files;
  w.put("file", "still here");
  const auto held = w.open("file", {.access = access_mode::read_write});
  w.succeeds(files.unlink(w.root, "file", unlink_kind::file));
  w.fails(files.open(w.root, "file", {}), ENOENT);
  w.holds(w.read(held.get()) == "still here");
  w.succeeds(files.write_at(held.get(), 0, bytes("STILL")));
  w.holds(w.read(held.get()) == "STILL here");
  const auto status = files.status(held.get());
  w.holds(status && status->links == 0);
  w.put("file", "another");
  w.holds(w.read(held.get()) == "STILL here");
  w.put("new", "newer");
  const auto old = w.open("file", {});
  w.succeeds(files.rename(w.root, "new", w.root, "file", rename_mode::replace));
  w.holds(w.read(old.get()) == "another");
  w.holds(w.content("file") == "newer");
}

void a_fifo_does_not_block(conformance_world& w) {
  auto& files = w.files;
  w.make_fifo("fifo");
  const auto fifo = w.open("fifo", {});
  const auto status = files.status(fifo.get());
  w.holds(status && status->type == file_type::fifo);
  std::byte one{};
  w.fails(files.read_at(fifo.get(), 0, {&one, 1}), ESPIPE);
  w.fails(files.sync(fifo.get()), EINVAL);
  w.make_fifo("unread");
  w.fails(files.open(w.root, "unread", {.access = access_mode::append}), ENXIO);
  const auto beneath = w.open("fifo", {.beneath = true});
  w.holds(static_cast<bool>(beneath));
}

void sync_is_for_files_and_directories(conformance_world& w) {
  auto& files = w.files;
  w.put("file", "x");
  const auto file = w.open("file", {.access = access_mode::read_write});
  const auto reader = w.open("file", {});
  w.succeeds(files.sync(file.get()));
  w.succeeds(files.sync(reader.get()));
  w.succeeds(files.sync(w.root));
  w.succeeds(files.sync_filesystem(w.root));
}

} // namespace

void conformance_world::holds(bool fact, boost::source_location where) {
  note(fact ? 0 : -1, 0, where);
}

bool conformance_world::note(int got, int wanted, boost::source_location where) {
  ++checked;
  if (got != wanted)
    problems += "\n  line " + std::to_string(where.line()) + ": got " + std::to_string(got) + ", wanted " +
                std::to_string(wanted);
  return got == wanted;
}

open_file conformance_world::open(std::string_view path, const open_how& how, boost::source_location where) {
  auto opened = files.open(root, path, how);
  if (!succeeds(opened, where))
    return {};
  return {files, *opened};
}

void conformance_world::put(std::string_view path, std::string_view content) {
  const auto file = open(path, {.access = access_mode::read_write, .create = true, .truncate = true, .mode = 0644});
  const auto wrote = files.write_at(file.get(), 0, bytes(content));
  holds(wrote && *wrote == content.size());
}

std::string conformance_world::content(std::string_view path) {
  const auto file = open(path, {});
  return read(file.get());
}

std::string conformance_world::read(handle file, std::uint64_t offset, std::size_t size) {
  std::string text(size, '\0');
  const auto got = files.read_at(file, offset, std::as_writable_bytes(std::span(text)));
  text.resize(succeeds(got) ? *got : 0);
  return text;
}

const std::vector<conformance_fact>& file_facts() {
  static const std::vector<conformance_fact> facts{
      {"open says what is wrong", open_says_what_is_wrong},
      {"create makes what was asked for", create_makes_what_was_asked_for},
      {"bytes are where they were written", bytes_are_where_they_were_written},
      {"append writes at the end", append_writes_at_the_end},
      {"handles do what they were opened for", handles_do_what_they_were_opened_for},
      {"status tells what is there", status_tells_what_is_there},
      {"a file lives as long as its handle", a_file_lives_as_long_as_its_handle},
      {"a fifo does not block", a_fifo_does_not_block},
      {"sync is for files and directories", sync_is_for_files_and_directories},
  };
  return facts;
}

} // namespace muster::test
