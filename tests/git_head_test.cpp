#define CAF_SUITE git_head_test

#include "muster/store/git_head.hpp"

#include "muster/store/simulated_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace muster;

namespace {

struct world {
  simulated_environment machine;

  world() { make("/home/app"); }
  void make(const std::string& path) {
    for (auto at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1))
      if (!machine.files.exists(path.substr(0, at)))
        machine.files.put_directory(path.substr(0, at));
    if (!machine.files.exists(path))
      machine.files.put_directory(path);
  }
  void put(const std::string& path, const std::string& text) {
    const auto above = path.substr(0, path.rfind('/'));
    make(above);
    machine.files.put_file(path, text);
  }
  std::string head(const std::string& project = "/home/app") { return git_head(machine.view(), project); }
  void repository(const std::string& at = "/home/app/.git") {
    put(at + "/HEAD", "ref: refs/heads/main\n");
    put(at + "/refs/heads/main", std::string(40, 'a').append("\n"));
    put(at + "/refs/heads/other", std::string(40, 'b').append("\n"));
  }
};

} // namespace

CAF_TEST(a switch and a commit are other heads and packed refs are none) {
  world here;
  CAF_CHECK_EQUAL(here.head(), "");
  here.repository();
  const auto main = here.head();
  CAF_CHECK_EQUAL(main.size(), 129u);
  CAF_CHECK_EQUAL(here.head(), main);
  CAF_CHECK(!is_other_head(main, main));
  here.put("/home/app/.git/HEAD", "ref: refs/heads/other\n");
  CAF_CHECK(is_other_head(main, here.head()));
  here.put("/home/app/.git/HEAD", std::string(40, 'a') + "\n");
  CAF_CHECK(is_other_head(main, here.head()));
  here.put("/home/app/.git/HEAD", "ref: refs/heads/main\n");
  here.put("/home/app/.git/refs/heads/main", std::string(40, 'c') + "\n");
  CAF_CHECK(is_other_head(main, here.head()));
  here.put("/home/app/.git/HEAD", "ref: refs/heads/packed\n");
  const auto packed = here.head();
  CAF_CHECK_EQUAL(packed.size(), 65u);
  here.put("/home/app/.git/refs/heads/packed", std::string(40, 'd') + "\n");
  CAF_CHECK(!is_other_head(packed, here.head()));
  CAF_CHECK(!is_other_head(here.head(), packed));
}

CAF_TEST(what is not known is not another) {
  CAF_CHECK(!is_other_head("", "a:b"));
  CAF_CHECK(!is_other_head("a:b", ""));
  CAF_CHECK(!is_other_head("a:", "a:b"));
  CAF_CHECK(is_other_head("a:b", "b:b"));
  CAF_CHECK(is_other_head("a:b", "a:c"));
}

CAF_TEST(a linked worktree has a head of its own and the branches of its repository) {
  world here;
  here.repository("/home/main/.git");
  here.put("/home/main/.git/worktrees/app/HEAD", "ref: refs/heads/other\n");
  for (const std::string link : {"gitdir: /home/main/.git/worktrees/app\n", "gitdir: ../main/.git/worktrees/app",
                                 "gitdir: /home/./x/../main//.git/worktrees/app\n"}) {
    here.put("/home/app/.git", link);
    const auto before = here.head();
    CAF_CHECK_EQUAL(before.size(), 129u);
    here.put("/home/main/.git/refs/heads/other", std::string(40, 'c'));
    CAF_CHECK(is_other_head(before, here.head()));
    here.put("/home/main/.git/refs/heads/other", std::string(40, 'b') + "\n");
  }
  // Of a submodule, which has its own.
  here.repository("/home/main/.git/modules/app");
  here.put("/home/app/.git", "gitdir: ../main/.git/modules/app\n");
  CAF_CHECK_EQUAL(here.head().size(), 129u);
}

CAF_TEST(nothing hostile is followed or read whole) {
  world here;
  here.repository("/home/real");
  here.machine.files.put_symlink("/home/app/.git", "/home/real");
  CAF_CHECK_EQUAL(here.head(), "");
  world linked;
  linked.repository("/home/real/.git");
  linked.machine.files.put_symlink("/home/link", "/home/real");
  for (const std::string& link :
       {std::string("gitdir: /home/link/.git\n"), std::string("gitdir: ../link/.git"),
        std::string("gitdir: ../../../../home/real/.git"), std::string("gitdir: "), std::string("gitdir: /"),
        std::string("gitdir:/home/real/.git"), std::string("nonsense"), std::string("gitdir: /home/real/.git\0x", 25),
        "gitdir: /home/real/.git" + std::string(5000, ' ')}) {
    linked.put("/home/app/.git", link);
    CAF_CHECK_EQUAL(linked.head(), "");
  }
  world odd;
  odd.repository();
  for (const std::string head :
       {"ref: refs/../HEAD\n", "ref: refs/heads/../../HEAD", "ref: /etc/passwd", "ref: HEAD"}) {
    odd.put("/home/app/.git/HEAD", head);
    CAF_CHECK_EQUAL(odd.head().size(), 65u);
  }
  odd.put("/home/app/.git/HEAD", std::string(4097, 'x'));
  CAF_CHECK_EQUAL(odd.head(), "");
  odd.put("/home/app/.git/HEAD", "");
  CAF_CHECK_EQUAL(odd.head(), "");
  world special;
  special.make("/home/app/.git");
  special.machine.files.put_special("/home/app/.git/HEAD", file_type::fifo);
  CAF_CHECK_EQUAL(special.head(), "");
  CAF_CHECK_EQUAL(special.head("/nowhere"), "");
}
