#define CAF_SUITE runtime_test

#include "muster/supervisor/runtime.hpp"

#include "tests/support/scratch_directory.hpp"

#include "muster/messages/actor_failure.hpp"
#include "muster/store/real_environment.hpp"

#include <caf/test/unit_test.hpp>

namespace muster::test {

namespace {

using namespace std::chrono_literals;

struct system_config : caf::actor_system_config {
  system_config() { register_message_types(); }
};

/// A host: an actor system, and what it asks a muster.
struct host {
  system_config config;
  caf::actor_system system{config};
  real_environment world;
  scratch_directory scratch;

  runtime_options options(const std::string& data = "data") {
    runtime_options result;
    result.data_directory = scratch.path() + "/" + data;
    result.sweeps = false;
    return result;
  }

  expected<runtime> start(const runtime_options& with) { return runtime::start(system, world.view(), with); }

  std::string project(const std::string& name) {
    const auto path = scratch.path() + "/" + name;
    auto& files = world.view().files;
    CAF_REQUIRE(files.make_directory(no_handle, path, 0755));
    return path;
  }

  template <class Answer, class Request>
  expected<Answer> get(const runtime& of, Request request) {
    expected<Answer> result{boost::system::in_place_error};
    caf::scoped_actor self{system};
    self->request(of.handle(), 20s, std::move(request))
        .receive(
            [&](Answer& answer) {
              result = expected<Answer>{boost::system::in_place_value, std::move(answer)};
            },
            [&](const caf::error& why) {
              result = expected<Answer>{boost::system::in_place_error, to_failure(why, {})};
            });
    return result;
  }
};

register_agent registration(const std::string& path, const std::string& name) {
  register_agent result;
  result.path = path;
  result.name = name;
  return result;
}

} // namespace

CAF_TEST(registers and lists and unregisters and is the same after a start) {
  host here;
  const auto path = here.project("work");
  agent_id agent;
  {
    auto muster = here.start(here.options());
    CAF_REQUIRE(muster);
    const auto placed = here.get<agent_placed>(*muster, registration(path, "first"));
    if (!placed)
      CAF_FAIL(placed.error().message);
    agent = placed->agent;
    CAF_CHECK_EQUAL(placed->path, path);
    const auto listed = here.get<agents_listed>(*muster, list_agents{});
    CAF_REQUIRE(listed);
    CAF_REQUIRE_EQUAL(listed->agents.size(), 1u);
    CAF_CHECK_EQUAL(listed->agents.front().name, "first");
    const auto stopped = muster->stop();
    if (!stopped)
      CAF_FAIL(stopped.error().message);
  }
  auto muster = here.start(here.options());
  CAF_REQUIRE(muster);
  const auto listed = here.get<agents_listed>(*muster, list_agents{});
  CAF_REQUIRE(listed);
  CAF_REQUIRE_EQUAL(listed->agents.size(), 1u);
  CAF_CHECK(listed->agents.front().id == agent);
  unregister_agent gone;
  gone.selector = agent.text;
  const auto unregistered = here.get<agent_unregistered>(*muster, gone);
  if (!unregistered)
    CAF_FAIL(unregistered.error().message);
  const auto after = here.get<agents_listed>(*muster, list_agents{});
  CAF_REQUIRE(after);
  CAF_CHECK(after->agents.empty());
}

} // namespace muster::test
