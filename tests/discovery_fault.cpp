#define CAF_SUITE discovery_fault

#include "tests/support/discovery_world.hpp"
#include "tests/support/worker_taps.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>

namespace muster::test {

namespace {

using paths = std::vector<std::string>;

/// One agent has moved, one has a copy, one is new, and one of two copies is.
class tapped_world : public discovery_world {
public:
  tapped_world() {
    tap_workers(options, sys, board);
    board->listening = false;
    start();
    moved_ = rooted("/home/src/moving", "moving");
    copied_ = rooted("/home/src/copied", "copied");
    (void)sweep();
    move("/home/src/moving", "/home/src/group");
    copy("/home/src/copied", "/home/src/copy");
    put("/home/agents/new", text_of(id_a, "new"));
    put("/home/src/two/clone", text_of(id_b, "clone"));
    put("/home/src/two/linked", text_of(id_b, "clone"));
    machine.files.put_file("/home/src/two/linked/.git", "gitdir: elsewhere");
  }

  /// One sweep, that may come to nothing.
  bool try_to_sweep() {
    machine.clock.advance(std::chrono::hours{1});
    return ask_for<sweep_report>(sweep_now{}, std::chrono::minutes{20}).has_value();
  }

  /// What is not as it should be once all has been taken.
  std::string wrong() {
    if (roster().size() != 4)
      return std::to_string(roster().size()) + " agents";
    if (row(moved_.text).path != "/home/src/group")
      return "not moved";
    if (copies_of(copied_.text) != paths{"/home/src/copy"} || row(copied_.text).path != "/home/src/copied")
      return "no copy";
    if (row(id_a).path != "/home/agents/new")
      return "nothing new";
    const auto clone = row(id_b).path;
    if (clone != "/home/src/two/clone" && (clone != "/home/src/two/linked" || !either_clone))
      return "the wrong clone";
    if (copies_of(id_b) != paths{clone.ends_with("clone") ? "/home/src/two/linked" : "/home/src/two/clone"})
      return "no copy of the clone";
    for (const auto& each : roster())
      if (each.status != agent_status::active)
        return each.name + " is not active";
    return {};
  }

  /// What cannot be read when it matters does not count.
  bool either_clone = false;
  std::shared_ptr<tap_board> board = std::make_shared<tap_board>();

private:
  agent_id moved_;
  agent_id copied_;
};

std::size_t said_without_mishap() {
  tapped_world world;
  world.board->listening = true;
  CAF_REQUIRE(world.try_to_sweep());
  world.board->listening = false;
  CAF_CHECK_EQUAL(world.wrong(), "");
  return world.board->said.size();
}

} // namespace

CAF_TEST(whatever befalls a message the sweeps after it find everything) {
  const auto messages = said_without_mishap();
  std::size_t runs = 0;
  std::size_t wrong = 0;
  for (std::size_t at = 1; at <= messages; ++at)
    for (std::size_t kind = 1; kind < mishap_count; ++kind) {
      tapped_world world;
      world.board->rules.push_back({{}, at, static_cast<mishap>(kind), 1});
      world.board->listening = true;
      (void)world.try_to_sweep();
      world.board->listening = false;
      // What was committed and not folded is folded again in a while.
      for (int i = 0; i < 30; ++i)
        world.pass(std::chrono::seconds{5});
      for (int i = 0; i < 2; ++i)
        (void)world.try_to_sweep();
      // What it said before it was hit depends on who was quicker.
      const auto hit = at <= world.board->said.size() ? world.board->said[at - 1] : std::string("nothing");
      world.either_clone = hit == "read_manifest";
      ++runs;
      if (const auto what = world.wrong(); !what.empty()) {
        ++wrong;
        std::printf("mishap %zu at %zu (%s): %s\n", kind, at, hit.c_str(), what.c_str());
      }
    }
  std::printf("lane discovery_fault: %zu messages, %zu runs\n", messages, runs);
  CAF_CHECK(messages > 40);
  CAF_CHECK_EQUAL(wrong, 0u);
}

} // namespace muster::test
