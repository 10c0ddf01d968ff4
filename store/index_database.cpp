#include "muster/store/index_database.hpp"

#include "muster/store/fold_dump.hpp"

#include <algorithm>

namespace muster {

index_database::index_database(const environment& env, std::string path, commit_source& source, index_options options)
    : env_(env),
      path_(std::move(path)),
      source_(source),
      options_(std::move(options)),
      content_(std::make_unique<index_memory>(options_.fold())) {}

expected<void> index_database::open(index_file::audit first) {
  claims_.clear();
  first_audit_ = first;
  return start();
}

expected<void> index_database::close() {
  ready_ = false;
  auto* file = std::exchange(file_, nullptr);
  auto done = file ? file->close() : expected<void>();
  content_ = std::make_unique<index_memory>(options_.fold());
  return done;
}

expected<void> index_database::audit() {
  if (auto there = make_sure(); !there)
    return there;
  return in_memory() ? expected<void>() : file_->audit_rows();
}

template <class Ask>
auto index_database::answer(Ask&& ask) -> decltype(ask()) {
  if (auto there = make_sure(); !there)
    return there.error();
  auto first = ask();
  if (first || in_memory())
    return first;
  if (auto recovered = recover(first.error()); !recovered)
    return recovered.error();
  return ask();
}

expected<void> index_database::make_sure() {
  if (!ready_)
    return start();
  if (in_memory())
    return {};
  auto moved = file_->has_moved();
  if (moved && !*moved)
    return {};
  return recover(moved ? failure{.kind = failure_kind::damaged,
                                 .code = "database-moved",
                                 .message = "the index was deleted, moved or replaced while it was open",
                                 .path = path_}
                       : moved.error());
}

expected<void> index_database::apply(std::span<const commit> commits) {
  if (auto there = make_sure(); !there)
    return there;
  auto done = content_->apply(commits);
  if (done || in_memory())
    return done;
  // A gap is the caller's error; before the first commit it changed nothing.
  const bool gap = done.error().code == "feed-gap";
  if (gap && commits.size() == 1)
    return done;
  if (auto recovered = recover(done.error()); !recovered)
    return recovered;
  return gap ? done : expected<void>();
}

expected<std::optional<agent_record>> index_database::agent(const agent_id& id) {
  return answer([&] { return content_->agent(id); });
}

expected<void> index_database::each_agent(const std::function<void(const agent_id&, const agent_record&)>& take) {
  // What was handed over before an error must not be handed over again.
  std::vector<std::pair<agent_id, agent_record>> agents;
  auto read = answer([&] {
    agents.clear();
    return content_->each_agent(
        [&](const agent_id& id, const agent_record& record) { agents.emplace_back(id, record); });
  });
  if (!read)
    return read;
  for (const auto& [id, record] : agents)
    take(id, record);
  return {};
}

expected<void> index_database::each_row(const row_filter& which, const std::function<void()>& begin,
                                        const take_row& take) {
  return each_row(std::span(&which, 1), begin, take);
}

expected<void> index_database::each_row(std::span<const row_filter> which, const std::function<void()>& begin,
                                        const take_row& take) {
  return answer([&]() -> expected<void> {
    begin();
    for (const auto& filter : which)
      if (auto read = content_->each_row(filter, take); !read)
        return read;
    return {};
  });
}

expected<void> index_database::each_row_of(const std::set<agent_id>& agents, const std::function<void()>& begin,
                                           const take_row& take) {
  std::vector<row_filter> which;
  which.reserve(agents.size());
  for (const auto& agent : agents)
    which.push_back({.what = row_filter::by::agent, .text = agent.text});
  return which.empty() ? expected<void>() : each_row(which, begin, take);
}

expected<std::vector<rule_put>> index_database::rules() {
  return answer([&]() -> expected<std::vector<rule_put>> {
    std::vector<rule_put> result;
    auto read = content_->each_rule([&](const rule_key& key, const shared_register& rule) {
      if (const auto action = action_of(rule, instances()))
        result.push_back({key.source, key.target, *action, saw_now(rule, instances())});
    });
    if (!read)
      return read.error();
    return result;
  });
}

expected<std::vector<reach_rule>> index_database::rules_by_hand() {
  return answer([&]() -> expected<std::vector<reach_rule>> {
    std::vector<reach_rule> result;
    auto read = content_->each_rule([&](const rule_key& key, const shared_register& rule) {
      const auto judge = judge_rule(instances());
      const auto action = action_of(rule, instances());
      if (!action)
        return;
      const auto& winner = *winner_of(rule, judge);
      reach_rule made{key.source, key.target, *action, rule_weight::by_hand, rule_origin::by_hand};
      made.made = {instances()[winner.author].id, winner.seq};
      made.at = winner.at;
      made.contested = is_contested(rule, judge);
      result.push_back(std::move(made));
    });
    if (!read)
      return read.error();
    return result;
  });
}

expected<rule_found> index_database::rule(const rule_key& key) {
  return answer([&]() -> expected<rule_found> {
    const auto rule = content_->rule(key);
    if (!rule)
      return rule.error();
    const auto judge = judge_rule(instances());
    rule_found result;
    result.saw = saw_now(*rule, instances());
    const auto* winner = winner_of(*rule, judge);
    if (!winner)
      return result;
    result.action = action_of(*rule, instances());
    result.contested = is_contested(*rule, judge);
    result.version = {instances()[winner->author].id, winner->seq};
    return result;
  });
}

expected<std::optional<denial_record>> index_database::denial(const denial_key& key) {
  return answer([&] { return content_->denial(key); });
}

expected<std::optional<deny_put>> index_database::denial_of(const instance_id& owner, const std::string& path,
                                                            bool above) {
  return answer([&]() -> expected<std::optional<deny_put>> {
    for (auto at = path; at.starts_with('/'); at.erase(at.rfind('/'))) {
      auto there = content_->denial({owner, at});
      if (!there)
        return there.error();
      if (*there && (*there)->value) {
        auto& why = *(*there)->value;
        return deny_put{owner, std::move(at), std::move(why.reason), std::move(why.by), std::move(why.strategy)};
      }
      if (!above)
        break;
    }
    return std::optional<deny_put>();
  });
}

expected<std::vector<std::pair<std::string, denial_record>>> index_database::denials_of(const instance_id& owner) {
  using denials = std::vector<std::pair<std::string, denial_record>>;
  return answer([&]() -> expected<denials> {
    denials result;
    auto read = content_->each_denial([&](const denial_key& key, const denial_record& record) {
      if (key.owner == owner && record.value)
        result.emplace_back(key.path, record);
    });
    if (!read)
      return read.error();
    std::ranges::sort(result, {}, &denials::value_type::first);
    return result;
  });
}

expected<std::uint64_t> index_database::conflicts() {
  return answer([&] { return content_->conflicts(); });
}

expected<std::string> index_database::dump() {
  return answer([&]() -> expected<std::string> {
    fold_dump text(content_->instances(), options_.meaning.field);
    const auto enter = [&](const auto& key, const auto& record) { text.enter(key, record); };
    auto done = content_->each_agent(enter);
    if (done)
      done = content_->each_rule(enter);
    if (done)
      done = content_->each_denial(enter);
    if (!done)
      return done.error();
    return text.finish();
  });
}

expected<void> index_database::claim(const pending_claim& wanted) {
  for (const auto& other : claims_) {
    if (other == wanted)
      return {};
    if (other.saga != wanted.saga && (other.agent == wanted.agent || other.path == wanted.path))
      return failure{.kind = failure_kind::busy,
                     .code = "claimed",
                     .message = "another request on this agent or path is in progress; try again when it is done",
                     .path = wanted.path,
                     .agent = wanted.agent.text};
  }
  claims_.push_back(wanted);
  return {};
}

void index_database::release(const std::string& saga) {
  std::erase_if(claims_, [&](const pending_claim& claim) { return claim.saga == saga; });
}

std::string describe_progress(std::uint64_t held, std::uint64_t folded) {
  if (folded >= held)
    return "up to date (" + std::to_string(held) + " ops)";
  return std::to_string(held) + " ops, folded through " + std::to_string(folded) + ", " +
         std::to_string(held - folded) + " behind";
}

} // namespace muster
