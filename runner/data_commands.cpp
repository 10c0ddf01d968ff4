#include "muster/runner/data_session.hpp"
#include "muster/runner/index_examination.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/instance_text.hpp"
#include "muster/store/release.hpp"
#include "muster/store/sha256.hpp"

#include <cerrno>
#include <chrono>
#include <memory>
#include <string>

namespace muster {

namespace {

expected<answer> init(command_context& context) {
  auto session = data_session::open(context, data_directory::presence::create);
  if (!session)
    return session.error();
  const auto index = session->open_index();
  if (!index)
    return index.error();
  const auto shown = shown_instance(session->self().record.id);
  const auto& path = session->directory().path();
  answer result{"instance " + shown + "\nrelease  " + std::to_string(current_release) + "\ndata     " +
                    printable(path) + "\n",
                "{\"instance\":" + json_text(session->self().record.id.text) + ",\"shown\":" + json_text(shown) +
                    ",\"release\":" + std::to_string(current_release) + ",\"data\":" + json_text(path) + "}\n"};
  session->add_notes(result);
  return result;
}

expected<void> remove_index(command_context& context, const data_session& session) {
  for (const char* name : {"index.db", "index.db-wal", "index.db-shm"}) {
    auto removed = context.env.files.unlink(session.directory().get(), name, unlink_kind::file);
    if (!removed && removed.error().code != ENOENT)
      return failure{failure_kind::failed,
                     "index-not-removed",
                     std::string(name) + " cannot be removed; look at the permissions of the data directory",
                     name,
                     "rebuild",
                     {},
                     removed.error().code};
  }
  return {};
}

answer describe(const index_comparison& found, std::chrono::milliseconds took) {
  const auto hash = to_hex(sha256::of(found.true_dump));
  answer result;
  result.text = std::to_string(found.ops) + " ops folded in " + std::to_string(took.count()) + " ms\ndump " + hash +
                "\n" + (found.identical ? "the index is what a fold from nothing gives" : printable(found.why, 4096)) +
                "\n";
  result.json = "{\"ops\":" + std::to_string(found.ops) + ",\"durationMs\":" + std::to_string(took.count()) +
                ",\"identical\":" + (found.identical ? "true" : "false") + ",\"dumpHash\":" + json_text(hash) + "}\n";
  result.exit = found.identical ? 0 : exit_code(failure_kind::damaged);
  return result;
}

struct rebuild_options {
  bool verify = false;
  bool restore_marks = false;
};

expected<answer> rebuild(command_context& context, const rebuild_options& options) {
  auto session =
      data_session::open(context, data_directory::presence::required, {.rebuild_mark = options.restore_marks});
  if (!session)
    return session.error();
  const auto start = context.env.clock.boot();
  if (!options.verify) {
    if (auto removed = remove_index(context, *session); !removed)
      return removed.error();
    if (auto index = session->open_index(); !index)
      return index.error();
  }
  const auto found = examine_index(context.env, session->directory().get(), session->source());
  if (!found)
    return found.error();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(context.env.clock.boot() - start);
  auto result = describe(*found, took);
  session->add_notes(result);
  return result;
}

expected<answer> dump_all(command_context& context) {
  auto session = data_session::open(context, data_directory::presence::required);
  if (!session)
    return session.error();
  auto index = session->open_index();
  if (!index)
    return index.error();
  auto text = (*index)->dump();
  if (!text)
    return text.error();
  answer result{*text, "{\"dump\":" + json_text(*text) + "}\n"};
  result.text_is_json = true;
  session->note_index(**index);
  session->add_notes(result);
  return result;
}

} // namespace

void add_data_commands(command_line& line) {
  auto* initialise = line.add(line.root(), "init", "Makes the data directory and its identity", "muster init");
  command_line::bind(line, initialise, init);

  auto* rebuilding = line.add(line.root(), "rebuild", "Folds the index anew from the feeds", "muster rebuild --verify");
  auto options = std::make_shared<rebuild_options>();
  auto* verify = rebuilding->add_flag("--verify", options->verify,
                                      "Leave the index alone: fold aside and compare; exit code 7 if they differ");
  rebuilding
      ->add_flag("--restore-marks", options->restore_marks,
                 "Where a feed has lost its durable mark, take all that is valid in it (what was beyond is lost)")
      ->excludes(verify);
  command_line::bind(line, rebuilding, [options](command_context& context) { return rebuild(context, *options); });

  auto* dumping = line.add(line.root(), "dump", "Prints the shared content in canonical form, for comparing instances",
                           "muster dump | sha256sum");
  command_line::bind(line, dumping, dump_all);
}

} // namespace muster
