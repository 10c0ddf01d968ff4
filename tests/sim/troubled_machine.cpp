#include "tests/sim/troubled_machine.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace muster::sim {

namespace {

/// Calls that cannot be said to have been done after they failed.
constexpr operation_set never_done_and_failed{
    disk_operation::open,       disk_operation::create,     disk_operation::close,     disk_operation::try_lock,
    disk_operation::read,       disk_operation::status,     disk_operation::read_link, disk_operation::read_entries,
    disk_operation::filesystem, disk_operation::has_writers};

constexpr operation_set spoken_for_by_nobody{disk_operation::close};

constexpr operation_set transfers{disk_operation::read, disk_operation::write, disk_operation::append};
constexpr operation_set syncs{disk_operation::sync, disk_operation::sync_filesystem};

volume_options options_of(const scenario& world) {
  volume_options options;
  options.model = world[knob::ordered_disk] != 0 ? crash_model::ordered : crash_model::weak_posix;
  return options;
}

std::string name_of_project(std::size_t project) {
  return "p" + std::string(project < 10 ? "0" : "") + std::to_string(project);
}

} // namespace

std::string project_path(std::size_t project) {
  return std::string(home_volume) + "/" + name_of_project(project);
}

std::optional<std::size_t> project_at(const std::string& path, std::size_t projects) {
  for (std::size_t i = 0; i < projects; ++i)
    if (project_path(i) == path)
      return i;
  return {};
}

std::string manifest_path(std::size_t project) {
  return project_path(project) + "/.dork/agent.json";
}

troubled_machine::troubled_machine(const scenario& world, fault_tally& tally, sim_trace& trace)
    : machine(world.seed, options_of(world)),
      world_(world),
      tally_(tally),
      trace_(trace),
      chance_(world.seed, "disk"),
      crashes_(world.seed, "crashes"),
      sqlite_(machine.view()) {
  auto& files = machine.files;
  files.put_directory(data_volume);
  files.put_directory(home_volume);
  data_ = files.add_volume(options_of(world));
  home_ = files.add_volume(options_of(world));
  files.mount(data_, data_volume);
  files.mount(home_, home_volume);
  files.put_directory(host_directory_path);
  for (const auto* above : {"/home/.gone", "/home/.gone/by"})
    files.put_directory(above);
  files.put_directory(place_out_of_sight);
  for (std::size_t i = 0; i < world[knob::projects]; ++i) {
    files.put_directory(project_path(i));
    files.put_file(project_path(i) + "/README", "nobody but its owner touches this\n");
  }
  for (const auto volume : {std::string_view{"/"}, data_volume, home_volume})
    aside([&](simulated_disk& all) {
      const open_file root{all, all.open(no_handle, volume, {.directory = true}).value()};
      all.sync_filesystem(root.get()).value();
    });
  // SQLite draws from one generator for the whole process. It is seeded anew
  // here, from this machine's chance.
  ::sqlite3_vfs_register(::sqlite3_vfs_find(sqlite_.view().sqlite_vfs), 1);
  ::sqlite3_randomness(0, nullptr);
  files.set_spectator(this);
}

troubled_machine::~troubled_machine() {
  machine.files.set_spectator(nullptr);
}

std::vector<std::string> troubled_machine::names_in(const std::string& directory) {
  return aside([&](simulated_disk& files) {
    std::vector<std::string> names;
    auto opened = files.open(no_handle, directory, {.directory = true});
    if (!opened)
      return names;
    const open_file listed{files, *opened};
    std::vector<std::byte> page(16 * 1024);
    for (auto size = files.read_entries(listed.get(), page); size && *size > 0;
         size = files.read_entries(listed.get(), page)) {
      listing_reader entries({page.data(), *size});
      directory_entry entry;
      while (entries.next(entry))
        names.emplace_back(entry.name);
    }
    std::sort(names.begin(), names.end());
    return names;
  });
}

void troubled_machine::restart() {
  over_ = false;
  hung_ = false;
  calls_to_live_.reset();
  machine.files.set_plan({});
  planned_ = false;
  machine.restart_process();
  feeds_touched_ = projects_touched_ = true;
}

void troubled_machine::lose_power() {
  const auto pending = machine.files.pending();
  crash_choice choice;
  crash_states states(pending, 64, crashes_.next());
  const auto which = crashes_.below(64);
  for (std::uint64_t i = 0; i <= which && states.next(choice); ++i) {
  }
  machine.power_cycle(choice);
  lost_power_ = true;
  restart();
}

void troubled_machine::break_volume(std::uint64_t which, std::uint64_t how) {
  auto& options = machine.files.options(which == 0 ? data_ : home_);
  switch (how % 3) {
    case 0: options.broken = EIO; break;
    case 1: options.capacity = 0; break;
    default: options.read_only = true; break;
  }
  broken_ = true;
  tally_.note(trouble::disk_broken);
}

void troubled_machine::mend_volumes() {
  for (const auto volume : {data_, home_}) {
    auto& options = machine.files.options(volume);
    const volume_options healthy;
    options.broken = 0;
    options.capacity = healthy.capacity;
    options.read_only = false;
  }
  broken_ = false;
}

