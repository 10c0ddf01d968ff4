#include "tests/sim/final_judgement.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace muster::sim {

namespace {

using namespace std::chrono_literals;

class judgement {
public:
  explicit judgement(sim_world& world) : world_(world) {}

  void run() {
    sweep();
    sweep();
    world_.rest(5s); // the relay is told behind the answer, of what was observed after that by the next
    sweep();
    world_.rest(5s);
    read_roster();
    if (world_.is_violated())
      return;
    world_.feed.look(world_.violations);
    world_.manifests.look(world_.violations);
    world_.manifests.judge(world_.feed, world_.violations);
    judge_places();
    judge_denials();
    judge_rows();
    judge_requests();
    judge_index();
    // What a relay forgets by itself is asserted at the next start.
    if (!world_.relay_forgot)
      judge_relay();
    judge_mail();
    judge_problems();
    judge_listening();
    if (world_.is_violated())
      return;
    judge_next_start();
  }

private:
  template <class Answer, class Request>
  std::optional<Answer> ask(const Request& request, const std::string& what, sim_world::duration limit = 60s) {
    if (world_.is_violated())
      return {};
    auto answer = world_.ask_now<Answer>(world_.process()->front(), request, limit);
    if (!answer) {
      violated("I18: without faults, " + what + " fails: " + answer.error().message);
      return {};
    }
    return std::move(*answer);
  }

  void violated(std::string what) { world_.violations.push_back(std::move(what)); }

  // It may join one whose parts have lost their answers.
  void sweep() { (void)ask<sweep_report>(sweep_now{}, "a sweep", 31min); }

  void read_roster() {
    if (auto listed = ask<agents_listed>(list_agents{}, "the list of agents"))
      rows_ = std::move(listed->agents);
  }

  // The roster has the places that the feed has.
  void judge_places() {
    std::map<std::string, std::string> listed;
    for (const auto& row : rows_)
      if (!listed.emplace(row.id.text, row.path).second)
        violated("I14: " + row.id.text + " is listed twice");
    if (listed != world_.feed.places())
      violated("I4: the roster has " + std::to_string(listed.size()) + " agents, the feed " +
               std::to_string(world_.feed.places().size()) + ", or at other paths");
  }

  void judge_denials() {
    const auto listed = ask<denials_listed>(list_denials{}, "the list of denials");
    std::set<std::string> paths;
    for (const auto& each : listed ? listed->denials : std::vector<known_denial>{})
      paths.insert(each.path);
    if (listed && paths != world_.feed.denied())
      violated("I4: " + std::to_string(paths.size()) + " paths are listed as denied, and the feed says " +
               std::to_string(world_.feed.denied().size()) + ", or others");
  }

  // What is listed is what the files say.
  void judge_rows() {
    for (const auto& row : rows_) {
      const auto project = project_at(row.path, world_.history.projects());
      if (!project) {
        violated("I14: " + row.id.text + " lives at " + row.path + ", where nobody has a project");
        continue;
      }
      const auto bytes = world_.editor.read(*project);
      const auto gist = bytes ? gist_of(*bytes) : std::string{};
      const bool broken = gist.substr(0, 6) == "broken";
      if (!bytes && row.status != agent_status::manifest_missing && row.status != agent_status::unreachable)
        violated("I18: after two sweeps " + row.path + " has no manifest and is " + std::string(to_string(row.status)));
      if (broken && row.status != agent_status::manifest_invalid)
        violated("I18: after two sweeps the manifest of " + row.path + " is broken and it is " +
                 std::string(to_string(row.status)));
      if (bytes && !broken && bytes->find(row.id.text) != std::string::npos)
        judge_content(row, gist);
    }
  }

  void judge_content(const roster_row& row, const std::string& gist) {
    if (row.status != agent_status::active && row.status != agent_status::unadmitted)
      violated("I18: after two sweeps the manifest of " + row.path + " is whole and it is " +
               std::string(to_string(row.status)));
    const auto shown = ask<agent_shown>(show_agent{row.id.text, false}, "show " + row.path);
    if (!shown)
      return;
    const auto description = shown->agent.fields.find("description");
    const auto tokens = tokens_in(description == shown->agent.fields.end() ? std::string_view{}
                                                                           : std::string_view{description->second});
    const auto said = tokens.empty() ? std::string{"plain"} : tokens.front();
    const bool held = std::ranges::any_of(row.problems, [](const auto& each) { return each.kind == "held"; });
    if (held && world_.world[knob::hold_checkouts] == 0)
      violated("I18: " + row.path + " is held, which nobody has asked for");
    if (said != gist && !held)
      violated("I1: after two sweeps the file of " + row.path + " says " + gist + " and the index " + said);
  }

