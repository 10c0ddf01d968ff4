#include "muster/store/mail_store.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/full_io.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace muster {

// -- mailboxes ---------------------------------------------------------------

expected<void> mail_store::start(presence wanted) {
  if (started_ || (missing_ && wanted == presence::looked_at))
    return {};
  const auto path = home_ + "/" + std::string{folder};
  const auto refused = [&](std::string_view step, os_error why) { return disk_failure(step, path, why); };
  auto home = open_directory(env_.files, no_handle, home_);
  if (!home)
    return disk_failure("open the data directory", home_, home.error());
  if (wanted == presence::made) {
    const auto made = uninterrupted([&] { return env_.files.make_directory(home->get(), folder, 0700); });
    if (!made && made.error().code != EEXIST)
      return refused("make the directory of mail", made.error());
    // It may be of a process that ended before it was saved.
    if (auto saved = sync_full(env_.files, home->get()); !saved) {
      (void)env_.files.unlink(home->get(), folder, unlink_kind::directory);
      return refused("save the directory of mail", saved.error());
    }
  }
  auto relay = open_directory(env_.files, home->get(), folder);
  missing_ = !relay && relay.error().code == ENOENT;
  if (missing_ && wanted == presence::looked_at)
    return {};
  if (!relay)
    return refused("open the directory of mail", relay.error());
  const auto names = list_names(env_.files, relay->get(), options_.mailboxes);
  if (!names)
    return refused("list the directory of mail", names.error());
  relay_ = std::move(*relay);
  for (const auto& each : *names) {
    boxes_[each].box = std::make_unique<mailbox>(env_, relay_.get(), path, each, options_.box);
    if (auto agent = agent_in(each); !agent.empty())
      named_[std::move(agent)].insert(each);
  }
  for (const auto& each : *names)
    if (const auto owner = owner_of(each); !owner.empty())
      if (const auto claim = claimed_.find(each); claim == claimed_.end() || claim->second != owner)
        orphans_[owner].insert(each);
  claimed_.clear();
  started_ = true;
  return {};
}

/// Any message says whose the mailbox is, or its name does.
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
  return agent_in(name);
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
  if (auto started = start(presence::made); !started)
    return started.error();
  const auto name = mailbox_directory(subject);
  if (!boxes_.contains(name) && boxes_.size() >= options_.mailboxes)
    return failure{failure_kind::busy, "relay-full", "there are too many mailboxes; acknowledge mail"};
  auto box = take_in(name);
  if (!box)
    return box;
  adopt(**box, agent);
  // What it took over may have been more than could be read.
  if (auto loaded = (*box)->load(); !loaded)
    return loaded.error();
  return box;
}

bool mail_store::has_mail_elsewhere(const agent_id& agent) const {
  const auto named = named_.find(agent);
  return orphans_.contains(agent) || (named != named_.end() && named->second.size() > 1);
}

bool mail_store::doubts_requests_to(const agent_id& agent) {
  if (!has_mail_elsewhere(agent)) {
    elsewhere_since_.erase(agent);
    return false;
  }
  const auto now = env_.clock.wall();
  return now - elsewhere_since_.try_emplace(agent, now).first->second < options_.box.repeats;
}

/// What cannot be had now is taken over the next time.
void mail_store::adopt(mailbox& into, const agent_id& agent) {
  if (const auto found = orphans_.find(agent); found != orphans_.end()) {
    take_over_all(found->second, into);
    if (found->second.empty())
      orphans_.erase(found);
  }
  if (agent.empty() || agent_in(into.name()) != agent)
    return;
  auto& names = named_[agent];
  take_over_all(names, into);
  names.insert(into.name());
}

