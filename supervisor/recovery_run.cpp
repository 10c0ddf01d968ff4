#include "muster/supervisor/recovery_run.hpp"

#include "muster/supervisor/found_manifest.hpp"
#include "muster/supervisor/intent_codec.hpp"

#include <cassert>
#include <utility>

namespace muster {

namespace {

finding to_finding(const failure& why) {
  return {std::string{why.code}, why.message, why.path, why.kind == failure_kind::damaged};
}

claim_set claims_of(const saga_intent& intent) {
  std::vector<std::string> paths{intent.path};
  if (intent.place_before)
    paths.push_back(intent.place_before->path);
  if (intent.place_after)
    paths.push_back(intent.place_after->path);
  return claims_on(intent.agent, paths);
}

failure not_settled_yet() {
  return {failure_kind::busy, "recovering", "it is being settled since the start; try again in a moment"};
}

} // namespace

void recovery_run::start(std::function<void()> blocked, std::function<void()> over) {
  blocked_ = std::move(blocked);
  over_ = std::move(over);
  read_journal_again();
}

void recovery_run::read_journal_again() {
  consult<journal_read>(core_.self, core_.mail, core_.options.sagas.step_limit, core_.by.journal, read_journal{},
                        [this](const expected<journal_read>& found) {
                          if (found) {
                            journal_problem_.reset();
                            return take_up(*found);
                          }
                          journal_problem_ = found.error();
                          if (const auto blocked = std::exchange(blocked_, {}))
                            blocked();
                          core_.self->run_delayed(core_.options.journal_pause, [this] { read_journal_again(); });
                        });
}

void recovery_run::take_up(const journal_read& found) {
  if (found.damage)
    findings_.push_back(to_finding(*found.damage));
  if (found.unwritable)
    findings_.push_back(to_finding(*found.unwritable));
  for (const auto& [saga, open] : found.sagas)
    claim(saga, open);
  core_.self->run_delayed(core_.options.recovery_limit, [this] {
    open_.clear();
    check_over();
  });
  check_over();
}

void recovery_run::claim(const saga_id& saga, const open_saga& found) {
  auto intent = decode_intent(saga, found.intent, core_.ground.own);
  if (!intent) {
    findings_.push_back(to_finding(intent.error()));
    return;
  }
  open_.insert(saga);
  if (!intent->request.empty()) {
    core_.ledger.begun(intent->request, intent->request_hash, saga, core_.now());
    core_.ledger.ended(intent->request, {saga_answer::outcome::unknown, {}, {}}, core_.now());
  }
  recovered_saga what{std::move(*intent), found.mark, found.doubtful, {}, {}};
  const auto agent = what.intent.agent;
  const auto keys = claims_of(what.intent);
  core_.claims.take(saga, agent, keys, claim_conflict::outlast,
                    [this, what = std::move(what)](const expected<void>& granted) {
                      assert(granted.has_value());
                      look(what);
                    });
  if (core_.claims.holds(saga))
    core_.claims.owes(saga, not_settled_yet());
}

void recovery_run::look(recovered_saga what) {
  const auto saga = what.intent.saga;
  look_up<commit_found>(core_, core_.by.feed, find_commit{saga, {}},
                        [this, what = std::move(what)](expected<commit_found> found) mutable {
                          if (!found)
                            return resume(std::move(what));
                          what.made = std::move(found->made);
                          if (!what.made)
                            return look_at_file(std::move(what));
                          what.decision = recover({true, what.mark, what.doubtful, found_file::unreadable}).decision;
                          resume(std::move(what));
                        });
}

void recovery_run::look_at_file(recovered_saga what) {
  auto question = question_after(what.intent);
  look_up<manifest_read>(core_, core_.by.files, std::move(question),
                         [this, what = std::move(what)](const expected<manifest_read>& read) mutable {
                           const auto file = read ? found_against(what.intent, read->sight) : found_file::unreadable;
                           what.decision = recover({false, what.mark, what.doubtful, file}).decision;
                           resume(std::move(what));
                         });
}

void recovery_run::resume(recovered_saga what) {
  const auto intent = what.intent;
  core_.sagas.resume(std::move(what), core_.options.now.relay);
  // What an interrupted write left beside the manifest; its turn comes when the
  // saga is over.
  observations_.take_in(intent, {});
}

void recovery_run::saga_rests(const saga_id& saga) {
  if (open_.erase(saga) > 0)
    check_over();
}

void recovery_run::check_over() {
  if (!open_.empty())
    return;
  if (const auto over = std::exchange(over_, {}))
    over();
}

} // namespace muster
