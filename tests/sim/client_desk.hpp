#pragma once

#include "tests/sim/actor_driver.hpp"
#include "tests/sim/feed_watch.hpp"
#include "tests/sim/mail_watch.hpp"
#include "tests/sim/project_editor.hpp"
#include "tests/sim/scenario.hpp"
#include "tests/sim/sim_history.hpp"

#include "muster/messages/interfaces.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace muster::sim {

using client_request =
    std::variant<register_agent, update_agent, revert_agent, move_agent, unregister_agent, stamp_heartbeat, sweep_now,
                 list_agents, show_agent, show_log, describe_runtime, deny_path, undeny_path, admit_agents, set_rule,
                 withdraw_rule, scan_now, send_message, read_mail, acknowledge_mail>;

enum class answer_kind : std::uint8_t { none_yet, done, refused, unknown };

/// One request and all its repetitions.
struct asked {
  scenario_step step;
  request_id request;
  client_request message;
  std::optional<sim_history::reference> change;
  std::string token; ///< that it brings into the world; may be empty
  answer_kind how = answer_kind::none_yet;
  std::optional<failure> why;
  std::optional<agent_placed> placed;
  bool repeated = false;
  bool unseen = false;  ///< asked when no project could be seen
  bool in_feed = false; ///< a commit carries its request id
  std::uint64_t in_flight = 0;
  std::uint64_t lost = 0; ///< in flight when the process ended
  /// So an answer may be of what was done long ago.
  [[nodiscard]] bool was_asked_before() const { return lost > 0 || repeated; }
};

/// The clients of a world. Each sends one request, waits for its answer however
/// long that takes, and sends the next; all keep their books and hold muster to
/// what it has told them. They outlive processes: what was in flight when one
/// ended has an unknown outcome.
class client_desk {
public:
  /// All outlive it.
  client_desk(const scenario& world, sim_history& history, feed_watch& feed, project_editor& editor,
              std::vector<std::string>& violations, sim_trace& trace);

  /// A request is due; its client asks when it is free.
  void add(const scenario_step& step);
  /// Muster is there, or (null) is not any more.
  void open(caf::actor_system* system, const muster_actor& front);
  /// Clients that are free ask.
  void go_on();
  /// Asks again what has no final answer and can be repeated. Whether there was any.
  bool repeat_unsettled();
  /// What is done and under way once more may be forgotten by now.
  void clock_jumped();
  /// A hand has been at the projects.
  void edited() { letters_.lose_track(); }
  [[nodiscard]] mail_watch& letters() noexcept { return letters_; }

  [[nodiscard]] bool is_idle() const noexcept { return in_flight_ == 0 && queued() == 0; }
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }
  [[nodiscard]] std::size_t in_flight_but_sweeps() const;
  [[nodiscard]] std::size_t queued() const noexcept;
  [[nodiscard]] const std::deque<asked>& all() const noexcept { return asked_; }
  /// Whether somebody has asked that this agent, or what is at this path, be removed.
  [[nodiscard]] bool wanted_removed(const std::string& agent, const std::string& path) const;

private:
  struct version {
    std::string agent;
    commit_id at;
    std::string gist;
  };
  struct known_project {
    std::string agent;
    std::string content_hash;
    std::vector<version> versions;
  };
  /// What answers come back to, while it is this process that gives them.
  struct line {
    client_desk* desk;
  };

  void ask_next(std::size_t client);
  [[nodiscard]] std::optional<asked> compose(const scenario_step& step);
  void compose_register(asked& into, std::size_t project);
  void compose_update(asked& into, std::size_t project);
  bool compose_revert(asked& into, std::size_t project);
  void compose_unregister(asked& into, std::size_t project);
  void compose_rule(asked& into, std::size_t project) const;
  [[nodiscard]] bool compose_mail(asked& into, std::size_t project);
  void note_question(const asked& one);
  void note_outcome(const asked& one, const agent_placed* answer, bool clean, const failure* why);
  [[nodiscard]] std::string selector_of(const scenario_step& step, std::size_t project) const;
  void send(std::size_t index, std::size_t client);
  void reopen(asked& one);
  template <class Answer, class Request>
  void courier(const Request& request, std::size_t index, std::size_t client);

  template <class Answer>
  void answered(std::size_t index, std::size_t client, expected<Answer> answer);
  void note(asked& one, const agent_placed& answer);
  void check_acknowledged(const asked& one, bool in_feed);
  void note(asked& one, const agent_unregistered& answer);
  void note(asked& one, const agents_listed& answer);
  void note(asked& one, const path_denied& answer);
  void note(asked& one, const path_undenied& answer);
  void note(asked&, const agents_admitted& answer);
  void note_version(asked& one, const commit_id& version);
  void note(asked& one, const rule_changed& answer);
  void note(asked& one, const scan_report& answer);
  void note(asked& one, const message_sent& answer);
  void note(asked& one, const mail_read& answer);
  void note(asked& one, const mail_acknowledged& answer);
  template <class Answer>
  void note(asked&, const Answer&) {}
  void note_failure(asked& one, const failure& why);
  void settle(asked& one, bool refused, bool settles, const std::string& path);
  void violated(const asked& one, const std::string& what);

  const scenario& world_;
  sim_history& history_;
  feed_watch& feed_;
  project_editor& editor_;
  std::vector<std::string>& violations_;
  sim_trace& trace_;
  caf::actor_system* system_ = nullptr;
  muster_actor front_;
  std::shared_ptr<line> line_;
  std::deque<asked> asked_;
  std::map<std::uint64_t, std::size_t> by_step_;
  std::vector<std::deque<scenario_step>> queues_;
  std::vector<bool> busy_;
  std::vector<known_project> known_;
  mail_watch letters_;
  std::size_t in_flight_ = 0;
  bool clock_jumped_ = false;
};

} // namespace muster::sim
