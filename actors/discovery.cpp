#include "muster/actors/discovery.hpp"

#include "muster/actors/ask_unless_over.hpp"
#include "muster/store/manifest_document.hpp"
#include "muster/store/namespace_rules.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

std::string what_to_do_with(const std::string& copy) {
  return "register it as an agent of its own once its .dork/agent.json is removed, or remove " + copy;
}

std::string copy_of_living(const std::string& copy, const std::string& home) {
  return "the manifest at " + copy + " is a copy of that of the agent that lives at " + home + ": " +
         what_to_do_with(copy);
}

std::string copy_of_found(const std::string& copy, const found_agent& which) {
  return "its manifest was found at " + std::to_string(which.others.size() + which.more_others + 1) +
         " places; the one at " + which.first.path + " counts, for " + std::string(to_string(which.why)) +
         ", and the one at " + copy + " is a copy: " + what_to_do_with(copy);
}

} // namespace

template <class Answer, class Handle, class Request, class Then>
void discovery::ask_of(const Handle& whom, std::chrono::nanoseconds limit, Request request, Then then) {
  ask_unless_over<Answer>(shared_from_this(), self_, limit, "discovery", whom, std::move(request), std::move(then));
}

void discovery::start(std::function<void()> done) {
  done_ = std::move(done);
  ask_of<scan_roots_listed>(index_, options_.list_limit, list_scan_roots{memory_.released},
                            [this](expected<scan_roots_listed> listed) {
                              if (listed)
                                return take_roots(std::move(*listed));
                              tally_.failed("scan-roots", listed.error());
                              finish();
                            });
}

void discovery::take_roots(scan_roots_listed listed) {
  roots_ = std::move(listed.roots);
  const auto& home = options_.managed_home;
  if (!home.empty() && std::ranges::find(roots_, home) == roots_.end())
    roots_.insert(roots_.begin(), home);
  if (listed.more_roots > 0)
    tally_.tell({{},
                 {},
                 "scan-roots",
                 std::to_string(listed.more_roots) + " scan roots are over what one sweep walks and are left out: "
                                                     "register agents with fewer --scan-root"});
  released_ = std::move(listed.released);
  afresh_ = listed.all_released;
  noted_ = std::move(listed.copies);
  memory_.released = listed.now;
  walked_ = std::exchange(memory_.walked, {});
  walk_next();
}

// A root that was not walked to its end the last time may have missed what was
// released then.
void discovery::walk_next() {
  if (root_ == roots_.size())
    return look_for_copies();
  walk_root first;
  first.project = root();
  first.afresh = afresh_ || !walked_.contains(root());
  for (const auto& each : released_)
    if (!first.afresh && (each == root() || is_below(each, root()) || is_below(root(), each)))
      first.unsettled.push_back(each);
  told_truncated_ = false;
  walk(std::move(first));
}

void discovery::walk(walk_root request) {
  ask_of<root_walked>(files_, options_.look_limit, std::move(request), [this](expected<root_walked> walked) {
    if (walked) {
      memory_.walked.insert(root());
      return take_page(std::move(*walked));
    }
    memory_.walked.erase(root());
    tally_.failed("scan-root", walked.error());
    ++root_;
    walk_next();
  });
}

void discovery::take_page(root_walked walked) {
  for (const auto& each : walked.problems)
    tally_.not_taken(&sweep_report::unreadable, {{}, each.path, "unreadable", each.message});
  for (std::size_t i = 0; i < walked.more_problems; ++i)
    tally_.not_taken(&sweep_report::unreadable, {{}, root(), "unreadable", "more directories cannot be looked at"});
  if (walked.gone)
    tally_.tell({{},
                 root(),
                 "scan-root",
                 "there is no directory " + root() +
                     ", so nothing is looked for there; agents that lived below it "
                     "keep their grace"});
  if (walked.truncated && !std::exchange(told_truncated_, true))
    tally_.tell({{},
                 root(),
                 "scan-root",
                 "there are more directories below " + root() +
                     " than are remembered, and some are left out: register agents with a narrower --scan-root"});
  page_ = {};
  page_.next = std::move(walked.next);
  sift(std::move(walked.found));
}

