#pragma once

#include "muster/messages/requests.hpp"
#include "muster/messages/scan_messages.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace muster {

using sweep_report_counter = std::size_t sweep_report::*;

/// What one sweep has come to. Counts every place once, and a removal beside it;
/// lists problems up to a bound, and never fails.
class sweep_tally {
public:
  explicit sweep_tally(std::size_t listed_problems) : listed_(listed_problems) {}

  /// Places that are as they were known.
  void unchanged(std::size_t places) { report_.unchanged += places; }
  /// A place that is gone still; without grace somebody has found it there.
  void absent(const place_to_look_at& place, std::optional<std::chrono::nanoseconds> grace_left);
  /// A device of which nothing is removed.
  void braked(const braked_device& which);
  /// A place that was observed. One that is removed was counted as gone before.
  void observed(const agent_id& agent, const std::string& path, const place_observed& what);
  /// A place about which nothing could be done now. Somebody at work on it is
  /// no error.
  void failed(const agent_id& agent, const std::string& path, const failure& why);
  /// Something else that did not work.
  void failed(std::string_view kind, const failure& why);
  /// An agent that was found. One that has moved is not gone, whatever was seen
  /// of it at its old place.
  void found(const std::string& path, const found_taken& what);
  /// A copy of the manifest of an agent that lives at `home`.
  void copied(const agent_id& agent, const std::string& path, const std::string& message);
  /// What was found cannot be taken as it is.
  void not_taken(sweep_report_counter counter, sweep_problem problem);
  /// Something to know that is no place.
  void tell(sweep_problem problem) { add(std::move(problem)); }
  /// What sagas still owe.
  void owed(const owed_settled& what);

  [[nodiscard]] sweep_report finish(std::chrono::milliseconds took) &&;

private:
  void add(sweep_problem problem);
  void take_back(const agent_id& agent);
  void end_outlook(const agent_id& agent);

  std::size_t listed_;
  sweep_report report_;
  /// How agents that are not at their places were counted; bounded.
  std::map<agent_id, sweep_report_counter> gone_;
};

} // namespace muster
