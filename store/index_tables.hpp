#pragma once

#include <array>
#include <string_view>

/// The names of the derived tables, as they go into row hashes and statements.
namespace muster::index_table {

inline constexpr std::string_view instances = "instances";
inline constexpr std::string_view refusals = "refusals";
inline constexpr std::string_view agents = "agents";
inline constexpr std::string_view heads = "heads";
inline constexpr std::string_view notes = "notes";
inline constexpr std::string_view conflicts = "conflicts";
inline constexpr std::string_view placements = "placements";
inline constexpr std::string_view drops = "drops";
inline constexpr std::string_view rules = "rules";
inline constexpr std::string_view denials = "denials";

/// Every table that a fold fills. What else the schema has are `facts` about
/// these.
inline constexpr std::array all{instances, refusals,   agents, heads, notes,
                                conflicts, placements, drops,  rules, denials};

} // namespace muster::index_table
