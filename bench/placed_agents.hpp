#pragma once

#include "bench/bench_host.hpp"

#include "muster/actors/index_keeper.hpp"
#include "muster/actors/manifest_answers.hpp"
#include "muster/store/data_home.hpp"
#include "muster/store/own_feed.hpp"
#include "muster/supervisor/change_plan.hpp"

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace muster::bench {

/// Fills a new data directory with agents that are really there, 100 to a
/// directory below one scan root, by the classes alone and without a sync for
/// each: what they leave is what registrations leave.
class placed_agents {
public:
  explicit placed_agents(std::string root)
      : root_(std::move(root)),
        env_(machine_.view()),
        home_(value_or_stop(data_home::open(
            env_, value_or_stop(data_directory::open(env_, root_ + "/data", data_directory::presence::create))))),
        feed_(env_, home_.feeds(), home_.own(), home_.self().key, {}),
        keeper_(env_, home_.directory().path(), home_.feeds(), home_.own(), {}) {
    ground_.own = home_.own();
    feed_.prepare();
    done_or_stop(keeper_.open());
  }

  void add(std::size_t agents) {
    std::filesystem::create_directory(scan_root_of(root_));
    for (std::size_t made = 0; made < agents; ++made) {
      if (made % to_a_group == 0)
        std::filesystem::create_directory(group_of(root_, made));
      add_one(project_of(root_, made));
      if (folds_.size() == batch)
        write();
    }
    write();
    feed_.settle();
    keeper_.close();
  }

  [[nodiscard]] static std::string scan_root_of(const std::string& root) { return root + "/projects"; }
  [[nodiscard]] static std::string group_of(const std::string& root, std::size_t number) {
    return scan_root_of(root) + name_of("/g%05zu", number / to_a_group);
  }
  [[nodiscard]] static std::string project_of(const std::string& root, std::size_t number) {
    return group_of(root, number) + name_of("/a%07zu", number);
  }
  static constexpr std::size_t to_a_group = 100;

private:
  static constexpr std::size_t batch = 500;

  static std::string name_of(const char* form, std::size_t number) {
    char name[32];
    std::snprintf(name, sizeof name, form, number);
    return name;
  }

  template <class T>
  static T value_or_stop(expected<T> what) {
    if (!what)
      stop(what.error().message);
    return std::move(*what);
  }
  static void done_or_stop(const expected<void>& what) {
    if (!what)
      stop(what.error().message);
  }

  void add_one(const std::string& project) {
    registration_facts known;
    known.sight = no_manifest{};
    known.fresh = agent_id{next_id()};
    known.now = "2026-01-15T09:30:00.000Z";
    known.user = "bench";
    auto request = request_for(project);
    request.scan_root = scan_root_of(root_);
    auto change = std::get<planned_change>(value_or_stop(plan_registration(request, known, ground_)));
    change.held->key = write_manifest_of(project, change.intent.after->bytes);
    commit draft;
    draft.saga = next_id();
    draft.ops = std::move(change.intent.ops);
    folds_.push_back(
        {epoch{1}, saga_id{draft.saga}, value_or_stop(feed_.enter(std::move(draft))).what, std::move(change.held)});
  }

  static stat_key write_manifest_of(const std::string& project, const std::string& bytes) {
    must(::mkdir(project.c_str(), 0755) == 0 && ::mkdir((project + "/.dork").c_str(), 0755) == 0, "mkdir");
    const int file = ::open((project + "/.dork/agent.json").c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    must(file >= 0 && ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "write");
    struct stat is {};
    must(::fstat(file, &is) == 0, "fstat");
    ::close(file);
    const auto time = [](const timespec& at) {
      return std::chrono::seconds{at.tv_sec} + std::chrono::nanoseconds{at.tv_nsec};
    };
    return {is.st_dev, is.st_ino, static_cast<std::uint64_t>(is.st_size), time(is.st_mtim), time(is.st_ctim), false};
  }

  void write() {
    done_or_stop(feed_.flush());
    std::vector<index_change> changes(std::make_move_iterator(folds_.begin()), std::make_move_iterator(folds_.end()));
    folds_.clear();
    for (const auto& each : keeper_.take(std::move(changes)))
      value_or_stop(each);
  }

  std::string next_id() {
    const auto number = std::to_string(++ids_);
    return "01JC8Z5Q3V7XN2M4" + std::string(10 - number.size(), '0') + number;
  }

  std::string root_;
  real_environment machine_;
  environment env_;
  data_home home_;
  own_feed feed_;
  index_keeper keeper_;
  plan_ground ground_;
  std::vector<fold_commit> folds_;
  std::uint64_t ids_ = 0;
};

} // namespace muster::bench
