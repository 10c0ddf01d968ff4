// From feed lines to an index file, beside the bare work: the same lines
// parsed, hashed and inserted as one row each. Then one commit at a time.

#include "muster/store/index_database.hpp"
#include "muster/store/index_manifest.hpp"
#include "muster/store/op_codec.hpp"
#include "muster/store/real_environment.hpp"
#include "muster/store/sha256.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

using namespace muster;

namespace {

constexpr const char* insert_line = "INSERT INTO lines (number, agent, value) VALUES (?, ?, ?)";

[[noreturn]] void stop(const char* what) {
  std::fprintf(stderr, "fold_bench: %s\n", what);
  std::exit(1);
}

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// One feed: every agent is placed and gets a manifest, then fields change.
class feed_lines final : public commit_source {
public:
  feed_lines(std::uint64_t ops, std::uint64_t agents) : instance(std::string(52, 'a')) {
    for (std::uint64_t op = 0; op < ops; ++op) {
      auto line = encode_commit(make(op, agents));
      if (!line)
        stop("a commit cannot be written");
      lines.push_back(std::move(*line));
    }
  }

  expected<state_vector> ends() override { return state_vector{{instance, lines.size()}}; }

  expected<void> read(const state_vector& have, const std::function<expected<void>(const commit&)>& take) override {
    const auto known = have.find(instance);
    sha256 chain;
    for (auto seq = known == have.end() ? 0 : known->second; seq < lines.size(); ++seq) {
      chain.update(lines[seq]);
      (void)chain.finish();
      auto next = decode_commit(lines[seq], instance);
      if (!next)
        return next.error();
      if (auto taken = take(*next); !taken)
        return taken;
    }
    return {};
  }

  commit make(std::uint64_t op, std::uint64_t agents) {
    const auto number = std::to_string(op % agents);
    const agent_id agent{"01ARZ3NDEKTSV4RRFFQ6" + std::string(6 - number.size(), '0') + number};
    commit result{.instance = instance,
                  .seq = op + 1,
                  .at = stamp{(op + 1) << 16U},
                  .saga = {},
                  .request = {},
                  .request_hash = {},
                  .ops = {}};
    if (op < agents) {
      result.ops.push_back(agent_put{agent,
                                     {{"name", "\"agent-" + number + "\"", {}},
                                      {"registeredAt", "\"2026-01-01T00:00:00.000Z\"", {}},
                                      {"registeredBy", "\"bench\"", {}},
                                      {"runtime", "\"claude-code\"", {}}},
                                     false});
    } else {
      result.ops.push_back(agent_put{agent,
                                     {{"description", "\"what it does, as of op " + std::to_string(op) + "\"",
                                       op < 2 * agents ? saw_vector{} : saw_vector{{instance, op + 1 - agents}}}},
                                     false});
    }
    return result;
  }

