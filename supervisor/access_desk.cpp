#include "muster/supervisor/access_desk.hpp"

#include "muster/store/access_rules.hpp"
#include "muster/supervisor/request_hash.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace muster {

namespace {

std::vector<rule_key> rules_in(const std::vector<op>& ops) {
  std::vector<rule_key> rules;
  for (const auto& each : ops) {
    if (const auto* put = std::get_if<rule_put>(&each))
      rules.push_back({put->source, put->target});
    else if (const auto* drop = std::get_if<rule_drop>(&each))
      rules.push_back({drop->source, drop->target});
    else if (const auto* settled = std::get_if<resolve>(&each))
      if (const auto* rule = std::get_if<rule_key>(&settled->key))
        rules.push_back(*rule);
  }
  return rules;
}

std::vector<std::string> notes_on(const rule_changed& done, const rule_found& now) {
  std::vector<std::string> notes;
  for (const auto& [name, inhabited] :
       {std::pair{&done.source, now.has_source_agents}, std::pair{&done.target, now.has_target_agents}})
    if (done.action && !inhabited)
      notes.push_back("no agent lives in '" + *name + "' here yet; the rule waits for one");
  if (now.contested || now.action != done.action)
    notes.emplace_back("another instance has said otherwise; the more restrictive holds");
  return notes;
}

std::string untold(const failure& why) {
  return "the relay could not be told (" + why.message + "); the next sweep tells it";
}

/// The namespaces that an agent is not in any more, as far as a saga moved it.
std::vector<std::string> left_by(const saga_intent& intent, bool failed) {
  const auto name = [](const auto& endpoint) { return endpoint ? endpoint->namespace_name : std::string(); };
  const auto before = name(intent.endpoint_before);
  const auto after = name(intent.endpoint_after);
  std::vector<std::string> left;
  if (before == after)
    return left;
  if (!before.empty())
    left.push_back(before);
  if (failed && !after.empty())
    left.push_back(after);
  return left;
}

} // namespace

void access_desk::take(const set_rule& asked, rule_taker then) {
  change(asked, asked.action, asked.action == rule_action::allow ? "allow" : "deny", std::move(then));
}

void access_desk::take(const withdraw_rule& asked, rule_taker then) {
  change(asked, std::nullopt, "withdraw", std::move(then));
}

template <class Request>
void access_desk::change(const Request& asked, std::optional<rule_action> action, std::string_view verb,
                         rule_taker then) {
  const auto key = usable_rule(asked.source, asked.target, verb);
  if (!key)
    return then(key.error());
  const auto plan = [this, key = *key, action](const plan_taker& take) {
    look_up<rule_found>(core_, core_.by.index, find_rule{key.source, key.target},
                        [key, action, take](const expected<rule_found>& known) {
                          if (!known)
                            return take(known.error());
                          take(plan_rule(key, action, *known));
                        });
  };
  auto hash = asked.request.empty() ? std::string{} : hash_of(asked);
  changes_.take({asked.request, std::move(hash), plan, {}, claim_conflict::wait},
                [this, key = *key, action, then = std::move(then)](const change_answer& answer) {
                  if (!answer)
                    return then(answer.error());
                  rule_changed done{key.source, key.target, action, answer->version, {}};
                  tell_relay(key, [done, then](const expected<rule_found>& now, const std::optional<failure>& why) {
                    auto result = done;
                    if (now)
                      result.notes = notes_on(result, *now);
                    if (why)
                      result.notes.push_back(untold(*why));
                    then(std::move(result));
                  });
                });
}

void access_desk::saga_answered(const saga_intent& intent, const saga_answer& what) {
  if (what.what != saga_answer::outcome::done) {
    failed_.insert(intent.saga);
    return;
  }
  for (const auto& rule : rules_in(intent.ops))
    tell_relay(rule, {});
}

void access_desk::saga_over(const saga_intent& intent) {
  const bool failed = failed_.erase(intent.saga) > 0;
  for (const auto& name : left_by(intent, failed))
    check_left(name);
  // Its own rules come and go with the comparison.
  if (std::ranges::find(core_.ground.system_allow, intent.agent.text) != core_.ground.system_allow.end())
    relay_.run();
}

/// The fold of the commit is asked for before the mail that is there now is done,
/// so the index knows it by then.
void access_desk::tell_relay(const rule_key& rule, told then) {
  auto& waiting = to_tell_[rule];
  waiting.push_back(std::move(then));
  if (waiting.size() == 1)
    run_behind_mail(core_.self, [this, rule] { tell_now(rule); });
}

void access_desk::tell_now(const rule_key& rule) {
  const auto waiting = std::make_shared<std::vector<told>>(std::move(to_tell_.extract(rule).mapped()));
  const auto tell_all = [waiting](const expected<rule_found>& now, const std::optional<failure>& why) {
    for (const auto& each : *waiting)
      if (each)
        each(now, why);
  };
  // Drawn before the index is read, so that what is stated meanwhile is newer.
  const auto version = core_.sagas.next_version();
  look_up<rule_found>(core_, core_.by.index, find_rule{rule.source, rule.target},
                      [this, rule, version, tell_all](const expected<rule_found>& now) {
                        const bool has_relay = core_.options.now.relay != relay_mode::none;
                        if (!now && has_relay)
                          relay_.left_behind(now.error());
                        if (!now || !has_relay)
                          return tell_all(now, now || !has_relay ? std::nullopt : std::optional{now.error()});
                        consult<rule_stated>(core_.self, core_.mail, core_.options.question_limit, core_.by.bridge,
                                             state_rule{version, rule.source, rule.target, now->action},
                                             [this, now = *now, tell_all](const expected<rule_stated>& how) {
                                               if (!how)
                                                 relay_.left_behind(how.error());
                                               tell_all(now, how ? std::nullopt : std::optional{how.error()});
                                             });
                      });
}

/// The relay is told what holds: no agent of it lives here, as of a version that
/// is older than what anybody states who comes meanwhile.
void access_desk::check_left(const std::string& namespace_name) {
  if (core_.options.now.relay == relay_mode::none || core_.sagas.leads_into(namespace_name))
    return;
  const auto version = core_.sagas.next_version();
  look_up<namespace_found>(core_, core_.by.index, find_namespace{namespace_name, {}},
                           [this, namespace_name, version](const expected<namespace_found>& found) {
                             if (!found || found->has_agents_here)
                               return;
                             consult<namespace_retracted>(core_.self, core_.mail, core_.options.question_limit,
                                                          core_.by.bridge, retract_namespace{version, namespace_name},
                                                          [this](const expected<namespace_retracted>& how) {
                                                            if (!how)
                                                              relay_.left_behind(how.error());
                                                          });
                           });
}

} // namespace muster
