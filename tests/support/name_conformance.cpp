#include "tests/support/environment_conformance.hpp"

#include <array>
#include <cerrno>
#include <set>

namespace muster::test {

namespace {

using access_mode = open_how::access_mode;

void rename_replaces(conformance_world& w) {
  auto& files = w.files;
  const auto rename = [&](std::string_view from, std::string_view to) {
    return files.rename(w.root, from, w.root, to, rename_mode::replace);
  };
  w.put("a", "A");
  w.put("b", "B");
  w.succeeds(files.make_directory(w.root, "empty", 0755));
  w.succeeds(files.make_directory(w.root, "full", 0755));
  w.put("full/inside", "x");
  w.succeeds(rename("a", "b"));
  w.holds(w.content("b") == "A");
  w.fails(files.status(w.root, "a", false), ENOENT);
  w.fails(rename("a", "b"), ENOENT);
  w.fails(rename("b", "missing/b"), ENOENT);
  w.fails(rename("b", "empty"), EISDIR);
  w.fails(rename("empty", "b"), ENOTDIR);
  w.fails(rename("empty", "full"), ENOTEMPTY);
  w.fails(rename("full", "full/inside2"), EINVAL);
  w.fails(rename("full/inside", "full"), ENOTEMPTY);
  w.fails(rename("b", "c/"), ENOTDIR);
  w.fails(rename(".", "c"), EBUSY);
  w.fails(rename("b", ".."), EBUSY);
  w.succeeds(rename("b", "b"));
  w.holds(w.content("b") == "A");
  w.succeeds(rename("full", "empty"));
  w.holds(w.content("empty/inside") == "x");
  w.succeeds(rename("empty", "moved/"));
  w.holds(w.content("moved/inside") == "x");
  w.make_symlink("link", "b");
  w.succeeds(rename("link", "renamed"));
  const auto target = files.read_link(w.root, "renamed");
  w.holds(target && *target == "b");
  w.fails(files.rename(w.root, std::string_view("b\0", 2), w.root, "c", rename_mode::replace), EINVAL);
}

void rename_keeps_what_it_must_not_replace(conformance_world& w) {
  auto& files = w.files;
  const auto rename = [&](std::string_view from, std::string_view to) {
    return files.rename(w.root, from, w.root, to, rename_mode::no_replace);
  };
  w.put("a", "A");
  w.put("b", "B");
  w.make_symlink("dangling", "nowhere");
  w.fails(rename("a", "b"), EEXIST);
  w.fails(rename("a", "a"), EEXIST);
  w.fails(rename("a", "dangling"), EEXIST);
  w.fails(rename("missing", "b"), ENOENT);
  w.fails(rename("missing", "c"), ENOENT);
  w.holds(w.content("a") == "A" && w.content("b") == "B");
  w.succeeds(rename("a", "c"));
  w.holds(w.content("c") == "A");
  w.fails(files.status(w.root, "a", false), ENOENT);
}

void exchange_trades_places(conformance_world& w) {
  auto& files = w.files;
  const auto exchange = [&](std::string_view from, std::string_view to) {
    return files.rename(w.root, from, w.root, to, rename_mode::exchange);
  };
  w.put("a", "A");
  w.put("b", "B");
  w.succeeds(files.make_directory(w.root, "directory", 0755));
  w.put("directory/inside", "x");
  const auto before = files.status(w.root, "a", false);
  w.succeeds(exchange("a", "b"));
  w.holds(w.content("a") == "B" && w.content("b") == "A");
  const auto after = files.status(w.root, "b", false);
  w.holds(before && after && before->inode == after->inode && after->links == 1);
  w.fails(exchange("a", "missing"), ENOENT);
  w.fails(exchange("missing", "a"), ENOENT);
  w.fails(exchange("directory", "directory/inside"), EINVAL);
  w.fails(exchange("directory/inside", "directory"), EINVAL);
  w.succeeds(exchange("a", "a"));
  w.succeeds(exchange("a", "directory"));
  w.holds(w.content("a/inside") == "x" && w.content("directory") == "B");
  w.succeeds(exchange("a/inside", "directory"));
  w.holds(w.content("a/inside") == "B" && w.content("directory") == "x");
}

void unlink_takes_what_it_says(conformance_world& w) {
  auto& files = w.files;
  w.put("file", "x");
  w.succeeds(files.make_directory(w.root, "directory", 0755));
  w.put("directory/inside", "x");
  w.make_symlink("link", "directory");
  w.fails(files.unlink(w.root, "missing", unlink_kind::file), ENOENT);
  w.fails(files.unlink(w.root, "file/x", unlink_kind::file), ENOTDIR);
  w.fails(files.unlink(w.root, "directory", unlink_kind::file), EISDIR);
  w.fails(files.unlink(w.root, "file", unlink_kind::directory), ENOTDIR);
  w.fails(files.unlink(w.root, "link", unlink_kind::directory), ENOTDIR);
  w.fails(files.unlink(w.root, "directory", unlink_kind::directory), ENOTEMPTY);
  w.fails(files.unlink(w.root, "directory/.", unlink_kind::directory), EINVAL);
  w.fails(files.unlink(w.root, "directory/..", unlink_kind::directory), ENOTEMPTY);
  w.succeeds(files.unlink(w.root, "link", unlink_kind::file));
  w.succeeds(files.unlink(w.root, "directory/inside", unlink_kind::file));
  const auto held = w.open("directory", {.directory = true});
  w.succeeds(files.unlink(w.root, "directory", unlink_kind::directory));
  w.fails(files.status(w.root, "directory", false), ENOENT);
  w.fails(files.open(held.get(), "new", {.access = access_mode::read_write, .create = true}), ENOENT);
  w.fails(files.make_directory(held.get(), "new", 0755), ENOENT);
  w.succeeds(files.unlink(w.root, "file", unlink_kind::file));
}

void make_directory_makes_one(conformance_world& w) {
  auto& files = w.files;
  w.put("file", "x");
  w.make_symlink("dangling", "nowhere");
  w.succeeds(files.make_directory(w.root, "made", 0777));
  const auto status = files.status(w.root, "made", false);
  w.holds(status && status->type == file_type::directory && status->mode == 0755);
  w.fails(files.make_directory(w.root, "made", 0755), EEXIST);
  w.fails(files.make_directory(w.root, "file", 0755), EEXIST);
  w.fails(files.make_directory(w.root, "dangling", 0755), EEXIST);
  w.fails(files.make_directory(w.root, "missing/made", 0755), ENOENT);
  w.fails(files.make_directory(w.root, "file/made", 0755), ENOTDIR);
  w.fails(files.make_directory(w.root, ".", 0755), EEXIST);
  w.fails(files.make_directory(w.root, "", 0755), ENOENT);
  w.succeeds(files.make_directory(w.root, "slash/", 0755));
  const auto up = w.open("made/../file", {});
  w.holds(w.read(up.get()) == "x");
}

void beneath_stays_beneath(conformance_world& w) {
  auto& files = w.files;
  w.succeeds(files.make_directory(w.root, "inner", 0755));
  w.succeeds(files.make_directory(w.root, "inner/deep", 0755));
  w.put("inner/deep/file", "deep");
  w.put("outside", "secret");
  w.make_symlink("inner/up", "../outside");
  w.make_symlink("inner/away", w.root_path + "/outside");
  w.make_symlink("inner/side", "deep");
  w.make_symlink("inner/deep/same", "file");
  const auto inner = w.open("inner", {.directory = true});
  const auto open = [&](std::string_view path, open_how how = {}) {
    how.beneath = true;
    auto opened = files.open(inner.get(), path, how);
    open_file closer = opened ? open_file{files, *opened} : open_file{};
    return opened ? os_result<std::string>{w.read(*opened)} : os_result<std::string>{opened.error()};
  };
  const auto fine = open("deep/file");
  w.holds(fine && *fine == "deep");
  const auto odd = open("./deep//./file");
  w.holds(odd && *odd == "deep");
  w.fails(open(w.root_path + "/inner/deep/file"), EXDEV);
  w.fails(open("../outside"), EXDEV);
  w.fails(open("deep/../../outside"), EXDEV);
  w.fails(open("deep/../deep/file"), EXDEV);
  w.fails(open(".."), EXDEV);
  w.fails(open("up"), ELOOP);
  w.fails(open("away"), ELOOP);
  w.fails(open("side/file"), ELOOP);
  w.fails(open("side/"), ELOOP);
  w.fails(open("deep/same"), ELOOP);
  w.fails(open("deep/same", {.no_follow = true}), ELOOP);
  w.fails(open("side", {.directory = true}), ELOOP);
  w.fails(open("side", {.directory = true, .no_follow = true}), ELOOP);
  w.fails(open("side", {.access = access_mode::path_only}), ELOOP);
  w.fails(open("up", {.access = access_mode::read_write, .create = true}), ELOOP);
  w.fails(open("up", {.access = access_mode::read_write, .create = true, .exclusive = true}), EEXIST);
  w.fails(open("missing"), ENOENT);
  w.fails(open("missing/file"), ENOENT);
  w.fails(open("deep/file/more"), ENOTDIR);
  w.fails(open("deep/file/"), ENOTDIR);
  w.fails(open(""), ENOENT);
  w.fails(open("new/", {.access = access_mode::read_write, .create = true}), EISDIR);
  w.fails(open(std::string_view("deep\0", 5)), EINVAL);
  w.fails(open("deep/" + std::string(256, 'n')), ENAMETOOLONG);
  w.succeeds(open("deep/new", {.access = access_mode::read_write, .create = true, .exclusive = true}));
  const auto itself =
      files.open(inner.get(), "up", {.access = access_mode::path_only, .no_follow = true, .beneath = true});
  if (w.succeeds(itself)) {
    const auto status = files.status(*itself);
    w.holds(status && status->type == file_type::symlink);
    w.succeeds(files.close(*itself));
  }
  const auto slash = files.open(inner.get(), "deep/", {.beneath = true});
  if (w.succeeds(slash))
    w.succeeds(files.close(*slash));
}

void listings_are_whole(conformance_world& w) {
  auto& files = w.files;
  constexpr std::size_t count = 1000;
  w.succeeds(files.make_directory(w.root, "many", 0755));
  w.succeeds(files.make_directory(w.root, "many/directory", 0755));
  w.make_symlink("many/link", "x");
  const auto many = w.open("many", {.directory = true});
  std::size_t made = 0;
  for (std::size_t index = 2; index < count; ++index) {
    const auto name = std::to_string(index) + std::string(index % 50, 'x');
    const auto file = files.open(many.get(), name, {.access = access_mode::read_write, .create = true});
    made += file && files.close(*file) ? 1U : 0U;
  }
  w.holds(made == count - 2);
  std::set<std::string> names;
  std::size_t right = 0;
  std::size_t calls = 0;
  alignas(8) std::array<std::byte, 300> buffer;
  for (;; ++calls) {
    const auto size = files.read_entries(many.get(), buffer);
    if (!w.succeeds(size) || *size == 0)
      break;
    listing_reader listing{std::span(buffer).first(*size)};
    for (directory_entry entry; listing.next(entry);) {
      names.emplace(entry.name);
      const auto wanted = entry.name == "directory" ? file_type::directory
                          : entry.name == "link"    ? file_type::symlink
                                                    : file_type::regular;
      const auto status = files.status(many.get(), entry.name, false);
      right += entry.type == wanted && status && status->inode == entry.inode ? 1U : 0U;
    }
  }
  w.holds(names.size() == count);
  w.holds(right == count);
  w.holds(calls > 100);
  const auto end = files.read_entries(many.get(), buffer);
  w.holds(end && *end == 0);
  const auto again = w.open("many", {.directory = true});
  w.fails(files.read_entries(again.get(), std::span(buffer).first(8)), EINVAL);
}

void one_handle_holds_the_lock(conformance_world& w) {
  auto& files = w.files;
  w.put("lock", "");
  auto first = w.open("lock", {});
  const auto second = w.open("lock", {.access = access_mode::read_write});
  w.succeeds(files.try_lock(first.get()));
  w.succeeds(files.try_lock(first.get()));
  w.fails(files.try_lock(second.get()), EWOULDBLOCK);
  w.succeeds(first.close());
  w.succeeds(files.try_lock(second.get()));
  const auto third = w.open("lock", {});
  w.fails(files.try_lock(third.get()), EWOULDBLOCK);
}

void writers_are_seen(conformance_world& w) {
  auto& files = w.files;
  w.put("file", "x");
  const auto reader = w.open("file", {});
  const auto has = [&](handle file) {
    const auto answer = files.has_writers(file);
    return w.succeeds(answer) && *answer;
  };
  w.holds(!has(reader.get()));
  {
    const auto path_only = w.open("file", {.access = access_mode::path_only});
    w.holds(!has(reader.get()));
    const auto writer = w.open("file", {.access = access_mode::read_write});
    w.holds(has(reader.get()));
    w.succeeds(files.rename(w.root, "file", w.root, "elsewhere", rename_mode::replace));
    w.holds(has(reader.get()));
  }
  w.holds(!has(reader.get()));
  {
    const auto appender = w.open("elsewhere", {.access = access_mode::append});
    w.holds(has(reader.get()));
    w.succeeds(files.unlink(w.root, "elsewhere", unlink_kind::file));
    w.holds(has(reader.get()));
  }
  w.holds(!has(reader.get()));
  w.fails(files.has_writers(w.root), EINVAL);
}

} // namespace

const std::vector<conformance_fact>& name_facts() {
  static const std::vector<conformance_fact> facts{
      {"rename replaces", rename_replaces},
      {"rename keeps what it must not replace", rename_keeps_what_it_must_not_replace},
      {"exchange trades places", exchange_trades_places},
      {"unlink takes what it says", unlink_takes_what_it_says},
      {"make directory makes one", make_directory_makes_one},
      {"beneath stays beneath", beneath_stays_beneath},
      {"listings are whole", listings_are_whole},
      {"one handle holds the lock", one_handle_holds_the_lock},
      {"writers are seen", writers_are_seen},
  };
  return facts;
}

} // namespace muster::test
