#include "muster/store/full_io.hpp"
#include "muster/store/mailbox.hpp"

#include <array>
#include <cerrno>
#include <utility>

namespace muster {

// -- a message comes ---------------------------------------------------------

expected<void> mailbox::make(sync_now when) {
  if (there_ && durable_)
    return {};
  // Whether its name is durable can only be known of a directory that is new.
  if (in_doubt_ && is_empty())
    unmake();
  const auto make_one = [&](handle at, std::string_view name) {
    auto made = uninterrupted([&] { return env_.files.make_directory(at, name, 0700); });
    return !made && made.error().code == EEXIST ? os_result<void>{} : made;
  };
  if (in_doubt_)
    return failure{failure_kind::failed, "mailbox-in-doubt",
                   "a mailbox could not be made durable and cannot be made anew; look at the disk and try again",
                   relay_path_ + "/" + name_};
  if (uninterrupted([&] { return env_.files.make_directory(relay_, name_, 0700); }))
    fresh_ = true;
  else if (auto made = make_one(relay_, name_); !made)
    return refused("make a mailbox", "", made.error());
  const auto at = directory();
  if (!at)
    return refused("open a mailbox", "", at.error());
  for (const auto part : parts)
    if (auto made = make_one(*at, part); !made)
      return refused("make a mailbox", part, made.error());
  there_ = true;
  if (when == sync_now::no)
    return {};
  auto synced = sync_full(env_.files, *at);
  if (synced)
    synced = sync_full(env_.files, relay_);
  if (!synced)
    doubt();
  made(static_cast<bool>(synced));
  return synced ? expected<void>{} : refused("save a new mailbox", "", synced.error());
}

void mailbox::made(bool durable) {
  durable_ = durable_ || durable;
  has_done_ = has_done_ || durable;
  // One that an earlier process made is only saved again.
  if (durable_ || !fresh_)
    return;
  in_doubt_ = true;
  // The next process would believe it.
  if (is_empty())
    unmake();
}

expected<std::size_t> mailbox::write(const mail_item& what, sync_now when) {
  const auto path = path_of("tmp", what.id);
  const auto bytes = encode_mail(what);
  const auto at = directory();
  if (!at)
    return refused("open a mailbox", "", at.error());
  const auto attempt = [&]() -> os_result<void> {
    auto file = create_new(env_.files, *at, path);
    if (!file)
      return file.error();
    if (auto written = write_full(env_.files, file->get(), 0, bytes); !written)
      return written;
    if (when == sync_now::yes)
      if (auto synced = sync_full(env_.files, file->get()); !synced) {
        doubt();
        return synced;
      }
    return file->close();
  };
  if (auto done = attempt(); !done) {
    (void)unlink_file(path);
    return refused("write a message", path, done.error());
  }
  return bytes.size();
}

expected<void> mailbox::publish(const message_id& id) {
  const auto at = directory();
  if (!at)
    return refused("open a mailbox", "", at.error());
  const auto done = uninterrupted(
      [&] { return env_.files.rename(*at, path_of("tmp", id), *at, path_of("new", id), rename_mode::no_replace); });
  return done ? expected<void>{} : refused("deliver a message", path_of("new", id), done.error());
}

expected<void> mailbox::sync_new() {
  const auto done = sync_directory("new");
  return done ? expected<void>{} : refused("save a mailbox", "new", done.error());
}

void mailbox::take(const mail_item& what, std::size_t bytes) {
  note(what, false, bytes);
}

expected<void> mailbox::withdraw(const message_id& id) {
  for (const auto* sub : {"tmp", "new"})
    if (auto gone = unlink_file(path_of(sub, id)); !gone)
      return refused("take a message back", path_of(sub, id), gone.error());
  return {};
}

// -- a message goes ----------------------------------------------------------

std::optional<mail_item> mailbox::read_file_of(const std::string& path, const message_id& id) {
  const auto at = directory();
  if (!at)
    return {};
  const auto bytes = read_file(env_.files, *at, path, largest_mail_file(options_.mail));
  auto what = bytes ? decode_mail(*bytes, options_.mail) : std::nullopt;
  return what && what->id == id ? what : std::nullopt;
}

std::optional<mail_item> mailbox::read(const message_id& id, bool mark) {
  const auto found = messages_.find(id);
  if (found == messages_.end())
    return {};
  auto& entry = found->second;
  auto what = read_file_of(path_of(entry.read ? "cur" : "new", id), id);
  // A rename that was said to have failed may have been done.
  if (!what && !entry.read && (what = read_file_of(path_of("cur", id), id)))
    entry.read = true;
  if (!what)
    return {};
  what->read = entry.read;
  if (mark && !entry.read) {
    const auto at = directory();
    entry.read = at && uninterrupted([&] {
                   return env_.files.rename(*at, path_of("new", id), *at, path_of("cur", id), rename_mode::no_replace);
                 });
  }
  return what;
}

/// The file of what is remembered, which has the same name however often that is
/// tried; none without a request.
std::string mailbox::record_of(const message_id& id, std::chrono::milliseconds now) {
  if (const auto again = undone_.find(id); again != undone_.end())
    return again->second;
  const auto found = messages_.find(id);
  if (found == messages_.end()) {
    const auto before = done_.lower_bound(id.text + ".");
    return before != done_.end() && before->starts_with(id.text + ".") ? *before : std::string{};
  }
  if (found->second.request.empty())
    return {};
  auto& entry = found->second;
  if (entry.acknowledged.count() == 0)
    entry.acknowledged = now;
  return done_file_name({id, entry.request, entry.payload, entry.acknowledged});
}

/// Mailboxes that have had no such request may be without the directory.
expected<void> mailbox::make_done() {
  if (has_done_)
    return {};
  const auto at = directory();
  if (!at)
    return refused("open a mailbox", "", at.error());
  const auto made = uninterrupted([&] { return env_.files.make_directory(*at, "done", 0700); });
  if (!made && made.error().code != EEXIST)
    return refused("make a mailbox", "done", made.error());
  if (const auto saved = sync_full(env_.files, *at); !saved) {
    // Whether its name is durable can only be known of a directory that is new.
    if (made)
      (void)env_.files.unlink(*at, "done", unlink_kind::directory);
    return refused("save a mailbox", "done", saved.error());
  }
  has_done_ = true;
  return {};
}

expected<void> mailbox::remove(const message_id& id, std::chrono::milliseconds now) {
  const auto at = directory();
  if (!at)
    return refused("open a mailbox", "", at.error());
  // Its request could not be remembered.
  if (const auto unseen = unseen_.find(id); unseen != unseen_.end())
    return failure{failure_kind::failed, "message-unread",
                   "a message cannot be read at present; look at the disk and try again",
                   relay_path_ + "/" + name_ + "/" + path_of(unseen->second, id), "remove a message"};
  const auto record = record_of(id, now);
  if (!record.empty())
    if (auto ready = make_done(); !ready)
      return ready;
  const auto known = messages_.find(id);
  for (const std::string_view sub : {"new", "cur"}) {
    const auto path = path_of(sub, id);
    // The system believes that the name is gone, and the disk may not, whoever's sync it was
    // that failed; likewise where it stood before it was read. One that comes anew and goes is
    // saved again.
    const bool doubted = doubtful_ || known == messages_.end();
    if (doubted || (known->second.read && sub == "new"))
      if (auto again = create_new(env_.files, *at, path); !again && again.error().code != EEXIST) {
        // On a full disk it is acknowledged what makes room.
        const bool is_full = again.error().code == ENOSPC || again.error().code == EDQUOT;
        if (doubted || !is_full)
          return refused("remove a message", path, again.error());
      }
    auto gone = os_result<void>{os_error{ENOENT}};
    if (!record.empty()) {
      records_unsaved_ = true;
      gone = uninterrupted(
          [&] { return env_.files.rename(*at, path, *at, path_of("done", record), rename_mode::replace); });
    }
    // Where there is nothing to rename, or nowhere to.
    if (!gone && is_gone(gone.error()))
      gone = unlink_file(path);
    if (!gone)
      return refused("remove a message", path, gone.error());
  }
  return {};
}

bool mailbox::may_come(const message_id& id) const {
  const bool is_one = message_of_file(mail_file_name(id)) == id;
  return is_one && there_ && !gone_.contains(id);
}

expected<void> mailbox::sync_removed() {
  if (records_unsaved_)
    if (auto done = sync_directory("done"); !done)
      return refused("save a mailbox", "done", done.error());
  for (const auto* sub : {"cur", "new"})
    if (auto done = sync_directory(sub); !done)
      return refused("save a mailbox", sub, done.error());
  return {};
}

void mailbox::removed(const message_id& id, bool durable) {
  const auto record = record_of(id, {});
  drop(id);
  unseen_.erase(id);
  if (!durable) {
    undone_.insert_or_assign(id, record);
    left_.insert(id);
  } else {
    undone_.erase(id);
    left_.erase(id);
    records_unsaved_ = false;
    gone_.insert(id);
    // Ids are ULIDs, so the first is the oldest.
    if (gone_.size() > options_.messages)
      gone_.erase(gone_.begin());
  }
  if (record.empty())
    return;
  note_done(record);
  // Nobody needs the content any more; with a failure it goes with the record.
  if (const auto at = directory(); at && durable)
    if (auto file = open_regular(env_.files, *at, path_of("done", record), open_how::access_mode::read_write))
      (void)env_.files.truncate(file->get(), 0);
  if (done_.size() > options_.done)
    purge_done(std::chrono::milliseconds::min());
}

expected<void> mailbox::bury(const message_id& id, std::string_view reason, std::chrono::milliseconds now) {
  const auto at = directory();
  if (!at)
    return refused("open a mailbox", "", at.error());
  const auto name = dead_file_name({id, std::string{reason}, now});
  const auto target = path_of("failed", name);
  for (const auto* sub : {"new", "cur"}) {
    const auto done =
        uninterrupted([&] { return env_.files.rename(*at, path_of(sub, id), *at, target, rename_mode::no_replace); });
    if (!done && !is_gone(done.error()))
      return refused("put a message among the dead", target, done.error());
    if (done)
      dead_.insert(name);
  }
  drop(id);
  undone_.insert_or_assign(id, std::string());
  left_.insert(id);
  buried_.push_back(id);
  return {};
}

expected<void> mailbox::save_buried() {
  const auto buried = std::exchange(buried_, {});
  if (buried.empty())
    return {};
  for (const auto* sub : {"failed", "new", "cur"})
    if (auto saved = sync_directory(sub); !saved)
      return refused("save a mailbox", sub, saved.error());
  for (const auto& id : buried) {
    undone_.erase(id);
    left_.erase(id);
  }
  return {};
}

std::optional<mail_item> mailbox::read_dead(const std::string& file) {
  const auto what = dead_of_file(file);
  return what ? read_file_of(path_of("failed", file), what->id) : std::nullopt;
}

void mailbox::purge_dead(std::chrono::milliseconds before) {
  // By id, so about by age.
  auto spare = dead_.size() > options_.dead ? dead_.size() - options_.dead : 0;
  for (auto each = dead_.begin(); each != dead_.end();) {
    const auto what = dead_of_file(*each);
    const bool goes = spare > 0 || what->at < before;
    if (goes && unlink_file(path_of("failed", *each))) {
      each = dead_.erase(each);
      spare -= spare > 0;
    } else
      ++each;
  }
}

void mailbox::purge_done(std::chrono::milliseconds before) {
  // By id, so by when they were sent.
  auto spare = done_.size() > options_.done ? done_.size() - options_.done : 0;
  for (auto each = done_.begin(); each != done_.end();) {
    const auto what = done_of_file(*each);
    const bool goes = spare > 0 || what->at < before;
    if (goes && unlink_file(path_of("done", *each))) {
      if (const auto asked = asked_.find(what->request); asked != asked_.end() && asked->second == *each)
        asked_.erase(asked);
      each = done_.erase(each);
      spare -= spare > 0;
    } else
      ++each;
  }
}

} // namespace muster
