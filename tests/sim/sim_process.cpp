#include "tests/sim/sim_process.hpp"

#include "muster/store/data_directory.hpp"
#include "muster/store/data_home.hpp"
#include "muster/store/fault_plan.hpp"
#include "muster/supervisor/life_numbers.hpp"

#include <utility>

namespace muster::sim {

sim_process::sim_process(const scenario& world, troubled_machine& machine, relay_behind& behind, mail_judge& judge,
                         sim_trace& trace, std::uint64_t number, planted_bug bug)
    : world_(world),
      machine_(machine),
      behind_(behind),
      bug_(bug),
      driver_(machine.machine.clock, judge, trace,
              {.seed = world.seed + number * 1'000'003,
               .priorities = world[knob::priorities] != 0,
               .tick = std::chrono::microseconds{world[knob::tick_us]}}) {}

sim_process::~sim_process() {
  host_relay_ = nullptr;
  front_ = nullptr;
  (void)driver_.kill_all();
}

expected<void> sim_process::start() {
  try {
    return open();
  } catch (const process_killed&) {
    return failure{failure_kind::failed, "process-killed", "the process ended while it started"};
  } catch (const call_hung&) {
    return failure{failure_kind::failed, "call-hung", "a call of the start never came back"};
  }
}

environment sim_process::surroundings() {
  const auto env = machine_.view();
  if (bug_ == planted_bug::none)
    return env;
  planted_ = std::make_unique<planted_disk>(env.files, bug_);
  return {*planted_, env.clock, env.random, env.self, env.sqlite_vfs};
}

expected<void> sim_process::open() {
  const auto env = surroundings();
  auto directory = data_directory::open(env, std::string(data_directory_path), data_directory::presence::create);
  if (!directory)
    return directory.error();
  auto opened = data_home::open(env, std::move(*directory));
  if (!opened)
    return opened.error();
  const auto home = std::make_shared<const data_home>(std::move(*opened));
  muster_options options;
  options.threads = io_threads::shared;
  options.files.threads = io_threads::shared;
  auto& now = options.supervisor.now;
  now.sweep_interval = std::chrono::milliseconds{world_[knob::sweep_ms]};
  now.sweep_grace = std::chrono::milliseconds{world_[knob::grace_ms]};
  now.hold_checkouts = world_[knob::hold_checkouts] != 0;
  now.relay = static_cast<relay_mode>(world_[knob::relay_mode]);
  options.index.keeper.now_holds = now;
  if (world_[knob::relay_kind] == 1)
    behind_.forget();
  if (world_[knob::relay_kind] != 0) {
    options.front.first_life = reserve_lives(env, home->directory().get()).first;
    host_relay_ = driver_.system().spawn<unruly_relay>(behind_, env);
    options.relay = host_relay_;
  }
  front_ = spawn_muster(driver_.system(), env, home, options);
  return {};
}

relay_actor sim_process::relay() {
  if (host_relay_)
    return host_relay_;
  const auto living = driver_.living("muster.relay");
  return living.empty() ? relay_actor{} : caf::actor_cast<relay_actor>(living.front());
}

} // namespace muster::sim
