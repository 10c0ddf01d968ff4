#include "muster/runner/data_session.hpp"

#include "muster/runner/terminal_text.hpp"
#include "muster/runner/user_path.hpp"
#include "muster/store/index_manifest.hpp"
#include "muster/store/release_gate.hpp"

#include <chrono>
#include <thread>

namespace muster {

namespace {

using namespace std::chrono_literals;
constexpr auto longest_wait = 10s;
constexpr auto look_again = 20ms;

expected<data_directory> open_when_free(environment env, const std::string& path, data_directory::presence wanted) {
  const auto give_up = env.clock.boot() + longest_wait;
  for (;;) {
    auto directory = data_directory::open(env, path, wanted);
    if (directory || directory.error().code != "data-held" || env.clock.boot() >= give_up)
      return directory;
    std::this_thread::sleep_for(look_again);
  }
}

} // namespace

expected<std::string> named_data_directory(const command_context& context) {
  if (context.data_directory.empty())
    return failure{failure_kind::usage, "no-data-directory",
                   "no data directory is named and there is no home directory; give --data or set MUSTER_DATA"};
  return absolute_path(context.data_directory);
}

data_session::data_session(environment env, data_directory directory)
    : env_(env), directory_(std::make_unique<data_directory>(std::move(directory))) {}

expected<data_session> data_session::open(command_context& context, data_directory::presence wanted) {
  const auto path = named_data_directory(context);
  if (!path)
    return path.error();
  auto directory = open_when_free(context.env, *path, wanted);
  if (!directory)
    return directory.error();
  data_session session(context.env, std::move(*directory));
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
  if (auto opened = session.open_own_feed(); !opened)
    return opened.error();
  return session;
}

expected<void> data_session::open_own_feed() {
  const auto& own = self_->record;
  auto recovered = recover_feed(env_, feeds_, own.id, own.key);
  if (!recovered)
    return recovered.error();
  for (const auto& name : recovered->cut)
    notes_.push_back("an unfinished end of our feed was cut into " + name);
  for (const auto& damage : recovered->damages) {
    damaged_ = true;
    notes_.push_back(damaged_feed(damage, "feeds/" + own.id.text).message);
  }
  source_ = std::make_unique<feed_source>(env_, feeds_);
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
