#include "muster/runner/data_session.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/fold_dump.hpp"
#include "muster/store/index_manifest.hpp"
#include "muster/store/index_memory.hpp"
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

// Folds every feed anew in memory and counts its ops.
struct fold_aside {
  std::string dump;
  std::size_t ops = 0;
};
expected<fold_aside> fold_from_nothing(commit_source& source) {
  fold_aside result;
  const auto meaning = meaning_of_manifests();
  index_memory memory({.meaning = meaning.field, .limits = {}});
  auto read = source.read({}, [&](const commit& next) {
    result.ops += next.ops.size();
    return memory.take(next);
  });
  if (!read)
    return read.error();
  result.dump = dump(memory.records(), meaning.field);
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

expected<answer> rebuild(command_context& context, bool verify) {
  auto session = data_session::open(context, data_directory::presence::required);
  if (!session)
    return session.error();
  const auto start = context.env.clock.boot();
  if (!verify)
    if (auto removed = remove_index(context, *session); !removed)
      return removed.error();
  auto index = session->open_index();
  if (!index)
    return index.error();
  auto held = (*index)->dump();
  if (!held)
    return held.error();
  const auto aside = fold_from_nothing(session->source());
  if (!aside)
    return aside.error();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(context.env.clock.boot() - start).count();
  const bool identical = *held == aside->dump;
  const auto hash = to_hex(sha256::of(*held));
  answer result;
  result.text = std::to_string(aside->ops) + " ops folded in " + std::to_string(took) + " ms\ndump " + hash + "\n" +
                (identical ? "the index is what a fold from nothing gives\n"
                           : "the index is NOT what a fold from nothing gives; run 'muster rebuild'\n");
  result.json = "{\"ops\":" + std::to_string(aside->ops) + ",\"durationMs\":" + std::to_string(took) +
                ",\"identical\":" + (identical ? "true" : "false") + ",\"dumpHash\":" + json_text(hash) + "}\n";
  result.exit = identical ? 0 : exit_code(failure_kind::damaged);
  session->note_index(**index);
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
  auto verify = std::make_shared<bool>(false);
  rebuilding->add_flag("--verify", *verify, "Change nothing: fold aside and compare; exit code 7 if they differ");
  command_line::bind(line, rebuilding, [verify](command_context& context) { return rebuild(context, *verify); });

  auto* dumping = line.add(line.root(), "dump", "Prints the shared content in canonical form, for comparing instances",
                           "muster dump | sha256sum");
  command_line::bind(line, dumping, dump_all);
}

} // namespace muster
