#include "tests/sim/sim_lane.hpp"

namespace muster::sim {

namespace {

constexpr std::uint64_t twice_every = 50;

} // namespace

lane_result run_lane(const lane_options& options) {
  lane_result all;
  for (std::uint64_t i = 0; i < options.seeds; ++i) {
    const auto seed = options.from + i;
    if (options.begins)
      options.begins(seed);
    const auto world = scenario::draw(seed);
    const auto one = simulate(world, options.bug);
    ++all.seeds;
    all.events += one.events;
    all.done += one.done;
    all.refused += one.refused;
    all.unknown += one.unknown;
    all.messages += one.messages;
    all.forbidden += one.forbidden;
    all.faults.add(one.faults);
    if (!one.violations.empty())
      all.failed.push_back({seed, one.violations.front()});
    if (seed % twice_every == 0) {
      ++all.twice;
      if (simulate(world, options.bug).hash != one.hash)
        all.unlike.push_back(seed);
    }
    if (options.stop_at_first && !all.good())
      break;
  }
  return all;
}

std::string lane_result::line() const {
  auto text = "lane muster_sim: " + std::to_string(seeds) + " seeds, " + std::to_string(events) + " events, " +
              std::to_string(done) + " done, " + std::to_string(refused) + " refused, " + std::to_string(unknown) +
              " unknown, " + std::to_string(messages) + " messages taken, " + std::to_string(forbidden) +
              " forbidden; ";
  for (std::size_t i = 0; i < troubles; ++i) {
    const auto kind = static_cast<trouble>(i);
    text += std::string(to_string(kind)) + " " + std::to_string(faults.of(kind)) + (i + 1 < troubles ? ", " : "; ");
  }
  const auto kills =
      faults.of(trouble::actor_killed) + faults.of(trouble::process_killed) + faults.of(trouble::power_lost);
  return text + std::to_string(kills) + " kills, " + std::to_string(twice) + " run twice, " +
         std::to_string(unlike.size()) + " unlike, " + std::to_string(failed.size()) + " violations";
}

} // namespace muster::sim