void troubled_machine::unmount() {
  if (std::exchange(away_, true))
    return;
  machine.files.unmount(home_);
  projects_touched_ = true;
}

void troubled_machine::mount() {
  if (!std::exchange(away_, false))
    return;
  machine.files.mount(home_, home_volume);
  projects_touched_ = true;
}

void troubled_machine::between_calls(std::uint64_t calls, std::function<void()> work) {
  do_work_between();
  calls_to_work_ = calls;
  work_between_ = std::move(work);
}

void troubled_machine::do_work_between() {
  if (auto work = std::exchange(work_between_, {}))
    work();
}

troubled_machine::place troubled_machine::place_of(std::string_view path) {
  if (path.substr(0, home_volume.size()) == home_volume)
    return place::project;
  if (path.find(".db") != std::string_view::npos)
    return place::database;
  return path.find("/feeds") != std::string_view::npos ? place::feed : place::other;
}

void troubled_machine::before(simulated_disk& files, const disk_call& call) {
  if (std::exchange(planned_, false))
    files.set_plan({});
  const auto where = place_of(call.path);
  trace_.line("call", to_string(call.operation), call.path, call.to);
  if (mutating_operations.contains(call.operation)) {
    feeds_touched_ = feeds_touched_ || where == place::feed;
    projects_touched_ = projects_touched_ || where == place::project;
  }
  if (where == place::project && work_between_ && calls_to_work_-- == 0)
    do_work_between();
  // A close may come from a destructor, out of which nothing can be thrown.
  const bool may_end = call.operation != disk_operation::close;
  if (calls_to_live_ && may_end && (*calls_to_live_)-- == 0) {
    calls_to_live_.reset();
    over_ = true;
    const auto kind = chance_.one_in(2) ? fault::kind::kill_before : fault::kind::kill_after;
    files.set_plan(fault_plan(fault_rule{{kind}, 1, operation_set::all()}));
    return;
  }
  if (!faulty_ || over_ || spoken_for_by_nobody.contains(call.operation))
    return;
  const auto wrong = is_denied(call) ? fault{fault::kind::error, EACCES} : draw(where, call);
  if (wrong) {
    planned_ = true;
    files.set_plan(fault_plan(fault_rule{*wrong, 1, operation_set::all()}));
    trace_.line("fault", static_cast<std::uint64_t>(wrong->what), static_cast<std::uint64_t>(wrong->code));
  }
}

bool troubled_machine::is_denied(const disk_call& call) const {
  constexpr operation_set looks{disk_operation::open, disk_operation::create, disk_operation::status};
  return looks.contains(call.operation) && std::any_of(denied_.begin(), denied_.end(), [&](const std::string& path) {
           return call.path.substr(0, path.size() + 1) == path + "/";
         });
}

std::optional<fault> troubled_machine::draw(place where, const disk_call& call) {
  constexpr std::array<knob, 4> errors{knob::project_error, knob::feed_error, knob::database_error, knob::other_error};
  const auto rate = [&](knob which) { return chance_.per_million(world_.rate(which)); };
  if (rate(errors[static_cast<std::size_t>(where)])) {
    tally_.note(trouble::disk_error);
    return fault{fault::kind::error, draw_errno(call)};
  }
  if (!never_done_and_failed.contains(call.operation) && rate(knob::error_but_done)) {
    tally_.note(trouble::disk_error_but_done);
    return fault{fault::kind::error_but_done, EIO};
  }
  if (transfers.contains(call.operation) && rate(knob::short_transfer)) {
    tally_.note(trouble::disk_short);
    return fault{fault::kind::short_transfer};
  }
  if (syncs.contains(call.operation) && rate(knob::sync_loses_data)) {
    tally_.note(trouble::disk_sync_loss);
    return fault{fault::kind::sync_loses_data, EIO};
  }
  if (rate(knob::slow_call)) {
    tally_.note(trouble::disk_slow);
    return fault{fault::kind::delay, 0, std::chrono::milliseconds{chance_.between(1, 9000)}};
  }
  if (where == place::project && rate(knob::hung_call)) {
    tally_.note(trouble::disk_hung);
    hung_ = true;
    return fault{fault::kind::hang};
  }
  return {};
}

int troubled_machine::draw_errno(const disk_call& call) {
  constexpr std::array<int, 3> of_changes{EIO, ENOSPC, EDQUOT};
  constexpr std::array<int, 3> of_opens{EIO, EMFILE, EACCES};
  constexpr std::array<int, 2> of_looks{EIO, EACCES};
  if (syncs.contains(call.operation))
    return EIO;
  if (call.operation == disk_operation::open || call.operation == disk_operation::create)
    return of_opens[chance_.below(of_opens.size())];
  if (mutating_operations.contains(call.operation))
    return of_changes[chance_.below(of_changes.size())];
  if (call.operation == disk_operation::status)
    return of_looks[chance_.below(of_looks.size())];
  return EIO;
}

} // namespace muster::sim
