#include "muster/runner/index_examination.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/fold_dump.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/index_manifest.hpp"
#include "muster/store/index_memory.hpp"
#include "muster/store/sha256.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <vector>

namespace muster {

namespace {

constexpr std::array copied_names{"index.db", "index.db-wal"};
constexpr std::size_t commits_at_once = 1000;

// A directory outside of the data directory, gone with the object.
class scratch_copy {
public:
  static expected<std::unique_ptr<scratch_copy>> make(environment env, handle data) {
    std::array<std::byte, 16> chance{};
    env.random.fill(chance);
    const char* place = std::getenv("TMPDIR");
    auto path = std::string(place && *place == '/' ? place : "/tmp") + "/muster-index-" +
                to_hex(sha256::of({reinterpret_cast<const char*>(chance.data()), chance.size()})).substr(0, 24);
    if (auto made = env.files.make_directory(no_handle, path, 0700); !made)
      return disk_failure("make a directory for a copy of the index", path, made.error());
    std::unique_ptr<scratch_copy> copy(new scratch_copy(env, std::move(path)));
    for (const char* name : copied_names)
      if (auto done = copy->take(data, name); !done)
        return disk_failure(std::string("copy ") + name, copy->path_, done.error());
    return copy;
  }

  scratch_copy(const scratch_copy&) = delete;
  scratch_copy& operator=(const scratch_copy&) = delete;
  ~scratch_copy() {
    for (const char* name : {"index.db", "index.db-wal", "index.db-shm", "index.db-journal"})
      (void)env_.files.unlink(no_handle, path_ + "/" + name, unlink_kind::file);
    (void)env_.files.unlink(no_handle, path_, unlink_kind::directory);
  }

  [[nodiscard]] std::string index() const { return path_ + "/index.db"; }

private:
  scratch_copy(environment env, std::string path) : env_(env), path_(std::move(path)) {}

  os_result<void> take(handle data, const char* name) {
    constexpr std::size_t piece = std::size_t{1} << 20U;
    auto from = open_regular(env_.files, data, name);
    if (!from)
      return from.error().code == ENOENT ? os_result<void>() : from.error();
    auto into = env_.files.open(no_handle, path_ + "/" + name,
                                {.access = open_how::access_mode::read_write, .create = true, .exclusive = true});
    if (!into)
      return into.error();
    const open_file target(env_.files, *into);
    for (std::uint64_t at = 0;; at += piece) {
      const auto bytes = read_full(env_.files, from->get(), at, piece);
      if (!bytes)
        return bytes.error();
      if (auto written = write_full(env_.files, target.get(), at, *bytes); !written)
        return written;
      if (bytes->size() < piece)
        return {};
    }
  }

  environment env_;
  std::string path_;
};

// The commits that the feeds have and the index has not are no difference.
expected<void> catch_up(index_file& index, commit_source& source) {
  state_vector have;
  for (const auto& record : index.instances().records())
    have[record.id] = record.folded;
  std::vector<commit> missing;
  const auto fold_in = [&]() -> expected<void> {
    auto applied = index.apply(missing);
    missing.clear();
    return applied;
  };
  auto read = source.read(have, [&](const commit& next) -> expected<void> {
    missing.push_back(next);
    return missing.size() < commits_at_once ? expected<void>() : fold_in();
  });
  return read ? fold_in() : read;
}

expected<std::string> dump_of(index_file& index, meaning_function meaning) {
  fold_dump text(index.instances(), meaning);
  if (auto read = index.each_agent([&](const agent_id& id, const agent_record& record) { text.enter(id, record); });
      !read)
    return read.error();
  if (auto read = index.each_rule([&](const rule_key& key, const shared_register& record) { text.enter(key, record); });
      !read)
    return read.error();
  if (auto read = index.each_denial([&](const denial_key& key, const denial_record& it) { text.enter(key, it); });
      !read)
    return read.error();
  return text.finish();
}

expected<std::string> dump_of_copy(environment env, const scratch_copy& copy, commit_source& source) {
  const index_options options{.meaning = meaning_of_manifests(), .limits = {}};
  auto index = index_file::open(env, copy.index(), options, index_file::audit::whole);
  if (!index)
    return index.error();
  if (auto caught_up = catch_up(**index, source); !caught_up)
    return caught_up.error();
  return dump_of(**index, options.meaning.field);
}

} // namespace

expected<index_comparison> examine_index(environment env, handle data, commit_source& source) {
  index_comparison result;
  const auto meaning = meaning_of_manifests();
  index_memory aside({.meaning = meaning.field, .limits = {}});
  if (auto read = source.read({},
                              [&](const commit& next) {
                                result.ops += next.ops.size();
                                return aside.take(next);
                              });
      !read)
    return read.error();
  result.true_dump = dump(aside.records(), meaning.field);
  const auto status = env.files.status(data, "index.db", false);
  if (!status && status.error().code == ENOENT) {
    result.why = "there is no index; the next command folds it from the feeds";
    return result;
  }
  result.there = true;
  if (!status || status->type != file_type::regular || status->size == 0) {
    result.why = "index.db is empty or no regular file; the next command sets it aside and folds it anew";
    return result;
  }
  const auto copy = scratch_copy::make(env, data);
  if (!copy)
    return copy.error();
  const auto held = dump_of_copy(env, **copy, source);
  result.identical = held && *held == result.true_dump;
  if (!held)
    result.why = held.error().message + "; the next command sets the index aside and folds it anew";
  else if (!result.identical)
    result.why = "the index is not what the feeds say; 'muster rebuild' folds it anew";
  return result;
}

} // namespace muster
