#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"

#include <memory>
#include <string>

namespace muster {

/// A copy of a database with its log, outside of the data directory and gone with
/// the object: to look at one changes it, be it only that SQLite settles a log.
class database_copy {
public:
  /// Of the file `name` in `data`, as far as it is there.
  [[nodiscard]] static expected<std::unique_ptr<database_copy>> make(environment env, handle data, std::string name);

  database_copy(const database_copy&) = delete;
  database_copy& operator=(const database_copy&) = delete;
  ~database_copy();

  [[nodiscard]] std::string path() const { return directory_ + "/" + name_; }

private:
  database_copy(environment env, std::string directory, std::string name);
  os_result<void> take(handle data, const std::string& name);

  environment env_;
  std::string directory_;
  std::string name_;
};

} // namespace muster
