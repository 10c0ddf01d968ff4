#pragma once

#include "tests/support/feed_samples.hpp"
#include "tests/support/index_fixture.hpp"

#include "muster/actors/index_keeper.hpp"

#include <utility>
#include <vector>

namespace muster::test {

/// A machine with a data directory in which one feed grows, and what the owner
/// of its index is made of.
class keeper_world {
public:
  keeper_world() {
    here.world.files.put_directory(feeds_path);
    sync_everything(here.world);
    writer_.emplace(open_writer(here.world, key_).value());
    feeds_ = open_feeds(here.world);
  }

  [[nodiscard]] instance_id own() const { return sample_instance(7); }
  [[nodiscard]] handle feeds() const { return feeds_.get(); }

  /// A commit that is durable in the feed.
  commit make(std::vector<op> ops) {
    commit draft;
    draft.ops = std::move(ops);
    auto made = writer_->stage(std::move(draft)).value().what;
    writer_->flush().value();
    writer_->settle().value();
    return made;
  }
  /// A commit that the feed does not show yet.
  commit make_unmarked(std::vector<op> ops, sequence seq) const {
    commit made;
    made.instance = own();
    made.seq = seq;
    made.at = stamp{(std::uint64_t{1} << 40U) + seq};
    made.ops = std::move(ops);
    return made;
  }

  [[nodiscard]] op place(const std::string& agent, const std::string& path, const std::string& space = "work") const {
    return place_put{agent_id{agent}, own(), path, "/p", space, true};
  }
  [[nodiscard]] op gone(const std::string& agent) const { return place_drop{agent_id{agent}, own()}; }
  static op put(const std::string& agent, const std::string& field, std::optional<std::string> json,
                saw_vector saw = {}) {
    return agent_put{agent_id{agent}, {{field, std::move(json), std::move(saw)}}, false};
  }
  /// An agent with a name and a runtime, placed.
  [[nodiscard]] std::vector<op> agent(const std::string& id, const std::string& name, const std::string& path) const {
    return {put(id, "name", "\"" + name + "\""), put(id, "runtime", "\"claude-code\""), place(id, path)};
  }

  index_fixture::machine here;

private:
  signing_key key_ = sample_key(7);
  std::optional<feed_writer> writer_;
  open_file feeds_;
};

/// What an agent's file is recorded to hold.
inline held_file held_of(const std::string& agent, const std::string& path, char hash,
                         held_fields fields = held_fields::of_commit) {
  held_file result;
  result.agent = agent_id{agent};
  result.path = path;
  result.hash.fill(static_cast<std::byte>(hash));
  result.key = stat_key{.device = 1, .inode = 2, .size = 3, .mtime = std::chrono::nanoseconds(4), .ctime = {}};
  result.fields = fields;
  return result;
}

/// One change, as `index_keeper::take` takes it.
template <class Change>
expected<bool> take_one(index_keeper& by, Change change) {
  std::vector<index_change> changes;
  changes.emplace_back(std::move(change));
  const auto made = by.take(std::move(changes)).front();
  if (!made)
    return made.error();
  return made->changed;
}

/// What a sweep saw of an agent.
inline note_observation seen_of(const std::string& agent, const std::string& path, agent_status status,
                                std::string reason = {}, std::uint64_t life = 1) {
  note_observation result;
  result.life = epoch{life};
  result.agent = agent_id{agent};
  result.path = path;
  result.status = status;
  result.reason = std::move(reason);
  return result;
}

inline fold_commit folding(commit made, std::optional<held_file> held = {}) {
  return {epoch{1}, saga_id{"saga"}, std::move(made), std::move(held)};
}

} // namespace muster::test
