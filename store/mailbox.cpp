#include "muster/store/mailbox.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/ulid.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace muster {

namespace {

constexpr std::size_t most_names = 100'000;

/// Takes each name in a sub-directory, of which there are none if it is not there. False when it cannot be listed.
template <class Take>
bool each_name(disk& files, handle at, std::string_view sub, Take take) {
  const auto opened = open_directory(files, at, sub);
  if (!opened)
    return opened.error().code == ENOENT;
  const auto names = list_names(files, opened->get(), most_names);
  if (!names)
    return false;
  for (const auto& each : *names)
    take(opened->get(), each);
  return true;
}

} // namespace

mailbox::mailbox(const environment& env, handle relay, std::string relay_path, std::string name,
                 const mailbox_options& options)
    : env_(env), relay_(relay), relay_path_(std::move(relay_path)), name_(std::move(name)), options_(options) {}

failure mailbox::refused(std::string_view step, std::string_view where, os_error why) const {
  return disk_failure(step, relay_path_ + "/" + name_ + (where.empty() ? "" : "/") + std::string{where}, why);
}

bool mailbox::is_gone(os_error why) noexcept {
  return why.code == ENOENT;
}

void mailbox::rest() {
  directory_ = {};
}

void mailbox::forget() {
  rest();
  loaded_ = there_ = durable_ = fresh_ = false;
  messages_.clear();
  requests_.clear();
  dead_.clear();
  unseen_.clear();
  done_.clear();
  asked_.clear();
  undone_.clear();
  buried_.clear();
  has_done_ = records_unsaved_ = false;
  bytes_ = problems_ = 0;
}

bool mailbox::is_full() const noexcept {
  return messages_.size() >= options_.messages || bytes_ >= options_.bytes;
}

std::optional<known_request> mailbox::with_request(const std::string& key) const {
  if (const auto found = requests_.find(key); found != requests_.end())
    return known_request{found->second, messages_.at(found->second).payload, false};
  const auto found = asked_.find(key);
  const auto done = found == asked_.end() ? std::nullopt : done_of_file(found->second);
  return done ? std::optional{known_request{done->id, done->payload, true}} : std::nullopt;
}

os_result<handle> mailbox::directory() {
  if (!directory_) {
    auto opened = open_directory(env_.files, relay_, name_);
    if (!opened)
      return opened.error();
    directory_ = std::move(*opened);
  }
  return directory_.get();
}

os_result<void> mailbox::sync_directory(std::string_view sub) {
  const auto at = directory();
  if (!at)
    return at.error();
  auto opened = open_directory(env_.files, *at, sub);
  if (!opened)
    return opened.error();
  const auto done = sync_full(env_.files, opened->get());
  if (!done)
    doubt();
  return done;
}

// One that is not there is as good as removed.
os_result<void> mailbox::unlink_file(const std::string& path) {
  const auto at = directory();
  if (!at)
    return at.error();
  auto done = uninterrupted([&] { return env_.files.unlink(*at, path, unlink_kind::file); });
  if (!done && is_gone(done.error()))
    return {};
  return done;
}

// -- what is there -----------------------------------------------------------

expected<void> mailbox::load() {
  if (loaded_) {
    load_unseen();
    return {};
  }
  forget();
  const auto at = directory();
  if (!at && is_gone(at.error())) {
    loaded_ = true;
    return {};
  }
  if (!at)
    return refused("open a mailbox", "", at.error());
  if (auto cleared = clear_tmp(*at); !cleared) {
    forget();
    return cleared.error();
  }
  // What was read first: a message that stands in both is that one.
  if (!load_messages(*at, "cur", true) || !load_messages(*at, "new", false) || !load_done(*at)) {
    forget();
    return failure{failure_kind::failed, "mailbox-unreadable",
                   "a mailbox cannot be listed; look at the disk and try again", relay_path_ + "/" + name_};
  }
  load_dead(*at);
  there_ = loaded_ = true;
  return {};
}

expected<void> mailbox::clear_tmp(handle at) {
  const auto tmp = open_directory(env_.files, at, "tmp");
  if (!tmp)
    return is_gone(tmp.error()) ? expected<void>{} : refused("open a mailbox", "tmp", tmp.error());
  const auto names = list_names(env_.files, tmp->get(), most_names);
  if (!names)
    return refused("list a mailbox", "tmp", names.error());
  for (const auto& each : *names) {
    if (!message_of_file(each))
      ++problems_;
    else if (auto gone = unlink_file(path_of("tmp", each)); !gone)
      return refused("remove a message that was never taken", path_of("tmp", each), gone.error());
  }
  return {};
}

