#pragma once

#include "muster/runner/command_line.hpp"
#include "muster/store/data_home.hpp"
#include "muster/store/feed_source.hpp"
#include "muster/store/index_database.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster {

/// The data directory that the command line names, as an absolute path.
[[nodiscard]] expected<std::string> named_data_directory(const command_context& context);

/// Opens it, and waits for another process to be done with it, as long as the
/// context is patient.
[[nodiscard]] expected<data_directory> open_when_free(command_context& context, data_directory::presence wanted);

/// A data directory that a command works on by itself, no daemon between:
/// locked, of our release, its identity checked and its own feed recovered.
class data_session {
public:
  [[nodiscard]] static expected<data_session> open(command_context& context, data_directory::presence wanted,
                                                   const recovery_options& recovery = {});

  [[nodiscard]] const data_directory& directory() const noexcept { return home_->directory(); }
  [[nodiscard]] const identity& self() const noexcept { return home_->self(); }
  [[nodiscard]] handle feeds() const noexcept { return home_->feeds(); }
  [[nodiscard]] feed_source& source() noexcept { return *source_; }
  [[nodiscard]] std::string index_path() const { return home_->path_of("index.db"); }

  /// The index, brought up to the feeds; what happened to it is noted.
  [[nodiscard]] expected<std::unique_ptr<index_database>> open_index();
  /// The same, folded from nothing. What was there stays until that is done.
  [[nodiscard]] expected<std::unique_ptr<index_database>> rebuild_index();
  /// Whatever is said of the index afterwards.
  void note_index(index_database& index);

  /// What people should know beside the answer, and code 7 if feeds are damaged.
  void add_notes(answer& to) const;

private:
  data_session(const environment& env, data_home home);
  [[nodiscard]] std::unique_ptr<index_database> closed_index();

  environment env_;
  std::unique_ptr<data_home> home_;
  std::unique_ptr<feed_source> source_;
  std::vector<std::string> notes_; ///< beside those of the home
};

} // namespace muster
