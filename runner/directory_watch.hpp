#pragma once

#include "muster/store/environment.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace muster {

/// Looks again and again whether a directory still is at its path: whatever is
/// opened by its path in one that was put in its place would be another's.
///
/// On a thread of its own, as a disk may hang. One that does is left behind, so
/// the environment outlives the process's other work.
class directory_watch {
public:
  /// `gone` is called once, on that thread, when something else is at the path, or
  /// nothing.
  directory_watch(const environment& env, const std::string& path, std::chrono::milliseconds pause,
                  std::function<void()> gone);
  directory_watch(const directory_watch&) = delete;
  directory_watch& operator=(const directory_watch&) = delete;
  ~directory_watch();

private:
  struct shared;
  std::shared_ptr<shared> shared_;
};

} // namespace muster
