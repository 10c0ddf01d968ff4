#include "muster/runner/directory_watch.hpp"

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace muster {

struct directory_watch::shared {
  shared(disk& of, std::string at, open_file opened) : files(of), path(std::move(at)), directory(std::move(opened)) {}

  disk& files;
  std::string path;
  open_file directory;
  std::mutex guard;
  std::condition_variable woken;
  bool ended = false;

  /// Or it cannot be told.
  [[nodiscard]] bool is_in_place() {
    const auto ours = files.status(directory.get());
    const auto there = files.status(no_handle, path, true);
    if (!there)
      return there.error().code != ENOENT && there.error().code != ENOTDIR;
    return !ours || (ours->device == there->device && ours->inode == there->inode);
  }

  /// False: it has ended meanwhile.
  bool pass(std::chrono::milliseconds pause) {
    std::unique_lock lock{guard};
    return !woken.wait_for(lock, pause, [this] { return ended; });
  }
};

directory_watch::directory_watch(const environment& env, const std::string& path, std::chrono::milliseconds pause,
                                 std::function<void()> gone) {
  const auto opened = env.files.open(no_handle, path, {.access = open_how::access_mode::path_only, .directory = true});
  if (!opened)
    return;
  shared_ = std::make_shared<shared>(env.files, path, open_file(env.files, *opened));
  std::thread([what = shared_, pause, gone = std::move(gone)] {
    while (what->pass(pause))
      if (!what->is_in_place())
        return gone();
  }).detach();
}

directory_watch::~directory_watch() {
  if (!shared_)
    return;
  const std::lock_guard lock{shared_->guard};
  shared_->ended = true;
  shared_->woken.notify_all();
}

} // namespace muster