bool mailbox::load_messages(handle at, std::string_view sub, bool read) {
  return each_name(env_.files, at, sub, [&](handle directory, const std::string& each) {
    const auto id = message_of_file(each);
    if (!id)
      ++problems_;
    else if (!load_message(directory, sub, *id, read) && !messages_.contains(*id))
      unseen_.emplace(*id, sub);
  });
}

bool mailbox::load_message(handle sub_directory, std::string_view sub, const message_id& id, bool read) {
  const auto bytes = read_file(env_.files, sub_directory, mail_file_name(id), largest_mail_file(options_.mail));
  if (!bytes && is_gone(bytes.error()))
    return true;
  if (!bytes && bytes.error().code != EFBIG)
    return false;
  // What is left of a removal that was made again.
  if (bytes && bytes->empty() && unlink_file(path_of(sub, id)))
    return true;
  if (messages_.contains(id)) {
    ++problems_;
    return true;
  }
  const auto what = bytes ? decode_mail(*bytes, options_.mail) : std::nullopt;
  if (what && what->id == id)
    note(*what, read, bytes->size());
  else
    (void)bury(id, "unreadable", env_.clock.wall());
  return true;
}

bool mailbox::doubts_requests() const {
  const auto now = env_.clock.wall();
  return std::ranges::any_of(unseen_, [&](const auto& each) {
    const auto came = time_of_ulid(each.first.text);
    return came && std::chrono::abs(now - *came) < options_.repeats;
  });
}

/// A disk that fails now and then hides no message until the next start.
void mailbox::load_unseen() {
  const auto at = directory();
  for (auto each = unseen_.begin(); at && each != unseen_.end();) {
    const auto opened = open_directory(env_.files, *at, each->second);
    const bool seen = opened && load_message(opened->get(), each->second, each->first, each->second == "cur");
    each = seen ? unseen_.erase(each) : std::next(each);
  }
}

void mailbox::load_dead(handle at) {
  // Dead letters are for people to look at: without a list of them the box still works.
  (void)each_name(env_.files, at, "failed", [&](handle, const std::string& each) {
    if (dead_of_file(each))
      dead_.insert(each);
    else
      ++problems_;
  });
}

bool mailbox::load_done(handle at) {
  return each_name(env_.files, at, "done", [&](handle, const std::string& each) {
    if (done_of_file(each))
      note_done(each);
    else
      ++problems_;
  });
}

void mailbox::note_done(const std::string& record) {
  done_.insert(record);
  asked_.insert_or_assign(done_of_file(record)->request, record);
}

void mailbox::note(const mail_item& what, bool read, std::size_t bytes) {
  auto& entry = messages_[what.id];
  entry = {read, bytes, what.expires, {}, {}, {}};
  bytes_ += bytes;
  if (what.request.empty())
    return;
  entry.request = request_key(what.from, what.request);
  entry.payload = payload_key(what.payload);
  requests_[entry.request] = what.id;
}

void mailbox::drop(const message_id& id) {
  const auto found = messages_.find(id);
  if (found == messages_.end())
    return;
  bytes_ -= found->second.bytes;
  if (const auto request = requests_.find(found->second.request); request != requests_.end() && request->second == id)
    requests_.erase(request);
  messages_.erase(found);
}

// -- all of it ---------------------------------------------------------------

expected<void> mailbox::take_over(mailbox& other) {
  if (auto loaded = load(); !loaded)
    return loaded;
  if (auto loaded = other.load(); !loaded)
    return loaded;
  if (!other.there_)
    return {};
  // Where a sync has failed the names are made anew, one by one, and saved.
  if (!there_ && !other.doubtful_ && !other.has_left_any()) {
    other.rest();
    const auto moved =
        uninterrupted([&] { return env_.files.rename(relay_, other.name_, relay_, name_, rename_mode::no_replace); });
    // Until it is saved a crash finds it under the other name, and it is moved again.
    const auto saved = sync_full(env_.files, relay_);
    forget();
    other.forget();
    if (!moved)
      return refused("move a mailbox", "", moved.error());
    if (!saved)
      return refused("save a mailbox that was moved", "", saved.error());
    return load();
  }
  if (auto ready = make(sync_now::yes); !ready)
    return ready;
  const auto moved = move_files(other);
  const auto saved = moved ? other.save_left() : os_result<void>{};
  forget();
  other.forget();
  if (!moved)
    return refused("move mail", "", moved.error());
  if (!saved)
    return other.refused("save that mail has moved", "", saved.error());
  if (auto emptied = other.load(); emptied && other.is_empty())
    other.vanish();
  return load();
}