void discovery::sift(std::vector<found_project> found) {
  if (found.empty())
    return end_page();
  sift_paths request;
  for (const auto& each : found)
    request.paths.push_back(each.path);
  ask_of<paths_sifted>(index_, options_.list_limit, std::move(request),
                       [this, found = std::move(found)](const expected<paths_sifted>& sifted) {
                         if (!sifted) {
                           tally_.failed("scan-root", sifted.error());
                           return end_page();
                         }
                         auto stranger = sifted->strangers.begin();
                         for (std::size_t i = 0; i < found.size(); ++i) {
                           if (stranger == sifted->strangers.end() || *stranger != i) {
                             page_.settled.push_back(found[i].path);
                             continue;
                           }
                           ++stranger;
                           page_.strangers.push_back(found[i]);
                         }
                         read_more();
                       });
}

void discovery::read_more() {
  while (page_.reading < options_.in_flight && !page_.strangers.empty()) {
    const auto next = std::move(page_.strangers.front());
    page_.strangers.pop_front();
    ++page_.reading;
    ask_of<manifest_read>(
        files_, options_.look_limit, read_manifest{next.path}, [this, next](expected<manifest_read> read) {
          --page_.reading;
          take_sight(next, read ? std::move(read->sight) : manifest_sight{manifest_obscured{read.error()}});
          read_more();
        });
  }
  if (page_.reading == 0 && page_.strangers.empty())
    end_page();
}

void discovery::take_sight(const found_project& where, const manifest_sight& sight) {
  if (std::holds_alternative<no_manifest>(sight))
    return;
  // Under two roots it is met twice.
  const auto [seen, is_new] = seen_.try_emplace(where.path);
  if (const auto* obscured = std::get_if<manifest_obscured>(&sight)) {
    seen_.erase(where.path);
    if (is_new)
      tally_.not_taken(&sweep_report::unreadable, {{}, where.path, "unreadable", obscured->why.message});
    return;
  }
  const auto& bytes = std::get<manifest_bytes>(sight);
  const auto file = manifest_document::read(bytes.bytes);
  if (!file) {
    if (is_new)
      tally_.not_taken(&sweep_report::invalid,
                       {{},
                        where.path,
                        "manifest-invalid",
                        file.error().message + "; `muster manifest check` lists all that is wrong"});
    return;
  }
  seen->second = agent_id{file->fields().id};
  if (!found_.add(seen->second, {where.path, root(), bytes.key.mtime, where.git}))
    ++too_many_;
}

void discovery::end_page() {
  const auto ended = std::exchange(page_, {});
  if (ended.next || !ended.settled.empty()) {
    walk_root more;
    more.project = root();
    more.from = ended.next;
    more.settled = ended.settled;
    return walk(std::move(more));
  }
  ++root_;
  walk_next();
}

/// Those that no walk comes by.
void discovery::look_for_copies() {
  for (const auto& each : noted_)
    if (!seen_.contains(each.path))
      unseen_.push_back(each);
  // Whoever stood in the place of one that has gone from there may have it now.
  for (const auto& each : released_)
    if (std::ranges::none_of(roots_, [&](const auto& root) { return each == root || is_below(each, root); }))
      unseen_.push_back({{}, {}, each});
  look_for_copy();
}

void discovery::look_for_copy() {
  if (unseen_.empty())
    return take_agents();
  const auto next = std::move(unseen_.front());
  unseen_.pop_front();
  ask_of<manifest_read>(
      files_, options_.look_limit, read_manifest{next.path}, [this, next](const expected<manifest_read>& read) {
        const auto* bytes = read ? std::get_if<manifest_bytes>(&read->sight) : nullptr;
        if (bytes) {
          const auto file = manifest_document::read(bytes->bytes);
          if (file && (next.agent.empty() || file->fields().id == next.agent.text))
            (void)found_.add(agent_id{file->fields().id}, {next.path, {}, bytes->key.mtime, checkout::none});
          else if (file)
            no_copies_.insert({next.agent, next.path});
        } else if (read && std::holds_alternative<no_manifest>(read->sight)) {
          no_copies_.insert({next.agent, next.path});
        } else if (!next.agent.empty() && (!read || std::holds_alternative<manifest_obscured>(read->sight))) {
          kept_.push_back(next);
        }
        look_for_copy();
      });
}

void discovery::take_agents() {
  if (too_many_ > 0)
    tally_.tell({{},
                 {},
                 "scan-root",
                 std::to_string(too_many_) + " more manifests were found than one sweep takes; the next goes on"});
  auto all = found_.take();
  taking_.assign(std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()));
  take_more();
}

