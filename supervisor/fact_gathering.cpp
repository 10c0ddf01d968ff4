#include "muster/supervisor/fact_gathering.hpp"

#include "muster/supervisor/field_edits.hpp"
#include "muster/supervisor/supervisor_core.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace muster {

namespace {

manifest_sight unseen(failure why) {
  return manifest_obscured{std::move(why)};
}

/// An edit cannot be told from what is behind, so neither is overwritten.
failure no_notes(const failure& why) {
  auto result = why;
  result.code = "notes-unreadable";
  result.message = "the manifest differs from the roster, and what it held before cannot be read (" + why.message +
                   "); nothing was overwritten: look at the disk and try again";
  return result;
}

/// A device that hangs is a sight, too: whoever plans says what that means.
template <class Then>
void see(supervisor_core& core, const std::string& project, Then then) {
  look_up<manifest_read>(core, core.by.files, read_manifest{project}, [then](expected<manifest_read> read) mutable {
    then(read ? std::move(read->sight) : unseen(read.error()));
  });
}

/// The questions about a directory and its manifest's agent: the file and the
/// path, then the rest, each one after the one before.
class registration_look : public std::enable_shared_from_this<registration_look> {
public:
  registration_look(supervisor_core& core, std::string path, agent_id fresh, denials_asked denials,
                    registration_taker then)
      : core_(core), path_(std::move(path)), denials_(denials), then_(std::move(then)) {
    known_.fresh = std::move(fresh);
    known_.now = format_datetime(core_.now());
    known_.user = core_.options.user;
  }

  void start() {
    see(core_, path_, [me = shared_from_this()](manifest_sight sight) {
      me->known_.sight = std::move(sight);
      me->one_is_answered();
    });
    look_up<path_found>(core_, core_.by.index, find_path{path_, denials_ == denials_asked::also_above},
                        [me = shared_from_this()](expected<path_found> place) {
                          if (place)
                            me->known_.place = std::move(*place);
                          else
                            me->refused_ = place.error();
                          me->one_is_answered();
                        });
  }

private:
  void one_is_answered() {
    if (--open_ > 0)
      return;
    if (refused_)
      return then_(*refused_);
    ask_for_agent();
  }

  void ask_for_agent() {
    const auto agent = agent_in(known_.sight);
    if (!agent)
      return finish();
    look_up<agent_found>(core_, core_.by.index, find_agent{*agent},
                         [me = shared_from_this(), agent = *agent](expected<agent_found> found) {
                           if (!found)
                             return me->then_(found.error());
                           me->known_.agent = std::move(*found);
                           me->look_where_it_lives(agent);
                         });
  }

  void look_where_it_lives(const agent_id& agent) {
    const auto& here = known_.agent.here;
    if (here && here->path != path_)
      return see(core_, here->path, [me = shared_from_this()](manifest_sight sight) {
        me->known_.incumbent = std::move(sight);
        me->finish();
      });
    if (here || !known_.agent.exists)
      return finish();
    look_up<log_read>(core_, core_.by.feed, read_log{agent, {}, {}, most_history},
                      [me = shared_from_this()](expected<log_read> log) {
                        if (!log)
                          return me->then_(log.error());
                        me->known_.history = std::move(log->commits);
                        me->finish();
                      });
  }

  void finish() { then_(std::move(known_)); }

  supervisor_core& core_;
  std::string path_;
  denials_asked denials_;
  registration_taker then_;
  registration_facts known_;
  unsigned open_ = 2; ///< of the questions asked at once
  std::optional<failure> refused_;
};

/// The questions about one agent, each one after the one before.
class agent_look : public std::enable_shared_from_this<agent_look> {
public:
  agent_look(supervisor_core& core, const agent_id& agent, facts_taker then) : core_(core), then_(std::move(then)) {
    known_.agent = agent;
  }

  void start(std::optional<manifest_sight> seen) {
    look_up<agent_found>(core_, core_.by.index, find_agent{known_.agent},
                         [me = shared_from_this(), seen = std::move(seen)](expected<agent_found> found) mutable {
                           if (!found)
                             return me->then_(found.error());
                           me->known_.found = std::move(*found);
                           me->look_at_file(std::move(seen));
                         });
  }

private:
  void look_at_file(std::optional<manifest_sight> seen) {
    const auto& here = known_.found.here;
    if (seen)
      known_.sight = std::move(*seen);
    if (seen || !here)
      return look_at_history();
    see(core_, here->path, [me = shared_from_this()](manifest_sight sight) {
      me->known_.sight = std::move(sight);
      me->look_at_history();
    });
  }

  void look_at_history() {
    if (!needs_history())
      return then_(std::move(known_));
    if (const auto& why = known_.found.notes_away)
      return then_(no_notes(*why));
    look_up<log_read>(core_, core_.by.feed, read_log{known_.agent, {}, {}, most_history},
                      [me = shared_from_this()](expected<log_read> log) {
                        if (!log)
                          return me->then_(log.error());
                        me->known_.history = std::move(log->commits);
                        me->then_(std::move(me->known_));
                      });
  }