/// What was moved and could not be saved goes back, for the system would believe
/// from then on that it is saved.
os_result<void> mailbox::move_files(mailbox& other) {
  const auto from = other.directory();
  const auto into = directory();
  if (!from || !into)
    return from ? into.error() : from.error();
  std::vector<std::string> paths;
  std::vector<message_id> ids; // of the first of them
  const auto add = [&](std::string_view sub, const message_id& id) {
    paths.push_back(path_of(sub, id));
    ids.push_back(id);
  };
  for (const auto& [id, entry] : other.messages_)
    add(entry.read ? "cur" : "new", id);
  for (const auto& [id, sub] : other.unseen_)
    add(sub, id);
  for (const auto& each : other.dead_)
    paths.push_back(path_of("failed", each));
  for (const auto& each : other.done_)
    paths.push_back(path_of("done", each));
  auto done = os_result<void>{};
  std::size_t moved = 0;
  while (done && moved < paths.size()) {
    const auto& path = paths[moved];
    done = uninterrupted([&] { return env_.files.rename(*from, path, *into, path, rename_mode::no_replace); });
    ++moved;
  }
  for (const auto* sub : {"done", "new", "cur", "failed"})
    if (done)
      done = sync_directory(sub);
  // Where they are not now the disk may have them still.
  const auto leave = [](mailbox& old, mailbox& now, const message_id& id) {
    old.left_.insert(id);
    now.left_.erase(id);
  };
  if (done) {
    for (const auto& id : ids)
      leave(other, *this, id);
    return {};
  }
  for (std::size_t i = 0; i < moved; ++i) {
    const auto back = env_.files.rename(*into, paths[i], *from, paths[i], rename_mode::no_replace);
    // What is not here has never left.
    const bool stays = !back && !is_gone(back.error());
    other.keeps_directory_ = other.keeps_directory_ || stays;
    if (i < ids.size())
      leave(stays ? other : *this, stays ? *this : other, ids[i]);
  }
  return done;
}

/// Saved where they are now they are acknowledged there, so they must not come
/// back here. Where a sync has failed each name comes anew and goes, as in `remove`.
os_result<void> mailbox::save_left() {
  const auto at = directory();
  if (!at)
    return at.error();
  for (const auto& id : left_)
    for (const auto* sub : {"new", "cur"}) {
      const auto path = path_of(sub, id);
      if (doubtful_)
        if (auto again = create_new(env_.files, *at, path);
            !again && again.error().code != EEXIST && !is_gone(again.error()))
          return again.error();
      if (auto gone = unlink_file(path); !gone)
        return gone;
    }
  for (const auto* sub : {"new", "cur"})
    if (auto saved = sync_directory(sub); !saved && !is_gone(saved.error()))
      return saved;
  left_.clear();
  return {};
}

void mailbox::vanish() {
  if (!loaded_ || !is_empty())
    return;
  // What has left it has to be saved where it is now before it can go.
  auto saved = save_left();
  for (const auto* sub : {"failed", "done"})
    if (saved || is_gone(saved.error()))
      saved = sync_directory(sub);
  if (!saved && !is_gone(saved.error()))
    keeps_directory_ = true;
  if (!keeps_directory_)
    unmake();
}

/// Only what is empty goes, and of which the disk has nothing either.
void mailbox::unmake() {
  if (const auto at = directory())
    for (const auto part : parts)
      (void)env_.files.unlink(*at, part, unlink_kind::directory);
  rest();
  const auto gone = env_.files.unlink(relay_, name_, unlink_kind::directory);
  if (gone || is_gone(gone.error()))
    there_ = durable_ = in_doubt_ = fresh_ = has_done_ = false;
}

} // namespace muster
