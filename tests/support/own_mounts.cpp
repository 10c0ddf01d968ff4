#include "tests/support/own_mounts.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace muster::test {

namespace {

void mount_or_end(const char* what, const std::string& at, const char* kind, unsigned long flags,
                  const std::string& options) {
  if (::mount(what, at.c_str(), kind, flags, options.c_str()) == 0)
    return;
  std::perror(("mount " + at).c_str());
  std::abort();
}

bool have_own_namespace() {
  static const bool made =
      ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return made;
}

} // namespace

mount_permission ask_to_mount(const char* suite, const char* what) {
  if (have_own_namespace())
    return {true, true};
  const char* ci = std::getenv("CI");
  std::printf("lane %s: skipped, for want of the right to mount: %s\n", suite, what);
  return {false, ::geteuid() != 0 || ci == nullptr || std::string_view{ci} != "true"};
}

own_mount::own_mount(std::string at) : at_(std::move(at)) {}

own_mount::own_mount(own_mount&& other) noexcept : at_(std::exchange(other.at_, {})) {}

own_mount::~own_mount() {
  if (!at_.empty())
    ::umount2(at_.c_str(), MNT_DETACH);
}

own_mount own_mount::memory(const std::string& at, std::size_t bytes) {
  mount_or_end("tmpfs", at, "tmpfs", 0, "size=" + std::to_string(bytes));
  return own_mount{at};
}

own_mount own_mount::again(const std::string& what, const std::string& at) {
  mount_or_end(what.c_str(), at, nullptr, MS_BIND, {});
  return own_mount{at};
}

own_mount own_mount::read_only(const std::string& at) {
  mount_or_end(at.c_str(), at, nullptr, MS_BIND, {});
  mount_or_end(nullptr, at, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, {});
  return own_mount{at};
}

} // namespace muster::test
