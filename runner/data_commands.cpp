#include "muster/runner/data_session.hpp"
#include "muster/runner/index_examination.hpp"
#include "muster/runner/progress.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/instance_text.hpp"
#include "muster/store/release.hpp"
#include "muster/store/sha256.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace muster {

namespace {

std::string init_text(const std::string& shown, std::uint64_t release, const std::string& data) {
  return "instance " + printable(shown) + "\nrelease  " + std::to_string(release) + "\ndata     " + printable(data) +
         "\n";
}

expected<answer> init(command_context& context) {
  auto session = data_session::open(context, data_directory::presence::create);
  if (!session)
    return session.error();
  const auto index = session->open_index();
  if (!index)
    return index.error();
  const auto shown = shown_instance(session->self().record.id);
  const auto& path = session->directory().path();
  answer result{init_text(shown, current_release, path),
                "{\"instance\":" + json_text(session->self().record.id.text) + ",\"shown\":" + json_text(shown) +
                    ",\"release\":" + std::to_string(current_release) + ",\"data\":" + json_text(path) + "}\n"};
  session->add_notes(result);
  return result;
}

// Of a rebuild's document.
std::string rebuilt_text(json::value rebuilt) {
  const auto identical = rebuilt.find("identical");
  return std::to_string(number_of(rebuilt, "ops").value_or(0)) + " ops folded in " +
         std::to_string(number_of(rebuilt, "durationMs").value_or(0)) + " ms\ndump " +
         printable(text_of(rebuilt, "dumpHash")) + "\n" +
         (identical.is(json::kind::boolean) && !identical.as_bool()
              ? "the index is not what a fold from nothing gives; 'muster doctor' says what to do\n"
              : "the index is what a fold from nothing gives\n");
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

expected<answer> rebuild_alone(command_context& context, const rebuild_options& options) {
  auto session =
      data_session::open(context, data_directory::presence::required, {.rebuild_mark = options.restore_marks});
  if (!session)
    return session.error();
  const progress shown(context.style, options.verify ? "folding aside" : "folding");
  const auto start = context.env.clock.boot();
  if (!options.verify)
    if (auto index = session->rebuild_index(); !index)
      return index.error();
  const auto found = examine_index(context.env, session->directory().get(), session->source());
  if (!found)
    return found.error();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(context.env.clock.boot() - start);
  auto result = describe(*found, took);
  session->add_notes(result);
  return result;
}

expected<answer> rebuild_there(command_context& context, const rebuild_options& options) {
  service_request request{.operation = "rebuild", .body = {}, .doing = options.verify ? "folding aside" : "folding"};
  request.body.add_flag("verify", options.verify);
  const auto said = call_service(context, std::move(request));
  if (!said)
    return said.error();
  auto result = as_answer(context, *said, rebuilt_text);
  const auto identical = said->document.root().find("identical");
  if (identical.is(json::kind::boolean) && !identical.as_bool())
    result.exit = exit_code(failure_kind::damaged);
  return result;
}

expected<answer> rebuild(command_context& context, const rebuild_options& options) {
  const auto alone = [&] { return rebuild_alone(context, options); };
  if (options.restore_marks) // a service has read what the marks covered, and holds on to it
    return alone();
  return alone_or_service(context, alone, [&] { return rebuild_there(context, options); });
}

expected<answer> dump_alone(command_context& context) {
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

expected<answer> dump_all(command_context& context) {
  return alone_or_service(
      context, [&] { return dump_alone(context); },
      [&] {
        auto result = ask_service(context, {.operation = "dump", .body = {}, .doing = "reading the index"},
                                  [](json::value said) { return text_of(said, "dump"); });
        if (result)
          result->text_is_json = true;
        return result;
      });
}

expected<answer> init_or_tell(command_context& context) {
  return alone_or_service(
      context, [&] { return init(context); },
      [&] {
        return ask_service(context, {.operation = "init", .body = {}, .doing = "asking"}, [](json::value said) {
          return init_text(text_of(said, "shown"), number_of(said, "release").value_or(0), path_of(said, "data"));
        });
      });
}

} // namespace

void add_data_commands(command_line& line) {
  auto* initialise = line.add(line.root(), "init", "Makes the data directory and its identity", "muster init");
  command_line::bind(line, initialise, init_or_tell);

  auto* rebuilding = line.add(line.root(), "rebuild", "Folds the index anew from the feeds", "muster rebuild --verify");
  auto options = std::make_shared<rebuild_options>();
  auto* verify = rebuilding->add_flag("--verify", options->verify,
                                      "Leave the index alone: fold aside and compare; exit code 7 if they differ");
  rebuilding
      ->add_flag("--restore-marks", options->restore_marks,
                 "Where a feed has lost its durable mark, take all that is valid in it (what was beyond is lost); only "
                 "where no daemon serves")
      ->excludes(verify);
  command_line::bind(line, rebuilding, [options](command_context& context) { return rebuild(context, *options); });

  auto* dumping = line.add(line.root(), "dump", "Prints the shared content in canonical form, for comparing instances",
                           "muster dump | sha256sum");
  command_line::bind(line, dumping, dump_all);
}

} // namespace muster
