#include "muster/store/mail_store.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/full_io.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace muster {

namespace {

constexpr std::string_view folder = "relay";

failure cannot_tell(const failure& why) {
  auto result = why;
  result.kind = failure_kind::unknown_outcome;
  result.code = "mail-unknown";
  result.message = "it is not known whether that is on disk (" + why.message + "); repeat it with the same request id";
  return result;
}

} // namespace

// -- mailboxes ---------------------------------------------------------------

expected<void> mail_store::start() {
  if (started_)
    return {};
  const auto path = home_ + "/" + std::string{folder};
  const auto refused = [&](std::string_view step, os_error why) { return disk_failure(step, path, why); };
  auto home = open_directory(env_.files, no_handle, home_);
  if (!home)
    return disk_failure("open the data directory", home_, home.error());
  const auto made = uninterrupted([&] { return env_.files.make_directory(home->get(), folder, 0700); });
  if (!made && made.error().code != EEXIST)
    return refused("make the directory of mail", made.error());
  // It may be of a process that ended before it was saved.
  if (auto saved = sync_full(env_.files, home->get()); !saved) {
    (void)env_.files.unlink(home->get(), folder, unlink_kind::directory);
    return refused("save the directory of mail", saved.error());
  }
  auto relay = open_directory(env_.files, home->get(), folder);
  if (!relay)
    return refused("open the directory of mail", relay.error());
  const auto names = list_names(env_.files, relay->get(), options_.mailboxes);
  if (!names)
    return refused("list the directory of mail", names.error());
  relay_ = std::move(*relay);
  for (const auto& each : *names)
    boxes_[each].box = std::make_unique<mailbox>(env_, relay_.get(), path, each, options_.box);
  for (const auto& each : *names)
    if (const auto owner = owner_of(each); !owner.empty())
      orphans_[owner].insert(each);
  started_ = true;
  return {};
}

