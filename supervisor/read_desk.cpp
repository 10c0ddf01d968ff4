#include "muster/supervisor/read_desk.hpp"

#include "muster/store/namespace_rules.hpp"

#include <memory>
#include <utility>

namespace muster {

namespace {

constexpr std::size_t most_versions = 1000;

/// What a part that does not answer is told as.
finding unexamined(std::string_view what, const failure& why) {
  return {"not-examined", std::string{what} + " could not be examined: " + why.message, why.path,
          why.kind == failure_kind::damaged};
}

void add(std::vector<finding>& to, expected<findings_told> more, std::string_view what) {
  if (!more) {
    to.push_back(unexamined(what, more.error()));
    return;
  }
  to.insert(to.end(), std::make_move_iterator(more->findings.begin()), std::make_move_iterator(more->findings.end()));
}

/// As a relay is told them (`relay_plan`): its namespace reaches itself, whatever
/// else is said, and nobody else but as the rules between namespaces say.
std::vector<rule_put> rules_for(const std::string& namespace_name, std::vector<rule_put> between) {
  between.insert(between.begin(), {namespace_name, namespace_name, rule_action::allow, {}});
  between.push_back({namespace_name, "*", rule_action::deny, {}});
  return between;
}

} // namespace

void read_desk::show(const show_agent& asked, const std::function<void(expected<agent_shown>)>& then) {
  look_up<agent_resolved>(
      core_, core_.by.index, resolve_agent{asked.selector}, [this, asked, then](const expected<agent_resolved>& meant) {
        if (!meant)
          return then(meant.error());
        look_up<agent_described>(
            core_, core_.by.index, describe_agent{meant->agent}, [this, asked, then](expected<agent_described> known) {
              if (!known)
                return then(known.error());
              agent_shown result{std::move(*known), {}, {}, {}};
              const auto& row = result.agent.row;
              if (core_.options.now.relay != relay_mode::none && row.status != agent_status::remote) {
                result.endpoint = endpoint_statement{subject_of(core_.ground.relay_prefix, row.namespace_name, row.id),
                                                     row.namespace_name};
                if (row.status != agent_status::unadmitted)
                  result.rules = rules_for(row.namespace_name, std::move(result.agent.rules));
              }
              if (!asked.all_versions)
                return then(std::move(result));
              look_up<log_read>(core_, core_.by.feed, read_log{row.id, {}, {}, most_versions},
                                [result, then](expected<log_read> log) mutable {
                                  if (!log)
                                    return then(log.error());
                                  result.versions = std::move(log->commits);
                                  then(std::move(result));
                                });
            });
      });
}

void read_desk::log(const show_log& asked, const std::function<void(expected<log_read>)>& then) {
  if (asked.selector.empty())
    return read_log_of({}, asked, then);
  look_up<agent_resolved>(
      core_, core_.by.index, resolve_agent{asked.selector}, [this, asked, then](const expected<agent_resolved>& meant) {
        if (meant)
          return read_log_of(meant->agent, asked, then);
        if (meant.error().kind == failure_kind::refused || meant.error().kind == failure_kind::busy)
          return then(meant.error());
        // One that is gone, or cannot be found, still has a history, under its id.
        read_log_of(agent_id{asked.selector}, asked, [why = meant.error(), then](expected<log_read> log) {
          if (log && log->commits.empty())
            return then(why);
          then(std::move(log));
        });
      });
}

void read_desk::read_log_of(const agent_id& agent, const show_log& asked,
                            const std::function<void(expected<log_read>)>& then) {
  look_up<log_read>(core_, core_.by.feed, read_log{agent, instance_id{asked.instance}, asked.since, asked.limit}, then);
}

void read_desk::examine(std::vector<finding> ours, const std::function<void(expected<findings_told>)>& then) {
  consult<findings_told>(core_.self, core_.mail, core_.options.long_limit, core_.by.feed, examine_feeds{},
                         [this, ours = std::move(ours), then](expected<findings_told> feeds) mutable {
                           add(ours, std::move(feeds), "the feeds");
                           consult<findings_told>(
                               core_.self, core_.mail, core_.options.long_limit, core_.by.index, examine_index{},
                               [ours = std::move(ours), then](expected<findings_told> index) mutable {
                                 add(ours, std::move(index), "the index");
                                 then(findings_told{std::move(ours)});
                               });
                         });
}

void read_desk::describe(runtime_described known, const std::function<void(expected<runtime_described>)>& then) {
  look_up<agents_counted>(core_, core_.by.index, count_agents{},
                          [this, known = std::move(known), then](expected<agents_counted> agents) mutable {
                            if (agents) {
                              known.agents = std::move(*agents);
                              // Of an earlier process, until this one has swept.
                              if (!known.last_sweep) {
                                known.last_sweep = known.agents.last_sweep;
                                known.last_sweep_at = known.agents.last_sweep_at;
                              }
                            } else
                              known.problems.push_back(unexamined("the index", agents.error()));
                            look_up<feeds_described>(
                                core_, core_.by.feed, describe_feeds{},
                                [known = std::move(known), then](expected<feeds_described> feeds) mutable {
                                  if (feeds)
                                    known.feeds = std::move(*feeds);
                                  else
                                    known.problems.push_back(unexamined("the feeds", feeds.error()));
                                  then(std::move(known));
                                });
                          });
}

void read_desk::heartbeat(const stamp_heartbeat& asked, const std::function<void(expected<heartbeat_stamped>)>& then) {
  look_up<agent_resolved>(core_, core_.by.index, resolve_agent{asked.selector},
                          [this, asked, then](const expected<agent_resolved>& meant) {
                            if (!meant)
                              return then(meant.error());
                            look_up<heartbeat_noted>(core_, core_.by.index, note_heartbeat{meant->agent, asked.event},
                                                     [agent = meant->agent, then](const expected<heartbeat_noted>& at) {
                                                       if (!at)
                                                         return then(at.error());
                                                       then(heartbeat_stamped{agent, at->at});
                                                     });
                          });
}

} // namespace muster
