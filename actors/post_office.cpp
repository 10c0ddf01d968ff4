#include "muster/actors/post_office.hpp"

#include "muster/store/mail_file.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

failure cannot_tell(failure why) {
  why.kind = failure_kind::unknown_outcome;
  why.message += "; whether an earlier attempt of this request was done cannot be told, either";
  return why;
}

failure no_endpoint(const std::string& subject) {
  return {failure_kind::not_found, "no-endpoint",
          "the relay has no endpoint " + subject + "; `muster relay endpoints` shows those it has"};
}

} // namespace

post_office::post_office(const environment& env, std::string home, const relay_table& table,
                         const post_office_options& options)
    : env_(env),
      table_(table),
      options_(options),
      delivery_(options.delivery),
      store_(env, home, options.store),
      calls_(env, std::move(home)),
      ids_(env.clock, env.random) {}

bool post_office::is_open(const std::string& subject) const {
  const auto endpoint = table_.find(subject);
  return endpoint && endpoint->open;
}

expected<post_office::entered<relay_sent>> post_office::send(const relay_send& what) {
  delivery_facts facts;
  facts.verdict = table_.verdict(what.from, what.to);
  facts.target = table_.find(what.to);
  facts.wall = env_.clock.wall();
  facts.boot = env_.clock.boot();
  mailbox* box = nullptr;
  // One request is one message to one agent.
  auto key = request_key(what.from, what.request);
  const bool may_reach = what.from == console_subject || facts.verdict.allowed;
  if (!may_reach)
    if (auto known = made_before(what, key))
      return std::move(*known);
  // The mailbox is of interest to those only who may reach it.
  facts.checked = may_reach && facts.target && delivery_.check(what);
  if (facts.checked) {
    // Where there is no mailbox nothing was ever sent.
    const auto has = store_.has(what.to, facts.target->agent);
    auto opened = store_.open(what.to, facts.target->agent);
    if (!opened)
      return key.empty() || (has && !*has) ? opened.error() : cannot_tell(opened.error());
    box = *opened;
    auto known = repeated(what, key, box);
    if (!known)
      return known.error();
    if (*known)
      return std::move(**known);
    const auto& limits = options_.store.box;
    facts.mailbox_full = box->is_full() || box->messages().size() + staged_by_box_[what.to] >= limits.messages;
    facts.cause = cause_of(what);
  }
  recall_calls(facts);
  auto made = delivery_.admit(what, facts);
  if (!made)
    return made.error();
  // The console has no budget.
  if (what.from != console_subject)
    calls_.note(what.from);
  made->id = message_id{ids_.next()};
  staged entry{{made->id, !facts.target->open}, {what.to, made->agent, made->id}, {}, what.wakes};
  const auto number = store_.send(what.to, std::move(*made));
  ++staged_by_box_[what.to];
  if (!key.empty()) {
    staged_keys_[{what.to, std::move(key)}] = number;
    entry.payload = payload_key(what.payload);
  }
  staged_.push_back(std::move(entry));
  return entered<relay_sent>{{}, number};
}

void post_office::recall_calls(const delivery_facts& facts) {
  if (calls_recalled_)
    return;
  const auto sent = calls_.recall();
  calls_recalled_ = sent.has_value();
  if (sent)
    delivery_.recall(*sent, facts.wall, facts.boot);
}

/// What was allowed when it was made is done, whatever is allowed now; nothing: there
/// is no such request.
std::optional<post_office::entered<relay_sent>> post_office::made_before(const relay_send& what,
                                                                         const std::string& key) {
  const auto target = key.empty() ? std::nullopt : table_.find(what.to);
  const auto has = target ? store_.has(what.to, target->agent) : expected<bool>{false};
  if (!has || !*has)
    return {};
  const auto box = store_.open(what.to, target->agent);
  auto known = box ? repeated(what, key, *box) : expected<std::optional<entered<relay_sent>>>{std::nullopt};
  return known ? std::move(*known) : std::nullopt;
}

