#define CAF_SUITE index_keeper_fault

#include "muster/actors/index_keeper.hpp"

#include "tests/support/keeper_world.hpp"
#include "tests/support/test_scale.hpp"

#include <caf/test/unit_test.hpp>

#include <array>

using namespace muster;
using namespace muster::test;
using namespace index_fixture;

namespace {

struct totals {
  std::uint64_t runs = 0;
  std::uint64_t failed = 0;
  std::uint64_t wrong = 0;
  std::string first;

  void check(bool holds, const char* what, std::uint64_t call) {
    if (!holds && wrong++ == 0)
      first = std::string(what) + " at call " + std::to_string(call);
  }
};

/// What is asked while calls fail: two agents are there, one is edited and
/// observed, another comes.
class scenario {
public:
  scenario() {
    first_ = {of_.make(of_.agent("one", "alpha", "/p/one")), of_.make(of_.agent("two", "beta", "/p/two"))};
    {
      index_keeper keeper(of_.here.env(), directory, of_.feeds(), of_.own(), {});
      keeper.open().value();
      take_one(keeper, folding(first_[0], held_of("one", "/p/one", 1))).value();
      take_one(keeper, folding(first_[1], held_of("two", "/p/two", 1))).value();
      keeper.close();
    }
    edit_ = of_.make({keeper_world::put("one", "name", "\"gamma\"", {{of_.own(), 1}})});
    arrival_ = of_.make(of_.agent("three", "delta", "/p/three"));
    sync_everything(of_.here.world);
    of_.here.world.restart_process();
  }

  [[nodiscard]] machine begin() const { return of_.here; }

  /// What is known to be recorded afterwards.
  struct promise {
    bool held = false;
    bool seen = false;
  };

  /// False for an answer that is not true.
  bool run(machine& here, promise& kept, totals& sum) {
    auto feeds = open_feeds_of(here);
    if (!feeds)
      return true;
    index_keeper keeper(here.env(), directory, feeds.get(), of_.own(), {});
    if (!keeper.open()) {
      ++sum.failed;
      return true;
    }
    std::vector<index_change> changes;
    changes.emplace_back(folding(arrival_));
    changes.emplace_back(folding(edit_, held_of("one", "/p/one", 2)));
    changes.emplace_back(seen_of("two", "/p/two", agent_status::unreachable, "gone"));
    changes_made made;
    keeper.carry_out(std::move(changes), made);
    const auto right_before = is_right(keeper, {});
    keeper.keep(made);
    kept = {made.each[1].has_value(), made.each[2].has_value()};
    sum.failed += kept.held && kept.seen ? 0 : 1;
    const auto right = right_before && is_right(keeper, kept);
    keeper.close();
    return right;
  }

  bool is_right(index_keeper& keeper, const promise& kept) {
    const auto one = keeper.answer(find_agent{agent_id{"one"}});
    const auto two = keeper.answer(describe_agent{agent_id{"two"}});
    const auto three = keeper.answer(resolve_agent{"delta"});
    const auto all = keeper.answer(list_agents{});
    // An answer or a failure, and never another answer; what is folded depends
    // on no database.
    if (one && one->fields.at("name").value != "\"gamma\"")
      return false;
    if (three ? three->agent.text != "three" : three.error().kind == failure_kind::not_found)
      return false;
    if (all && all->agents.size() != 3)
      return false;
    if (one && !one->fields.at("name").held.empty() && kept.held &&
        one->fields.at("name").held != saw_vector{{of_.own(), 3}})
      return false;
    return !two || two->row.name == "beta";
  }

  /// Whatever befell the one before, this one answers everything rightly.
  bool recovers(machine& left, const promise& kept) {
    left.world.files.set_plan({});
    left.world.restart_process();
    auto feeds = open_feeds_of(left);
    index_keeper keeper(left.env(), directory, feeds.get(), of_.own(), {});
    if (!keeper.open() || !is_right(keeper, kept))
      return false;
    const auto one = keeper.answer(find_agent{agent_id{"one"}});
    const auto two = keeper.answer(find_agent{agent_id{"two"}});
    const auto counted = keeper.answer(count_agents{});
    if (!one || !two || !counted)
      return false;
    const bool anew = !counted->problems.empty();
    const saw_vector before{{of_.own(), 1}};
    const saw_vector after{{of_.own(), 3}};
    const auto& held = one->fields.at("name").held;
    if (!anew && (kept.held ? held != after : held != before && held != after))
      return false;
    if (!anew && kept.seen && two->status != agent_status::unreachable)
      return false;
    return keeper.answer(rebuild_index{.verify = true}).value().identical == true &&
           keeper.answer(list_agents{}).value().agents.size() == 3;
  }

private:
  static open_file open_feeds_of(machine& here) {
    auto opened = here.world.files.open(no_handle, feeds_path, {.directory = true});
    return opened ? open_file(here.world.files, *opened) : open_file();
  }

  keeper_world of_;
  std::array<commit, 2> first_;
  commit edit_;
  commit arrival_;
};

constexpr std::array faults{
    fault{.what = fault::kind::error, .code = EIO},
    fault{.what = fault::kind::error, .code = ENOSPC},
    fault{.what = fault::kind::error_but_done, .code = EIO},
    fault{.what = fault::kind::short_transfer},
};

std::uint64_t next_call(std::uint64_t call) {
  return call + (test_scale(10) < 10 ? 7 : 1);
}

void report(const char* name, const totals& sum) {
  std::printf("lane index_keeper_fault %s: %llu runs, %llu with a failure told\n", name,
              static_cast<unsigned long long>(sum.runs), static_cast<unsigned long long>(sum.failed));
  if (sum.wrong != 0)
    CAF_MESSAGE(sum.first);
  CAF_CHECK_EQUAL(sum.wrong, 0u);
  CAF_CHECK(sum.runs > test_scale(50));
}

} // namespace

CAF_TEST(answers are true or failures whichever call fails and the next start recovers) {
  scenario of;
  totals sum;
  for (const auto& what : faults)
    for (const bool persistent : {false, true})
      for (std::uint64_t call = 1;; call = next_call(call)) {
        auto here = of.begin();
        here.world.files.set_plan(
            fault_plan({.what = what, .nth = call, .operations = operation_set::all(), .persistent = persistent}));
        scenario::promise kept;
        const bool right = of.run(here, kept, sum);
        if (here.world.files.plan().fired() == 0)
          break;
        ++sum.runs;
        sum.check(right, persistent ? "a wrong answer, for good," : "a wrong answer", call);
        sum.check(of.recovers(here, kept), persistent ? "no recovery, for good," : "no recovery", call);
      }
  report("calls", sum);
}

CAF_TEST(the next start recovers from a kill or a power loss at any call) {
  scenario of;
  totals sum;
  for (std::uint64_t call = 1;; call = next_call(call)) {
    auto here = of.begin();
    here.world.files.set_plan(fault_plan({.what = {.what = fault::kind::kill_before}, .nth = call}));
    scenario::promise kept;
    until_killed([&] { (void)of.run(here, kept, sum); });
    if (here.world.files.plan().fired() == 0)
      break;
    ++sum.runs;
    crash_states states(here.world.files.pending(), 4, call);
    for (crash_choice choice; states.next(choice);) {
      machine after(here);
      after.world.power_cycle(choice);
      sum.check(of.recovers(after, kept), "no recovery after a power loss", call);
    }
    sum.check(of.recovers(here, kept), "no recovery after a kill", call);
  }
  report("kills", sum);
}
