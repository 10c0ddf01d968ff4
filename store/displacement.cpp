#include "muster/store/displacement.hpp"

namespace muster {

namespace {

constexpr std::string_view begins = "the manifest at ";
constexpr std::string_view goes_on = " is of agent ";

} // namespace

std::string displaced_by(std::string_view project, std::string_view other) {
  return std::string(begins).append(project).append(goes_on).append(other);
}

std::optional<agent_id> displacing_agent(std::string_view reason) {
  const auto at = reason.starts_with(begins) ? reason.rfind(goes_on) : std::string_view::npos;
  if (at == std::string_view::npos)
    return std::nullopt;
  return agent_id{std::string(reason.substr(at + goes_on.size()))};
}

} // namespace muster
