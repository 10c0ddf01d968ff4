#include "tests/sim/client_desk.hpp"

#include <algorithm>
#include <set>
#include <string>

// What clients hold against the answers about denials, rules and scans.

namespace muster::sim {

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
    violated(one, "I21: it denies " + answer.denial.path + " by commit " + std::to_string(made->first) +
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
