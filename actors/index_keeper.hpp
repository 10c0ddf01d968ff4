#pragma once

#include "muster/actors/index_change.hpp"
#include "muster/messages/access_messages.hpp"
#include "muster/messages/denial_messages.hpp"
#include "muster/messages/discovery_messages.hpp"
#include "muster/messages/event_messages.hpp"
#include "muster/messages/index_messages.hpp"
#include "muster/messages/scan_messages.hpp"
#include "muster/messages/settings.hpp"
#include "muster/store/absence_book.hpp"
#include "muster/store/access_rules.hpp"
#include "muster/store/agent_answers.hpp"
#include "muster/store/closed_files.hpp"
#include "muster/store/commit_tail.hpp"
#include "muster/store/feed_source.hpp"
#include "muster/store/index_database.hpp"
#include "muster/store/local_notes.hpp"
#include "muster/store/released_paths.hpp"
#include "muster/store/removal_brake.hpp"
#include "muster/store/roster_table.hpp"
#include "muster/store/sweep_log.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

struct index_keeper_options {
  std::string prefix = "relay.agent."; ///< of subjects
  settings now_holds;
  fold_limits limits;
  std::size_t candidates = 10;   ///< of an ambiguous name, that are listed
  std::size_t notices = 32;      ///< that are remembered
  std::size_t scan_roots = 1000; ///< that are listed
  std::size_t copies = 4096;     ///< likewise
  std::size_t released = 4096;   ///< paths that are remembered
  /// How often the index tries to get back to a file.
  std::chrono::nanoseconds heal_pause = std::chrono::minutes{1};
};

/// Both databases and the roster, for one owner.
///
/// K1  An answer follows every change that `take` has said is done. What the
///     index says is what the feeds say (index_database.hpp); what was observed
///     may be missing, and then that is told.
/// K2  The roster is loaded by the first answer that needs all of it. One agent
///     is found by its id, path, name or the beginning of its id without it.
/// K3  An absence is counted in memory and written now and then (absence_book.hpp),
///     when something else of it changes, and at the close.
/// K4  Whatever fails in local.db fails what has to be recorded there, and
///     nothing else.
/// K5  Once it is watched every change of the roster is told in order, or that
///     the watch has to begin anew.
class index_keeper {
public:
  /// Nothing is opened yet. `directory` is absolute; `feeds` stays open.
  index_keeper(const environment& env, const std::string& directory, handle feeds, instance_id own,
               index_keeper_options options);
  index_keeper(const index_keeper&) = delete;
  index_keeper& operator=(const index_keeper&) = delete;

  /// Opens what is not open, and folds what the disk withheld before. Fails only
  /// with the feeds, and may be repeated.
  expected<void> open();
  /// Writes what waits and closes both files in order.
  void close();

  /// Carries changes out in their order, in one transaction a database: for
  /// each what it changed of what was observed, or why it is not recorded.
  std::vector<expected<change_made>> take(std::vector<index_change> changes);
  /// The same in two: they are carried out, and what is looked up from then on
  /// follows them; then what was observed is on disk. Several that are carried out
  /// may be kept together; nothing else that writes comes between. What becomes of
  /// each is added to `result`.
  void carry_out(std::vector<index_change> changes, changes_made& result);
  void keep(changes_made& what);