void mail_store::take_over_all(std::set<std::string>& names, mailbox& into) {
  names.erase(into.name());
  for (auto each = names.begin(); each != names.end();) {
    const auto from = boxes_.find(*each);
    const bool taken = from == boxes_.end() || (!gathers(*each) && into.take_over(*from->second.box));
    if (from != boxes_.end())
      note_left(*from->second.box);
    note_left(into);
    if (!taken) {
      ++each;
      continue;
    }
    left_.erase(*each);
    if (from != boxes_.end())
      boxes_.erase(from);
    each = names.erase(each);
  }
}

void mail_store::note_left(const mailbox& by) {
  if (by.has_left_any())
    left_.insert(by.name());
  else
    left_.erase(by.name());
}

bool mail_store::could_come_back(const message_id& id, const std::string& lies_in) const {
  return std::ranges::any_of(left_,
                             [&](const auto& name) { return name != lies_in && boxes_.at(name).box->has_left(id); });
}

bool mail_store::gathers(const std::string& name) const {
  const auto is_for = [&](const auto& each) { return each.name == name; };
  return std::ranges::any_of(sends_, is_for) || std::ranges::any_of(acks_, is_for);
}

bool mail_store::gathers_elsewhere(const std::string& subject, const agent_id& agent) const {
  const auto found = named_.find(agent);
  if (found == named_.end() || gathered() == 0)
    return false;
  const auto name = mailbox_directory(subject);
  return std::ranges::any_of(found->second, [&](const auto& each) { return each != name && gathers(each); });
}

void mail_store::forget(const std::string& name) {
  boxes_.erase(name);
  left_.erase(name);
  for (auto& [agent, orphaned] : orphans_)
    orphaned.erase(name);
  const auto found = named_.find(agent_in(name));
  if (found == named_.end())
    return;
  found->second.erase(name);
  if (found->second.empty())
    named_.erase(found);
}

void mail_store::claim(const std::string& subject, const agent_id& agent) {
  const auto name = mailbox_directory(subject);
  if (!is_there())
    claimed_.insert_or_assign(name, agent);
  const auto found = orphans_.find(agent);
  if (found == orphans_.end())
    return;
  found->second.erase(name);
  if (found->second.empty())
    orphans_.erase(found);
}

void mail_store::disown(const std::string& subject, const agent_id& agent) {
  const auto name = mailbox_directory(subject);
  const auto there = is_there();
  // What is there is found to be nobody's when it can be looked at.
  if (!there)
    claimed_.erase(name);
  else if (*there && boxes_.contains(name))
    orphans_[agent].insert(name);
}

expected<bool> mail_store::is_there() {
  if (auto looked = start(presence::looked_at); !looked)
    return looked.error();
  return started_;
}

expected<bool> mail_store::has(const std::string& subject, const agent_id& agent) {
  auto there = is_there();
  if (there && *there)
    there = boxes_.contains(mailbox_directory(subject)) || orphans_.contains(agent) || named_.contains(agent);
  return there;
}

expected<void> mail_store::bury_all(const std::string& subject, std::string_view reason) {
  if (auto started = start(presence::looked_at); !started)
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
  auto saved = (*box)->save_buried();
  note_left(**box);
  return saved;
}

// -- what is looked at -------------------------------------------------------

expected<std::vector<std::string>> mail_store::names() {
  if (auto started = start(presence::looked_at); !started)
    return started.error();
  std::vector<std::string> result;
  for (const auto& [name, placed] : boxes_)
    result.push_back(name);
  return result;
}

expected<mailbox*> mail_store::by_name(const std::string& name) {
  if (auto started = start(presence::looked_at); !started)
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
    // One that cannot be read is counted elsewhere.
    if (!box)
      continue;
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
    if (auto saved = (*box)->save_buried(); !saved)
      result = saved;
    note_left(**box);
    (*box)->purge_dead(now - options_.keep_dead);
    (*box)->purge_done(now - options_.keep_done);
    if ((*box)->is_empty() && (*box)->problems() == 0) {
      (*box)->vanish();
      if (!(*box)->has_left_any())
        forget(*next);
    }
  }
  if (next == all->end())
    tidied_.clear();
  return result;
}

} // namespace muster
