#pragma once

#include "tests/support/fold_fixture.hpp"

#include "muster/store/index_database.hpp"
#include "muster/store/simulated_environment.hpp"
#include "muster/store/simulated_vfs.hpp"

/// Short words for tests of the index: a source in memory, and an index on a
/// simulated disk.
namespace index_fixture {

using namespace muster;

inline constexpr const char* directory = "/data";
inline constexpr const char* index_path = "/data/index.db";

/// Feeds as lists of commits.
class list_source final : public commit_source {
public:
  void add(commit next) { feeds_[next.instance].push_back(std::move(next)); }

  expected<state_vector> ends() override {
    if (failing)
      return *failing;
    state_vector result;
    for (const auto& [instance, feed] : feeds_)
      result[instance] = feed.size();
    return result;
  }

  expected<void> read(const state_vector& have, const std::function<expected<void>(const commit&)>& take) override {
    if (failing)
      return *failing;
    for (const auto& [instance, feed] : feeds_) {
      const auto known = have.find(instance);
      for (auto seq = known == have.end() ? 0 : known->second; seq < feed.size(); ++seq)
        if (auto taken = take(feed[seq]); !taken)
          return taken;
    }
    return {};
  }

  std::map<instance_id, std::vector<commit>> feeds_;
  std::optional<failure> failing;
};

inline index_options options() {
  return {.meaning = {.field = &fold_fixture::loose_meaning, .content = &hash_of_text}, .limits = {}};
}

/// What a fold from nothing in memory says of a source.
inline std::string dump_of(list_source& source, const index_options& how = options()) {
  index_memory memory(how.fold());
  source.read({}, [&](const commit& next) { return memory.take(next); }).value();
  return dump(memory.records(), how.meaning.field);
}

/// A few commits in which every kind of row occurs.
inline list_source small_history() {
  using namespace fold_fixture;
  list_source source;
  source.add(make("a", 1, 100,
                  {place("one", "a", "work", "/p/one"), put("name", "\"Alpha\""), put("runtime", "\"codex\""),
                   put("registeredAt", "\"2026-01-01T00:00Z\""), put("x-mine", "{\"k\":1.0}")}));
  source.add(
      make("b", 1, 200, {put("name", "\"Beta\""), place("one", "b", "work", "/p/two"), rule(rule_action::allow)}));
  source.add(make("a", 2, 300, {rule(rule_action::deny), deny_put{at_home("a"), "/no", "noise", "me", "manual"}}));
  source.add(
      make("b", 2, 400,
           {place("two", "b", "work", "/p/three"), op(agent_put{agent_id{"two"}, {{"name", "\"Beta\"", {}}}, false}),
            put("color", "\"red\"", saw({{"c", 4}}))}));
  source.add(make("a", 3, 500, {agent_drop{agent_id{"one"}, saw({{"b", 1}})}, place("three", "not-mine")}));
  source.add(
      make("a", 4, 600,
           {put("description", "\"late\"", saw({{"a", 1}}), true), settle("icon", {at_home("b"), 1}, "\"x\"", {})}));
  source.add(make("a", 5, 700, {deny_drop{at_home("a"), "/no"}, peer_retire{at_home("z")}}));
  return source;
}

/// A machine with a data directory, and SQLite on its disk.
class machine {
public:
  machine() {
    world.files.put_directory(directory);
    world.files.aside([](simulated_disk& files) {
      files.sync_filesystem(files.open(no_handle, directory, {.directory = true}).value()).value();
    });
  }
  /// A snapshot of its world, with a way of its own for SQLite.
  machine(const machine& other) : world(other.world) {}

  [[nodiscard]] environment env() const { return vfs.view(); }

  simulated_environment world;
  simulated_vfs vfs{world.view()};
};

/// Runs `work` up to where the disk ends the process.
template <class Work>
void until_killed(Work&& work) {
  try {
    work();
  } catch (const process_killed&) {
  } catch (const call_hung&) {
  }
}

inline bool told(std::span<const index_notice> notices, std::string_view code) {
  for (const auto& each : notices)
    if (each.code == code)
      return true;
  return false;
}

} // namespace index_fixture