  // It tells edits from what is behind, so only where there is a difference:
  // who has lost local.db reads all feeds for that, an agent at a time.
  [[nodiscard]] bool needs_history() const {
    const auto* seen = std::get_if<manifest_bytes>(&known_.sight);
    if (!known_.found.here || known_.found.held || !seen)
      return false;
    const auto file = manifest_document::read(seen->bytes);
    return file && !differences_of_newcomer(*file, known_.found, seen_values(known_.agent, {})).empty();
  }

  supervisor_core& core_;
  facts_taker then_;
  agent_facts known_;
};

/// Gathers the facts of one agent, then plans with them.
template <class Request, class Plan>
planner agent_planner(supervisor_core& core, const Request& asked, Plan plan) {
  return [&core, asked, plan](const plan_taker& then) {
    gather_agent(core, asked.selector, [&core, asked, plan, then](const expected<agent_facts>& known) {
      if (!known)
        return then(known.error());
      then(plan(asked, *known, core.ground));
    });
  };
}

/// Both directories of a move, and whose the new one is.
void gather_move(supervisor_core& core, const move_agent& asked, const agent_facts& known, const plan_taker& then) {
  auto facts = std::make_shared<move_facts>(move_facts{known.agent, known.found, known.sight, {}, {}});
  see(core, asked.path, [&core, asked, facts, then](manifest_sight sight) {
    facts->new_sight = std::move(sight);
    look_up<path_found>(core, core.by.index, find_path{asked.path},
                        [&core, asked, facts, then](expected<path_found> place) {
                          if (!place)
                            return then(place.error());
                          facts->new_place = std::move(*place);
                          then(plan_move(asked, *facts, core.ground));
                        });
  });
}

planner refusal(const failure& why) {
  return [why](const plan_taker& then) { then(why); };
}

} // namespace

void gather_agent(supervisor_core& core, const std::string& selector, const facts_taker& then) {
  look_up<agent_resolved>(core, core.by.index, resolve_agent{selector},
                          [&core, then](const expected<agent_resolved>& meant) {
                            if (!meant)
                              return then(meant.error());
                            std::make_shared<agent_look>(core, meant->agent, then)->start(std::nullopt);
                          });
}

void gather_agent(supervisor_core& core, const agent_id& agent, manifest_sight sight, const facts_taker& then) {
  std::make_shared<agent_look>(core, agent, then)->start(std::move(sight));
}

void gather_registration(supervisor_core& core, const std::string& path, const agent_id& fresh, denials_asked denials,
                         const registration_taker& then) {
  std::make_shared<registration_look>(core, path, fresh, denials, then)->start();
}

planner planner_of(supervisor_core& core, const register_agent& asked) {
  auto directory = project_directory(asked.path);
  if (!directory)
    return refusal(directory.error());
  // A planner is copied, and this is large.
  const auto exact = std::make_shared<register_agent>(asked);
  exact->path = std::move(*directory);
  // The same each time it is planned, so that its claims are.
  return [&core, exact, fresh = agent_id{core.ids.next()}](const plan_taker& then) {
    gather_registration(core, exact->path, fresh, denials_asked::of_it,
                        [&core, exact, then](const expected<registration_facts>& known) {
                          if (!known)
                            return then(known.error());
                          then(plan_registration(*exact, *known, core.ground));
                        });
  };
}

planner planner_of(supervisor_core& core, const update_agent& asked) {
  return agent_planner(core, asked, plan_update);
}

planner planner_of(supervisor_core& core, const revert_agent& asked) {
  return [&core, asked](const plan_taker& then) {
    gather_agent(core, asked.selector, [&core, asked, then](const expected<agent_facts>& known) {
      if (!known)
        return then(known.error());
      look_up<version_found>(core, core.by.feed, find_version{known->agent, asked.version},
                             [&core, known = *known, then](const expected<version_found>& version) {
                               if (!version)
                                 return then(version.error());
                               then(plan_revert(*version, known, core.ground));
                             });
    });
  };
}

planner planner_of(supervisor_core& core, const move_agent& asked) {
  auto directory = project_directory(asked.path);
  if (!directory)
    return refusal(directory.error());
  auto exact = asked;
  exact.path = std::move(*directory);
  return [&core, exact](const plan_taker& then) {
    gather_agent(core, exact.selector, [&core, exact, then](const expected<agent_facts>& known) {
      if (!known)
        return then(known.error());
      gather_move(core, exact, *known, then);
    });
  };
}

planner planner_of(supervisor_core& core, const unregister_agent& asked) {
  return agent_planner(core, asked, plan_unregister);
}

} // namespace muster
