#include "muster/store/database_files.hpp"
#include "muster/store/index_database.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace muster {

namespace {

constexpr std::size_t commits_a_transaction = 1000;

/// Beyond this, folding anew is quicker than folding on.
constexpr std::uint64_t most_to_catch_up = 20'000;

std::string new_path(const std::string& path) {
  return path + ".new";
}

failure file_failure(os_error why, std::string_view doing, const std::string& path) {
  return {.kind = failure_kind::failed,
          .code = "index-file",
          .message = std::string(doing) + " failed: " + std::strerror(why.code) + "; check the data directory",
          .path = path,
          .system_errno = why.code};
}

/// Says no more than that folding on is no use.
failure unfit(std::string_view code, std::string message, const std::string& path) {
  return {.kind = failure_kind::damaged, .code = code, .message = std::move(message), .path = path};
}

bool is_unfit(const failure& why) {
  return why.code == "index-other-schema" || why.code == "index-behind" || why.code == "index-limits";
}

/// It may be all that is left of what a damaged feed has lost.
bool is_evidence(const failure& why) {
  return why.code == "index-ahead";
}

} // namespace

expected<void> index_database::start() {
  ready_ = false;
  ++generation_;
  source_failure_.reset();
  file_ = nullptr;
  content_ = std::make_unique<index_memory>(options_.fold());
  // Left by a process that died while it made one.
  const auto left = look_at_database(env_, new_path(path_));
  if (auto removed =
          left && *left == database_presence::none ? os_result<void>() : remove_database(env_, new_path(path_));
      !removed)
    note("index-leftover", file_failure(removed.error(), "removing an unfinished index", new_path(path_)).message);

  auto presence = look_at_database(env_, path_);
  if (presence && *presence == database_presence::none) {
    auto made = make_anew(old_file::remove);
    if (made && !in_memory() && !content_->instances().records().empty())
      note("index-missing", "there was no index; it was folded anew from the feeds");
    return made;
  }
  // What lies beside a file that is gone belongs to nothing.
  const bool whole = presence && *presence == database_presence::present;
  auto opened =
      whole ? open_file()
            : expected<void>(presence ? unfit("index-empty", "the index is empty or only its log is left", path_)
                                      : file_failure(presence.error(), "looking for the index", path_));
  if (opened)
    return {};
  if (source_failure_)
    return *source_failure_;
  if (is_unfit(opened.error())) {
    note(opened.error().code, opened.error().message);
    return make_anew(old_file::remove);
  }
  if (is_evidence(opened.error()))
    note(opened.error().code, opened.error().message);
  else
    note("index-set-aside", "the index is folded anew because " + opened.error().message);
  return make_anew(old_file::set_aside);
}

expected<void> index_database::open_file() {
  const auto how = std::exchange(first_audit_, index_file::audit::whole);
  auto file = index_file::open(env_, path_, options_, how);
  if (!file)
    return file.error();
  if (auto fits = fit_to_source(**file); !fits)
    return fits;
  if (auto caught_up = catch_up(**file); !caught_up)
    return caught_up;
  use(std::move(*file));
  return {};
}

expected<void> index_database::fit_to_source(index_file& file) {
  auto ends = source_.ends();
  if (!ends)
    return source_failure_.emplace(ends.error());
  const auto& instances = file.instances();
  if (!fold::holds_within(instances, options_.limits))
    return unfit("index-limits", "a feed ends earlier than the index has folded it, and the index is folded anew",
                 path_);
  std::uint64_t missing = 0;
  for (const auto& [instance, end] : *ends)
    if (const auto known = instances.find(instance); !known || instances[*known].folded < end)
      missing += end - (known ? instances[*known].folded : 0);
  if (is_ahead(file, *ends))
    return unfit("index-ahead", "the index holds more than the feeds do; it was set aside and folded anew", path_);
  if (missing > most_to_catch_up)
    return unfit("index-behind", "the index lacks so many commits that it is folded anew", path_);
  return {};
}

