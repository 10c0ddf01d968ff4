#include "tests/sim/absence_watch.hpp"

#include <boost/json.hpp>

namespace muster::sim {

namespace {

std::string agent_in(const std::string& bytes) {
  boost::json::error_code failed;
  const auto value = boost::json::parse(boost::json::string_view{bytes.data(), bytes.size()}, failed);
  const auto* id = !failed && value.is_object() ? value.get_object().if_contains("id") : nullptr;
  return id && id->is_string() ? std::string(id->get_string()) : std::string{};
}

} // namespace

void absence_watch::look(duration now) {
  // A disk that is broken tells nothing, but that it is not mounted.
  if (machine_.is_broken() && !machine_.is_away())
    return;
  for (std::size_t i = 0; i < held_.size(); ++i) {
    const auto bytes = machine_.is_away() ? std::nullopt : editor_.read(i);
    auto holds = bytes ? agent_in(*bytes) : std::string{};
    // One that says nothing is still there.
    if (holds == held_[i] || (bytes && holds.empty()))
      continue;
    if (!held_[i].empty())
      gone_.try_emplace({i, held_[i]}, parting{now, reboots_});
    held_[i] = std::move(holds);
    since_[i] = now;
  }
}

absence_watch::duration absence_watch::absent_for(const std::string& agent, std::size_t project, duration now) const {
  const auto found = gone_.find({project, agent});
  if (found == gone_.end())
    return is_there(agent, project) ? duration{0} : now;
  return now - found->second.when + std::chrono::hours{reboots_ - found->second.reboots};
}

} // namespace muster::sim