/// The answer to a request that was made before, if it was; nothing in there: it
/// is new.
expected<std::optional<post_office::entered<relay_sent>>> post_office::repeated(const relay_send& what,
                                                                                const std::string& key, mailbox* box) {
  using answer = std::optional<entered<relay_sent>>;
  if (key.empty())
    return answer{};
  const auto reused = failure{failure_kind::refused, "request-id-reused",
                              "the request id was used for another message; take a new one"};
  const auto payload = payload_key(what.payload);
  if (const auto staged = staged_keys_.find({what.to, key}); staged != staged_keys_.end()) {
    if (staged_[staged->second].payload != payload)
      return reused;
    return answer{entered<relay_sent>{{}, staged->second}};
  }
  const auto before = box->with_request(key);
  const auto target = table_.find(what.to);
  if (!before && (box->doubts_requests() || store_.doubts_requests_to(target->agent)))
    return failure{failure_kind::unknown_outcome, "mail-unknown",
                   "some mail of " + what.to +
                       " cannot be read at present, and this message may be among it; look at the "
                       "disk and repeat it with the same request id"};
  if (!before)
    return answer{};
  if (before->payload != payload)
    return reused;
  return answer{
      entered<relay_sent>{relay_sent{before->id, !target->open && !before->acknowledged, before->acknowledged}, 0}};
}

std::optional<mail_item> post_office::cause_of(const relay_send& what) {
  const auto sender = what.cause.empty() ? std::nullopt : table_.find(what.from);
  const auto has = sender ? store_.has(what.from, sender->agent) : expected<bool>{false};
  if (!has || !*has)
    return {};
  const auto box = store_.open(what.from, sender->agent);
  auto found = box ? (*box)->read(what.cause, false) : std::nullopt;
  return found;
}

expected<post_office::entered<relay_acked>> post_office::acknowledge(const relay_ack& what) {
  const auto endpoint = table_.find(what.subject);
  if (!endpoint)
    return no_endpoint(what.subject);
  if (what.messages.size() > options_.acked_at_once)
    return failure{failure_kind::refused, "too-many-messages",
                   "at most " + std::to_string(options_.acked_at_once) + " messages are acknowledged at once"};
  const auto has = store_.has(what.subject, endpoint->agent);
  if (!has)
    return has.error();
  if (what.messages.empty() || !*has)
    return entered<relay_acked>{relay_acked{}, 0};
  auto opened = store_.open(what.subject, endpoint->agent);
  if (!opened)
    return opened.error();
  const auto& box = **opened;
  const bool all_known = std::ranges::all_of(what.messages, [&](const auto& id) { return box.knows(id); });
  if (!all_known && store_.has_mail_elsewhere(endpoint->agent))
    return failure{
        failure_kind::unknown_outcome, "mail-unknown",
        "some mail of " + what.subject +
            " cannot be moved to its mailbox at present, and a message may be among it; look at the disk and "
            "try again"};
  return entered<relay_acked>{{}, store_.acknowledge(what.subject, what.messages)};
}

bool post_office::gathers_elsewhere(const std::string& subject) const {
  const auto endpoint = table_.find(subject);
  return endpoint && store_.gathers_elsewhere(subject, endpoint->agent);
}

post_office::flushed post_office::flush() {
  flushed result;
  calls_.save();
  auto done = store_.flush();
  std::map<std::string, mail_waiting> news;
  for (std::size_t i = 0; i < staged_.size(); ++i) {
    auto& each = staged_[i];
    if (!done.sends[i]) {
      result.sends.emplace_back(done.sends[i].error());
      continue;
    }
    if (each.wakes && !each.answer.held)
      news.insert_or_assign(each.news.subject, each.news);
    result.sends.emplace_back(std::move(each.answer));
  }
  for (const auto& each : done.acks) {
    if (each)
      result.acks.emplace_back(relay_acked{*each});
    else
      result.acks.emplace_back(each.error());
  }
  for (auto& [subject, each] : news)
    result.news.push_back(std::move(each));
  forget_gathered();
  return result;
}

