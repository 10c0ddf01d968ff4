#include "tests/sim/mail_watch.hpp"

#include "muster/store/access_rules.hpp"
#include "muster/store/whole_number.hpp"

#include <algorithm>

namespace muster::sim {

namespace {

constexpr std::string_view mark = "\"mail ";

std::optional<std::uint64_t> step_of(const std::string& payload) {
  if (!payload.starts_with(mark) || payload.size() < mark.size() + 2)
    return {};
  return whole_number(std::string_view{payload}.substr(mark.size(), payload.size() - mark.size() - 1));
}

} // namespace

mail_watch::mail_watch(const scenario& world, std::vector<std::string>& violations)
    : violations_(violations), twice_(world[knob::answer_twice] != 0), projects_(world[knob::projects]) {}

std::string mail_watch::payload_of(std::uint64_t step) {
  return std::string{mark} + std::to_string(step) + "\"";
}

// -- messages ----------------------------------------------------------------

void mail_watch::asked_to_send(std::uint64_t step, std::size_t from, std::size_t to, bool has_request) {
  auto& one = letters_[step];
  one.from = from;
  one.to = to;
  one.has_request = has_request;
  one.may_pass = one.may_pass || may_pass(from, to);
  if (one.how == fate::refused)
    one.how = fate::unknown;
}

void mail_watch::sent(std::uint64_t step, const message_sent& answer) {
  auto& one = letters_.at(step);
  one.how = fate::taken;
  one.agent = answer.to.text;
  one.ids[one.agent].insert(answer.id.text);
  by_id_[answer.id.text] = step;
  judged_ += one.may_pass ? 0 : 1;
  if (!one.may_pass)
    violated("I24: the message of step " + std::to_string(step) + " has passed what denies it");
}

void mail_watch::not_sent(std::uint64_t step, bool final) {
  auto& one = letters_.at(step);
  judged_ += one.may_pass ? 0 : 1;
  // Its twin may still be on its way to the relay.
  if (one.how == fate::unknown && final && !one.half && !twice_)
    one.how = fate::refused;
}

mail_watch::letter* mail_watch::check_told(const mail_item& item, const std::string& agent) {
  const auto step = step_of(item.payload);
  const auto found = step ? letters_.find(*step) : letters_.end();
  if (found == letters_.end()) {
    violated("I22: a message is told that nobody has sent: " + item.payload);
    return nullptr;
  }
  auto& one = found->second;
  const auto what = "the message of step " + std::to_string(*step);
  if (one.how == fate::refused)
    violated("I22: " + what + " was refused and is told");
  if (!one.may_pass)
    violated("I24: " + what + " has passed what denies it");
  if (item.agent.text != agent)
    violated("I22: " + what + " is another agent's");
  one.ids[agent].insert(item.id.text);
  // Of a sender's subject the last word stays.
  one.told[{agent, item.from.substr(item.from.rfind('.') + 1)}].insert(item.id.text);
  by_id_[item.id.text] = *step;
  return &one;
}

void mail_watch::told(std::uint64_t step, std::size_t project, const mail_read& answer) {
  const auto asked = reads_.at(step);
  projects_.at(project).reader = answer.agent.text;
  std::set<std::string> page;
  for (const auto& each : answer.messages) {
    if (!page.insert(each.id.text).second)
      violated("I22: a message is told twice in one answer");
    const auto* one = check_told(each, answer.agent.text);
    if (!one)
      continue;
    const auto gone = one->acknowledged.find(each.id.text);
    if (gone != one->acknowledged.end() && gone->second < asked)
      violated("I23: " + each.payload + " was acknowledged and is told");
    known_[answer.agent.text].insert(each.id.text);
  }
}

std::optional<acknowledge_mail> mail_watch::acknowledgement(std::size_t project, std::uint64_t choice) const {
  const auto& agent = projects_.at(project).reader;
  const auto found = known_.find(agent);
  if (agent.empty() || found == known_.end())
    return {};
  acknowledge_mail result;
  result.whose.exact.text = agent;
  std::uint64_t number = 0;
  for (const auto& each : found->second)
    if ((choice >> (number++ % 16) & 1) != 0)
      result.messages.push_back(message_id{each});
  return result.messages.empty() ? std::nullopt : std::optional{result};
}

void mail_watch::asked_to_acknowledge(const acknowledge_mail& what) {
  for (const auto& each : what.messages)
    letters_.at(by_id_.at(each.text)).tried = true;
}

void mail_watch::acknowledged(const acknowledge_mail& what) {
  ++now_;
  for (const auto& each : what.messages) {
    letters_.at(by_id_.at(each.text)).acknowledged.try_emplace(each.text, now_);
    known_[what.whose.exact.text].erase(each.text);
  }
}

void mail_watch::judge(const std::string& agent, const std::vector<mail_item>& all, bool dropped) {
  std::set<std::string> ids;
  for (const auto& each : all) {
    if (!ids.insert(each.id.text).second)
      violated("I22: a message is told twice in one answer");
    const auto* one = check_told(each, agent);
    if (one && one->acknowledged.contains(each.id.text))
      violated("I23: " + each.payload + " was acknowledged, and in the end it is told");
  }
  if (clock_jumped_ || dropped)
    return;
  for (const auto& [step, one] : letters_) {
    if (one.agent != agent)
      continue;
    const auto what = "the message of step " + std::to_string(step);
    const auto& made = one.ids.at(agent);
    for (const auto& [between, told] : one.told)
      if (between.first == agent && told.size() > 1 && (one.has_request || !twice_))
        violated("I23: " + what + " was made " + std::to_string(told.size()) + " times");
    const bool is_told = std::ranges::any_of(made, [&](const auto& id) { return ids.contains(id); });
    if (one.how == fate::taken && !one.tried && !is_told)
      violated("I22: " + what + " was sent and is lost");
  }
}

std::size_t mail_watch::taken() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(letters_, [](const auto& each) { return each.second.how == fate::taken; }));
}

