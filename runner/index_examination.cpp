#include "muster/runner/index_examination.hpp"

#include "muster/runner/database_copy.hpp"
#include "muster/store/fold_dump.hpp"
#include "muster/store/index_audit.hpp"
#include "muster/store/index_manifest.hpp"
#include "muster/store/index_memory.hpp"

#include <cerrno>
#include <memory>
#include <vector>

namespace muster {

namespace {

constexpr std::size_t commits_at_once = 1000;

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

expected<std::string> dump_of_copy(environment env, const database_copy& copy, commit_source& source) {
  const index_options options{.meaning = meaning_of_manifests(), .limits = {}};
  auto index = index_file::open(env, copy.path(), options, index_file::audit::whole);
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
  // The next look begins behind what the index has, and may see no damage.
  const auto whole = source.is_whole();
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
  const auto copy = database_copy::make(env, data, "index.db");
  if (!copy)
    return copy.error();
  const auto held = dump_of_copy(env, **copy, source);
  result.identical = held && *held == result.true_dump;
  if (!held)
    result.why = held.error().message + "; the next command sets the index aside and folds it anew";
  else if (!result.identical)
    result.why = index_difference(whole);
  return result;
}

} // namespace muster
