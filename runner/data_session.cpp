#include "muster/runner/data_session.hpp"

#include "muster/runner/progress.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/user_path.hpp"
#include "muster/store/feed_folder.hpp"
#include "muster/store/index_manifest.hpp"
#include "muster/store/release_gate.hpp"

#include <cerrno>
#include <chrono>
#include <optional>
#include <thread>

namespace muster {

namespace {

using namespace std::chrono_literals;
constexpr auto look_again = 20ms;

bool is_read_only(const failure& why) {
  return why.system_errno == EROFS || why.system_errno == EACCES || why.system_errno == EPERM;
}

} // namespace

expected<std::string> named_data_directory(const command_context& context) {
  if (context.data_directory.empty())
    return failure{failure_kind::usage, "no-data-directory",
                   "no data directory is named and there is no home directory; give --data or set MUSTER_DATA"};
  return absolute_path(context.data_directory);
}

expected<data_directory> open_when_free(command_context& context, data_directory::presence wanted) {
  const auto path = named_data_directory(context);
  if (!path)
    return path.error();
  const progress shown(context.style, "waiting for the data directory");
  const auto give_up = context.env.clock.boot() + context.patience;
  for (;;) {
    auto directory = data_directory::open(context.env, *path, wanted);
    if (directory || directory.error().code != "data-held" || context.env.clock.boot() >= give_up)
      return directory;
    std::this_thread::sleep_for(look_again);
  }
}

data_session::data_session(environment env, data_directory directory, const recovery_options& recovery)
    : env_(env), recovery_(recovery), directory_(std::make_unique<data_directory>(std::move(directory))) {}

expected<data_session> data_session::open(command_context& context, data_directory::presence wanted,
                                          const recovery_options& recovery) {
  auto directory = open_when_free(context, wanted);
  if (!directory)
    return directory.error();
  data_session session(context.env, std::move(*directory), recovery);
  const auto data = session.directory_->get();
  if (auto passed = pass_release_gate(context.env, data); !passed)
    return passed.error();
  auto self = open_identity(context.env, data, current_release);
  if (!self)
    return self.error();
  session.self_ = std::make_unique<identity>(std::move(*self));
  if (session.self_->done == identity_step::replace)
    session.notes_.push_back("this data directory was copied, restored or lost its key: it is now another instance");
  const auto feeds = session.directory_->feeds();
  if (!feeds)
    return feeds.error();
  session.feeds_ = *feeds;
  if (auto opened = session.recover_feeds(); !opened)
    return opened.error();
  return session;
}

expected<void> data_session::recover_feeds() {
  source_ = std::make_unique<feed_source>(env_, feeds_);
  if (auto recovered = recover(self_->record.id, true); !recovered)
    return recovered;
  // What was ours before a copy or a restored backup is foreign now and may
  // have an end that its mark does not cover.
  const auto all = list_feeds(env_, feeds_);
  if (!all)
    return all.error();
  for (const auto& instance : *all)
    if (instance != self_->record.id)
      if (auto recovered = recover(instance, false); !recovered)
        return recovered;
  return {};
}

expected<void> data_session::recover(const instance_id& instance, bool own) {
  auto recovered =
      recover_feed(env_, feeds_, instance, own ? std::optional(self_->record.key) : std::nullopt, recovery_);
  if (!recovered && is_read_only(recovered.error())) {
    notes_.push_back("nothing can be written here; feeds/" + instance.text + " is read as it is");
    return {};
  }
  if (!recovered && own)
    return recovered.error();
  if (!recovered) // the source tells what can be read of it
    return {};
  for (const auto& name : recovered->cut)
    notes_.push_back("an unfinished end of feeds/" + instance.text + " was cut into " + name);
  for (const auto& damage : recovered->damages) {
    const bool is_mark = damage.kind == damage_kind::mark_missing || damage.kind == damage_kind::mark_unreadable;
    if (is_mark && recovery_.rebuild_mark) {
      notes_.push_back("the mark of feeds/" + instance.text + " was made anew: all that is valid, up to commit " +
                       std::to_string(recovered->mark.tip.seq) + ", was taken");
      continue;
    }
    damaged_ = true;
    notes_.push_back(damaged_feed(damage, "feeds/" + instance.text).message);
    if (is_mark)
      notes_.emplace_back(
          "if no other instance has that feed, 'muster rebuild --restore-marks' takes all that is valid in it");
  }
  return {};
}

expected<std::unique_ptr<index_database>> data_session::open_index() {
  auto index = std::make_unique<index_database>(env_, index_path(), *source_,
                                                index_options{.meaning = meaning_of_manifests(), .limits = {}});
  if (auto opened = index->open(); !opened)
    return opened.error();
  note_index(*index);
  return index;
}

void data_session::note_index(index_database& index) {
  for (auto& notice : index.take_notices())
    if (notice.code != "index-missing")
      notes_.push_back(std::move(notice.message));
}

void data_session::add_notes(answer& to) const {
  for (const auto& note : notes_)
    to.notes += "muster: note: " + printable(note, 4096) + "\n";
  for (const auto& [instance, why] : source_->damaged())
    to.notes += "muster: " + printable(why.message, 4096) + " [" + std::string(why.code) + "]\n";
  if ((damaged_ || !source_->damaged().empty()) && to.exit == 0)
    to.exit = exit_code(failure_kind::damaged);
}

} // namespace muster
