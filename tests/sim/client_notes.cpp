#include "tests/sim/client_desk.hpp"

#include "muster/store/sha256.hpp"

#include <algorithm>
#include <set>
#include <string>

// What clients hold against the answers.

namespace muster::sim {

namespace {

constexpr std::size_t versions_kept = 12;

} // namespace

void client_desk::note(asked& one, const agent_placed& answer) {
  if (one.how == answer_kind::done && one.placed && one.in_feed && !clock_jumped_ &&
      one.placed->version != answer.version)
    violated(one, "I9: repeated, it was answered with commit " + std::to_string(answer.version.seq) + " after " +
                      std::to_string(one.placed->version.seq));
  feed_.acknowledged(answer.version.seq, violations_);
  const bool first = one.how != answer_kind::done;
  one.placed = answer;
  if (!first)
    return;
  // It was done long ago, and the agent lives nowhere any more.
  if (answer.path.empty() && one.was_asked_before()) {
    if (one.change)
      settle(one, false, false, {});
    return;
  }
  const auto project = project_at(answer.path, known_.size());
  if (!project)
    return violated(one, "the answer names a path that nobody has: " + answer.path);
  auto& known = known_[*project];
  known.agent = answer.agent.text;
  known.content_hash = to_hex(answer.content_hash);
  const bool in_feed = !one.request.empty() && feed_.find_request(one.request.text);
  one.in_feed = in_feed;
  if (!one.token.empty())
    check_acknowledged(one, in_feed);
  if (!one.change)
    return;
  // Without a token it takes what is there, and writes only where nothing is.
  const bool has_written = !answer.adopted && (one.step.what == verb::revert ? in_feed : !one.token.empty());
  settle(one, false, has_written, answer.path);
  if (!has_written)
    return;
  known.versions.push_back({answer.agent.text, answer.version, history_.at(*one.change).gist});
  if (known.versions.size() > versions_kept)
    known.versions.erase(known.versions.begin());
}

// Its token makes it unlike all before, so there must be a commit of its own.
void client_desk::check_acknowledged(const asked& one, bool in_feed) {
  if (!feed_.can_look())
    return;
  if (!feed_.mentions(one.token))
    violated(one, "I1: it is acknowledged and the feed does not say so");
  // A start that does not find the file leaves it to the sweep that does, and one
  // that a hand has carried elsewhere before it was undone is a hand's there.
  else if (!one.request.empty() && !in_feed &&
           !(one.was_asked_before() && one.change &&
             (history_.was_moved_away(one.change->project) || history_.was_spread_by_hand(one.token))))
    violated(one, "I1: it is acknowledged and no commit of the feed carries its request id");
}

void client_desk::note(asked& one, const agent_unregistered& answer) {
  if (one.how == answer_kind::done)
    return;
  feed_.look(violations_);
  if (!one.change)
    return;
  // A manifest that names another agent by now stays, and so does one that nobody
  // could see (decision 9). It is answered at the commit, and the manifest goes
  // afterwards.
  const auto path = feed_.can_look() ? feed_.dropped_at(answer.agent.text) : std::string{};
  const auto project = project_at(path, known_.size());
  const auto bytes = project && feed_.can_look() ? editor_.read(*project) : std::nullopt;
  settle(one, false, !one.unseen && bytes && bytes->find(answer.agent.text) != std::string::npos, path);
  history_.at(*one.change).ended = not_yet;
}

void client_desk::note(asked& one, const agents_listed& answer) {
  std::set<std::string> ids;
  std::set<std::string> paths;
  for (const auto& row : answer.agents) {
    if (!ids.insert(row.id.text).second)
      violated(one, "I14: " + row.id.text + " is listed twice");
    if (!paths.insert(row.path).second)
      violated(one, "I14: " + row.path + " is listed twice");
  }
}

// What stands in the feed says whether it is denied, so the onlooker of that
// judges the rest.
void client_desk::note_version(asked& one, const commit_id& version) {
  if (one.how == answer_kind::done && one.in_feed && !clock_jumped_ && one.placed && one.placed->version != version)
    violated(one, "I9: repeated, it was answered with another commit");
  feed_.acknowledged(version.seq, violations_);
  one.placed.emplace().version = version;
  one.in_feed = !one.request.empty() && feed_.find_request(one.request.text);
}

void client_desk::note(asked& one, const path_denied& answer) {
  note_version(one, answer.denial.version);
  if (answer.denial.version.seq == 0 || answer.denial.path != project_path(one.step.b % known_.size()))
    violated(one, "I9: it denies " + answer.denial.path);
  const auto made = feed_.commits().find(answer.denial.version.seq);
  if (feed_.can_look() && made != feed_.commits().end() &&
      std::ranges::find(made->second.denied, answer.denial.path) == made->second.denied.end())
    violated(one, "I25: it denies " + answer.denial.path + " by commit " + std::to_string(made->first) +
                      ", which does not say so");
}

void client_desk::note(asked& one, const path_undenied& answer) {
  note_version(one, answer.version);
}

void client_desk::note(asked&, const agents_admitted& answer) {
  for (const auto& each : answer.agents)
    feed_.acknowledged(each.version.seq, violations_);
}

void client_desk::note(asked& one, const rule_changed& answer) {
  if (one.placed && one.in_feed && !clock_jumped_ && one.placed->version != answer.version)
    violated(one, "I9: repeated, the rule was answered with commit " + std::to_string(answer.version.seq) + " after " +
                      std::to_string(one.placed->version.seq));
  if (answer.version.seq > 0)
    feed_.acknowledged(answer.version.seq, violations_);
  one.placed = agent_placed{};
  one.placed->version = answer.version;
  one.in_feed = !one.request.empty() && feed_.find_request(one.request.text);
}

void client_desk::note(asked& one, const scan_report& answer) {
  std::set<std::string> paths;
  for (const auto* list : {&answer.existing, &answer.duplicates, &answer.unadmitted, &answer.unregistered})
    for (const auto& each : *list) {
      if (each.taken)
        violated(one, "I14: a scan that only looks has registered " + each.path);
      if (!paths.insert(each.path).second)
        violated(one, "I14: a scan tells " + each.path + " twice");
    }
}

} // namespace muster::sim
