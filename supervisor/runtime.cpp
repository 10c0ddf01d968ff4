#include "muster/supervisor/runtime.hpp"

#include "muster/messages/actor_failure.hpp"
#include "muster/store/data_directory.hpp"
#include "muster/store/data_home.hpp"
#include "muster/supervisor/life_numbers.hpp"
#include "muster/supervisor/spawn_muster.hpp"

#include <atomic>
#include <future>
#include <optional>
#include <utility>

namespace muster {

namespace {

muster_options options_of(const runtime_options& asked, epoch first_life) {
  muster_options result;
  auto& supervisor = result.supervisor;
  supervisor.now = asked.now;
  supervisor.relay_prefix = asked.relay_prefix;
  supervisor.managed_home = asked.managed_home;
  supervisor.user = asked.user;
  supervisor.new_request = asked.new_request;
  supervisor.sweeps = asked.sweeps;
  // The embedded relay is gone before a process that comes and goes has read a
  // large roster for it.
  supervisor.asserts_relay = asked.sweeps || asked.relay;
  supervisor.sagas_in_flight = asked.sagas_in_flight;
  supervisor.request_limit = asked.request_limit;
  result.front.first_life = first_life;
  result.front.request_limit = asked.request_limit + std::chrono::seconds{10};
  result.files.threads = asked.threads;
  result.feed.own.max_skew = asked.now.max_skew;
  result.sweep.discovery.managed_home = asked.managed_home;
  result.scans.scan.managed_home = asked.managed_home;
  result.scans.scan.strategies = asked.strategies;
  result.index.keeper.prefix = asked.relay_prefix;
  result.index.keeper.now_holds = asked.now;
  result.events.now_holds = asked.now;
  result.bridge.prefix = asked.relay_prefix;
  result.relay = asked.relay;
  result.threads = asked.threads;
  return result;
}

/// Asks from outside of any actor and waits for the answer.
template <class Answer, class Request>
expected<Answer> ask_and_wait(caf::actor_system& system, const muster_actor& whom, Request request,
                              std::chrono::nanoseconds limit) {
  expected<Answer> result{boost::system::in_place_error};
  caf::scoped_actor self{system};
  self->request(whom, limit, std::move(request))
      .receive(
          [&](Answer& answer) {
            result = expected<Answer>{boost::system::in_place_value, std::move(answer)};
          },
          [&](const caf::error& why) {
            result = expected<Answer>{boost::system::in_place_error, to_failure(why, {})};
          });
  return result;
}

/// How a start went, told by whichever actor knows first.
class beginning {
public:
  struct outcome {
    std::vector<finding> findings;
    std::optional<failure> gave_up;
  };

  void tell(outcome what) {
    if (!told_.exchange(true))
      promise_.set_value(std::move(what));
  }
  /// One that takes longer goes on; requests wait for it.
  outcome wait(std::chrono::nanoseconds limit) {
    auto future = promise_.get_future();
    if (future.wait_for(limit) == std::future_status::ready)
      return future.get();
    return {{{"slow-start", "muster is still starting", {}, false}}, {}};
  }

private:
  std::atomic<bool> told_ = false;
  std::promise<outcome> promise_;
};

/// A home that tells when the last actor has let go of it.
std::shared_ptr<const data_home> shared_home(data_home opened, std::promise<void> released) {
  const auto kept = std::make_shared<std::promise<void>>(std::move(released));
  return {new data_home(std::move(opened)), [kept](const data_home* home) {
            delete home;
            kept->set_value();
          }};
}

failure still_held() {
  return {failure_kind::busy, "stop-timed-out",
          "a part of muster hangs in a call to the disk and did not end in time; the data directory stays locked until "
          "it does"};
}

} // namespace

struct runtime::inside {
  caf::actor_system& system;
  muster_actor handle;
  std::vector<std::string> notes;
  std::future<void> released; ///< the data directory is
  bool stopped = false;
};

runtime::runtime(std::unique_ptr<inside> what) : inside_(std::move(what)) {}
runtime::runtime(runtime&&) noexcept = default;

runtime& runtime::operator=(runtime&& other) noexcept {
  if (this != &other) {
    if (inside_)
      (void)stop();
    inside_ = std::move(other.inside_);
  }
  return *this;
}

runtime::~runtime() {
  if (inside_)
    (void)stop();
}

expected<runtime> runtime::start(caf::actor_system& system, const environment& env, const runtime_options& options) {
  if (auto usable = check_strategies(options.strategies); !usable)
    return usable.error();
  auto directory = data_directory::open(env, options.data_directory, data_directory::presence::create);
  if (!directory)
    return directory.error();
  auto opened = data_home::open(env, std::move(*directory));
  if (!opened)
    return opened.error();
  auto notes = opened->notes();
  if (!opened->own_feed())
    notes.push_back(opened->own_feed().error().message);
  std::promise<void> released;
  auto released_later = released.get_future();
  auto home = shared_home(std::move(*opened), std::move(released));
  epoch first{1};
  if (options.relay) {
    const auto lives = reserve_lives(env, home->directory().get());
    first = lives.first;
    if (lives.not_kept)
      notes.push_back(lives.not_kept->message);
  }
  auto with = options_of(options, first);
  const auto begun = std::make_shared<beginning>();
  with.supervisor.started = [begun](const std::vector<finding>& found) { begun->tell({found, {}}); };
  with.front.gave_up = [begun](const failure& why) { begun->tell({{}, why}); };
  auto handle = spawn_muster(system, env, std::move(home), with);
  runtime result(
      std::make_unique<inside>(inside{system, std::move(handle), std::move(notes), std::move(released_later)}));
  const auto how = begun->wait(options.start_limit);
  if (how.gave_up)
    return *how.gave_up;
  for (const auto& each : how.findings)
    result.inside_->notes.push_back(each.message);
  return result;
}

const muster_actor& runtime::handle() const noexcept {
  return inside_->handle;
}

const std::vector<std::string>& runtime::notes() const noexcept {
  return inside_->notes;
}

expected<void> runtime::stop(std::chrono::nanoseconds deadline) {
  if (std::exchange(inside_->stopped, true))
    return {};
  const auto waits = deadline + std::chrono::seconds{5};
  auto stopped = ask_and_wait<runtime_stopped>(inside_->system, inside_->handle, stop_runtime{deadline}, waits);
  ask_to_end(inside_->handle);
  if (inside_->released.wait_for(waits) != std::future_status::ready)
    return still_held();
  if (!stopped)
    return stopped.error();
  return {};
}

} // namespace muster
