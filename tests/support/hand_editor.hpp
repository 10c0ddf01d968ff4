#pragma once

#include "tests/support/manifest_world.hpp"

#include <functional>
#include <optional>
#include <string>

namespace muster::test {

/// How a second hand changes a manifest.
enum class edit_kind {
  rename,      ///< a new file over the name, as most editors save
  in_place,    ///< opens, empties, writes, closes
  remove,      ///< deletes the file
  open,        ///< opens the file for writing and keeps it open
  write_opened ///< empties and writes what it has open, and closes
};

/// A second hand on one project of a simulated machine. It saves durably, so
/// that a crash is no excuse, and tells the oracle what it overwrote. `decide`
/// says before each call of ours what it does, if anything.
class hand_editor final : public disk_spectator {
public:
  using decision = std::function<std::optional<edit_kind>(std::uint64_t call)>;

  hand_editor(manifest_oracle& oracle, std::size_t project, decision decide)
      : oracle_(oracle), project_(project), decide_(std::move(decide)) {}

  void before(simulated_disk& files, const disk_call& call) override {
    if (const auto kind = decide_(call.number))
      edit(files, *kind);
  }

  void edit(simulated_disk& files, edit_kind kind);
  /// Writes what it still has open, and closes it.
  void finish(simulated_disk& files) { edit(files, edit_kind::write_opened); }
  [[nodiscard]] std::size_t edits() const noexcept { return made_; }

private:
  std::string next_content();
  void abandon_opened(simulated_disk& files);
  void make_dork(simulated_disk& files);
  void save(simulated_disk& files, handle file, const std::string& content);
  void sync_dork(simulated_disk& files);
  manifest_oracle::content found(simulated_disk& files);

  manifest_oracle& oracle_;
  std::size_t project_;
  decision decide_;
  std::optional<handle> opened_;
  std::size_t made_ = 0;
};

} // namespace muster::test
