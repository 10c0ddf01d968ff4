#include "muster/store/simulated_environment.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace muster {

void simulated_entropy::fill(std::span<std::byte> into) {
  while (!into.empty()) {
    const auto word = source_.next();
    const auto size = std::min(into.size(), sizeof word);
    std::memcpy(into.data(), &word, size);
    into = into.subspan(size);
  }
}

simulated_environment::simulated_environment(std::uint64_t seed, const volume_options& root, simulated_user user)
    : files(clock, root, user), random(seed) {
  self.pid = 100;
  self.uid = user.uid;
  self.gid = user.gid;
  self.umask = user.umask;
  self.machine_id = "0123456789abcdef0123456789abcdef";
  name_boot();
}

simulated_environment::simulated_environment(const simulated_environment& other)
    : clock(other.clock), files(other.files, clock), random(other.random), self(other.self), boots_(other.boots_) {}

void simulated_environment::restart_process() {
  files.restart();
  ++self.pid;
}

void simulated_environment::power_cycle(const crash_choice& choice, std::chrono::nanoseconds off) {
  files.crash(choice);
  clock.reboot(off);
  self.pid = 100;
  name_boot();
}

void simulated_environment::name_boot() {
  char text[37];
  std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012llx", static_cast<unsigned long long>(++boots_));
  self.boot_id = text;
}

} // namespace muster
