#include "tests/support/saga_world.hpp"

#include "tests/support/saga_run.hpp"

#include "muster/supervisor/recovery.hpp"

namespace muster::testing {

namespace {

const request_id the_request{"r"};
constexpr std::string_view the_hash = "h";

std::optional<manifest_image> image(int content) {
  if (content == 0)
    return std::nullopt;
  return manifest_image{std::to_string(content), std::to_string(content)};
}
int number(const std::optional<manifest_image>& of) {
  return of ? std::stoi(of->bytes) : 0;
}

bool removes_manifest(saga_kind kind) {
  return kind == saga_kind::unregister || kind == saga_kind::unregister_everywhere;
}

} // namespace

saga_world::saga_world(run_chooser& choose, const world_options& options)
    : choose_(choose),
      options_(options),
      faults_(options.faults),
      crashes_(options.crashes),
      edits_(options.edits),
      file_(options.kind == saga_kind::register_agent ? absent : old_content),
      endpoint_(options.kind == saga_kind::register_agent ? absent : old_content) {}

const std::vector<std::string>& saga_world::run() {
  for (int n = 0; n < attempts; ++n) {
    attempt();
    work_off();
    if (crashes_ > 0 && choose_.pick(2) == 1) {
      crash();
      work_off();
    }
    if (last_answer_ && last_answer_->what != saga_answer::outcome::unknown)
      break;
  }
  faults_ = crashes_ = edits_ = 0;
  settle_all();
  check_end();
  return violations_;
}

saga_intent saga_world::make_intent(const saga_id& id) const {
  const auto fresh = options_.kind == saga_kind::register_agent;
  saga_intent intent{id, options_.kind, agent_id{"a"}, "/p", the_request, std::string{the_hash}};
  // A repetition carries the precondition of the first try.
  intent.before = image(fresh ? absent : old_content);
  intent.after = intent.before;
  if (std::ranges::count(plan_of(options_.kind).steps, saga_step::write_manifest))
    intent.after = image(new_content);
  if (!fresh)
    intent.endpoint_before = endpoint_statement{"old", ""};
  if (!removes_manifest(options_.kind) && options_.kind != saga_kind::unregister_keeping)
    intent.endpoint_after = endpoint_statement{"new", ""};
  return intent;
}

/// The client asks once, as long as it has no answer but "unknown".
void saga_world::attempt() {
  for (const auto& id : feed_)
    ledger_.found(the_request, the_hash, {instance_id{id.text}, 1}, {});
  const auto decision = ledger_.ask(the_request, the_hash, {});
  if (std::holds_alternative<request_repeat>(decision)) {
    last_answer_ = saga_answer{};
    return;
  }
  if (std::holds_alternative<request_look_up>(decision)) {
    // Not in the feed so far; what is open is settled before it is asked again.
    for (auto& [id, live] : sagas_)
      if (live.machine.is_owing())
        carry_out(id, live.machine.settle());
    work_off();
    if (feed_.empty() && sagas_.empty())
      ledger_.absent(the_request);
    return;
  }
  if (!std::holds_alternative<request_execute>(decision))
    return;
  const saga_id id{std::to_string(++made_)};
  ledger_.begun(the_request, the_hash, id, {});
  const auto outcome = claims_.take(id, agent_id{"a"}, {{claim_key::kind::agent, "a"}, {claim_key::kind::path, "/p"}},
                                    claim_conflict::wait);
  waiting_.emplace(id, make_intent(id));
  if (std::holds_alternative<claims_granted>(outcome))
    return begin(id);
  for (const auto& owing : std::get<claims_waiting>(outcome).settle)
    carry_out(owing, sagas_.at(owing).machine.settle());
}

void saga_world::begin(const saga_id& id) {
  auto intent = std::move(waiting_.at(id));
  waiting_.erase(id);
  // What it waited for may have been the same request.
  if (!feed_.empty()) {
    last_answer_ = saga_answer{};
    ledger_.ended(the_request, *last_answer_, {});
    return granted(claims_.release(id));
  }
  auto& live =
      sagas_.emplace(id, live_saga{registration_saga{life_, std::move(intent), options_.relay}, true}).first->second;
  carry_out(id, live.machine.start());
}

void saga_world::work_off() {
  while (tick())
    ++steps_;
}

/// Lets one thing happen; false when nothing is under way.
bool saga_world::tick() {
  std::size_t worker = 0;
  while (worker < queues_.size() && (queues_[worker].empty() || queues_[worker].back().late))
    ++worker;
  if (worker == queues_.size())
    return false;
  const auto edits = edits_ > 0 ? 1U : 0U;
  const auto crashes = crashes_ > 0 ? 1U : 0U;
  const auto event = choose_.pick(1 + edits + crashes);
  if (event > 0 && event <= edits) {
    edit();
  } else if (event > 0) {
    crash();
  } else {
    execute_late_before(worker);
    auto now = std::move(queues_[worker].front());
    queues_[worker].pop_front();
    execute(std::move(now));
  }
  return true;
}

void saga_world::edit() {
  --edits_;
  const auto to = options_.same_edit ? new_content : hand_content;
  edit_changed_ = file_ != to;
  story_ += "edit; ";
  file_ = to;
  edited_ = to;
}

/// The supervisor ends: workers keep what they have begun, and what was sent to
/// them is of an old epoch from now on.
void saga_world::crash() {
  --crashes_;
  endpoint_left_ = true;
  story_ += "crash; ";
  sagas_.clear();
  waiting_.clear();
  claims_ = claims{};
  ledger_ = request_ledger{};
  pending_rows_.clear();
  ++life_.value;
  (void)fence_.admits(life_);
  versions_ = statement_versions{life_};
  for (auto& queue : queues_) {
    for (auto& old : queue)
      old.late = true;
    if (options_.bug != planted::no_fence)
      queue.clear();
  }
  recover_journal();
}

void saga_world::recover_journal() {
  for (const auto& [id, entry] : std::map{journal_}) {
    (void)claims_.take(id, entry.intent.agent, {{claim_key::kind::agent, "a"}, {claim_key::kind::path, "/p"}},
                       claim_conflict::wait);
    violated(!claims_.holds(id), "two open sagas of one agent in the journal");
    // Whoever asked for it has no answer yet.
    ledger_.begun(the_request, the_hash, id, {});
    ledger_.ended(the_request, {saga_answer::outcome::unknown, {}, {}}, {});
    const auto found = decide(id);
    auto& live = sagas_
                     .emplace(id, live_saga{registration_saga{life_, entry.intent, options_.relay, found}, false,
                                            found == recovery_decision::roll_forward})
                     .first->second;
    carry_out(id, live.machine.start());
    work_off();
  }
}

recovery_decision saga_world::decide(const saga_id& id) const {
  const auto& entry = journal_.at(id);
  const auto before = number(entry.intent.before);
  const auto after = number(entry.intent.after);
  recovery_case found{feed_.contains(id), entry.mark};
  if (options_.bug == planted::no_marks_read)
    found.mark = abort_mark::none;
  if (file_ == before)
    found.file = before == after ? found_file::as_both : found_file::as_before;
  else if (file_ == after)
    found.file = found_file::as_written;
  else
    found.file = file_ == absent ? found_file::gone : found_file::other;
  return recover(found).decision;
}

void saga_world::settle_all() {
  for (int round = 0; round < 4; ++round) {
    for (const auto& id : claims_.owing_sagas()) {
      carry_out(id, sagas_.at(id).machine.settle());
      work_off();
    }
    work_off();
  }
  for (std::size_t worker = 0; worker < queues_.size(); ++worker)
    execute_late_before(worker);
  // The index folds what is in the feed without anybody's help.
  for (const auto& id : feed_)
    pending_rows_.erase(id);
}

void saga_world::carry_out(const saga_id& id, const saga_decisions& decisions) {
  for (const auto& decision : decisions) {
    story_ += id.text + " " + text_of(decision) + "; ";
    if (const auto* given = std::get_if<saga_do::answer>(&decision))
      answered(id, given->what);
    else if (const auto* left = std::get_if<saga_do::leave_to_sweep>(&decision))
      endpoint_left_ = endpoint_left_ || is_endpoint_step(left->step);
    else if (std::holds_alternative<saga_do::keep_claims>(decision))
      (void)claims_.owe(id);
    else if (std::holds_alternative<saga_do::release_claims>(decision))
      over(id);
    else if (const auto* close = std::get_if<saga_do::close>(&decision); close && !close->durable)
      journal_.erase(id);
    else
      std::visit(
          [&](const auto& what) {
            if constexpr (requires { what.by; })
              send(what.by, decision);
          },
          decision);
  }
}

void saga_world::send(const saga_ticket& by, const saga_decision& what) {
  queues_[worker_of(what)].push_back({by, what, versions_.next()});
}

void saga_world::answered(const saga_id& id, const saga_answer& what) {
  ++answers_[id];
  check_answer(id, what);
  if (what.what == saga_answer::outcome::not_done)
    refused_.insert(id);
  last_answer_ = what;
  ledger_.ended(the_request, what, {});
}

void saga_world::over(const saga_id& id) {
  violated(journal_.contains(id), "claims released with the saga open in the journal");
  const auto next = claims_.release(id);
  sagas_.erase(id);
  granted(next);
}

void saga_world::granted(const std::vector<saga_id>& ids) {
  for (const auto& id : ids)
    begin(id);
}

std::size_t saga_world::worker_of(const saga_decision& what) {
  if (const auto* perform = std::get_if<saga_do::perform>(&what))
    return static_cast<std::size_t>(rule_of(perform->step).by);
  if (const auto* undo = std::get_if<saga_do::undo>(&what))
    return static_cast<std::size_t>(rule_of(undo->step).by);
  if (std::holds_alternative<saga_do::look_up_commit>(what))
    return static_cast<std::size_t>(saga_actor::feed_store);
  return static_cast<std::size_t>(saga_actor::supervisor);
}

saga_world::effect saga_world::choose_effect(const saga_decision& what) {
  if (faults_ == 0)
    return effect::applied;
  // What the journal and the feed say they have not done they have not done.
  const auto* perform = std::get_if<saga_do::perform>(&what);
  const auto strict = worker_of(what) == static_cast<std::size_t>(saga_actor::supervisor);
  const auto commit = perform && perform->step == saga_step::commit;
  constexpr std::array all = {effect::applied, effect::fails, effect::late, effect::applied_but_fails};
  const auto taken = all[choose_.pick(strict && !commit ? 3 : 4)];
  faults_ -= taken == effect::applied ? 0 : 1;
  return taken;
}

void saga_world::execute_late_before(std::size_t worker) {
  auto& queue = queues_[worker];
  while (!queue.empty() && queue.front().late) {
    const auto old = std::move(queue.front());
    queue.pop_front();
    if (fence_.newest() <= old.by.life || options_.bug == planted::no_fence)
      (void)apply(old);
  }
}

void saga_world::execute(command now) {
  const auto how = choose_effect(now.what);
  constexpr std::array words = {"", "applied but fails; ", "fails; ", "late; "};
  story_ += words[static_cast<std::size_t>(how)];
  if (how == effect::late) {
    // It stays where it is, and takes effect before anything sent after it.
    const auto by = now.by;
    now.late = true;
    queues_[worker_of(now.what)].push_front(std::move(now));
    if (const auto live = sagas_.find(by.saga); live != sagas_.end())
      carry_out(by.saga, live->second.machine.timed_out(by));
    return;
  }
  std::optional<failure> refused;
  if (how != effect::fails)
    refused = apply(now);
  report(now, how, refused);
}

void saga_world::report(const command& now, effect how, const std::optional<failure>& refused) {
  const auto live = sagas_.find(now.by.saga);
  if (live == sagas_.end())
    return;
  auto& machine = live->second.machine;
  const auto id = now.by.saga;
  const auto* perform = std::get_if<saga_do::perform>(&now.what);
  const auto commit = perform && perform->step == saga_step::commit;
  failure why{failure_kind::failed, "fault", "it went wrong"};
  if (commit && how == effect::applied_but_fails)
    why.kind = failure_kind::unknown_outcome;
  if (how != effect::applied)
    carry_out(id, machine.failed(now.by, why));
  else if (refused)
    carry_out(id, machine.failed(now.by, *refused));
  else if (commit || (std::holds_alternative<saga_do::look_up_commit>(now.what) && feed_.contains(id)))
    carry_out(id, machine.commit_durable(now.by, {instance_id{"i"}, 1}));
  else if (std::holds_alternative<saga_do::look_up_commit>(now.what))
    carry_out(id, machine.commit_absent(now.by));
  else if (std::holds_alternative<saga_do::look_at_manifest>(now.what)) {
    const auto found = decide(id);
    live->second.written = found == recovery_decision::roll_forward;
    carry_out(id, machine.looked(now.by, found));
  } else
    carry_out(id, machine.done(now.by));
}

/// The effect on the world; a failure is a refusal, which has none.
std::optional<failure> saga_world::apply(const command& now) {
  const auto& id = now.by.saga;
  if (const auto* step = std::get_if<saga_do::perform>(&now.what))
    return perform(now, step->step);
  if (const auto* step = std::get_if<saga_do::undo>(&now.what))
    undo(now, step->step);
  else if (const auto* mark = std::get_if<saga_do::mark_aborting>(&now.what); mark && journal_.contains(id)) {
    journal_.at(id).mark = mark->mark;
    marked_.insert(id);
  } else if (std::holds_alternative<saga_do::close>(now.what))
    journal_.erase(id);
  return std::nullopt;
}

/// The relay takes a statement only if it is newer than what it holds.
void saga_world::state(int endpoint, const command& by) {
  if (by.version <= endpoint_version_)
    return;
  endpoint_version_ = by.version;
  endpoint_ = endpoint;
}

std::optional<failure> saga_world::perform(const command& now, saga_step step) {
  const auto& id = now.by.saga;
  const auto intent = make_intent(id);
  switch (step) {
    case saga_step::intend: journal_[id] = {intent}; break;
    case saga_step::write_manifest:
      violated(is_journalled(options_.kind) && !journal_.contains(id), "a write without an intent");
      if (file_ != number(sagas_.contains(id) && sagas_.at(id).written ? intent.after : intent.before))
        return failure{failure_kind::refused, "manifest-changed", "somebody edited it"};
      file_ = number(intent.after);
      break;
    case saga_step::upsert_row: pending_rows_.insert(id); break;
    case saga_step::set_endpoint:
    case saga_step::move_endpoint: state(new_content, now); break;
    case saga_step::close_endpoint: state(absent, now); break;
    case saga_step::commit: feed_.insert(id); break;
    case saga_step::fold_commit: pending_rows_.erase(id); break;
    case saga_step::retire_manifest:
      violated(!feed_.contains(id), "a manifest retired without a commit");
      if (file_ != absent && file_ != number(intent.before))
        aside_.insert(file_);
      file_ = absent;
      break;
    case saga_step::none:
    case saga_step::open_endpoint:
    case saga_step::remove_endpoint:
    case saga_step::record_held: break;
  }
  return std::nullopt;
}

void saga_world::undo(const command& now, saga_step step) {
  const auto& id = now.by.saga;
  const auto intent = make_intent(id);
  violated(is_journalled(options_.kind) && !marked_.contains(id), "an undo before the mark");
  violated(feed_.contains(id), "an undo after the commit");
  if (step == saga_step::upsert_row) {
    pending_rows_.erase(id);
  } else if (step == saga_step::write_manifest) {
    if (options_.bug == planted::undo_without_compare)
      file_ = number(intent.before);
    else if (file_ == number(intent.after))
      file_ = options_.bug == planted::delete_instead_of_restore ? absent : number(intent.before);
  } else {
    state(intent.endpoint_before ? old_content : absent, now);
  }
}

void saga_world::check_answer(const saga_id& id, const saga_answer& what) {
  violated(answers_[id] > 1, "a second answer");
  const auto& intent = sagas_.at(id).machine.intent();
  if (what.what == saga_answer::outcome::done && has_commit(intent.kind))
    violated(!feed_.contains(id), "done is answered before the commit");
  if (what.what == saga_answer::outcome::not_done) {
    const auto marked = journal_.contains(id) && journal_.at(id).mark != abort_mark::none;
    violated(journal_.contains(id) && !marked, "a refusal is answered before the mark");
    violated(feed_.contains(id), "a refusal is answered and the commit is there");
  }
}

/// Faults are over, and everything owed has been settled.
void saga_world::check_end() {
  violated(!sagas_.empty() || claims_.in_flight() + claims_.owing() > 0, "claims leak");
  violated(!journal_.empty(), "the journal keeps a saga");
  violated(!pending_rows_.empty(), "a pending row is left");
  violated(feed_.size() > 1, "one request is committed twice");
  for (const auto& id : refused_)
    violated(feed_.contains(id), "a refused saga is in the feed");
  const auto committed = !feed_.empty();
  const auto acked = last_answer_ && last_answer_->what == saga_answer::outcome::done;
  violated(acked && has_commit(options_.kind) && !committed, "an acknowledged change is not in the feed");

  const auto intent = make_intent(saga_id{"0"});
  const auto writes = intent.before != intent.after;
  const auto by_hand = edited_ && *edited_ == file_;
  if (has_commit(options_.kind) && writes)
    violated(!by_hand && (file_ == new_content) != committed, "file and feed disagree");
  if (!writes && !edited_)
    violated(file_ != (committed && removes_manifest(options_.kind) ? absent : number(intent.before)),
             "the manifest is not what it should be");
  if (!committed && !by_hand && has_commit(options_.kind))
    violated(file_ != number(intent.before), "a refused change leaves a trace");
  const auto& endpoint = committed ? intent.endpoint_after : intent.endpoint_before;
  const auto states = std::ranges::any_of(plan_of(options_.kind).steps, is_endpoint_step);
  if (states && options_.relay != relay_mode::none && !endpoint_left_)
    violated(endpoint_ != (!endpoint                    ? absent
                           : endpoint->subject == "new" ? new_content
                                                        : old_content),
             "the relay disagrees and nobody will tell it");
  if (edited_ && (!options_.same_edit || edit_changed_))
    violated(file_ != *edited_ && !aside_.contains(*edited_), "a hand edit is clobbered");
}

void saga_world::violated(bool wrong, std::string what) {
  if (wrong && std::ranges::count(violations_, what) == 0)
    violations_.push_back(std::move(what));
}

} // namespace muster::testing
