#define CAF_SUITE supervisor_fault

#include "muster/supervisor/supervisor.hpp"

#include "tests/support/muster_world.hpp"
#include "tests/support/worker_taps.hpp"

#include "muster/actors/relay.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <set>

namespace muster::test {

namespace {

using namespace std::chrono_literals;

enum class scenario : std::uint8_t { enrol, adopt, update, move, unregister, unregister_keeping, deny, undeny, admit };
constexpr std::size_t scenario_count = 9;
constexpr const char* path = "/home/work";

constexpr std::string_view adopted_manifest = R"({
  "id": "01J9Z0000000000000000ADOPT",
  "name": "adopted",
  "description": "",
  "runtime": "codex",
  "capabilities": [],
  "behavior": {"responseMode": "always"},
  "registeredAt": "2026-01-01T00:00:00.000Z",
  "registeredBy": "test"
}
)";

/// One muster with something between it and its workers, which runs one change.
class tapped_world : public muster_world {
public:
  explicit tapped_world(scenario what) : what_(what) {
    options.relay = keep(relay_actor{sys.spawn<relay>()});
    tap_workers(options, sys, board);
    board->listening = false;
    options.sweep.discovery.managed_home = "/home/agents";
    start();
    (void)project("work");
    if (what == scenario::adopt) {
      machine.files.put_directory("/home/work/.dork");
      machine.files.put_file(manifest_path(path), adopted_manifest);
    } else if (what != scenario::enrol) {
      CAF_REQUIRE(place(path, "first"));
    }
    if (what == scenario::move) {
      machine.files.aside([](auto& files) {
        CAF_REQUIRE(files.rename(no_handle, path, no_handle, "/home/moved", rename_mode::no_replace));
      });
      // Else a sweep of `calm` would be the first to see it.
      CAF_REQUIRE(ask_for<sweep_report>(sweep_now{}));
    }
    if (what == scenario::undeny)
      CAF_REQUIRE(ask_for<path_denied>(deny_path{{}, "/home/agents/no", "noise", {}, {}}));
    if (what == scenario::admit) {
      // In a namespace that somebody has.
      for (const std::string dir : {"/home/agents", "/home/agents/found", "/home/agents/found/.dork"})
        machine.files.put_directory(dir);
      auto text = std::string(adopted_manifest);
      text.insert(text.find("\"name\""), "\"namespace\": \"work\", ");
      machine.files.put_file(manifest_path("/home/agents/found"), text);
      CAF_REQUIRE(ask_for<sweep_report>(sweep_now{}));
    }
    before_ = state();
  }

  expected<void> act() {
    switch (what_) {
      case scenario::enrol:
      case scenario::adopt: return outcome(place(path, what_ == scenario::adopt ? "adopted" : "first", "r"));
      case scenario::update:
        return outcome(
            ask_for<agent_placed>(update_agent{request_id{"r"}, path, {{{"name"}, "\"second\""}}, {}, {}, {}}));
      case scenario::move: return outcome(ask_for<agent_placed>(move_agent{request_id{"r"}, "first", "/home/moved"}));
      case scenario::unregister:
        return outcome(ask_for<agent_unregistered>(unregister_agent{request_id{"r"}, "first", false, false}));
      case scenario::unregister_keeping:
        return outcome(ask_for<agent_unregistered>(unregister_agent{request_id{"r"}, "first", true, false}));
      case scenario::deny:
        return outcome(ask_for<path_denied>(deny_path{request_id{"r"}, "/home/agents/no", "noise", {}, {}}));
      case scenario::undeny: return outcome(ask_for<path_undenied>(undeny_path{request_id{"r"}, "/home/agents/no"}));
      case scenario::admit: return outcome(ask_for<agents_admitted>(admit_agents{request_id{"r"}, "adopted", {}}));
    }
    return {};
  }

  /// What can be seen from outside: roster, files, denials, relay.
  std::string state() {
    std::string result;
    for (const auto& row : roster())
      result += row.name + "@" + row.path + (row.status == agent_status::unadmitted ? " waits;" : ";");
    for (const std::string project : {"/home/work", "/home/moved"})
      result += " " + (machine.files.exists(manifest_path(project)) ? name_in(manifest(project)) : "-");
    const auto denials = ask_for<denials_listed>(list_denials{});
    for (const auto& each : denials ? denials->denials : std::vector<known_denial>{})
      result += " no " + each.path;
    const auto listed = get<relay_listed>(options.relay, relay_list{});
    for (const auto& each : listed->endpoints)
      result += each.open ? " open" : " closed";
    return result;
  }

