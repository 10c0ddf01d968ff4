#pragma once

#include "tests/sim/sim_chance.hpp"
#include "tests/sim/sim_history.hpp"
#include "tests/sim/troubled_machine.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace muster::sim {

/// That some hand-made manifests name.
inline constexpr std::string_view shared_namespace = "shared";

/// A second hand on the projects of a machine: saves as editors do, breaks
/// files, deletes them, goes back to what they held, copies and moves them. It
/// saves durably, so that a crash is no excuse, and knows nothing of muster.
class project_editor {
public:
  project_editor(troubled_machine& machine, sim_history& history, std::uint64_t seed)
      : machine_(machine), history_(history), chance_(seed, "editor") {}

  /// Carries out an edit; the step's number names its token. Nothing while the
  /// disk is broken.
  void edit(const scenario_step& step);
  /// Moves a project's `.dork` to another project that has none. Whether it did.
  bool relocate(std::size_t from, std::size_t to);

  /// Moves so many projects away, and back where they were.
  void vanish(std::size_t from, std::uint64_t count);
  void come_back();

  /// Of what it writes anew some names the namespace that projects share.
  void share_namespace() noexcept { shares_namespace_ = true; }

  /// Nobody can see a project now.
  [[nodiscard]] bool is_away() const noexcept { return machine_.is_away(); }
  [[nodiscard]] std::optional<std::string> read(std::size_t project);
  /// Called after whatever it has done.
  void set_listener(std::function<void()> after_edit) { after_edit_ = std::move(after_edit); }

private:
  void check_out(const scenario_step& step, std::size_t from, const std::string& what);
  void save(std::size_t project, const std::string& bytes, bool settles, const std::string& what);
  void overwrite(std::size_t project, const std::string& bytes, const std::string& what);
  void remove(std::size_t project, const std::string& what);
  void restore(std::size_t project, const std::string& what);
  [[nodiscard]] std::string next_content(std::size_t project, std::uint64_t number);
  [[nodiscard]] bool can_edit(std::size_t project) { return !machine_.is_away() && is_there(project); }
  [[nodiscard]] bool is_there(std::size_t project);
  void noted();
  void make_dork(simulated_disk& files, std::size_t project);
  void write(simulated_disk& files, const std::string& path, const std::string& bytes);
  void sync_directory(simulated_disk& files, const std::string& path);

  troubled_machine& machine_;
  sim_history& history_;
  sim_chance chance_;
  std::map<std::size_t, std::optional<std::string>> vanished_; ///< what their manifests hold
  std::function<void()> after_edit_;
  bool shares_namespace_ = false;
};

} // namespace muster::sim