void discovery::take_more() {
  const auto supervisor = caf::actor_cast<supervisor_actor>(supervisor_);
  if (!supervisor) {
    tally_.failed("discovery", {failure_kind::failed, "supervisor-gone", "nobody is left to take what was found"});
    return finish();
  }
  while (in_flight_ < options_.in_flight && !taking_.empty()) {
    auto next = std::move(taking_.front());
    taking_.pop_front();
    ++in_flight_;
    take_found request{next.first.path, next.first.scan_root};
    ask_of<found_taken>(supervisor, options_.take_limit, std::move(request),
                        [this, next = std::move(next)](const expected<found_taken>& what) {
                          --in_flight_;
                          if (what) {
                            take_outcome(next, *what);
                          } else {
                            undecided_.insert(next.agent);
                            tally_.failed(next.agent, next.first.path, what.error());
                          }
                          take_more();
                        });
  }
  if (in_flight_ == 0 && taking_.empty())
    note_copies_of_all();
}

void discovery::take_outcome(const found_agent& which, const found_taken& what) {
  tally_.found(which.first.path, what);
  auto copies = which.others;
  std::string home;
  switch (what.what) {
    case found_outcome::waiting:
      for (const auto& each : copies)
        tally_.found(each, what);
      [[fallthrough]];
    case found_outcome::nothing:
    case found_outcome::held: undecided_.insert(which.agent); return;
    case found_outcome::discovered:
    case found_outcome::unadmitted:
    case found_outcome::moved:
      home = which.first.path;
      for (const auto& each : copies)
        tally_.copied(which.agent, each, copy_of_found(each, which));
      break;
    case found_outcome::duplicate:
      home = what.home;
      copies.insert(copies.begin(), which.first.path);
      for (const auto& each : copies)
        tally_.copied(which.agent, each, copy_of_living(each, home));
      break;
  }
  if (!copies.empty())
    copies_.insert_or_assign(which.agent, copied_agent{home, std::move(copies)});
}

/// Whether what was noted as a copy is none any more, as far as this sweep has seen.
bool discovery::is_no_copy(const noted_copy& which) const {
  const auto seen = seen_.find(which.path);
  const auto is_of_another = seen != seen_.end() && !seen->second.empty() && seen->second != which.agent;
  return is_of_another || no_copies_.contains({which.agent, which.path});
}

/// Only where it is other than before.
void discovery::note_copies_of_all() {
  std::map<agent_id, copied_agent> before;
  for (const auto& each : noted_) {
    auto& of = before[each.agent];
    of.home = each.home;
    of.paths.push_back(each.path);
  }
  // Of an agent that was not decided on all stands but what is no copy any more.
  for (const auto& each : noted_)
    if (undecided_.contains(each.agent) && !is_no_copy(each))
      kept_.push_back(each);
  for (const auto& each : kept_)
    if (auto& of = copies_[each.agent]; std::ranges::find(of.paths, each.path) == of.paths.end()) {
      of.home = of.home.empty() ? each.home : of.home;
      of.paths.push_back(each.path);
    }
  for (auto& [agent, of] : copies_) {
    std::ranges::sort(of.paths);
    auto known = before.extract(agent);
    if (known)
      std::ranges::sort(known.mapped().paths);
    if (!known || known.mapped().home != of.home || known.mapped().paths != of.paths)
      note(agent, of.home, of.paths);
  }
  for (const auto& [agent, of] : before)
    note(agent, of.home, {});
  if (noting_ == 0)
    finish();
}

void discovery::note(const agent_id& agent, const std::string& home, const std::vector<std::string>& paths) {
  note_copies request{agent, home, {}};
  for (const auto& each : paths)
    request.copies.push_back({std::string(duplicate_problem), copy_of_living(each, home), {}, each});
  ++noting_;
  ask_of<copies_noted>(index_, options_.list_limit, std::move(request),
                       [this, agent, home](const expected<copies_noted>& how) {
                         if (!how)
                           tally_.failed(agent, home, how.error());
                         if (--noting_ == 0)
                           finish();
                       });
}

void discovery::finish() {
  if (const auto done = std::exchange(done_, {}))
    done();
}

} // namespace muster
