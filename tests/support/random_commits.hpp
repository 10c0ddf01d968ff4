#pragma once

#include "tests/support/fold_fixture.hpp"
#include "tests/support/fold_history.hpp"

/// Commits drawn at random from few instances, agents, fields and seqs, so that
/// every relation between ops occurs; half of what they claim to have seen is
/// not true.
namespace random_commits {

using namespace muster;

class source {
public:
  explicit source(std::uint64_t seed) : dice_(seed) {}

  commit next() {
    const auto author = instance_id{std::string(1, static_cast<char>('a' + dice_.below(4)))};
    commit result;
    result.instance = author;
    result.seq = ++seqs_[author];
    result.at = stamp{(seqs_.size() + dice_.below(50)) << (dice_.one_in(20) ? 50 : 16)};
    for (auto count = 1 + dice_.below(3); count > 0; --count)
      result.ops.push_back(draw(author));
    return result;
  }

private:
  saw_vector saw() {
    saw_vector result;
    for (const auto& [instance, seq] : seqs_)
      if (dice_.below(3) != 0)
        result[instance] = dice_.below(seq + 3);
    return result;
  }
  agent_id agent() { return agent_id{std::string(1, static_cast<char>('A' + dice_.below(3)))}; }
  std::string value() {
    static const std::array values{"\"Same\"", "\"same\"", "\"x\\ny\"", "true", "{\"k\":1}", "[\"a\"]", "\"other\""};
    return values[dice_.below(values.size())];
  }
  std::string field() {
    static const std::array fields{"name", "isSystem", "budget", "carried", "registeredAt"};
    return fields[dice_.below(fields.size())];
  }
  std::string name_space() { return dice_.one_in(2) ? "work" : "home"; }

  op draw(const instance_id& author) {
    switch (dice_.below(dice_.one_in(30) ? 11 : 10)) {
      case 0: return place_put{agent(), author, "/p/" + name_space(), "/p", name_space(), dice_.one_in(2)};
      case 1: return place_drop{agent(), author};
      case 2: return agent_drop{agent(), saw()};
      case 3:
        return rule_put{name_space(), name_space(), dice_.one_in(2) ? rule_action::allow : rule_action::deny, saw()};
      case 4: return rule_drop{name_space(), name_space(), saw()};
      case 5: return deny_put{author, "/no", "why", "who", "how"};
      case 6: return deny_drop{author, "/no"};
      case 7: return resolve{field_key{agent(), field()}, {author, 1}, value(), "auto:x", saw()};
      case 10: return peer_retire{instance_id{dice_.one_in(2) ? "d" : "z"}};
      default: {
        agent_put put{agent(), {{field(), value(), saw()}}, dice_.one_in(4)};
        if (dice_.one_in(4))
          put.fields[0].value.reset();
        return put;
      }
    }
  }

  fold_history::dice dice_;
  std::map<instance_id, sequence> seqs_;
};

} // namespace random_commits
