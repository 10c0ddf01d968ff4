#include "muster/store/disk_failure.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/mail_store.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

failure cannot_tell(const failure& why) {
  auto result = why;
  result.kind = failure_kind::unknown_outcome;
  result.code = "mail-unknown";
  result.message = "it is not known whether that is on disk (" + why.message + "); repeat it with the same request id";
  return result;
}

} // namespace

std::size_t mail_store::send(const std::string& subject, mail_item what) {
  sends_.push_back({mailbox_directory(subject), std::move(what)});
  return sends_.size() - 1;
}

std::size_t mail_store::acknowledge(const std::string& subject, std::vector<message_id> which) {
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
        if (!saved) {
          (void)box.withdraw(each.what.id);
          each.why = disk_failure("save messages", home_ + "/" + std::string{folder}, saved.error());
        }
        box.made(static_cast<bool>(saved));
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
      result.acks.emplace_back(each.were_there);
  }
  return result;
}

void mail_store::write_sends(bool together) {
  const auto when = together ? mailbox::sync_now::no : mailbox::sync_now::yes;
  for (auto& each : sends_) {
    auto& box = at(each.name);
    if (const auto ready = box.make(when); !ready)
      each.why = ready.error();
    else if (const auto written = box.write(each.what, when); !written)
      each.why = written.error();
    else
      each.bytes = *written;
    if (each.why && box.is_doubtful())
      doubt_all();
  }
}

void mail_store::doubt_all() {
  for (const auto& [name, placed] : boxes_)
    if (placed.box)
      placed.box->doubt();
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
  const auto now = env_.clock.wall();
  for (auto& each : acks_) {
    auto& box = at(each.name);
    std::ranges::sort(each.which);
    each.which.erase(std::unique(each.which.begin(), each.which.end()), each.which.end());
    for (const auto& id : each.which) {
      const bool is_there = box.knows(id);
      if (each.why || !(is_there || box.may_come(id)))
        continue;
      if (could_come_back(id, each.name)) {
        each.why = cannot_tell({failure_kind::failed, "mail-moving",
                                "it lay in another mailbox, and that it has left cannot be saved now"});
        continue;
      }
      if (auto done = box.remove(id, now); !done) {
        each.why = cannot_tell(done.error());
      } else {
        each.gone.push_back(id);
        each.were_there += is_there ? 1 : 0;
      }
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
  if (published.size() + 3 * removed.size() > options_.sync_together) {
    const auto saved = sync_all();
    const auto how =
        saved ? expected<void>{} : disk_failure("save messages", home_ + "/" + std::string{folder}, saved.error());
    for (auto* group : {&published, &removed})
      for (auto& [name, outcome] : *group) {
        outcome = how;
        if (!saved)
          at(name).doubt();
      }
  } else {
    // A sync that fails may lose the names of the others, and the syncs after it
    // would say that they are saved.
    expected<void> so_far;
    const auto save = [&](const std::string& name, auto sync) {
      if (so_far)
        so_far = sync(at(name));
      else
        at(name).doubt();
      return so_far;
    };
    for (auto& [name, outcome] : removed)
      outcome = save(name, [](mailbox& box) { return box.sync_removed(); });
    for (auto& [name, outcome] : published)
      outcome = save(name, [](mailbox& box) { return box.sync_new(); });
  }
  for (auto& each : acks_) {
    const bool durable = each.gone.empty() || removed.at(each.name);
    for (const auto& id : each.gone)
      at(each.name).removed(id, durable);
    if (!each.gone.empty())
      note_left(at(each.name));
    if (!durable && !each.why)
      each.why = cannot_tell(removed.at(each.name).error());
  }
  for (const auto& [name, outcome] : published)
    if (!outcome)
      take_back(at(name), outcome.error());
  for (auto& each : sends_)
    if (!each.why)
      at(each.name).take(each.what, each.bytes);
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

} // namespace muster
