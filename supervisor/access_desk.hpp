#pragma once

#include "muster/messages/access_messages.hpp"
#include "muster/supervisor/change_desk.hpp"
#include "muster/supervisor/relay_assertion.hpp"
#include "muster/supervisor/supervisor_core.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace muster {

/// Rules as they change, and what the relay is told of it.
///
/// 1. A rule that was committed is told to the relay at once, as the index has it
///    then; the answer waits for that, and says so if it could not be. Then the
///    next comparison makes it good.
/// 2. When the last agent has left a namespace its own rules go. Those made by
///    hand stay.
class access_desk {
public:
  access_desk(supervisor_core& core, change_desk& changes, relay_assertion& relay)
      : core_(core), changes_(changes), relay_(relay) {}

  using rule_taker = std::function<void(expected<rule_changed>)>;
  void take(const set_rule& asked, rule_taker then);
  void take(const withdraw_rule& asked, rule_taker then);

  /// From the sagas.
  void saga_answered(const saga_intent& intent, const saga_answer& what);
  void saga_over(const saga_intent& intent);

private:
  /// What the relay was told, or why it was not.
  using told = std::function<void(const expected<rule_found>& now, const std::optional<failure>& why)>;

  template <class Request>
  void change(const Request& asked, std::optional<rule_action> action, std::string_view verb, rule_taker then);
  void tell_relay(const rule_key& rule, told then);
  void tell_now(const rule_key& rule);
  void check_left(const std::string& namespace_name);

  supervisor_core& core_;
  change_desk& changes_;
  relay_assertion& relay_;
  std::map<rule_key, std::vector<told>> to_tell_; ///< once the mail before is done
  std::set<saga_id> failed_;                      ///< that are not over yet
};

} // namespace muster
