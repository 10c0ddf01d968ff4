#include "tests/support/fold_history.hpp"

#include <algorithm>

namespace fold_history {

namespace {

using fold_fixture::folded;
using fold_fixture::loose_meaning;

constexpr std::uint64_t year_2099 = std::uint64_t{4070908800000} << 16;
constexpr const char* values[] = {"\"a\"", "\"A\"", "\"b\"", "\"default\"", "[1,2]"};
constexpr const char* fields[] = {"name", "color"};
constexpr const char* agents[] = {"one", "two"};
constexpr const char* spaces[] = {"n", "m"};

template <class T, std::size_t N>
const T& any_of(const T (&choices)[N], dice& from) {
  return choices[from.below(N)];
}

fold_oracle::verdict verdict_of(const shared_register& content, const register_judge& judge) {
  fold_oracle::verdict result;
  const auto candidates = candidates_of(content, judge);
  for (const auto& each : candidates)
    result.heads.insert(each.id);
  result.winner = candidates.front().id;
  result.contested = is_contested(content, judge);
  return result;
}

} // namespace

fold_oracle::verdicts verdicts_of(const fold_memory& memory, meaning_function meaning) {
  fold_oracle::verdicts result;
  for (const auto& [id, record] : memory.agents())
    for (const auto& [name, content] : record->fields)
      result[{id->text, name}] = verdict_of(content, judge_field(memory.instances(), meaning, name));
  for (const auto& [key, content] : memory.rules())
    result[{"", key.source + ">" + key.target}] = verdict_of(content, judge_rule(memory.instances()));
  return result;
}

fold_oracle::live_placements live_placements_of(const fold_memory& memory) {
  fold_oracle::live_placements result;
  for (const auto& [id, record] : memory.agents())
    for (const auto& place : view_agent(*id, *record, memory.instances(), &plain_meaning).placements)
      result.insert({id->text, place.id.instance.text, place.id.seq});
  return result;
}

std::uint64_t dice::next() {
  state_ += 0x9e3779b97f4a7c15;
  auto z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

history::history(std::uint64_t seed, manner how, std::size_t most_steps)
    : dice_(seed), how_(how), most_steps_(most_steps) {
  const auto count = 2 + dice_.below(4);
  for (std::size_t i = 0; i < count; ++i) {
    auto& who = actors_.emplace_back();
    // Neither the order of the ids nor that of the clocks follows the number.
    who.id = instance_id{std::string(1, static_cast<char>('a' + (i * 7 + seed) % 13)) + std::to_string(i)};
    who.clock = dice_.one_in(6) ? year_2099 : dice_.below(4);
    for (std::size_t j = 0; j < count; ++j)
      who.trusts.push_back(i == j || !dice_.one_in(6));
    who.is_shown_other = dice_.one_in(2);
  }
  if (dice_.one_in(6)) {
    forker_ = dice_.below(count);
    fork_at_ = 1 + dice_.below(3);
    actors_[*forker_].is_shown_other = false;
  }
  steps_apart_ = dice_.one_in(3) ? 4 + dice_.below(8) : 0;
}

void history::complain(const std::string& what) {
  if (complaint_.empty())
    complaint_ = what;
}

saw_vector history::random_saw(actor& who, const fold_oracle::key& key, const shared_register* content) {
  auto now = content != nullptr ? saw_now(*content, who.view->memory().instances()) : saw_vector{};
  auto& past = who.past[key];
  // A file that was edited by hand may hold an older state.
  auto result = !past.empty() && dice_.one_in(5) ? past[dice_.below(past.size())] : now;
  past.push_back(std::move(now));
  if (how_ == manner::lying && dice_.one_in(2))
    for (const auto& other : actors_)
      if (dice_.one_in(2))
        result[other.id] = dice_.one_in(4) ? ~sequence{0} : dice_.below(8);
  return result;
}

op history::random_put(actor& who, bool adopted) {
  agent_put result;
  result.agent = agent_id{any_of(agents, dice_)};
  result.adopted = adopted;
  const auto* record = who.view->memory().find_agent(result.agent);
  const bool both = dice_.one_in(3);
  const std::size_t first = both ? 1 : dice_.below(2);
  for (std::size_t i = 0; i <= (both ? 1u : 0u); ++i) {
    const char* name = fields[first - i];
    const auto* content = record != nullptr ? record->find_field(name) : nullptr;
    auto seen = adopted ? saw_vector{} : random_saw(who, {result.agent.text, name}, content);
    result.fields.push_back(
        {name, dice_.one_in(6) ? std::nullopt : std::optional<std::string>{any_of(values, dice_)}, std::move(seen)});
  }
  return result;
}

op history::random_resolve(actor& who) {
  const char* agent = any_of(agents, dice_);
  const char* field = any_of(fields, dice_);
  const auto* record = who.view->memory().find_agent(agent_id{agent});
  const auto* content = record != nullptr ? record->find_field(field) : nullptr;
  if (content == nullptr)
    return random_put(who, false);
  const auto heads = candidates_of(*content, judge_field(who.view->memory().instances(), &loose_meaning, field));
  const auto& chosen = heads[dice_.below(heads.size())];
  return resolve{field_key{agent_id{agent}, field}, chosen.id, chosen.value, dice_.one_in(2) ? "human" : "auto:newest",
                 random_saw(who, {agent, field}, content)};
}

op history::random_rule(actor& who) {
  const rule_key key{any_of(spaces, dice_), "t"};
  const auto* content = who.view->memory().find_rule(key);
  auto seen = random_saw(who, {"", key.source + ">" + key.target}, content);
  switch (dice_.below(6)) {
    case 0: return rule_drop{key.source, key.target, std::move(seen)};
    case 1:
      if (!seen.empty())
        return resolve{key, {seen.begin()->first, 1}, dice_.one_in(3) ? "maybe" : "allow", "human", std::move(seen)};
      [[fallthrough]];
    case 2: return rule_put{key.source, key.target, rule_action::deny, std::move(seen)};
    default: return rule_put{key.source, key.target, rule_action::allow, std::move(seen)};
  }
}

op history::random_drop(actor& who) {
  const agent_id agent{any_of(agents, dice_)};
  if (dice_.one_in(2))
    return place_drop{agent, who.id};
  agent_drop result{agent, {}};
  for (const auto& place : who.view->agent(agent.text.c_str()).placements)
    result.placements[place.id.instance] = place.id.seq;
  if (how_ == manner::lying)
    result.placements[actors_[dice_.below(actors_.size())].id] = 1 + dice_.below(6);
  return result;
}

op history::random_op(actor& who) {
  // Now and then somebody writes another's key.
  const auto& owner = dice_.one_in(12) ? actors_[dice_.below(actors_.size())].id : who.id;
  switch (dice_.below(16)) {
    case 0:
    case 1:
    case 2:
      return place_put{agent_id{any_of(agents, dice_)}, owner,           "/p" + std::to_string(dice_.below(2)), "/",
                       any_of(spaces, dice_),           !dice_.one_in(4)};
    case 3: return random_drop(who);
    case 4: return random_put(who, true);
    case 5: return dice_.one_in(2) ? op{deny_put{owner, "/d", "noise", "me", "skip"}} : op{deny_drop{owner, "/d"}};
    case 6:
      if (dice_.one_in(4))
        return peer_retire{actors_[dice_.below(actors_.size())].id};
      [[fallthrough]];
    case 7: return random_resolve(who);
    case 8:
    case 9: return random_rule(who);
    default: return random_put(who, false);
  }
}

void history::write(actor& who) {
  commit next;
  next.instance = who.id;
  next.seq = who.feed.size() + 1;
  who.clock += dice_.below(3);
  next.at = stamp{who.clock};
  for (auto i = 1 + dice_.below(2); i > 0; --i)
    next.ops.push_back(random_op(who));
  made_.push_back(next);
  who.feed.push_back(next);
  who.view->take(next);
  who.received.push_back(next);
  for (auto& op : next.ops)
    if (auto* put = std::get_if<agent_put>(&op))
      put->fields.front().value = "\"forked\"";
  who.other_feed.push_back(std::move(next));
}

const commit& history::shown(const actor& to, std::size_t from, sequence seq) const {
  const auto& author = actors_[from];
  const bool other = forker_ == from && to.is_shown_other && seq >= fork_at_;
  return (other ? author.other_feed : author.feed)[seq - 1];
}

void history::receive(actor& to, std::size_t from, std::size_t how_many) {
  const auto* record = to.view->instance(actors_[from].id.text.c_str());
  const auto folded = record != nullptr ? record->folded : 0;
  // What comes a second time changes nothing.
  if (folded != 0 && dice_.one_in(3)) {
    const auto before = dice_.one_in(4) ? to.view->dump() : std::string{};
    ++sum_->repeated;
    if (!to.view->take(shown(to, from, 1 + dice_.below(folded))).empty())
      complain("a commit that was folded already says that it changed something");
    if (!before.empty() && to.view->dump() != before)
      complain("a commit that was folded already changes the dump");
  }
  for (auto seq = folded + 1; seq <= actors_[from].feed.size() && how_many > 0; ++seq, --how_many) {
    to.view->take(shown(to, from, seq));
    to.received.push_back(shown(to, from, seq));
    const auto before = to.lost.find(actors_[from].id);
    sum_->repaired += before != to.lost.end() && seq <= before->second ? 1 : 0;
  }
}

void history::lose(actor& who, std::size_t from) {
  const auto& id = actors_[from].id;
  const auto* record = who.view->instance(id.text.c_str());
  if (record == nullptr || record->folded == 0 || id == who.id)
    return;
  const auto kept = dice_.below(record->folded);
  auto& before = who.lost[id];
  before = std::max(before, record->folded);
  std::erase_if(who.received, [&](const commit& each) { return each.instance == id && each.seq > kept; });
  who.view = std::make_unique<folded>(fold_limits{}, dice_.next());
  for (const auto& each : who.received)
    who.view->take(each);
  ++sum_->losses;
}

bool history::are_apart(const actor& one, std::size_t other) const {
  const auto number = [&](const actor& of) { return std::ranges::find(actors_, of.id, &actor::id) - actors_.begin(); };
  return steps_apart_ > 0 && number(one) % 2 != static_cast<std::ptrdiff_t>(other % 2);
}

void history::receive_all() {
  for (auto& to : actors_)
    for (std::size_t from = 0; from < actors_.size(); ++from)
      if (to.trusts[from])
        receive(to, from, ~std::size_t{0});
}

void history::step() {
  auto& who = actors_[dice_.below(actors_.size())];
  if (dice_.one_in(2)) {
    write(who);
  } else {
    const auto from = dice_.below(actors_.size());
    if (dice_.one_in(8))
      lose(who, from);
    else if (who.trusts[from] && !are_apart(who, from))
      receive(who, from, 1 + dice_.below(3));
  }
  steps_apart_ -= steps_apart_ > 0 ? 1 : 0;
  check(who, {});
}

std::vector<commit> history::shuffled(const std::vector<commit>& commits) {
  std::map<instance_id, std::vector<const commit*>> feeds;
  for (const auto& each : commits)
    feeds[each.instance].push_back(&each);
  std::vector<std::vector<const commit*>> rest;
  for (auto& [id, feed] : feeds) {
    std::sort(feed.begin(), feed.end(), [](const commit* a, const commit* b) { return a->seq > b->seq; });
    rest.push_back(std::move(feed));
  }
  std::vector<commit> result;
  while (!rest.empty()) {
    const auto which = dice_.below(rest.size());
    result.push_back(*rest[which].back());
    rest[which].pop_back();
    if (rest[which].empty())
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(which));
  }
  return result;
}

void history::check(actor& who, const fold_limits& limits) {
  folded anew{limits, dice_.next()};
  // Blocks of odd sizes, so that no two folds have their records at like places.
  std::vector<std::unique_ptr<char[]>> noise;
  for (const auto& each : shuffled(who.received)) {
    noise.push_back(std::make_unique<char[]>(1 + dice_.below(300)));
    anew.take(each);
  }
  ++sum_->refolds;
  ++sum_->dumps;
  if (limits.empty() && anew.dump() != who.view->dump())
    complain("folding anew gives another dump than folding as it came, at " + who.id.text);
  if (!limits.empty())
    who.received.erase(std::remove_if(who.received.begin(), who.received.end(),
                                      [&](const commit& each) {
                                        auto limit = limits.find(each.instance);
                                        return limit != limits.end() && each.seq >= limit->second;
                                      }),
                       who.received.end());
  check_oracle(anew, who.received);
  if (!limits.empty()) {
    who.view = std::make_unique<folded>(limits);
    for (const auto& each : who.received)
      who.view->take(each);
  }
}

void history::check_oracle(const folded& view, const std::vector<commit>& commits) {
  fold_oracle::reader oracle;
  auto by_feed = commits;
  std::sort(by_feed.begin(), by_feed.end(),
            [](const commit& a, const commit& b) { return std::tie(a.instance, a.seq) < std::tie(b.instance, b.seq); });
  for (const auto& each : by_feed)
    oracle.read(each);
  const auto expected_verdicts = oracle.judge_all(&loose_meaning);
  const auto said = verdicts_of(view.memory(), &loose_meaning);
  sum_->keys += said.size();
  for (const auto& [key, verdict] : said)
    sum_->conflicts += verdict.contested ? 1 : 0;
  if (said != expected_verdicts)
    complain("the fold and the oracle do not agree on heads, winner or conflict");
  if (live_placements_of(view.memory()) != fold_oracle::find_live(commits))
    complain("the fold and the oracle do not agree on who lives where");
}

void history::check_agreement() {
  for (auto& a : actors_)
    for (auto& b : actors_) {
      const bool same_branch = !forker_ || !a.trusts[*forker_] || a.is_shown_other == b.is_shown_other;
      if (&a >= &b || a.trusts != b.trusts || !same_branch)
        continue;
      ++sum_->dumps;
      if (a.view->dump() != b.view->dump())
        complain(a.id.text + " and " + b.id.text + " hold the same feeds and dump differently");
    }
}

void history::run(totals& sum) {
  sum_ = &sum;
  count_ingredients();
  for (auto steps = std::min(8 + dice_.below(18), most_steps_); steps > 0 && complaint_.empty(); --steps)
    step();
  receive_all();
  for (auto& who : actors_)
    check(who, {});
  check_agreement();
  if (forker_ && fork_at_ <= actors_[*forker_].feed.size()) {
    ++sum.forks;
    const auto& id = actors_[*forker_].id;
    for (auto& who : actors_) {
      if (fold::holds_within(who.view->memory().instances(), {{id, fork_at_}}) != !who.trusts[*forker_])
        complain("a fold does not know that it went beyond the fork");
      check(who, {{id, fork_at_}});
      who.is_shown_other = false;
    }
    check_agreement();
  }
  sum.commits += made_.size();
  for (const auto& each : made_)
    for (const auto& op : each.ops) {
      sum.retirements += std::holds_alternative<peer_retire>(op) ? 1 : 0;
      sum.resolutions += std::holds_alternative<resolve>(op) ? 1 : 0;
    }
}

void history::count_ingredients() {
  ++sum_->histories;
  ++sum_->instances.at(actors_.size());
  const auto distrusts = [](const actor& who) { return std::ranges::find(who.trusts, false) != who.trusts.end(); };
  sum_->distrusting += std::ranges::any_of(actors_, distrusts) ? 1 : 0;
  sum_->in_2099 += std::ranges::any_of(actors_, [](const actor& who) { return who.clock >= year_2099; }) ? 1 : 0;
  sum_->partitioned += steps_apart_ > 0 ? 1 : 0;
}

std::string history::describe() const {
  std::string text;
  for (const auto& each : made_) {
    text += "  " + each.instance.text + "/" + std::to_string(each.seq) + " at " + std::to_string(each.at.value);
    for (const auto& op : each.ops) {
      constexpr const char* kinds[] = {"agent_put", "agent_drop", "place_put", "place_drop", "rule_put",
                                       "rule_drop", "deny_put",   "deny_drop", "resolve",    "peer_retire"};
      static_assert(std::size(kinds) == std::variant_size_v<muster::op>);
      text += std::string{" "} + kinds[op.index()];
      if (const auto* put = std::get_if<agent_put>(&op))
        for (const auto& edit : put->fields) {
          text += " " + put->agent.text + "." + edit.field + "=" + edit.value.value_or("-") + " saw{";
          for (const auto& [instance, seq] : edit.saw)
            text += instance.text + ":" + std::to_string(seq) + " ";
          text += put->adopted ? "} adopted" : "}";
        }
    }
    text += "\n";
  }
  for (const auto& who : actors_)
    text += "view of " + who.id.text + ":\n" + who.view->dump();
  return text;
}

} // namespace fold_history
