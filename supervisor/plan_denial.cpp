#include "muster/store/json_text.hpp"
#include "muster/supervisor/consent_plan.hpp"
#include "muster/supervisor/plan_parts.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace muster {

using namespace plan_parts;

namespace {

constexpr std::string_view by_hand = "manual";
/// Of a reason, a name, a strategy; they are for people.
constexpr std::size_t longest_text = 4096;

std::optional<failure> refuse_texts(const deny_path& asked, const std::string& path) {
  for (const auto* each : {&asked.reason, &asked.by, &asked.strategy})
    if (each->size() > longest_text || !json::is_utf8(*each))
      return refused("denial-text",
                     "what is said with a denial is text in UTF-8 of at most " + std::to_string(longest_text) +
                         " bytes: say it shorter",
                     {}, path);
  return std::nullopt;
}

failure registered_there(const denial_facts& known) {
  const auto agent = shell_word(known.agent->text);
  return refused("denied-registered",
                 known.home + " is the place of agent " + known.agent->text + ": type `muster unregister " + agent +
                     " --keep-manifest`, which denies it too, or `muster unregister " + agent +
                     "`, which takes its manifest away",
                 *known.agent, known.path);
}

const std::string& first_said(const std::string& asked, const std::string& otherwise) {
  return asked.empty() ? otherwise : asked;
}

/// What will stand.
deny_put denial_of(const deny_path& asked, const denial_facts& known, const plan_ground& ground) {
  // What muster has put there itself is nobody's word yet.
  const bool said_before = known.standing && !is_of_unregistering(known.standing->reason, known.standing->by);
  const auto& before = said_before ? *known.standing : known_denial{};
  const std::string manual(by_hand);
  return {ground.own, known.path, first_said(asked.reason, before.reason),
          first_said(asked.by, said_before && !before.by.empty() ? before.by : known.user),
          first_said(asked.strategy, before.strategy.empty() ? manual : before.strategy)};
}

planned_change plan_on(const std::string& path) {
  planned_change plan;
  plan.intent.kind = saga_kind::change_denial;
  plan.intent.path = path;
  plan.answer.path = path;
  plan.claims = claims_on({}, {path});
  return plan;
}

nothing_new stands(const std::string& path, const commit_id& version) {
  nothing_new result;
  result.answer.path = path;
  result.answer.version = version;
  return result;
}

} // namespace

expected<planned> plan_denial(const deny_path& asked, const denial_facts& known, const plan_ground& ground) {
  if (auto why = refuse_texts(asked, known.path))
    return std::move(*why);
  if (known.agent)
    return registered_there(known);
  auto denial = denial_of(asked, known, ground);
  const auto& standing = known.standing;
  if (standing && standing->reason == denial.reason && standing->by == denial.by &&
      standing->strategy == denial.strategy)
    return stands(known.path, standing->version);
  auto plan = plan_on(known.path);
  auto paths = known.arriving;
  paths.push_back(known.path);
  plan.claims = claims_on({}, paths);
  plan.intent.ops.emplace_back(std::move(denial));
  return plan;
}

expected<planned> plan_undenial(const undenial_facts& known, const plan_ground& ground) {
  const auto& standing = known.as_typed ? known.as_typed : known.as_resolved;
  if (!standing)
    return stands(known.path, {});
  auto plan = plan_on(standing->path);
  plan.intent.ops.emplace_back(deny_drop{ground.own, standing->path});
  return plan;
}

} // namespace muster