  /// Lets whatever is under way come to its end, then has it swept.
  void calm() {
    board->listening = false;
    for (int i = 0; i < 30; ++i)
      pass(5s);
    for (int i = 0; i < 3; ++i)
      (void)ask_for<sweep_report>(sweep_now{});
  }

  [[nodiscard]] const std::string& before() const noexcept { return before_; }
  std::size_t commits() {
    const auto log = ask_for<log_read>(show_log{});
    return log ? log->commits.size() : 0;
  }

  std::shared_ptr<tap_board> board = std::make_shared<tap_board>();

private:
  template <class Answer>
  static expected<void> outcome(const expected<Answer>& answer) {
    return answer ? expected<void>{} : expected<void>{answer.error()};
  }
  static std::string name_in(const std::string& text) {
    for (const std::string name : {"first", "second", "adopted"})
      if (text.find("\"" + name + "\"") != std::string::npos)
        return name;
    return "?";
  }

  scenario what_;
  std::string before_;
};

struct expectation {
  std::size_t messages = 0;
  std::string after;
  std::size_t commits_before = 0;
};

expectation without_mishap(scenario what) {
  tapped_world world{what};
  expectation result;
  result.commits_before = world.commits();
  world.board->listening = true;
  const auto answer = world.act();
  if (!answer)
    CAF_FAIL(answer.error().message);
  world.board->listening = false;
  result.messages = world.board->said.size();
  world.calm();
  result.after = world.state();
  return result;
}

std::string check(tapped_world& world, const expectation& want, const expected<void>& answer) {
  world.calm();
  const auto known = world.described();
  if (known.sagas_in_flight + known.sagas_owing > 0)
    return "sagas are left";
  const auto state = world.state();
  const auto made = world.commits() - want.commits_before;
  if (made > 1)
    return "committed twice";
  const auto unknown = !answer && answer.error().kind == failure_kind::unknown_outcome;
  if (answer && (made != 1 || state != want.after))
    return "done and it is not: " + state;
  if (!answer && !unknown && (made != 0 || state != world.before()))
    return "not done and it is: " + state;
  if (unknown) {
    if (state != (made == 1 ? want.after : world.before()))
      return "unknown and half: " + state;
    if (const auto again = world.act(); !again)
      return "a repetition fails: " + again.error().message;
    world.calm();
    if (world.commits() - want.commits_before != 1 || world.state() != want.after)
      return "a repetition does not do it once: " + world.state();
  }
  const auto rebuilt = world.ask_for<index_rebuilt>(rebuild_index{true});
  if (!rebuilt || rebuilt->identical != true)
    return "the index is not what a fold says";
  if (const auto stopped = world.stop(); !stopped)
    return "it does not stop: " + stopped.error().message;
  auto& files = world.machine.files;
  if (files.exists("/home/data/journal") && !files.file_content("/home/data/journal").empty())
    return "the journal keeps a saga";
  return {};
}

} // namespace

CAF_TEST(a change is done or not or unknown whatever befalls one message) {
  std::size_t runs = 0;
  std::set<std::string> wrong;
  for (std::size_t i = 0; i < scenario_count; ++i) {
    const auto what = static_cast<scenario>(i);
    const auto want = without_mishap(what);
    for (std::size_t at = 1; at <= want.messages; ++at)
      for (std::size_t kind = 1; kind < mishap_count; ++kind) {
        tapped_world world{what};
        world.board->rules = {{"", at, static_cast<mishap>(kind)}};
        world.board->listening = true;
        const auto answer = world.act();
        const auto hit = world.board->said.at(at - 1);
        ++runs;
        if (const auto problem = check(world, want, answer); !problem.empty())
          wrong.insert("scenario " + std::to_string(i) + ", message " + std::to_string(at) + " " + hit + ", mishap " +
                       std::to_string(kind) + ": " + problem +
                       (answer ? std::string{} : " [" + std::string{answer.error().code} + "]"));
      }
  }
  std::printf("lane supervisor_fault: %zu runs, %zu violations\n", runs, wrong.size());
  for (const auto& each : wrong)
    std::printf("  %s\n", each.c_str());
  CAF_CHECK(wrong.empty());
}

} // namespace muster::test