/// Any message says whose the mailbox is.
agent_id mail_store::owner_of(const std::string& name) {
  for (const auto* sub : {"new", "cur"}) {
    const auto opened = open_directory(env_.files, relay_.get(), name + "/" + sub);
    const auto names = opened ? list_names(env_.files, opened->get(), 100'000) : os_error{ENOENT};
    if (!names)
      continue;
    for (const auto& each : *names) {
      const auto bytes = read_file(env_.files, opened->get(), each, largest_mail_file(options_.box.mail));
      if (const auto what = bytes ? decode_mail(*bytes, options_.box.mail) : std::nullopt)
        return what->agent;
    }
  }
  return {};
}

expected<mailbox*> mail_store::take_in(const std::string& name) {
  auto& placed = boxes_[name];
  if (!placed.box)
    placed.box = std::make_unique<mailbox>(env_, relay_.get(), home_ + "/" + std::string{folder}, name, options_.box);
  placed.used = ++uses_;
  rest_others(placed.box.get());
  if (auto loaded = placed.box->load(); !loaded)
    return loaded.error();
  return placed.box.get();
}

void mail_store::rest_others(const mailbox* but) {
  if (uses_ % options_.open != 0)
    return;
  for (auto& [name, placed] : boxes_)
    if (placed.box.get() != but && placed.used + options_.open <= uses_)
      placed.box->rest();
}

expected<mailbox*> mail_store::open(const std::string& subject, const agent_id& agent) {
  if (auto started = start(); !started)
    return started.error();
  const auto name = mailbox_directory(subject);
  if (!boxes_.contains(name) && boxes_.size() >= options_.mailboxes)
    return failure{failure_kind::busy, "relay-full", "there are too many mailboxes; acknowledge mail"};
  auto box = take_in(name);
  if (box)
    adopt(**box, agent);
  return box;
}

/// What cannot be had now is taken over the next time.
void mail_store::adopt(mailbox& into, const agent_id& agent) {
  const auto found = orphans_.find(agent);
  if (found == orphans_.end())
    return;
  auto& names = found->second;
  names.erase(into.name());
  for (auto each = names.begin(); each != names.end();) {
    const auto from = boxes_.find(*each);
    if (from != boxes_.end() && !into.take_over(*from->second.box)) {
      ++each;
      continue;
    }
    if (from != boxes_.end())
      boxes_.erase(from);
    each = names.erase(each);
  }
  if (names.empty())
    orphans_.erase(found);
}

void mail_store::claim(const std::string& subject) {
  if (!start())
    return;
  const auto name = mailbox_directory(subject);
  for (auto each = orphans_.begin(); each != orphans_.end();) {
    each->second.erase(name);
    each = each->second.empty() ? orphans_.erase(each) : std::next(each);
  }
}

void mail_store::disown(const std::string& subject, const agent_id& agent) {
  const auto name = mailbox_directory(subject);
  if (start() && boxes_.contains(name))
    orphans_[agent].insert(name);
}

expected<void> mail_store::bury_all(const std::string& subject, std::string_view reason) {
  if (auto started = start(); !started)
    return started;
  const auto name = mailbox_directory(subject);
  if (!boxes_.contains(name))
    return {};
  auto box = take_in(name);
  if (!box)
    return box.error();
  std::vector<message_id> all;
  for (const auto& [id, entry] : (*box)->messages())
    all.push_back(id);
  for (const auto& id : all)
    if (auto buried = (*box)->bury(id, reason, env_.clock.wall()); !buried)
      return buried;
  return {};
}

// -- what gathers ------------------------------------------------------------

std::size_t mail_store::send(std::string subject, mail_item what) {
  sends_.push_back({mailbox_directory(subject), std::move(what)});
  return sends_.size() - 1;
}

std::size_t mail_store::acknowledge(std::string subject, std::vector<message_id> which) {
  acks_.push_back({mailbox_directory(subject), std::move(which)});
  return acks_.size() - 1;
}

mail_store::outcomes mail_store::flush() {
  const bool together = sends_.size() + acks_.size() >= options_.sync_together;
  write_sends(together);
  if (together) {
    const auto saved = sync_all();
    for (auto& each : sends_)
      if (!each.why) {
        auto& box = at(each.name);
        box.made(static_cast<bool>(saved));
        if (!saved) {
          (void)box.withdraw(each.what.id);
          each.why = disk_failure("save messages", home_ + "/" + std::string{folder}, saved.error());
        }
      }
  }
  publish_sends();
  remove_acked();
  sync_each();
  outcomes result;
  for (auto& each : std::exchange(sends_, {})) {
    if (each.why)
      result.sends.emplace_back(std::move(*each.why));
    else
      result.sends.emplace_back();
  }
  for (auto& each : std::exchange(acks_, {})) {
    if (each.why)
      result.acks.emplace_back(std::move(*each.why));
    else
      result.acks.emplace_back(each.gone.size());
  }
  return result;
}

void mail_store::write_sends(bool together) {
  const auto when = together ? mailbox::sync_now::no : mailbox::sync_now::yes;
  for (auto& each : sends_) {
    auto& box = at(each.name);
    auto done = box.make(when);
    if (done)
      done = box.write(each.what, when);
    if (!done)
      each.why = done.error();
  }
}

void mail_store::publish_sends() {
  for (auto& each : sends_)
    if (!each.why) {
      each.named = true;
      if (auto done = at(each.name).publish(each.what.id); !done) {
        each.why = done.error();
        // It may have been done; the sync that follows says whether it is undone.
        if (!at(each.name).withdraw(each.what.id))
          each.why = cannot_tell(*each.why);
      }
    }
}

void mail_store::remove_acked() {
  for (auto& each : acks_) {
    auto& box = at(each.name);
    std::ranges::sort(each.which);
    each.which.erase(std::unique(each.which.begin(), each.which.end()), each.which.end());
    for (const auto& id : each.which) {
      if (each.why || !box.knows(id))
        continue;
      if (auto done = box.remove(id); !done)
        each.why = cannot_tell(done.error());
      else
        each.gone.push_back(id);
    }
  }
}

os_result<void> mail_store::sync_all() {
  return uninterrupted([&] { return env_.files.sync_filesystem(relay_.get()); });
}

/// Each mailbox once, or all of them together where that is cheaper.
void mail_store::sync_each() {
  std::map<std::string, expected<void>> published;
  std::map<std::string, expected<void>> removed;
  for (const auto& each : sends_)
    if (each.named)
      published.try_emplace(each.name);
  for (const auto& each : acks_)
    if (!each.gone.empty())
      removed.try_emplace(each.name);
  if (published.size() + 2 * removed.size() > options_.sync_together) {
    const auto saved = sync_all();
    const auto how =
        saved ? expected<void>{} : disk_failure("save messages", home_ + "/" + std::string{folder}, saved.error());
    for (auto& [name, outcome] : published)
      outcome = how;
    for (auto& [name, outcome] : removed)
      outcome = how;
  } else {
    for (auto& [name, outcome] : removed)
      outcome = at(name).sync_removed();
    for (auto& [name, outcome] : published)
      outcome = at(name).sync_new();
  }
  for (auto& each : acks_) {
    const bool durable = each.gone.empty() || removed.at(each.name);
    for (const auto& id : each.gone)
      at(each.name).removed(id, durable);
    if (!durable && !each.why)
      each.why = cannot_tell(removed.at(each.name).error());
  }
  for (const auto& [name, outcome] : published)
    if (!outcome)
      take_back(at(name), outcome.error());
  for (auto& each : sends_)
    if (!each.why)
      at(each.name).take(each.what);
}

/// What was to be saved in that mailbox has its name, and the disk may not know.
void mail_store::take_back(mailbox& box, const failure& why) {
  bool gone = true;
  for (auto& each : sends_)
    if (each.named && each.name == box.name() && !each.why)
      gone = box.withdraw(each.what.id) && gone;
  gone = gone && box.sync_new();
  for (auto& each : sends_)
    if (each.named && each.name == box.name()) {
      if (!each.why)
        each.why = why;
      if (!gone)
        each.why = cannot_tell(*each.why);
    }
}

// -- what is looked at -------------------------------------------------------

expected<std::vector<std::string>> mail_store::names() {
  if (auto started = start(); !started)
    return started.error();
  std::vector<std::string> result;
  for (const auto& [name, placed] : boxes_)
    result.push_back(name);
  return result;
}

expected<mailbox*> mail_store::by_name(const std::string& name) {
  if (auto started = start(); !started)
    return started.error();
  return take_in(name);
}

expected<std::vector<dead_letter>> mail_store::dead(std::size_t limit, std::size_t& total) {
  const auto all = names();
  if (!all)
    return all.error();
  struct place {
    std::chrono::milliseconds at;
    std::string file;
    std::string box;
  };
  std::vector<place> places;
  for (const auto& name : *all) {
    const auto box = take_in(name);
    if (!box)
      return box.error();
    for (const auto& file : (*box)->dead())
      places.push_back({dead_of_file(file)->at, file, name});
  }
  total = places.size();
  std::ranges::sort(places,
                    [](const place& a, const place& b) { return std::tie(b.at, b.file) < std::tie(a.at, a.file); });
  std::vector<dead_letter> result;
  for (const auto& each : places) {
    if (result.size() == limit)
      break;
    const auto what = dead_of_file(each.file);
    auto content = at(each.box).read_dead(each.file);
    if (!content) {
      content.emplace();
      content->id = what->id;
      content->subject = each.box;
    }
    result.push_back({std::move(*content), what->reason, what->at});
  }
  return result;
}

expected<void> mail_store::tidy(std::size_t at_once) {
  const auto all = names();
  if (!all)
    return all.error();
  const auto now = env_.clock.wall();
  auto next = std::ranges::upper_bound(*all, tidied_);
  expected<void> result;
  for (; next != all->end() && at_once > 0; ++next, --at_once) {
    tidied_ = *next;
    const auto box = take_in(*next);
    if (!box) {
      result = box.error();
      continue;
    }
    std::vector<message_id> late;
    for (const auto& [id, entry] : (*box)->messages())
      if (entry.expires <= now)
        late.push_back(id);
    for (const auto& id : late)
      if (auto buried = (*box)->bury(id, "time-to-live", now); !buried)
        result = buried;
    (*box)->purge_dead(now - options_.keep_dead);
    if ((*box)->is_empty() && (*box)->problems() == 0) {
      (*box)->vanish();
      boxes_.erase(*next);
      for (auto& [agent, orphaned] : orphans_)
        orphaned.erase(*next);
    }
  }
  if (next == all->end())
    tidied_.clear();
  return result;
}

} // namespace muster