  instance_id instance;
  std::vector<std::string> lines;
};

double bare(feed_lines& feed, const environment& env, const std::string& path) {
  const auto begin = cpu_seconds();
  auto file = sqlite_connection::open(env, path, sqlite_durability::none);
  if (!file || !file->execute("CREATE TABLE lines (number INTEGER PRIMARY KEY, agent TEXT, value TEXT)"))
    stop("the bare database cannot be made");
  auto transaction = sqlite_transaction::begin(*file);
  auto& insert = file->prepare(insert_line);
  auto read = feed.read({}, [&](const commit& next) -> expected<void> {
    const auto& put = std::get<agent_put>(next.ops[0]);
    if (!insert.bind({next.seq, put.agent.text, put.fields[0].value}).run())
      stop("a bare row cannot be written");
    return {};
  });
  if (!read || !transaction || !transaction->commit())
    stop("the bare work cannot be done");
  return cpu_seconds() - begin;
}

double folded(feed_lines& feed, const environment& env, const std::string& path) {
  const auto begin = cpu_seconds();
  index_database index(env, path, feed, {.meaning = meaning_of_manifests(), .limits = {}});
  if (!index.open() || index.in_memory())
    stop("the index cannot be made");
  return cpu_seconds() - begin;
}

void remove_all(const std::string& directory) {
  for (const auto* name : {"/bare.db", "/index.db", "/index.db-wal"})
    std::remove((directory + name).c_str());
}

double from_nothing(const environment& env, const std::string& directory, std::uint64_t ops, std::uint64_t agents) {
  feed_lines feed(ops, agents);
  double ours = 1e9;
  double least = 1e9;
  for (int round = 0; round < 3; ++round) {
    least = std::min(least, bare(feed, env, directory + "/bare.db"));
    ours = std::min(ours, folded(feed, env, directory + "/index.db"));
    remove_all(directory);
  }
  std::printf("index from %llu ops of %llu agents, %.3f s, %.3f s, %.2f, 3.0\n", static_cast<unsigned long long>(ops),
              static_cast<unsigned long long>(agents), ours, least, ours / least);
  return ours;
}

void one_at_a_time(const environment& env, const std::string& directory) {
  constexpr std::uint64_t agents = 10'000;
  constexpr std::uint64_t steps = 2'000;
  feed_lines feed(2 * agents, agents);
  const auto path = directory + "/index.db";
  if (index_database made(env, path, feed, {.meaning = meaning_of_manifests(), .limits = {}}); !made.open())
    stop("the index cannot be made");
  auto connection = sqlite_connection::open(env, path, sqlite_durability::normal);
  if (!connection)
    stop("the index cannot be opened");
  auto state = index_state::load(*connection, meaning_of_manifests());
  if (!state)
    stop("the index cannot be read");
  fold folding(**state, {.meaning = meaning_of_manifests().field, .limits = {}});
  double ours = 0;
  double least = 0;
  for (std::uint64_t i = 0; i < steps; ++i) {
    const auto next = feed.make(2 * agents + i, agents);
    auto transaction = sqlite_transaction::begin(*connection);
    const auto begin = cpu_seconds();
    auto changes = folding.apply(next);
    if (!changes || !(*state)->write_back(*changes) || !(*state)->finish())
      stop("a commit cannot be folded");
    ours += cpu_seconds() - begin;
    const auto again = cpu_seconds();
    if (!connection->run("UPDATE heads SET seq = seq WHERE subject = ? AND key = ?", {i + 1, "description"}))
      stop("a bare row cannot be written");
    least += cpu_seconds() - again;
    if (!transaction || !transaction->commit())
      stop("a commit cannot be committed");
  }
  const auto microseconds = ours / steps * 1e6;
  // The limit is a time: 50 microseconds, as a ratio to it.
  std::printf("one commit into an index of 10000 agents, %.1f us, 50 us, %.2f, 1.0\n", microseconds, microseconds / 50);
  std::printf("  beside one bare update, %.1f us, %.1f us, %.2f, 25\n", microseconds, least / steps * 1e6,
              ours / least);
  remove_all(directory);
}

} // namespace

int main(int argc, char** argv) {
  real_environment here;
  std::string directory = argc > 1 ? argv[1] : "/tmp/fold_bench.XXXXXX";
  if (argc <= 1 && !::mkdtemp(directory.data()))
    stop("no directory for it; name one");
  const auto env = here.view();
  one_at_a_time(env, directory);
  const auto small = from_nothing(env, directory, 100'000, 10'000);
  const auto large = from_nothing(env, directory, 1'000'000, 100'000);
  std::printf("exponent from 100000 to 1000000 ops, %.3f, 1, %.3f, 1.05\n", std::log10(large / small),
              std::log10(large / small));
  std::printf("index from 1000000 ops in seconds, %.2f s, 6 s, %.2f, 1.0\n", large, large / 6);
  std::remove(directory.c_str());
  return 0;
}
