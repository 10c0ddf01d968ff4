#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/settings.hpp"
#include "muster/store/environment.hpp"

#include <functional>
#include <mutex>
#include <string>

namespace muster {

/// The settings of one data directory, for as long as somebody answers for it.
/// Changes are made one at a time. May be called from several threads; blocks
/// while the disk does.
class config_keeper {
public:
  /// The environment outlives it.
  config_keeper(const environment& env, std::string data_directory) : env_(env), path_(std::move(data_directory)) {}

  /// What config.json says, or the defaults where there is no directory yet.
  [[nodiscard]] expected<settings> read();
  /// Reads, changes and writes; answers with what holds now. Nothing is written
  /// if `change` fails, or if its result contradicts itself. `tell` is told what
  /// was written before anybody writes anything else.
  [[nodiscard]] expected<settings> change(const std::function<expected<void>(settings&)>& change,
                                          const std::function<void(const settings&)>& tell = {});

private:
  expected<open_file> open();

  environment env_;
  std::string path_;
  std::mutex at_work_;
};

} // namespace muster
