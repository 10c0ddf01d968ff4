#include "muster/store/displacement.hpp"

namespace muster {

namespace {

constexpr std::string_view begins = "the manifest at ";
constexpr std::string_view goes_on = " is of agent ";
constexpr std::string_view ends = ": put this agent's manifest back, move the agent or unregister it";

} // namespace

std::string displaced_by(std::string_view project, std::string_view other) {
  return std::string(begins).append(project).append(goes_on).append(other);
}

std::string displacement_advice(std::string_view project, std::string_view other) {
  return displaced_by(project, other).append(ends);
}

std::optional<agent_id> displacing_agent(std::string_view advice) {
  const auto at = advice.starts_with(begins) && advice.ends_with(ends) ? advice.rfind(goes_on) : std::string_view::npos;
  if (at == std::string_view::npos)
    return std::nullopt;
  const auto id = advice.substr(at + goes_on.size());
  return agent_id{std::string(id.substr(0, id.size() - ends.size()))};
}

} // namespace muster
