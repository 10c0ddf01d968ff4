// Fills a data directory with a history, for trying the commands and for
// measuring them:  make_history DIRECTORY [AGENTS [OPS [SEED]]]
// Every agent is placed and gets a manifest; then fields change, rules and
// denials come and go. The same seed makes the same ops.

#include "muster/store/data_directory.hpp"
#include "muster/store/feed_recovery.hpp"
#include "muster/store/feed_writer.hpp"
#include "muster/store/hlc.hpp"
#include "muster/store/identity.hpp"
#include "muster/store/real_environment.hpp"
#include "muster/store/release_gate.hpp"
#include "muster/store/splitmix.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace muster;

namespace {

[[noreturn]] void stop(const failure& why) {
  std::fprintf(stderr, "make_history: %s\n", why.message.c_str());
  std::exit(exit_code(why.kind));
}

template <class T>
T value_or_stop(expected<T> what) {
  if (!what)
    stop(what.error());
  return std::move(*what);
}

void done_or_stop(const expected<void>& what) {
  if (!what)
    stop(what.error());
}

class historian {
public:
  historian(feed_writer& writer, instance_id self, std::uint64_t agents, std::uint64_t seed)
      : writer_(writer), self_(std::move(self)), last_(agents), chance_(seed) {}

  void write(std::uint64_t ops) {
    constexpr std::uint64_t run = 256;
    for (std::uint64_t made = 0; made < ops; ++made) {
      next_ = value_or_stop(writer_.stage(draft(made))).what.seq + 1;
      if ((made + 1) % run == 0)
        done_or_stop(writer_.flush());
    }
    done_or_stop(writer_.flush());
    done_or_stop(writer_.settle());
  }

private:
  commit draft(std::uint64_t made) {
    commit next;
    const auto number = made % last_.size();
    if (made < last_.size()) {
      next.ops = {first_manifest(number), placed(number)};
      last_[number] = next_;
    } else if (chance_.below(50) == 0) {
      next.ops = {deny_put{self_, "/projects/no" + std::to_string(made), "not mine", "you", "dork"}};
    } else {
      next.ops = {edit(number, made)};
      last_[number] = next_;
    }
    return next;
  }

  static agent_id agent(std::uint64_t number) { return agent_id("agent-" + std::to_string(number)); }

  op placed(std::uint64_t number) const {
    return place_put{agent(number),
                     self_,
                     "/projects/p" + std::to_string(number),
                     "/projects",
                     "team-" + std::to_string(number % 17),
                     true};
  }

  static op first_manifest(std::uint64_t number) {
    const auto text = std::to_string(number);
    return agent_put{agent(number),
                     {{"description", "\"does thing " + text + "\"", {}},
                      {"name", "\"worker-" + text + "\"", {}},
                      {"registeredAt", "\"2026-01-15T09:30:00.000Z\"", {}},
                      {"registeredBy", "\"make_history\"", {}},
                      {"runtime", "\"claude-code\"", {}}},
                     false};
  }

  op edit(std::uint64_t number, std::uint64_t made) const {
    return agent_put{
        agent(number), {{"description", "\"edit " + std::to_string(made) + "\"", {{self_, last_[number]}}}}, false};
  }

  feed_writer& writer_;
  instance_id self_;
  std::vector<sequence> last_; ///< of each agent, the seq of its latest op
  splitmix chance_;
  sequence next_ = 1;
};

std::uint64_t number(int argc, char** argv, int at, std::uint64_t otherwise) {
  return argc > at ? std::strtoull(argv[at], nullptr, 10) : otherwise;
}

} // namespace

int main(int argc, char** argv) {
  const auto agents = number(argc, argv, 2, 100);
  const auto ops = number(argc, argv, 3, 10 * agents);
  if (argc < 2 || argv[1][0] != '/' || agents == 0) {
    std::fprintf(stderr, "usage: make_history /ABSOLUTE/DIRECTORY [AGENTS [OPS [SEED]]]\n");
    return exit_code(failure_kind::usage);
  }
  real_environment world;
  const auto env = world.view();
  auto directory = value_or_stop(data_directory::open(env, argv[1], data_directory::presence::create));
  (void)value_or_stop(pass_release_gate(env, directory.get()));
  const auto self = value_or_stop(open_identity(env, directory.get(), current_release));
  auto feed = value_or_stop(recover_feed(env, value_or_stop(directory.feeds()), self.record.id, self.record.key));
  if (!feed.log || feed.mark.tip.seq != 0)
    stop({failure_kind::refused, "history-not-new",
          std::string(argv[1]) + " has a history already; name a new directory"});
  feed_writer writer(env, std::move(*feed.log), self.key, hlc(feed.mark.at));
  historian(writer, self.record.id, agents, number(argc, argv, 4, 1)).write(ops);
  std::printf("%llu agents, %llu ops in %s\n", static_cast<unsigned long long>(agents),
              static_cast<unsigned long long>(ops), argv[1]);
}