void post_office::forget_gathered() {
  staged_.clear();
  staged_keys_.clear();
  staged_by_box_.clear();
}

expected<relay_inbox> post_office::read(const relay_read_inbox& what) {
  const auto endpoint = table_.find(what.subject);
  if (!endpoint)
    return no_endpoint(what.subject);
  relay_inbox result;
  const auto has = store_.has(what.subject, endpoint->agent);
  if (!has)
    return has.error();
  if (!*has)
    return result;
  auto opened = store_.open(what.subject, endpoint->agent);
  if (!opened)
    return opened.error();
  auto& box = **opened;
  const auto limit = std::min(what.limit, options_.page);
  const auto now = env_.clock.wall();
  std::vector<message_id> ids;
  for (auto each = box.messages().upper_bound(what.after); each != box.messages().end(); ++each)
    if (each->second.expires > now)
      ids.push_back(each->first);
  std::size_t bytes = 0;
  for (const auto& id : ids) {
    if (result.messages.size() == limit || bytes > options_.page_bytes) {
      result.more = true;
      break;
    }
    // One that cannot be read now stays for the next time.
    if (auto found = box.read(id, true)) {
      found->subject = what.subject;
      bytes += found->payload.size();
      result.messages.push_back(std::move(*found));
    }
  }
  return result;
}

expected<relay_dead> post_office::dead(std::size_t limit) {
  relay_dead result;
  auto letters = store_.dead(std::min(limit, options_.page), result.total);
  if (!letters)
    return letters.error();
  result.letters = std::move(*letters);
  return result;
}

expected<relay_mail_counted> post_office::count() {
  relay_mail_counted result;
  const auto names = store_.names();
  if (!names)
    return names.error();
  std::map<std::string, std::string> subjects;
  for (const auto& each : table_.list().endpoints)
    subjects.emplace(mailbox_directory(each.subject), each.subject);
  for (const auto& name : *names) {
    const auto box = store_.by_name(name);
    if (!box) {
      ++result.problems;
      continue;
    }
    const auto known = subjects.find(name);
    counted_mailbox counted{known == subjects.end() ? name : known->second};
    for (const auto& [id, entry] : (*box)->messages())
      ++(entry.read ? counted.read : counted.unread);
    result.dead += (*box)->dead().size();
    result.problems += (*box)->problems();
    if (counted.unread + counted.read > 0)
      result.mailboxes.push_back(std::move(counted));
  }
  std::ranges::sort(result.mailboxes, {}, &counted_mailbox::subject);
  return result;
}

std::optional<mail_waiting> post_office::waiting(const std::string& subject) {
  const auto endpoint = table_.find(subject);
  const auto has = endpoint && endpoint->open ? store_.has(subject, endpoint->agent) : expected<bool>{false};
  if (!has || !*has)
    return {};
  const auto box = store_.open(subject, endpoint->agent);
  if (!box)
    return {};
  const auto& all = (*box)->messages();
  for (auto each = all.rbegin(); each != all.rend(); ++each)
    if (!each->second.read)
      return mail_waiting{subject, endpoint->agent, each->first};
  return {};
}

void post_office::endpoint_put(const std::string& subject, const agent_id& agent) {
  store_.claim(subject, agent);
}

void post_office::endpoint_dropped(const relay_drop_endpoint& statement) {
  const auto has = store_.has(statement.subject, statement.agent);
  if (!has)
    return store_.disown(statement.subject, statement.agent);
  if (!*has)
    return;
  if (statement.heir.empty())
    (void)store_.bury_all(statement.subject, "endpoint-removed");
  // What could not be buried, or moved, waits for its agent.
  store_.disown(statement.subject, statement.agent);
  if (statement.heir.empty())
    return;
  (void)store_.open(statement.heir, statement.agent);
  if (!table_.find(statement.heir))
    store_.disown(statement.heir, statement.agent);
}

void post_office::tidy() {
  (void)store_.tidy(options_.tidied_at_once);
}

} // namespace muster