expected<void> index_database::catch_up(index_file& file) {
  state_vector have;
  for (const auto& record : file.instances().records())
    have[record.id] = record.folded;
  std::vector<commit> batch;
  const auto flush = [&]() -> expected<void> {
    auto applied = batch.empty() ? expected<void>() : file.apply(batch);
    batch.clear();
    return applied;
  };
  auto read = read_source(have, [&](const commit& next) -> expected<void> {
    batch.push_back(next);
    return batch.size() < commits_a_transaction ? expected<void>() : flush();
  });
  return read ? flush() : read;
}

expected<void> index_database::read_source(const state_vector& have,
                                           const std::function<expected<void>(const commit&)>& take) {
  bool taken = true;
  auto read = source_.read(have, [&](const commit& next) {
    auto done = take(next);
    taken = done.has_value();
    return done;
  });
  if (!read && taken)
    source_failure_ = read.error();
  return read;
}

expected<void> index_database::make_anew(old_file fate) {
  auto folded = std::make_unique<index_memory>(options_.fold());
  if (auto read = read_source({}, [&](const commit& next) { return folded->take(next); }); !read)
    return read;
  if (fate == old_file::remove && may_hold_what_is_lost()) {
    note("index-ahead", "a feed is damaged and the index may hold what it has lost; it was set aside and folded anew");
    fate = old_file::set_aside;
  }
  if (auto replaced = replace_file(*folded, fate); !replaced) {
    note("index-in-memory", "the index is kept in memory because " + replaced.error().message);
    why_in_memory_ = replaced.error().message;
    content_ = std::move(folded);
    ready_ = true;
    return {};
  }
  return {};
}

bool index_database::may_hold_what_is_lost() {
  if (source_.is_whole())
    return false;
  if (const auto there = look_at_database(env_, path_); !there || *there != database_presence::present)
    return false;
  const auto ends = source_.ends();
  const auto file = index_file::open(env_, path_, options_, index_file::audit::none);
  return !ends || !file || is_ahead(**file, *ends);
}

bool index_database::is_ahead(const index_file& file, const state_vector& ends) const {
  return std::ranges::any_of(file.instances().records(), [&](const instance_record& record) {
    const auto end = ends.find(record.id);
    return record.folded > (end == ends.end() ? 0 : end->second) && !source_.withholds(record.id);
  });
}

expected<void> index_database::replace_file(const index_memory& folded, old_file fate) {
  const auto fresh = new_path(path_);
  if (auto built = index_file::build(env_, fresh, folded.records(), options_); !built) {
    (void)remove_database(env_, fresh);
    return built;
  }
  // The old file goes with its log before the new one comes: a log must never
  // meet a file that it does not belong to.
  if (auto away = put_away(fate); !away)
    return away;
  if (auto published = publish_database(env_, fresh, path_); !published)
    return file_failure(published.error(), "putting the new index in its place", path_);
  auto file = index_file::open(env_, path_, options_, index_file::audit::none);
  if (!file)
    return file.error();
  use(std::move(*file));
  return {};
}

expected<void> index_database::put_away(old_file fate) {
  // What is no file is nothing that we made.
  const auto there = env_.files.status(no_handle, path_, false);
  if (fate == old_file::set_aside || (there && there->type != file_type::regular)) {
    if (auto aside = set_database_aside(env_, path_); !aside)
      return file_failure(aside.error(), "setting the old index aside", path_);
  } else if (auto removed = remove_database(env_, path_); !removed) {
    return file_failure(removed.error(), "removing the old index", path_);
  }
  return {};
}

expected<void> index_database::rebuild() {
  (void)close();
  ++generation_;
  source_failure_.reset();
  return make_anew(old_file::remove);
}

expected<void> index_database::recover(const failure& why) {
  note("index-reopened", "the index is opened anew because " + why.message);
  return start();
}

expected<bool> index_database::heal() {
  if (in_memory())
    if (auto started = start(); !started)
      return started.error();
  return !in_memory();
}

void index_database::use(std::unique_ptr<index_file> file) {
  file_ = file.get();
  content_ = std::move(file);
  ready_ = true;
}

} // namespace muster
