#pragma once

#include "muster/messages/ids.hpp"
#include "muster/store/absence_count.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace muster {

/// What is counted of the agents that are gone, by agent, between two writes.
///
/// B1  A count is worth a write when it has grown by an hour, or by an eighth of
///     the grace if that is less, so that a crash loses no more than that.
/// B2  One that came back keeps a count of nothing here, so that an older one in a
///     file that could not be written does not come back with it.
class absence_book {
public:
  [[nodiscard]] const absence_count* find(const agent_id& agent, const std::string& path) const;
  /// `is_written`: it is on disk, or will be with the next commit.
  void put(const agent_id& agent, const std::string& path, absence_count count, bool is_written);
  /// What is known of the agent anywhere but there.
  void keep_only(const agent_id& agent, const std::string& path);

  [[nodiscard]] bool is_worth_a_write(const agent_id& agent, std::chrono::nanoseconds grace) const;
  /// Every count that is other than on disk; they are taken as written.
  void
  write(const std::function<void(const agent_id& agent, const std::string& path, const absence_count& count)>& take);

private:
  struct entry {
    std::string path;
    absence_count count;
    absence_count written;
  };
  std::map<agent_id, entry> entries_;
};

} // namespace muster
