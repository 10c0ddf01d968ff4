#include "muster/runner/service.hpp"

#include "muster/runner/actor_host.hpp"
#include "muster/runner/api.hpp"
#include "muster/runner/config_keeper.hpp"
#include "muster/runner/data_session.hpp"
#include "muster/runner/gateway_client.hpp"
#include "muster/supervisor/runtime.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace muster {

namespace {

using namespace std::chrono_literals;
constexpr auto look_again = 20ms;

// Sweeps are a daemon's, and the `sweep` command's.
void without_sweeps(settings& now) {
  now.sweep_interval = 0ms;
}

// A runtime for as long as one command lasts.
class local_service final : public service {
public:
  local_service(command_context& context, std::unique_ptr<actor_host> host, runtime front, std::string path,
                std::shared_ptr<config_keeper> config)
      : context_(context),
        host_(std::move(host)),
        runtime_(std::make_unique<runtime>(std::move(front))),
        api_{runtime_->handle(), std::move(path), std::move(config), without_sweeps} {}

  ~local_service() override {
    api_.muster = nullptr;
    const auto stopped = runtime_->stop();
    if (stopped || stopped.error().code != "stop-timed-out")
      return;
    // A disk hangs, and a thread of ours with it. The answer is there and the
    // next start settles the rest, so nobody waits for that thread.
    context_.ends_at_once = true;
    (void)runtime_.release();
    (void)host_.release();
  }

  expected<std::string> call(std::string_view operation, std::string_view request) override {
    return call_and_wait(host_->system(), api_, operation, std::string(request));
  }

  [[nodiscard]] std::vector<std::string> notes() const override { return runtime_->notes(); }

private:
  command_context& context_;
  std::unique_ptr<actor_host> host_;
  std::unique_ptr<runtime> runtime_;
  api_host api_;
};

// Whoever gets there first: a daemon that serves, or we ourselves.
expected<std::unique_ptr<service>> reach(command_context& context, const runtime_options& options,
                                         const std::shared_ptr<config_keeper>& config) {
  std::unique_ptr<actor_host> host;
  const auto give_up = context.env.clock.boot() + context.patience;
  for (;;) {
    auto daemon = dial_daemon(context.env, options.data_directory);
    if (daemon || daemon.error().code != "no-daemon")
      return daemon;
    if (!host)
      host = std::make_unique<actor_host>();
    auto started = runtime::start(host->system(), context.env, options);
    if (started)
      return std::make_unique<local_service>(context, std::move(host), std::move(*started), options.data_directory,
                                             config);
    if (started.error().code != "data-held" || context.env.clock.boot() >= give_up)
      return started.error();
    std::this_thread::sleep_for(look_again);
  }
}

} // namespace

expected<std::unique_ptr<service>> reach_service(command_context& context) {
  const auto path = named_data_directory(context);
  if (!path)
    return path.error();
  const auto config = std::make_shared<config_keeper>(context.env, *path);
  // A daemon has read its settings already, and may serve on after they were
  // damaged by hand; a damaged file stops only those who would start by it.
  if (auto daemon = dial_daemon(context.env, *path); daemon || daemon.error().code != "no-daemon")
    return daemon;
  auto now = config->read();
  if (!now)
    return now.error();
  without_sweeps(*now);
  runtime_options options;
  options.data_directory = *path;
  options.now = std::move(*now);
  options.sweeps = false;
  if (context.new_request)
    options.new_request = request_id(context.style.request_id);
  return reach(context, options, config);
}

} // namespace muster