// -- who may reach whom ------------------------------------------------------

bool mail_watch::can_be(const std::string& source, const std::string& target, stand what) const {
  const auto found = rules_.find({source, target});
  return found == rules_.end() ? !what : found->second.possible.contains(what);
}

bool mail_watch::may_pass(std::size_t from, std::size_t to) const {
  if (!tracks_ || from >= projects_.size())
    return true;
  const auto& source = projects_.at(from).space;
  const auto& target = projects_.at(to).space;
  if (!source || !target || *source == *target)
    return true;
  const std::string all{every_namespace};
  const auto surely_denied = [&](const std::string& a, const std::string& b) {
    return !can_be(a, b, stand{}) && !can_be(a, b, rule_action::allow);
  };
  const bool allowed = can_be(*source, *target, rule_action::allow) || can_be(all, all, rule_action::allow);
  return allowed && !surely_denied(*source, *target) && !surely_denied(all, all);
}

void mail_watch::look_again() {
  for (auto& [step, one] : letters_)
    if (one.how == fate::unknown)
      one.may_pass = one.may_pass || may_pass(one.from, one.to);
}

void mail_watch::asked_for_rule(const std::string& source, const std::string& target, stand wanted) {
  auto& rule = rules_[{source, target}];
  rule.possible.insert(wanted);
  rule.contested = rule.open++ > 0 || rule.contested;
  look_again();
}

void mail_watch::rule_settled(const std::string& source, const std::string& target, stand wanted, outcome how) {
  auto& rule = rules_[{source, target}];
  if (how == outcome::open)
    rule.contested = true;
  else if (rule.open > 0)
    --rule.open;
  if (how == outcome::done && !rule.contested)
    rule.possible = {wanted};
  if (how != outcome::open && rule.open == 0)
    rule.contested = false;
}

void mail_watch::asked_to_place(std::size_t project) {
  auto& one = projects_.at(project);
  one.space.reset();
  one.contested = one.open++ > 0 || one.contested;
  look_again();
}

void mail_watch::placed(std::size_t project, const agent_placed* answer, outcome how) {
  auto& one = projects_.at(project);
  if (how == outcome::open)
    one.contested = true;
  else if (one.open > 0)
    --one.open;
  one.space.reset();
  if (how == outcome::done && answer && !one.contested)
    one.space = answer->namespace_name;
  if (how != outcome::open && one.open == 0)
    one.contested = false;
}

void mail_watch::relay_forgot() {
  for (auto& [which, rule] : rules_)
    rule.possible.insert(stand{});
  look_again();
}

void mail_watch::lose_track() {
  tracks_ = false;
  look_again();
}

} // namespace muster::sim
