#define CAF_SUITE runtime_test

#include "muster/supervisor/runtime.hpp"

#include "tests/support/scratch_directory.hpp"

#include "muster/actors/relay.hpp"
#include "muster/messages/actor_failure.hpp"
#include "muster/store/real_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <set>

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

CAF_TEST(two runtimes live in one system with a directory each) {
  host here;
  auto one = here.start(here.options("one"));
  auto two = here.start(here.options("two"));
  CAF_REQUIRE(one && two);
  CAF_CHECK(here.get<agent_placed>(*one, registration(here.project("a"), "first")));
  CAF_CHECK(here.get<agent_placed>(*two, registration(here.project("b"), "second")));
  const auto rows = here.get<agents_listed>(*two, list_agents{});
  CAF_REQUIRE(rows);
  CAF_REQUIRE_EQUAL(rows->agents.size(), 1u);
  CAF_CHECK_EQUAL(rows->agents.front().name, "second");
  CAF_CHECK(one->stop());
  CAF_CHECK(here.get<agents_listed>(*two, list_agents{}));
}

CAF_TEST(a directory that is held is busy and free after the stop) {
  host here;
  auto one = here.start(here.options());
  CAF_REQUIRE(one);
  const auto two = here.start(here.options());
  CAF_REQUIRE(!two);
  CAF_CHECK(two.error().kind == failure_kind::busy);
  CAF_REQUIRE(one->stop());
  CAF_CHECK(here.start(here.options()));
}

CAF_TEST(a stop under load answers everybody and keeps what was acknowledged) {
  host here;
  constexpr std::size_t many = 64;
  std::set<std::string> acknowledged;
  std::size_t answered = 0;
  {
    auto muster = here.start(here.options());
    CAF_REQUIRE(muster);
    caf::scoped_actor self{here.system};
    std::vector<decltype(self->request(muster->handle(), 20s, register_agent{}))> open;
    for (std::size_t i = 0; i < many; ++i) {
      const auto name = "agent-" + std::to_string(i);
      open.push_back(self->request(muster->handle(), 20s, registration(here.project(name), name)));
    }
    CAF_CHECK(muster->stop());
    for (auto& each : open)
      each.receive(
          [&](const agent_placed& placed) {
            ++answered;
            acknowledged.insert(placed.path);
          },
          [&](const caf::error&) { ++answered; });
  }
  CAF_CHECK_EQUAL(answered, many);
  auto muster = here.start(here.options());
  CAF_REQUIRE(muster);
  const auto rows = here.get<agents_listed>(*muster, list_agents{});
  CAF_REQUIRE(rows);
  std::set<std::string> there;
  for (const auto& row : rows->agents)
    there.insert(row.path);
  CAF_CHECK(std::ranges::includes(there, acknowledged));
}

CAF_TEST(with a relay of the host each start is a later life) {
  host here;
  auto options = here.options();
  const relay_actor relay = here.system.spawn<muster::relay>();
  options.relay = relay;
  std::uint64_t before = 0;
  for (int i = 0; i < 3; ++i) {
    auto muster = here.start(options);
    CAF_REQUIRE(muster);
    const auto known = here.get<runtime_described>(*muster, describe_runtime{});
    CAF_REQUIRE(known);
    CAF_CHECK_GREATER(known->life, before);
    before = known->life;
  }
  ask_to_end(relay);
}

} // namespace muster::test
