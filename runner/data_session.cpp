#include "muster/runner/data_session.hpp"

#include "muster/runner/progress.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/user_path.hpp"
#include "muster/store/index_manifest.hpp"

#include <chrono>
#include <thread>

namespace muster {

namespace {

using namespace std::chrono_literals;
constexpr auto look_again = 20ms;

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

expected<data_session> data_session::open(command_context& context, data_directory::presence wanted,
                                          const recovery_options& recovery) {
  auto directory = open_when_free(context, wanted);
  if (!directory)
    return directory.error();
  auto home = data_home::open(context.env, std::move(*directory), recovery);
  if (!home)
    return home.error();
  if (!home->own_feed())
    return home->own_feed().error();
  return data_session(context.env, std::move(*home));
}

data_session::data_session(const environment& env, data_home home)
    : env_(env),
      home_(std::make_unique<data_home>(std::move(home))),
      source_(std::make_unique<feed_source>(env, home_->feeds())) {}

std::unique_ptr<index_database> data_session::closed_index() {
  return std::make_unique<index_database>(env_, index_path(), *source_,
                                          index_options{.meaning = meaning_of_manifests(), .limits = {}});
}

expected<std::unique_ptr<index_database>> data_session::rebuild_index() {
  auto index = closed_index();
  if (auto made = index->rebuild(); !made)
    return made.error();
  if (index->in_memory())
    return failure{failure_kind::failed,
                   "index-not-written",
                   "the index could not be made anew and is as it was, for " + index->why_in_memory(),
                   index_path(),
                   "rebuild",
                   {},
                   0};
  note_index(*index);
  return index;
}

expected<std::unique_ptr<index_database>> data_session::open_index() {
  auto index = closed_index();
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
  for (const auto* notes : {&home_->notes(), &notes_})
    for (const auto& note : *notes)
      to.notes += "muster: note: " + printable(note, 4096) + "\n";
  for (const auto& [instance, why] : source_->damaged())
    to.notes += home_->is_damaged(instance)
                    ? ""
                    : "muster: " + printable(why.message, 4096) + " [" + std::string(why.code) + "]\n";
  if ((home_->damaged() || !source_->damaged().empty()) && to.exit == 0)
    to.exit = exit_code(failure_kind::damaged);
}

} // namespace muster