  expected<row_staged> answer(const stage_row& m);
  expected<row_unstaged> answer(const unstage_row& m);
  expected<agent_found> answer(const find_agent& m);
  expected<path_found> answer(const find_path& m);
  expected<agent_resolved> answer(const resolve_agent& m);
  expected<agent_described> answer(const describe_agent& m);
  expected<agents_listed> answer(const list_agents& m);
  expected<places_listed> answer(const list_places& m);
  expected<absences_noted> answer(const note_absences& m);
  expected<removals_listed> answer(const list_removals& m);
  expected<sweep_noted> answer(const note_sweep& m);
  expected<scan_roots_listed> answer(const list_scan_roots& m);
  expected<paths_sifted> answer(const sift_paths& m);
  expected<known_paths_listed> answer(const list_known_paths& m);
  expected<namespace_found> answer(const find_namespace& m);
  expected<denials_listed> answer(const list_denials& m);
  expected<unadmitted_found> answer(const find_unadmitted& m);
  expected<endpoints_listed> answer(const list_endpoints& m);
  expected<rule_found> answer(const find_rule& m);
  expected<rules_listed> answer(const list_rules& m);
  expected<reach_described> answer(const who_may_reach& m);
  expected<topology_described> answer(const show_topology& m);
  expected<agents_counted> answer(const count_agents& m);
  expected<index_dumped> answer(const dump_index& m);
  expected<index_rebuilt> answer(const rebuild_index& m);
  expected<findings_told> answer(const examine_index& m);
  expected<settings_applied> answer(const apply_settings& m);
  /// Waits in memory until `write_heartbeats`, `take` or `close`.
  expected<heartbeat_noted> answer(const note_heartbeat& m);

  /// What changes from here on gathers, until it is taken or nobody watches.
  expected<roster_watched> answer(const watch_roster& m);
  void unwatch() noexcept { changes_.reset(); }
  [[nodiscard]] bool is_watched() const noexcept { return changes_.has_value(); }
  /// Nothing if nothing has changed. What was carried out is taken after `keep`.
  [[nodiscard]] std::optional<roster_changed> take_changes();

  /// Of an agent that was heard of and whose sign of life is not written yet.
  [[nodiscard]] std::optional<std::chrono::milliseconds> waiting_heartbeat(const agent_id& agent) const;
  [[nodiscard]] bool has_heartbeats() const noexcept { return !heartbeats_.empty(); }
  expected<void> write_heartbeats();

private:
  struct heartbeat {
    std::chrono::milliseconds at;
    std::string event;
  };
  using system_names = std::set<std::string_view>;
  /// What rules are about; with the roster loaded, into which it points.
  struct access_ground {
    system_names system;
    boost::unordered_flat_set<std::string_view> inhabited; ///< namespaces; `*` is
    std::vector<reach_rule> by_hand;
  };
  // Folding.
  expected<void> fold(std::vector<commit> run);
  expected<void> fold_from_source();
  expected<void> catch_up();
  expected<void> apply(const std::vector<commit>& run);
  [[nodiscard]] sequence folded(const instance_id& instance) const;
  void note_touched(const std::vector<commit>& run);
  /// What is noted here of places where an agent lived before.
  enum class old_places : std::uint8_t { kept, forgotten };
  void refresh_roster(old_places notes);
  void read_touched(const touched_agents& touched, old_places notes);
  void forget_other_places(const agent_id& agent, const std::string& here);

  // What was seen here.
  expected<change_made> record(const held_file& held, const commit* made);
  expected<change_made> record(const note_observation& m);
  expected<change_made> record(const note_copies& m);
  expected<bool> put_seen(const agent_id& agent, const std::string& path, const std::optional<observed_place>& before,
                          const observed_place& now);
  expected<void> put_heartbeats();

  // What is gone.
  [[nodiscard]] absence_count absence_known(const agent_id& agent, const std::string& path);
  [[nodiscard]] absent_look look_of(const look_moment& at) const;
  std::optional<std::chrono::nanoseconds> note_absence(const absent_place& which, const absent_look& look);
  void write_absences();
  [[nodiscard]] bool is_gone_now(const absent_place& which);
  [[nodiscard]] removal_brake brake() const;
  expected<standing_elsewhere> seen_elsewhere();
  [[nodiscard]] removal_holds holds();
  [[nodiscard]] const remembered_sweep* last_sweep();