  // What was refused is nowhere; what is unknown for good is everywhere or nowhere.
  void judge_requests() {
    for (const auto& one : world_.desk.all()) {
      const auto step = " (step " + std::to_string(one.step.id) + ")";
      if (one.how == answer_kind::none_yet)
        violated("I9: it has never been answered" + step);
      // A hand may have copied it, or moved it away, while it was being tried or
      // undone.
      const bool may_stand = one.token.empty() || one.lost > 0 || world_.history.was_spread_by_hand(one.token) ||
                             (one.change && world_.history.was_moved_away(one.change->project));
      if (one.how == answer_kind::refused && !may_stand && world_.feed.mentions(one.token))
        violated("I2: it was refused and stands in the feed" + step + ": " + one.why->message);
    }
    for (std::size_t i = 0; i < world_.history.projects(); ++i) {
      const auto bytes = world_.editor.read(i);
      const auto tokens = bytes ? tokens_in(gist_of(*bytes)) : std::vector<std::string>{};
      const bool placed = std::any_of(rows_.begin(), rows_.end(), [&](const roster_row& row) {
        return row.path == project_path(i) && row.status == agent_status::active;
      });
      if (placed && !tokens.empty() && !world_.feed.mentions(tokens.front()))
        violated("I3: " + tokens.front() + " is in the file of project " + std::to_string(i) + " and not in the feed");
    }
  }

  void judge_index() {
    const auto verified = ask<index_rebuilt>(rebuild_index{true}, "the comparison of the index");
    if (verified && verified->identical != true)
      violated("I4: the index is not what a fold from nothing says");
  }

  void judge_relay() {
    if (world_.is_violated())
      return;
    const auto relay = world_.process()->relay();
    if (!relay)
      return;
    const auto held = world_.ask_now<relay_listed>(relay, relay_list{});
    if (!held)
      return violated("I8: the relay does not answer");
    std::map<std::pair<std::string, std::string>, bool> endpoints;
    for (const auto& endpoint : held->endpoints)
      if (!endpoints.emplace(std::pair{endpoint.subject, endpoint.agent.text}, endpoint.open).second)
        violated("I8: the relay has " + endpoint.subject + " twice");
    const bool has_relay = world_.world[knob::relay_mode] != static_cast<std::uint64_t>(relay_mode::none);
    for (const auto& row : rows_) {
      if (!has_relay || row.status == agent_status::remote)
        continue;
      const auto endpoint = endpoints.extract({row.subject, row.id.text});
      if (!endpoint)
        violated("I8: the relay has no endpoint for " + row.path);
      else if (endpoint.mapped() != (row.status == agent_status::active))
        violated("I8: the endpoint of " + row.path + (endpoint.mapped() ? " is open" : " is closed"));
    }
    judge_rules(*held, has_relay);
    if (!endpoints.empty())
      violated("I8: the relay has an endpoint " + endpoints.begin()->first.first + " that no agent has");
  }

  // What agents that live here have not acknowledged.
  void judge_mail() {
    const bool has_relay = world_.world[knob::relay_mode] != static_cast<std::uint64_t>(relay_mode::none);
    if (!has_relay || (world_.relay_forgot && world_.world[knob::relay_kind] != 0))
      return;
    for (const auto& row : rows_) {
      std::vector<mail_item> all;
      for (bool more = true; more;) {
        const auto page = ask<mail_read>(read_mail{{{}, row.id}, all.empty() ? message_id{} : all.back().id, 100},
                                         "reading the mail of " + row.path);
        if (!page)
          return;
        all.insert(all.end(), page->messages.begin(), page->messages.end());
        more = page->more;
      }
      world_.desk.letters().judge(row.id.text, all, !world_.feed.dropped_at(row.id.text).empty());
    }
  }

