#pragma once

#include <string>

namespace muster::test {

/// Whether tests may mount here: as root with the right to. The first who asks
/// gets the process a mount namespace of its own, so that nobody else sees the
/// mounts and none outlives it. A test that cannot do its work without says so
/// on a `lane` line; where CI=true is set as root that is a failure, which
/// `fine` tells.
struct mount_permission {
  bool granted = false;
  bool fine = true;
};
mount_permission ask_to_mount(const char* suite, const char* what);

/// A mount that goes with the object; a failure ends the test process.
class own_mount {
public:
  /// A small file system in memory.
  static own_mount memory(const std::string& at, std::size_t bytes);
  /// The same directory or file once more, or over another.
  static own_mount again(const std::string& what, const std::string& at);
  /// The same directory at its own place, where nothing can be written.
  static own_mount read_only(const std::string& at);
  own_mount(own_mount&& other) noexcept;
  own_mount& operator=(own_mount&&) = delete;
  ~own_mount();

private:
  explicit own_mount(std::string at);
  std::string at_;
};

} // namespace muster::test
