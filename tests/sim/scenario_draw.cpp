#include "tests/sim/scenario.hpp"
#include "tests/sim/sim_chance.hpp"

#include <algorithm>
#include <span>

// The worlds that seeds mean.

namespace muster::sim {

namespace {

constexpr std::uint64_t no_relay = 2;

/// One of the weights is chosen by chance.
struct weighted {
  verb what;
  std::uint64_t weight;
};
verb draw_verb(sim_chance& chance, std::span<const weighted> table) {
  std::uint64_t all = 0;
  for (const auto& each : table)
    all += each.weight;
  auto at = chance.below(all);
  for (const auto& each : table) {
    if (at < each.weight)
      return each.what;
    at -= each.weight;
  }
  return table.front().what;
}

constexpr weighted request_weights[] = {{verb::register_it, 26},
                                        {verb::update, 26},
                                        {verb::revert, 4},
                                        {verb::move, 4},
                                        {verb::unregister, 6},
                                        {verb::unregister_keeping, 3},
                                        {verb::unregister_everywhere, 2},
                                        {verb::heartbeat, 4},
                                        {verb::sweep, 6},
                                        {verb::list, 5},
                                        {verb::show, 5},
                                        {verb::log, 2},
                                        {verb::describe, 2},
                                        {verb::repeat, 5}};
constexpr weighted edit_weights[] = {{verb::save, 30},    {verb::overwrite, 12}, {verb::spoil, 6}, {verb::remove, 8},
                                     {verb::restore, 10}, {verb::checkout, 3},   {verb::copy, 5},  {verb::relocate, 4}};

void draw_faults(scenario& world, sim_chance& chance) {
  struct range {
    knob which;
    std::uint64_t least;
    std::uint64_t most;
  };
  constexpr range ranges[] = {
      {knob::project_error, 50, 4000},     {knob::feed_error, 50, 4000},      {knob::database_error, 20, 2000},
      {knob::other_error, 50, 4000},       {knob::error_but_done, 20, 1000},  {knob::short_transfer, 100, 20000},
      {knob::sync_loses_data, 50, 2000},   {knob::slow_call, 50, 3000},       {knob::hung_call, 5, 60},
      {knob::answer_lost, 200, 10000},     {knob::answer_late, 500, 30000},   {knob::answer_twice, 500, 30000},
      {knob::relay_refuses, 2000, 200000}, {knob::relay_silent, 1000, 50000}, {knob::relay_done_silent, 1000, 50000},
      {knob::relay_half, 2000, 100000}};
  for (const auto& each : ranges) {
    const bool on = chance.one_in(2);
    const auto rate = chance.between(each.least, each.most);
    world[each.which] = on ? rate : 0;
  }
}

void draw_world(scenario& world, sim_chance& chance) {
  constexpr std::uint64_t sweeps[] = {0, 10'000, 60'000, 300'000};
  constexpr std::uint64_t graces[] = {120'000, 600'000, 86'400'000};
  constexpr std::uint64_t ticks[] = {0, 20, 200, 5'000};
  world[knob::projects] = chance.between(1, 12);
  world[knob::clients] = chance.between(1, 4);
  world[knob::tick_us] = chance.among(ticks);
  world[knob::priorities] = chance.below(10) < 3 ? 1 : 0;
  world[knob::relay_mode] = chance.below(3);
  world[knob::relay_kind] = chance.below(3);
  world[knob::sweep_ms] = chance.among(sweeps);
  world[knob::grace_ms] = chance.among(graces);
  world[knob::ordered_disk] = chance.below(2);
}

class step_maker {
public:
  step_maker(scenario& world, sim_chance& chance) : world_(world), chance_(chance) {}

  void draw_requests() {
    const auto count = chance_.one_in(8) ? chance_.between(60, 200) : chance_.between(20, 60);
    constexpr std::uint64_t gaps[] = {20, 300, 3'000, 12'000};
    const auto gap = chance_.among(gaps);
    std::uint64_t at = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      at += chance_.below(2 * gap);
      add_request(at, i);
    }
    length_ = at + 1000;
  }

  void draw_edits() {
    if (chance_.one_in(2))
      return;
    const auto count = chance_.between(1, 25);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto what = draw_verb(chance_, edit_weights);
      const auto b = what == verb::checkout ? chance_.between(2, 5) : chance_.below(world_[knob::projects]);
      add(what, chance_.below(length_), chance_.below(world_[knob::projects]), b, 0);
    }
  }

  void draw_troubles() {
    troubles(verb::kill_actor, 3, 64, 0);
    troubles(verb::kill_process, 2, 800, 0);
    troubles(verb::power_loss, 2, 800, 0);
    troubles(verb::jump_clock, 2, 64, 0);
    troubles(verb::forget_relay, 2, 1, 0);
    if (!chance_.one_in(3))
      return;
    const auto at = chance_.below(length_);
    add(verb::break_volume, at, chance_.below(2), chance_.below(64), 0);
    add(verb::mend_volumes, at + chance_.between(10, 60'000), 0, 0, 0);
  }

  /// What is away comes back, sooner or later than the grace; now and then more
  /// projects are there than may be gone at once.
  void draw_absence(sim_chance& chance) {
    if (!chance.one_in(3))
      return;
    if (chance.one_in(4))
      add_projects(chance);
    const auto length = std::max(length_, world_[knob::grace_ms] < 3'600'000 ? world_[knob::grace_ms] : 0);
    const auto projects = world_[knob::projects];
    for (auto count = chance.between(1, 4); count > 0; --count) {
      const auto from = chance.below(length_);
      const auto to = from + 1 + chance.below(chance.one_in(2) ? 20'000 : length);
      switch (chance.below(3)) {
        case 0:
          add(verb::unmount, from, 0, 0, 0);
          add(verb::mount, to, 0, 0, 0);
          break;
        case 1:
          add(verb::deny, from, chance.below(projects), 0, 0);
          add(verb::allow, to, 0, 0, 0);
          break;
        default:
          add(verb::vanish, from, chance.below(projects), chance.between(1, projects), 0);
          add(verb::come_back, to, 0, 0, 0);
          break;
      }
      add(verb::sweep, (from + to) / 2, chance.below(world_[knob::clients]), 0, 0);
      if (chance.one_in(3))
        add(verb::jump_clock, (from + to) / 2, chance.below(64), 0, 0);
    }
  }

  /// Branches of several projects, as of one work tree, and back.
  void draw_switches(sim_chance& chance) {
    if (!chance.one_in(4))
      return;
    world_[knob::hold_checkouts] = chance.below(2);
    const auto projects = world_[knob::projects];
    for (auto count = chance.between(2, 8); count > 0; --count)
      add(verb::switch_branch, chance.below(length_), chance.below(projects), chance.between(1, 4), chance.below(3));
  }

  /// What a person says about directories and agents that nobody asked for, and
  /// sweeps that look for them.
  void draw_consent(sim_chance& chance) {
    if (!chance.one_in(3))
      return;
    world_[knob::scans] = chance.below(2);
    constexpr verb asked[] = {verb::deny_path, verb::deny_path, verb::undeny_path, verb::admit};
    const auto projects = world_[knob::projects];
    for (auto count = chance.between(3, 16); count > 0; --count) {
      auto bits = chance.below(std::uint64_t{1} << ask_bits::number_from);
      if (chance.below(4) != 0)
        bits |= ask_bits::with_request_id;
      add(chance.among(asked), chance.below(length_), chance.below(world_[knob::clients]), chance.below(projects),
          bits);
      if (world_[knob::scans] != 0 && chance.one_in(2))
        add(verb::save, chance.below(length_), chance.below(projects), 0, 0);
      if (world_[knob::scans] != 0 && chance.one_in(2))
        add(verb::sweep, chance.below(length_), chance.below(world_[knob::clients]), 0, 0);
    }
  }

  /// Rules between the namespaces of the projects, and the mesh-wide switch.
  void draw_rules(sim_chance& chance) {
    if (!chance.one_in(2))
      return;
    constexpr verb kinds[] = {verb::allow_rule, verb::allow_rule, verb::deny_rule, verb::withdraw_rule};
    const auto projects = world_[knob::projects];
    for (auto count = chance.between(2, 20); count > 0; --count) {
      const auto bits = chance.one_in(4) ? 0 : ask_bits::with_request_id;
      add(chance.among(kinds), chance.below(length_), chance.below(world_[knob::clients]), chance.below(projects),
          bits | chance.below(projects + 1) << ask_bits::number_from);
    }
  }

  /// Mail between the projects, in bursts, while their namespaces change and rules do.
  void draw_mail(sim_chance& chance) {
    if (!chance.one_in(2))
      return;
    constexpr verb kinds[] = {verb::send_mail, verb::send_mail, verb::send_mail, verb::read_mail, verb::ack_mail};
    constexpr verb rules[] = {verb::allow_rule, verb::deny_rule, verb::withdraw_rule};
    if (world_[knob::relay_mode] == no_relay && !chance.one_in(8))
      world_[knob::relay_mode] = 0;
    const auto circle = std::min<std::uint64_t>(world_[knob::projects], 4);
    const auto bits = [&] { return chance.one_in(3) ? 0 : ask_bits::with_request_id; };
    const auto with = [](std::uint64_t number) { return number << ask_bits::number_from; };
    const auto client = [&] { return chance.below(world_[knob::clients]); };
    for (std::uint64_t project = 0; project < circle; ++project)
      add(verb::register_it, chance.below(200), client(), project, bits() | ask_bits::more_fields | with(project));
    for (auto count = chance.between(4, 16); count > 0; --count) {
      const auto at = 500 + chance.below(length_);
      const auto to = chance.below(circle);
      for (auto burst = chance.one_in(3) ? chance.between(4, 12) : chance.between(1, 3); burst > 0; --burst) {
        const auto from = chance.one_in(4) ? world_[knob::projects] : chance.below(circle);
        add(chance.among(kinds), at + chance.below(50), chance.below(64), chance.one_in(4) ? chance.below(circle) : to,
            bits() | with(from));
        if (chance.one_in(6))
          add(verb::repeat, at + chance.below(20'000), client(), world_.steps.size(), 0);
      }
      if (chance.one_in(2))
        add(verb::read_mail, at + chance.below(2'000), chance.below(64), to, 0);
      if (chance.one_in(2))
        add(verb::ack_mail, at + chance.below(4'000), chance.below(64), to, with(chance.below(65'536)));
      if (chance.one_in(2)) {
        const auto who = chance.below(circle);
        add(verb::enter_space, at + chance.below(100), client(), who, bits() | with(chance.below(circle)));
        add(verb::send_mail, at + chance.below(10'000), chance.below(64), chance.below(circle), bits() | with(who));
      }
      if (chance.one_in(4))
        add(chance.among(rules), at + chance.below(100), client(), chance.below(circle),
            bits() | with(chance.below(circle + 1)));
    }
  }

  void finish() {
    std::stable_sort(world_.steps.begin(), world_.steps.end(),
                     [](const auto& one, const auto& other) { return one.at_ms < other.at_ms; });
  }

private:
  void add_projects(sim_chance& chance) {
    const auto before = world_[knob::projects];
    world_[knob::projects] = chance.between(12, 24);
    for (auto project = before; project < world_[knob::projects]; ++project)
      add(verb::register_it, chance.below(length_ / 2 + 1), chance.below(world_[knob::clients]), project,
          ask_bits::with_request_id | ask_bits::more_fields | project << ask_bits::number_from);
  }

  void add(verb what, std::uint64_t at, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    world_.steps.push_back({world_.steps.size() + 1, at, what, a, b, c});
  }

  void add_request(std::uint64_t at, std::uint64_t number) {
    auto what = number < world_[knob::projects] / 2 ? verb::register_it : draw_verb(chance_, request_weights);
    const auto client = chance_.below(world_[knob::clients]);
    if (what == verb::repeat && number > 0)
      return add(what, at, client, chance_.between(1, number), 0);
    if (what == verb::repeat)
      what = verb::register_it;
    std::uint64_t bits = chance_.below(std::uint64_t{1} << ask_bits::number_from);
    if (chance_.below(4) != 0)
      bits |= ask_bits::with_request_id;
    if (!chance_.one_in(4))
      bits &= ~ask_bits::if_hash;
    add(what, at, client, chance_.below(world_[knob::projects]),
        bits | chance_.below(world_[knob::projects]) << ask_bits::number_from);
  }

  void troubles(verb what, std::uint64_t most, std::uint64_t a, std::uint64_t b) {
    if (chance_.one_in(2))
      return;
    const auto count = chance_.between(1, most);
    for (std::uint64_t i = 0; i < count; ++i)
      add(what, chance_.below(length_), chance_.below(a), chance_.below(b), 0);
  }

  scenario& world_;
  sim_chance& chance_;
  std::uint64_t length_ = 0;
};

} // namespace

scenario scenario::draw(std::uint64_t seed) {
  scenario world;
  world.seed = seed;
  sim_chance chance(seed, "world");
  draw_world(world, chance);
  draw_faults(world, chance);
  step_maker steps(world, chance);
  steps.draw_requests();
  steps.draw_edits();
  steps.draw_troubles();
  // Streams of their own, so that what was drawn before is as it was.
  sim_chance absence(seed, "absence");
  steps.draw_absence(absence);
  sim_chance branches(seed, "branches");
  steps.draw_switches(branches);
  sim_chance consent(seed, "consent");
  steps.draw_consent(consent);
  sim_chance rules(seed, "rules");
  steps.draw_rules(rules);
  sim_chance letters(seed, "letters");
  steps.draw_mail(letters);
  steps.finish();
  return world;
}

} // namespace muster::sim