  // A sweep by the clock may change something between the two.
  void judge_listening() {
    constexpr int looks = 5;
    std::string difference;
    if (world_.is_violated())
      return;
    for (int i = 0; i < looks; ++i) {
      world_.rest(2s);
      list_agents all;
      all.all_instances = true;
      const auto listed = ask<agents_listed>(all, "the list of all agents");
      if (!listed)
        return;
      difference = world_.listening.difference_to(listed->agents);
      if (difference.empty())
        return;
    }
    violated("I21: built of what is told alone, the roster is another: " + difference);
  }

  /// What the relay holds of rules is what the index says and nothing else.
  void judge_rules(const relay_listed& held, bool has_relay) {
    const auto listed = ask<rules_listed>(list_rules{}, "the list of rules");
    if (!listed || !has_relay)
      return;
    const std::string prefix = "relay.agent.";
    const auto pattern = [&](const std::string& name) { return prefix + (name == "*" ? ">" : name + ".*"); };
    const auto spelled = [](const std::string& source, const std::string& target, rule_action action, int priority) {
      return source + " " + target + (action == rule_action::allow ? " allow " : " deny ") + std::to_string(priority);
    };
    std::set<std::string> wanted;
    for (const auto& rule : listed->rules) {
      auto source = pattern(rule.source);
      for (const auto& row : rows_)
        if (!rule.agent.empty() && row.id == rule.agent)
          source = row.subject;
      wanted.insert(spelled(source, pattern(rule.target), rule.action, rule.priority));
    }
    for (const auto& rule : held.rules)
      if (const auto text = spelled(rule.source, rule.target, rule.action, rule.priority); wanted.erase(text) == 0)
        violated("I8: the relay has a rule that the index does not say: " + text);
    if (!wanted.empty())
      violated("I8: the relay lacks a rule: " + *wanted.begin());
  }

  void judge_problems() {
    // A sweep by the clock may be at work.
    std::size_t in_flight = 1;
    std::size_t owing = 0;
    for (int looks = 0; looks < 5 && in_flight > 0; ++looks) {
      const auto described = ask<runtime_described>(describe_runtime{}, "the description");
      if (!described)
        return;
      in_flight = described->sagas_in_flight;
      owing = described->sagas_owing;
      world_.rest(1s);
    }
    if (in_flight != 0 || owing != 0)
      violated("I7: " + std::to_string(in_flight) + " sagas are in flight and " + std::to_string(owing) +
               " owe something");
    if (const auto found = ask<findings_told>(examine_all{}, "the examination"))
      for (const auto& each : found->findings)
        if (each.damage)
          violated("I10: there is damage: " + each.message);
  }

  // Stopped, and started without its index, it says the same.
  void judge_next_start() {
    const auto before = ask<index_dumped>(dump_index{}, "the dump");
    const auto last_commit = world_.feed.end();
    world_.stop();
    if (world_.is_violated() || !before)
      return;
    world_.machine.aside([](simulated_disk& files) {
      for (const char* suffix : {"", "-wal", "-journal"}) {
        const auto path = std::string(data_directory_path) + "/index.db" + suffix;
        if (files.exists(path))
          files.unlink(no_handle, path, unlink_kind::file).value();
      }
    });
    if (!world_.start_for_good())
      return;
    const auto after = ask<index_dumped>(dump_index{}, "the dump of the new index");
    // The sweep of the start may have found what came free by the last one's removal.
    if (after && after->text != before->text && world_.feed.end() == last_commit)
      violated("I4: without its file the index says something else");
    world_.rest(5s); // the start goes on behind its first answers
    // What a saga of the journal turns out to be after the sweep of the start is
    // told to the relay by the next one.
    sweep();
    world_.rest(5s);
    // A grace may have come to its end meanwhile.
    read_roster();
    judge_relay();
    judge_mail();
    world_.stop();
  }

  sim_world& world_;
  std::vector<roster_row> rows_;
};

} // namespace

void judge(sim_world& world) {
  if (!world.is_violated())
    judgement{world}.run();
}

simulation_result simulate(const scenario& world, planted_bug bug, sim_trace::reader trace) {
  sim_world run(world, bug, std::move(trace));
  run.live();
  run.calm_down();
  judge(run);
  return run.take_result();
}

} // namespace muster::sim
