#pragma once

#include "muster/messages/index_messages.hpp"
#include "muster/messages/settings.hpp"
#include "muster/store/agent_health.hpp"
#include "muster/store/index_row.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster {

/// One placement in the roster: its texts in one piece, the rest in a few words.
class roster_entry {
public:
  explicit roster_entry(const index_row& row);

  enum class text : std::uint8_t {
    agent,
    name,
    display_name,
    runtime,
    namespace_name,
    path,
    registered_at,
    capabilities_json,
  };
  [[nodiscard]] std::string_view get(text which) const noexcept;

  /// When it was registered, as the manifest says, else as the placement says;
  /// milliseconds since the epoch.
  [[nodiscard]] std::int64_t newness() const noexcept { return newness_; }
  [[nodiscard]] bool has_capability(std::string_view wanted) const;
  [[nodiscard]] std::vector<std::string> capabilities() const;

  stamp at; ///< of the placement
  instance_index owner{};
  bool admitted = true;
  bool contested = false;
  std::uint64_t content; ///< as in the row
  /// What was observed of it here.
  agent_status observed = agent_status::active;
  std::optional<stat_key> key;
  std::optional<std::uint64_t> device; ///< on which it was last seen well
  bool noted = false;                  ///< there is more to be told than the status
  bool copied = false;                 ///< there are copies of its manifest
  std::uint32_t scan_root = 0;         ///< `roster_table::scan_root` has the text
  std::optional<std::chrono::milliseconds> last_seen;

private:
  static constexpr std::size_t texts = 8;
  std::string bytes_;
  std::array<std::uint32_t, texts> ends_{};
  std::int64_t newness_ = 0;
};

/// The placements that stand, in memory, by agent. Kept small: some 400 bytes
/// for an agent with the usual fields.
class roster_table {
public:
  /// To be filled anew: any number of `append`, then `sort`.
  void clear();
  roster_entry& append(const index_row& row);
  void sort();

  /// An entry that is not in the table yet.
  [[nodiscard]] roster_entry made_of(const index_row& row);
  /// These are, in any order, all that stand of these agents from now on. Others
  /// are moved only if there are more or fewer than before, and then once: each
  /// alone would move all behind it.
  void replace(const std::set<agent_id>& agents, std::vector<roster_entry> now);

  [[nodiscard]] std::span<roster_entry> of(std::string_view agent);
  [[nodiscard]] const std::vector<roster_entry>& entries() const noexcept { return entries_; }
  /// Those behind an agent.
  [[nodiscard]] std::span<const roster_entry> after(std::string_view agent) const;
  [[nodiscard]] const std::string& scan_root(const roster_entry& of) const { return scan_roots_[of.scan_root]; }

private:
  [[nodiscard]] std::uint32_t number_of(std::string_view scan_root);
  void make_room(std::size_t more);

  std::vector<roster_entry> entries_; ///< by agent
  /// Each text once, as many agents share one; kept until all is filled anew.
  std::vector<std::string> scan_roots_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
};

/// By whose eyes an entry is read.
struct roster_view {
  const instance_table& instances;
  const instance_id& own;
  const settings& now_holds;
  std::chrono::milliseconds now;
  std::string_view prefix; ///< of subjects
};

[[nodiscard]] agent_status status_of(const roster_entry& entry, const roster_view& how);
/// Whether it is provably not at its place here, and how.
[[nodiscard]] absence absence_of(const roster_entry& entry, const roster_view& how);
[[nodiscard]] agent_health health_of(const roster_entry& entry, const roster_view& how);

/// The row without what was observed; `namesakes` are other agents of its
/// name in its namespace.
[[nodiscard]] roster_row to_row(const roster_entry& entry, const roster_view& how, std::size_t namesakes);

/// How many other agents have an entry's name in its namespace.
class namesake_counts {
public:
  /// `all` is by agent and outlives this.
  explicit namesake_counts(std::span<const roster_entry> all);
  [[nodiscard]] std::size_t of(const roster_entry& entry) const;

private:
  using claim = std::pair<std::string_view, std::string_view>; ///< namespace, name
  struct claimants {
    std::string_view last;
    std::size_t agents = 0;
  };
  boost::unordered_flat_map<claim, claimants> claims_;
};

} // namespace muster