  // The roster.
  [[nodiscard]] std::optional<std::chrono::milliseconds> last_seen(const agent_id& agent);
  expected<void> load_roster();
  /// Of these, in their order.
  [[nodiscard]] std::vector<roster_row> rows_of(const std::vector<const roster_entry*>& chosen, const roster_view& how);
  /// Those in `system.allow` that say that they are; views into the settings.
  expected<system_names> system_agents();
  [[nodiscard]] static agent_reach reach_of(const roster_entry& entry, const system_names& system);
  [[nodiscard]] bool lives_here(const roster_entry& entry) const;
  /// Every namespace and agent that a rule of its own has, and what was made by hand.
  [[nodiscard]] std::vector<reach_rule> all_rules(const access_rules& rules, const system_names& system,
                                                  const std::function<bool(std::string_view)>& is_seen) const;
  expected<access_ground> ground_of_access();
  /// Whether an agent of it lives here.
  expected<bool> is_inhabited(const std::string& namespace_name);
  [[nodiscard]] std::vector<topology_namespace> grouped(const std::function<bool(std::string_view)>& is_seen);
  expected<std::vector<roster_entry>> entries(const row_filter& which);
  expected<std::vector<roster_entry>> entries(std::span<const row_filter> which);
  void add_observed(roster_entry& entry);
  expected<agent_described> describe(const agent_id& agent);
  /// How many other agents have its name in its namespace.
  expected<std::size_t> namesakes_of(const roster_entry& entry);
  void add_reasons(roster_row& row, const removal_holds& holds);
  [[nodiscard]] std::string outlook_of(const agent_id& agent, const std::string& path, const observed_place& seen,
                                       const removal_holds& holds);
  [[nodiscard]] watched_row to_watched(const roster_entry& entry, const roster_view& how) const;
  void note_changes(const touched_agents& touched);
  expected<void> note_other_changes(const touched_agents& touched);
  [[nodiscard]] roster_view view() const;
  [[nodiscard]] bool is_roster_current() const;
  static void set_observed(roster_entry& entry, const observed_place& seen);
  expected<agent_resolved> resolve_by_name(const std::string& selector);
  expected<std::string> suggestion(const std::string& selector);
  [[nodiscard]] failure no_such_agent(const agent_id& agent) const;
  expected<agent_id> agent_at(const std::string& path);
  [[nodiscard]] std::string path_here(const agent_id& agent);

  expected<agent_record> record_of(const agent_id& agent);
  [[nodiscard]] folded_agent folded_view(const agent_id& id, const agent_record& record) const;
  [[nodiscard]] std::chrono::milliseconds now() const { return env_.clock.wall(); }
  void take_notices();
  [[nodiscard]] std::vector<finding> problems();
  expected<std::string> dump_aside(std::uint64_t& ops);

  environment env_;
  std::string directory_;
  instance_id own_;
  index_keeper_options options_;
  closed_files closed_;
  feed_source disk_;
  commit_tail source_;
  index_database index_;
  local_notes local_;
  bool local_tried_ = false;
  bool open_ = false; ///< the index
  std::chrono::nanoseconds tried_to_heal_{0};
  std::chrono::nanoseconds caught_up_{0}; ///< when it was tried last
  bool is_complete_ = false;              ///< our own feed was read to its end

  roster_table roster_;
  bool has_roster_ = false;
  std::uint64_t roster_of_index_ = 0; ///< the generations it was made of
  std::uint64_t roster_of_local_ = 0;
  touched_agents touched_;
  std::map<std::pair<agent_id, std::string>, observed_place> recorded_; ///< and not in the roster yet
  std::optional<roster_changed> changes_;                               ///< gathered for whoever watches
  released_paths released_;

  std::map<agent_id, heartbeat> heartbeats_; ///< not written yet
  absence_book absences_;
  std::uint64_t sweep_ = 0; ///< that is under way, or was last
  sweep_log sweeps_;
  bool knows_sweeps_ = false; ///< what an earlier process has written
  std::vector<finding> notices_;
};

} // namespace muster
