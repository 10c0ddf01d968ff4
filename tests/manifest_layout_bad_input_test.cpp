#define CAF_SUITE manifest_layout_bad_input_test

#include "tests/support/manifest_lab.hpp"

#include "muster/store/manifest_folder.hpp"
#include "muster/store/sha256.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <set>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace muster;
using namespace muster::test;

namespace {

constexpr std::string_view manifest_bytes = "{\"id\":\"x\"}\n";

// Where a row makes its layout: below `lab.root`, for the project named.
struct layout {
  const manifest_lab& lab;
  simulated_environment* machine; ///< null on the real disk
  std::string project = "project";
  // Done once, before the first call of this kind while the manifest is read
  // or changed.
  disk_operation when = disk_operation::close;
  std::function<void()> meanwhile = {};
  bool each_time = false;

  [[nodiscard]] std::string dork() const { return project + "/.dork"; }
  [[nodiscard]] std::string manifest() const { return dork() + "/agent.json"; }
  [[nodiscard]] std::string at(const std::string& below) const { return lab.path(below); }
  void whole() const { lab.make_project(project, manifest_bytes); }
  void link(const std::string& below, const std::string& target) const {
    if (machine)
      machine->files.put_symlink(at(below), target);
    else
      CAF_REQUIRE_EQUAL(::symlink(target.c_str(), at(below).c_str()), 0);
  }
  void fifo(const std::string& below) const { CAF_REQUIRE_EQUAL(::mkfifo(at(below).c_str(), 0600), 0); }
  void socket(const std::string& below) const {
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    at(below).copy(address.sun_path, sizeof address.sun_path - 1);
    CAF_REQUIRE_EQUAL(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(listener);
  }
  // Mounts a file system of its own over a directory.
  void mount(const std::string& below) const { machine->files.mount(machine->files.add_volume({}), at(below)); }
  void become_somebody() const { machine->files.set_user({1000, 1000, 0022}); }
};

enum class on { real, simulated };

struct row {
  const char* what;
  on where;
  std::function<void(layout&)> make;
  std::string_view probe;   ///< "present", "absent" or the code
  std::string_view replace; ///< "done" or the code
};

void empty_project(const layout& at) {
  at.lab.make_directory(at.project);
}

void project_with_dork(const layout& at) {
  empty_project(at);
  at.lab.make_directory(at.dork());
}

row named(const char* what, std::string name) {
  return {what, on::real,
          [name = std::move(name)](layout& at) {
            at.project = name;
            at.whole();
          },
          "present", "done"};
}

// A path of that many bytes, made component by component where it can be.
row long_path(const char* what, std::size_t size, std::string_view probe, std::string_view replace) {
  return {what, on::real,
          [size](layout& at) {
            auto& files = at.lab.env.files;
            open_how how;
            how.directory = true;
            open_file directory{files, files.open(no_handle, at.lab.root, how).value()};
            std::string below;
            while (at.lab.root.size() + 1 + below.size() < size) {
              const auto rest = size - at.lab.root.size() - 1 - below.size();
              const auto length = rest > 300 ? 200 : std::min<std::size_t>(rest > 255 ? rest / 2 : rest, 255);
              const std::string name(length, 'd');
              files.make_directory(directory.get(), name, 0755).value();
              directory = open_file{files, files.open(directory.get(), name, how).value()};
              below += name;
              if (at.lab.root.size() + 1 + below.size() < size)
                below += "/";
            }
            at.project = below;
            CAF_REQUIRE_EQUAL(at.at(at.project).size(), size);
          },
          probe, replace};
}

// Where DESIGN.md states no rule (who owns a directory, who else may write to
// it, how many names a file has) the layout is accepted, and the row says so.
const std::vector<row> project_rows{
    {"project: missing", on::real, [](layout&) {}, "absent", "project-missing"},
    {"project: a file", on::real, [](layout& at) { at.lab.put(at.project, "x"); }, "absent", "project-missing"},
    {"project: a symbolic link", on::real,
     [](layout& at) {
       at.lab.make_project("elsewhere", manifest_bytes);
       at.link(at.project, at.at("elsewhere"));
     },
     "project-symlink", "project-symlink"},
    {"project: a loop of links", on::real, [](layout& at) { at.link(at.project, at.project); }, "project-symlink",
     "project-symlink"},
    {"project: a FIFO", on::real, [](layout& at) { at.fifo(at.project); }, "absent", "project-missing"},
    {"project: a socket", on::real, [](layout& at) { at.socket(at.project); }, "absent", "project-missing"},
    {"project: unreadable, searchable: accepted", on::simulated,
     [](layout& at) {
       at.become_somebody();
       at.whole();
       at.lab.set_mode(at.project, 0311);
     },
     "present", "done"},
    {"project: unsearchable", on::simulated,
     [](layout& at) {
       at.become_somebody();
       at.whole();
       at.lab.set_mode(at.project, 0644);
     },
     "project-denied", "project-denied"},
    {"project: world-writable: accepted", on::real,
     [](layout& at) {
       at.whole();
       at.lab.set_mode(at.project, 0777);
     },
     "present", "done"},
    {"project: of another owner: read and not replaced", on::simulated,
     [](layout& at) {
       at.become_somebody();
       at.whole();
       at.machine->files.set_user({});
     },
     "present", "manifest-owner"},
    {"project: on another device: accepted", on::simulated,
     [](layout& at) {
       empty_project(at);
       at.mount(at.project);
       at.lab.make_directory(at.dork());
       at.lab.put(at.manifest(), manifest_bytes);
     },
     "present", "done"},
    {"project: deleted while open", on::simulated,
     [](layout& at) {
       empty_project(at);
       at.when = disk_operation::open;
       at.meanwhile = [&at, calls = 0]() mutable {
         if (++calls == 2)
           at.lab.env.files.unlink(no_handle, at.at(at.project), unlink_kind::directory).value();
       };
       at.each_time = true;
     },
     "absent", "disk-vanished"},
    named("project: a newline in its name: accepted", "new\nline"),
    named("project: an escape in its name: accepted", "esc\x1b[31m"),
    named("project: invalid UTF-8 in its name: accepted", "bad\xff\xfeutf8"),
    named("project: a name of 255 bytes: accepted", std::string(255, 'n')),
    long_path("project: a path of 4095 bytes: accepted", 4095, "absent", "done"),
    long_path("project: a path of 4097 bytes", 4097, "project-path-too-long", "project-path-too-long"),
    {"project: on a read-only mount", on::simulated,
     [](layout& at) {
       at.whole();
       at.machine->files.options(0).read_only = true;
     },
     "present", "disk-read-only"},
};

auto dork_linked_to(std::string target) {
  return [target = std::move(target)](layout& at) {
    empty_project(at);
    at.link(at.dork(), target);
  };
}

const std::vector<row> dork_rows{
    {".dork: missing: accepted", on::real, [](layout& at) { empty_project(at); }, "absent", "done"},
    {".dork: a file", on::real,
     [](layout& at) {
       empty_project(at);
       at.lab.put(at.dork(), "x");
     },
     "absent", "dork-not-a-directory"},
    {".dork: a link to /etc", on::real, dork_linked_to("/etc"), "dork-symlink", "dork-symlink"},
    {".dork: a link to the parent", on::real, dork_linked_to(".."), "dork-symlink", "dork-symlink"},
    {".dork: a link to itself", on::real, dork_linked_to(".dork"), "dork-symlink", "dork-symlink"},
    {".dork: a dangling link", on::real, dork_linked_to("nowhere"), "dork-symlink", "dork-symlink"},
    {".dork: a FIFO", on::real,
     [](layout& at) {
       empty_project(at);
       at.fifo(at.dork());
     },
     "absent", "dork-not-a-directory"},
    {".dork: a socket", on::real,
     [](layout& at) {
       empty_project(at);
       at.socket(at.dork());
     },
     "absent", "dork-not-a-directory"},
    {".dork: unreadable", on::simulated,
     [](layout& at) {
       at.become_somebody();
       at.whole();
       at.lab.set_mode(at.dork(), 0311);
     },
     "present", "dork-denied"},
    {".dork: unsearchable", on::simulated,
     [](layout& at) {
       at.become_somebody();
       at.whole();
       at.lab.set_mode(at.dork(), 0644);
     },
     "dork-denied", "dork-denied"},
    {".dork: world-writable: accepted", on::real,
     [](layout& at) {
       at.whole();
       at.lab.set_mode(at.dork(), 0777);
     },
     "present", "done"},
    {".dork: of another owner: accepted", on::simulated,
     [](layout& at) {
       empty_project(at);
       at.lab.set_mode(at.project, 0777);
       at.become_somebody();
       at.lab.make_directory(at.dork());
       at.machine->files.set_user({});
       at.lab.put(at.manifest(), manifest_bytes);
     },
     "present", "done"},
    {".dork: a mount point: accepted", on::simulated,
     [](layout& at) {
       project_with_dork(at);
       at.mount(at.dork());
       at.lab.put(at.manifest(), manifest_bytes);
     },
     "present", "done"},
    {".dork: deleted while open", on::simulated,
     [](layout& at) {
       project_with_dork(at);
       at.when = disk_operation::create;
       at.meanwhile = [&at] { at.lab.env.files.unlink(no_handle, at.at(at.dork()), unlink_kind::directory).value(); };
     },
     "absent", "disk-vanished"},
};

auto manifest_linked_to(std::string target) {
  return [target = std::move(target)](layout& at) {
    project_with_dork(at);
    at.lab.put("outside.json", manifest_bytes);
    at.lab.put(at.dork() + "/inside.json", manifest_bytes);
    at.link(at.manifest(), target);
  };
}

auto special_manifest(file_type type) {
  return [type](layout& at) {
    project_with_dork(at);
    at.machine->files.put_special(at.at(at.manifest()), type);
  };
}

const std::vector<row> manifest_rows{
    {"manifest: an absolute link", on::real, manifest_linked_to("/etc/passwd"), "manifest-symlink", "manifest-symlink"},
    {"manifest: a relative link that leads out", on::real, manifest_linked_to("../../outside.json"), "manifest-symlink",
     "manifest-symlink"},
    {"manifest: a relative link that stays in", on::real, manifest_linked_to("inside.json"), "manifest-symlink",
     "manifest-symlink"},
    {"manifest: a dangling link", on::real, manifest_linked_to("nowhere"), "manifest-symlink", "manifest-symlink"},
    {"manifest: a FIFO", on::real,
     [](layout& at) {
       project_with_dork(at);
       at.fifo(at.manifest());
     },
     "manifest-fifo", "manifest-fifo"},
    {"manifest: a socket", on::real,
     [](layout& at) {
       project_with_dork(at);
       at.socket(at.manifest());
     },
     "manifest-socket", "manifest-socket"},
    {"manifest: a character device", on::simulated, special_manifest(file_type::char_device), "manifest-device",
     "manifest-device"},
    {"manifest: a block device", on::simulated, special_manifest(file_type::block_device), "manifest-device",
     "manifest-device"},
    {"manifest: a directory", on::real,
     [](layout& at) {
       project_with_dork(at);
       at.lab.make_directory(at.manifest());
     },
     "manifest-directory", "manifest-directory"},
    {"manifest: a hard link: accepted", on::real,
     [](layout& at) {
       at.whole();
       CAF_REQUIRE_EQUAL(::link(at.at(at.manifest()).c_str(), at.at("other-name").c_str()), 0);
     },
     "present", "done"},
    {"manifest: mode 0000", on::simulated,
     [](layout& at) {
       at.become_somebody();
       at.whole();
       at.lab.set_mode(at.manifest(), 0);
     },
     "manifest-denied", "manifest-denied"},
    {"manifest: sparse, 1 TB", on::real,
     [](layout& at) {
       at.whole();
       CAF_REQUIRE_EQUAL(::truncate(at.at(at.manifest()).c_str(), off_t{1} << 40), 0);
     },
     "manifest-too-large", "manifest-too-large"},
    {"manifest: growing", on::simulated,
     [](layout& at) {
       at.whole();
       at.when = disk_operation::read;
       at.each_time = true;
       at.meanwhile = [&at] { at.lab.put(at.manifest(), at.lab.get(at.manifest()).value_or("") + "more"); };
     },
     "manifest-changing", "manifest-changing"},
    {"manifest: replaced while it is read: read whole, the edit stands", on::simulated,
     [](layout& at) {
       at.whole();
       at.when = disk_operation::read;
       at.meanwhile = [&at] { at.lab.save(at.manifest(), "another"); };
     },
     "present", "manifest-raced"},
    {"manifest: truncated while it is read: read again", on::simulated,
     [](layout& at) {
       at.whole();
       at.when = disk_operation::read;
       at.meanwhile = [&at] { at.lab.put(at.manifest(), "{"); };
     },
     "present", "manifest-changed"},
    {"manifest: .dork swapped between open and read", on::simulated,
     [](layout& at) {
       at.whole();
       at.when = disk_operation::read;
       at.meanwhile = [&at] {
         auto& files = at.lab.env.files;
         files.rename(no_handle, at.at(at.dork()), no_handle, at.at(at.project + "/moved"), rename_mode::replace)
             .value();
         at.lab.make_directory(at.dork());
         at.lab.put(at.manifest(), "another");
       };
     },
     "present", "manifest-directory-moving"},
};

// Runs what a row does meanwhile.
class meanwhile_hook final : public disk_spectator {
public:
  explicit meanwhile_hook(layout& at) : at_(at) {}
  void before(simulated_disk&, const disk_call& call) override {
    if (!at_.meanwhile || call.operation != at_.when || (done_ && !at_.each_time))
      return;
    done_ = true;
    at_.meanwhile();
  }

private:
  layout& at_;
  bool done_ = false;
};

// A fact of everything below a directory of the real disk; links are not
// followed, and only the size of what is large is taken.
void describe_tree(const manifest_lab& lab, const std::string& below, std::string& into) {
  for (const auto& name : lab.names(below)) {
    const auto path = below.empty() ? name : below + "/" + name;
    const auto status = lab.status(path);
    into += path + " " + std::to_string(static_cast<int>(status->type)) + " " + std::to_string(status->mode) + " " +
            std::to_string(status->size) + " " + std::to_string(status->inode) + "\n";
    if (status->type == file_type::directory)
      describe_tree(lab, path, into);
    else if (status->type == file_type::regular && status->size < 1'000'000)
      into += lab.get(path).value_or("") + "\n";
  }
}

std::string code_of(const manifest_probe& found) {
  if (std::holds_alternative<manifest_absent>(found))
    return "absent";
  const auto* unreadable = std::get_if<manifest_unreadable>(&found);
  return unreadable ? std::string{unreadable->why.code} : "present";
}

struct tally {
  std::size_t inputs = 0;
  std::size_t on_real = 0;
  std::chrono::nanoseconds slowest{0};
  std::vector<std::string> wrong;
};

void expect(tally& sums, const row& input, const char* what, std::string_view got, std::string_view wanted) {
  if (got != wanted)
    sums.wrong.push_back(std::string{input.what} + ": " + what + " is " + std::string{got} + ", not " +
                         std::string{wanted});
}

// What is refused has a sentence for people: where, why and what now.
void expect_sentence(tally& sums, const row& input, const failure& why) {
  if (why.message.size() < 30 || why.message.find("; ") == std::string::npos || why.path.empty())
    sums.wrong.push_back(std::string{input.what} + ": says no more than: " + why.message);
}

// Makes the layout anew, does one thing to it, and tells its code; the tree
// must be as before unless that is done.
std::string attempt(const row& input, bool replace, tally& sums) {
  const scratch_folder scratch;
  real_environment real;
  simulated_environment machine;
  machine.files.put_directory("/lab");
  const bool is_real = input.where == on::real;
  const manifest_lab lab{is_real ? real.view() : machine.view(), is_real ? scratch.path() : "/lab", ""};
  lab.put("canary", "of somebody else");
  if (!is_real)
    lab.set_mode("", 0777);
  layout at{lab, is_real ? nullptr : &machine};
  input.make(at);
  const auto tree = [&] {
    if (!is_real)
      return std::to_string(machine.files.fingerprint());
    std::string text;
    // The system cannot list by a longer path.
    if (at.at(at.project).size() < 4000)
      describe_tree(lab, "", text);
    return text;
  };
  const auto before = tree();
  meanwhile_hook hook{at};
  machine.files.set_spectator(&hook);
  const auto started = std::chrono::steady_clock::now();
  manifest_folder folder{lab.env, at.at(at.project)};
  std::string code;
  if (replace) {
    const bool expects_file = input.probe == "present";
    const auto outcome =
        folder.replace(expects_file ? file_version{sha256::of(manifest_bytes)} : file_version{}, "{\"id\":\"y\"}\n");
    code = outcome.error ? std::string{outcome.error->code} : "done";
    if (outcome.error)
      expect_sentence(sums, input, *outcome.error);
  } else {
    const auto found = folder.probe();
    code = code_of(found);
    if (const auto* unreadable = std::get_if<manifest_unreadable>(&found))
      expect_sentence(sums, input, unreadable->why);
  }
  sums.slowest = std::max<std::chrono::nanoseconds>(sums.slowest, std::chrono::steady_clock::now() - started);
  machine.files.set_spectator(nullptr);
  // Where another hand is at work meanwhile, its changes are the difference.
  if (code != "done" && !at.meanwhile && tree() != before)
    sums.wrong.push_back(std::string{input.what} + ": something was changed");
  return code;
}

} // namespace

CAF_TEST(answers every hostile layout with its code and changes nothing) {
  tally sums;
  for (const auto* rows : {&project_rows, &dork_rows, &manifest_rows})
    for (const auto& input : *rows) {
      ++sums.inputs;
      sums.on_real += input.where == on::real ? 1 : 0;
      expect(sums, input, "the probe", attempt(input, false, sums), input.probe);
      expect(sums, input, "the replace", attempt(input, true, sums), input.replace);
    }
  std::printf(
      "lane manifest_layout_bad_input_test: %zu inputs, %zu of them on the real disk, %zu wrong, slowest answer "
      "%lld us\n",
      sums.inputs, sums.on_real, sums.wrong.size(),
      static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(sums.slowest).count()));
  for (const auto& one : sums.wrong)
    std::printf("  %s\n", one.c_str());
  CAF_CHECK_EQUAL(sums.inputs, 49u);
  CAF_CHECK(sums.wrong.empty());
}
