#pragma once

#include "bench/figure.hpp"

#include <cstddef>
#include <string>

#include <fcntl.h>
#include <unistd.h>

/// The writes of a journal and of a feed, by hand.
namespace muster::bench {

/// Writes everything that lies in a file system, so that nobody's first sync has
/// to write what was made for all.
class quiet_disk {
public:
  explicit quiet_disk(const std::string& root) : root_(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    must(root_ >= 0, "open");
  }
  quiet_disk(const quiet_disk&) = delete;
  quiet_disk& operator=(const quiet_disk&) = delete;
  ~quiet_disk() { ::close(root_); }
  void await() const { must(::syncfs(root_) == 0, "syncfs"); }

private:
  int root_;
};

class bare_file {
public:
  explicit bare_file(const std::string& path) : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) {
    must(file_ >= 0, "open");
  }
  bare_file(const bare_file&) = delete;
  bare_file& operator=(const bare_file&) = delete;
  ~bare_file() { ::close(file_); }
  void write(std::size_t size, off_t at) const {
    static const std::string bytes(std::size_t{1} << 18U, 'x');
    must(::pwrite(file_, bytes.data(), size, at) == static_cast<ssize_t>(size), "pwrite");
  }
  void sync() const { must(::fsync(file_) == 0, "fsync"); }

private:
  int file_;
};

/// Written to its end and synced.
class bare_log {
public:
  explicit bare_log(const std::string& path) : file_(path) {}
  void write(std::size_t size) {
    file_.write(size, at_);
    file_.sync();
    at_ += static_cast<off_t>(size);
  }

private:
  bare_file file_;
  off_t at_ = 0;
};

/// Two slots in turn, as the durable mark of a feed.
class bare_mark {
public:
  explicit bare_mark(const std::string& path) : file_(path) { file_.write(second_slot + mark_size, 0); }
  void write() {
    file_.write(mark_size, at_);
    file_.sync();
    at_ = second_slot - at_;
  }

private:
  static constexpr std::size_t mark_size = 512;
  static constexpr off_t second_slot = 4096;
  bare_file file_;
  off_t at_ = 0;
};

} // namespace muster::bench
