#pragma once

#include "tests/sim/sim_world.hpp"

namespace muster::sim {

/// What must hold once a world has calmed down. Asks muster to sweep twice, then
/// compares all it says with the files, the feed and the relay, stops it, and
/// sees what is left.
///
/// I1-I3, I6  every file, every answer, every token
/// I4         the index is what a fold from nothing says, also when its file is gone
/// I7, I16    nothing of ours is left, nothing of others touched
/// I8         the relay holds one endpoint for each active agent, and no more
/// I10, I14   the feed is whole; one id, one path
/// I18        right after two sweeps, each answered in time
void judge(sim_world& world);

} // namespace muster::sim
