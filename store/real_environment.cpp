#include "muster/store/real_environment.hpp"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <sys/random.h>
#include <unistd.h>

namespace muster {

namespace {

std::chrono::nanoseconds read_clock(clockid_t which) noexcept {
  timespec now{};
  ::clock_gettime(which, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

// The files read here are a few hundred bytes that the system itself writes;
// whatever is wrong with one, it counts as missing.
std::string read_small_file(disk& files, std::string_view path) {
  auto opened = files.open(no_handle, path, {});
  if (!opened)
    return {};
  open_file file{files, *opened};
  std::string text(4096, '\0');
  auto size = files.read_at(file.get(), 0, std::as_writable_bytes(std::span(text)));
  text.resize(size ? *size : 0);
  return text;
}

std::string first_line(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  return text;
}

// The other way to read the umask is to set it, which another thread's open
// would notice.
std::uint32_t read_umask(disk& files) {
  const auto status = read_small_file(files, "/proc/self/status");
  constexpr std::string_view key = "\nUmask:\t";
  std::uint32_t mask = 0022;
  if (const auto at = status.find(key); at != std::string::npos)
    std::from_chars(status.data() + at + key.size(), status.data() + status.size(), mask, 8);
  return mask;
}

} // namespace

std::chrono::milliseconds real_clock::wall() {
  return std::chrono::floor<std::chrono::milliseconds>(read_clock(CLOCK_REALTIME));
}

std::chrono::nanoseconds real_clock::boot() {
  return read_clock(CLOCK_BOOTTIME);
}

void real_entropy::fill(std::span<std::byte> into) {
  while (!into.empty()) {
    const auto got = ::getrandom(into.data(), into.size(), 0);
    if (got >= 0) {
      into = into.subspan(static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      std::perror("muster: the kernel gives no random bytes");
      std::abort();
    }
  }
}

real_environment::real_environment(openat2_use use) : files_(use) {
  self_.pid = static_cast<std::uint32_t>(::getpid());
  self_.uid = ::geteuid();
  self_.gid = ::getegid();
  self_.umask = read_umask(files_);
  self_.machine_id = first_line(read_small_file(files_, "/etc/machine-id"));
  self_.boot_id = first_line(read_small_file(files_, "/proc/sys/kernel/random/boot_id"));
}

} // namespace muster
