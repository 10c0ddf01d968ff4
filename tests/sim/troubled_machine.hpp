#pragma once

#include "tests/sim/fault_tally.hpp"
#include "tests/sim/scenario.hpp"
#include "tests/sim/sim_chance.hpp"
#include "tests/sim/sim_trace.hpp"

#include "muster/store/simulated_environment.hpp"
#include "muster/store/simulated_vfs.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::sim {

inline constexpr std::string_view data_volume = "/data";
inline constexpr std::string_view home_volume = "/home";
inline constexpr std::string_view place_out_of_sight = "/home/.gone/by/hand";
inline constexpr std::string_view data_directory_path = "/data/muster";
/// Where a relay of the host's keeps mail.
inline constexpr std::string_view host_directory_path = "/data/host";

[[nodiscard]] std::string project_path(std::size_t project);
/// The project whose directory this is.
[[nodiscard]] std::optional<std::size_t> project_at(const std::string& path, std::size_t projects);
[[nodiscard]] std::string manifest_path(std::size_t project);

/// A machine whose disk fails as a scenario says, under muster's feet and no one
/// else's. Its data directory lies on one volume, the projects on another.
class troubled_machine final : public disk_spectator {
public:
  /// The three outlive it.
  troubled_machine(const scenario& world, fault_tally& tally, sim_trace& trace);
  ~troubled_machine() override;
  troubled_machine(const troubled_machine&) = delete;
  troubled_machine& operator=(const troubled_machine&) = delete;

  simulated_environment machine;

  [[nodiscard]] environment view() const noexcept { return sqlite_.view(); }
  /// What is done to the files from outside of muster.
  template <class Work>
  decltype(auto) aside(Work&& work) {
    return machine.files.aside(std::forward<Work>(work));
  }

  /// The names in a directory, in their order; none if there is no such.
  [[nodiscard]] std::vector<std::string> names_in(const std::string& directory);

  /// From here on calls fail, or none does.
  void set_faults(bool on) noexcept { faulty_ = on; }
  /// The process ends at one of its next calls.
  void end_process_after(std::uint64_t calls) { calls_to_live_ = calls; }
  /// It has ended in a call; `restart` or `lose_power` brings the disk back.
  [[nodiscard]] bool process_is_over() const noexcept { return over_; }
  /// It ends now.
  void end_process() noexcept { over_ = true; }
  void restart();
  void lose_power();
  [[nodiscard]] bool has_lost_power() const noexcept { return lost_power_; }
  /// A call to some disk has failed.
  [[nodiscard]] bool has_refused() const noexcept {
    return tally_.of(trouble::disk_error) + tally_.of(trouble::disk_broken) > 0;
  }
  /// A call never came back. Its process has to be ended by hand.
  [[nodiscard]] bool hangs() const noexcept { return hung_; }

  void break_volume(std::uint64_t which, std::uint64_t how);
  void mend_volumes();
  [[nodiscard]] bool is_broken() const noexcept { return broken_; }

  /// The volume of the projects is not there, or is again.
  void unmount();
  void mount();
  [[nodiscard]] bool is_away() const noexcept { return away_; }
  /// Muster may not look into a project; into any, again.
  void deny(std::size_t project) { denied_.insert(project_path(project)); }
  void allow_all() { denied_.clear(); }

  /// Runs before one of the next calls to a project, instead of a call of ours.
  void between_calls(std::uint64_t calls, std::function<void()> work);
  [[nodiscard]] bool has_work_between() const noexcept { return static_cast<bool>(work_between_); }
  void do_work_between();

  /// Whether feeds, or projects, were changed since this was asked last.
  [[nodiscard]] bool take_feeds_touched() noexcept { return std::exchange(feeds_touched_, false); }
  [[nodiscard]] bool take_projects_touched() noexcept { return std::exchange(projects_touched_, false); }
  void note_projects_touched() noexcept { projects_touched_ = true; }

  void before(simulated_disk& files, const disk_call& call) override;

private:
  enum class place : std::uint8_t { project, feed, database, other };
  [[nodiscard]] static place place_of(std::string_view path);
  [[nodiscard]] std::optional<fault> draw(place where, const disk_call& call);
  [[nodiscard]] bool is_denied(const disk_call& call) const;
  [[nodiscard]] int draw_errno(const disk_call& call);
  void make(simulated_disk& files, const fault& what, trouble kind);

  const scenario& world_;
  fault_tally& tally_;
  sim_trace& trace_;
  sim_chance chance_;
  sim_chance crashes_;
  simulated_vfs sqlite_;
  bool faulty_ = false;
  bool planned_ = false; ///< the disk has a plan of ours
  bool over_ = false;
  bool hung_ = false;
  bool lost_power_ = false;
  bool broken_ = false;
  bool away_ = false;
  std::set<std::string> denied_;
  bool feeds_touched_ = false;
  bool projects_touched_ = false;
  std::optional<std::uint64_t> calls_to_live_;
  std::uint64_t calls_to_work_ = 0;
  std::function<void()> work_between_;
  std::uint32_t data_ = 0;
  std::uint32_t home_ = 0;
};

} // namespace muster::sim
