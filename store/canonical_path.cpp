#include "muster/store/canonical_path.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/feed_limits.hpp"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <optional>

namespace muster {

namespace {

/// A path on its way to the directory it leads to.
class path_walk {
public:
  path_walk(disk& files, std::string_view path) : files_(files), path_(path) { put_first(path); }

  expected<std::string> run() {
    while (!ahead_.empty()) {
      auto name = std::move(ahead_.front());
      ahead_.pop_front();
      if (auto why = enter(name))
        return std::move(*why);
      if (done_.size() > feed_limits::path_bytes)
        return failure{.kind = failure_kind::refused,
                       .code = "path-unusable",
                       .message = "the links in it make the path longer than " +
                                  std::to_string(feed_limits::path_bytes) + " bytes: name the directory itself",
                       .path = path_};
    }
    return done_.empty() ? "/" : done_;
  }

private:
  /// The names of a path come before those that are still to be entered.
  void put_first(std::string_view path) {
    std::deque<std::string> names;
    while (!path.empty()) {
      const auto name = path.substr(0, path.find('/'));
      if (!name.empty() && name != ".")
        names.emplace_back(name);
      path.remove_prefix(std::min(name.size() + 1, path.size()));
    }
    ahead_.insert(ahead_.begin(), names.begin(), names.end());
  }

  std::optional<failure> enter(const std::string& name) {
    if (name == "..") {
      done_.resize(done_.empty() ? 0 : done_.rfind('/'));
      return std::nullopt;
    }
    auto next = done_ + "/" + name;
    if (exists_) {
      const auto found = files_.status(no_handle, next, false);
      if (found && found->type == file_type::symlink)
        return follow(next);
      if (!found && !is_by_the_letter(found.error()))
        return disk_failure("look at", next, found.error());
      exists_ = found.has_value();
    }
    done_ = std::move(next);
    return std::nullopt;
  }

  static bool is_by_the_letter(os_error why) {
    return why.code == ENOENT || why.code == ENOTDIR || why.code == EACCES || why.code == ENAMETOOLONG;
  }

  std::optional<failure> follow(const std::string& link) {
    if (++links_ > most_links)
      return failure{.kind = failure_kind::refused,
                     .code = "path-loop",
                     .message = "the links in it lead to links without end: name the directory itself",
                     .path = path_};
    const auto target = files_.read_link(no_handle, link);
    if (!target)
      return disk_failure("read the link", link, target.error());
    if (target->starts_with('/'))
      done_.clear();
    put_first(*target);
    return std::nullopt;
  }

  disk& files_;
  std::string path_;
  std::string done_; ///< without links; empty: the root
  std::deque<std::string> ahead_;
  std::size_t links_ = 0;
  bool exists_ = true; ///< all of `done_`
};

} // namespace

expected<std::string> canonical_path(disk& files, std::string_view path) {
  return path_walk(files, path).run();
}

} // namespace muster
