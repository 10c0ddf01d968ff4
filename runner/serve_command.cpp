#include "muster/runner/actor_host.hpp"
#include "muster/runner/config_keeper.hpp"
#include "muster/runner/data_session.hpp"
#include "muster/runner/directory_watch.hpp"
#include "muster/runner/document_text.hpp"
#include "muster/runner/gateway.hpp"
#include "muster/runner/muster_socket.hpp"
#include "muster/runner/stop_signals.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/duration_text.hpp"
#include "muster/store/json_write.hpp"
#include "muster/store/setting_table.hpp"
#include "muster/supervisor/runtime.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>

namespace muster {

namespace {

using namespace std::chrono_literals;
constexpr auto last_answers = 2s;
constexpr auto look_at_directory = 1s;

struct serve_options {
  std::string sweep_every;
  std::string relay;
};

// An option that stands for a setting, by the setting's own rules.
expected<void> take_option(settings& now, std::string_view key, const std::string& typed) {
  if (typed.empty())
    return {};
  const auto document = json::document::parse(json::quote(typed));
  return document ? set_setting(now, key, document->root()) : expected<void>(document.error());
}

expected<void> take_options(settings& now, const serve_options& options) {
  // Plain digits are seconds.
  auto interval = options.sweep_every;
  if (!interval.empty() && interval != "0" && interval.find_first_not_of("0123456789") == std::string::npos)
    interval += "s";
  if (auto taken = take_option(now, "sweep.interval", interval); !taken)
    return taken;
  return take_option(now, "relay", options.relay);
}

void announce(const command_context& context, const std::string& path, const std::vector<std::string>& notes) {
  const auto socket = path + "/" + std::string(socket_name);
  const auto text =
      context.style.json
          ? object_text().path("data", path).path("socket", socket).number("pid", context.env.self.pid).take() + "\n"
          : "serving " + printable(path, 4096) + " on " + printable(socket, 4096) + "\n";
  (void)std::fputs(text.c_str(), stdout);
  (void)std::fflush(stdout);
  for (const auto& note : notes)
    (void)std::fputs(("muster: note: " + printable(note, 4096) + "\n").c_str(), stderr);
}

failure moved(const std::string& path) {
  return {
      failure_kind::failed, "data-moved",
      "the data directory " + path +
          " was moved, replaced or removed under the daemon, which has ended as by a crash; what it has answered is "
          "in that directory, wherever it is: start it there",
      path};
}

// Everything of a daemon, from its settings to its socket.
expected<answer> run_daemon(command_context& context, const serve_options& given, const runtime_options& options,
                            std::shared_ptr<config_keeper> config) {
  stop_signals signals;
  auto host = std::make_unique<actor_host>();
  auto started = runtime::start(host->system(), context.env, options);
  if (!started)
    return started.error();
  auto front = std::make_unique<runtime>(std::move(*started));
  const directory_watch kept(context.env, options.data_directory, look_at_directory, signals.caller());
  signals.also_end_of(front->handle());
  api_host api{front->handle(), options.data_directory, std::move(config),
               [given](settings& now) { (void)take_options(now, given); }};
  auto opened = gateway::open(host->system(), context.env, std::move(api));
  if (!opened)
    return opened.error();
  announce(context, options.data_directory, front->notes());
  const auto leave_behind = [&] {
    context.ends_at_once = true;
    (void)front.release();
    (void)host.release();
  };
  const auto why = signals.wait();
  if (why == stop_signals::cause::called) {
    leave_behind();
    (void)std::make_unique<gateway>(std::move(*opened)).release();
    return moved(options.data_directory);
  }
  opened->refuse_new();
  auto stopped = front->stop();
  opened->close(last_answers);
  // A disk hangs, and a thread of ours with it; the next start settles the rest.
  if (!stopped && stopped.error().code == "stop-timed-out")
    leave_behind();
  if (!stopped)
    return stopped.error();
  if (why == stop_signals::cause::ended)
    return failure{failure_kind::failed, "runtime-ended",
                   "the runtime has ended by itself; see what it said above, run 'muster doctor', then start it again"};
  return answer{};
}

expected<answer> serve(command_context& context, const serve_options& given) {
  const auto path = named_data_directory(context);
  if (!path)
    return path.error();
  auto config = std::make_shared<config_keeper>(context.env, *path);
  auto now = config->read();
  if (!now)
    return now.error();
  if (auto taken = take_options(*now, given); !taken)
    return taken.error();
  runtime_options options;
  options.data_directory = *path;
  options.now = std::move(*now);
  return run_daemon(context, given, options, std::move(config));
}

} // namespace

void add_serve_command(command_line& line) {
  auto* command = line.add(line.root(), "serve", "Runs as the daemon: answers on a socket and sweeps",
                           "muster serve --sweep-every 1min");
  auto options = std::make_shared<serve_options>();
  command->add_option(
      "--sweep-every", options->sweep_every,
      "How often, such as 5min or a number of seconds; 0: only at the start (else the setting sweep.interval)");
  command->add_option("--relay", options->relay, "strict, eventual or none (else the setting relay)");
  command_line::bind(line, command, [options](command_context& context) { return serve(context, *options); });
}

} // namespace muster
