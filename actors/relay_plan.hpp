#pragma once

#include "muster/messages/relay_messages.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace muster {

/// One thing to ask of a relay.
using relay_call = std::variant<relay_put_endpoint, relay_drop_endpoint, relay_put_rule, relay_drop_rule>;

/// Calls in the order in which they may take effect: those of one stage in any
/// order, and a stage only after the one before it.
using relay_stages = std::vector<std::vector<relay_call>>;

/// What has to be asked of a relay, so that at no instant more may pass than in
/// the end: what denies comes first, then endpoints that go or close and
/// allowances that go, then allowances, then endpoints, and what denies no more
/// comes last.
///
/// An agent's namespace brings two rules: its agents reach each other and nobody
/// else; the rules made by hand stand between. One that is not admitted brings a
/// denial of all that it sends, a system agent two allowances (`rule_weight`).
/// All else below the prefix is foreign and goes, rules of other priorities
/// excepted: those are the host's.
class relay_plan {
public:
  /// `prefix` ends in a dot and is ours alone on that relay.
  explicit relay_plan(std::string prefix) : prefix_(std::move(prefix)) {}

  [[nodiscard]] relay_stages state(const state_endpoint& statement) const;
  [[nodiscard]] relay_stages state(const state_rule& statement) const;
  [[nodiscard]] relay_stages retract(const retract_namespace& statement) const;
  [[nodiscard]] relay_stages compare(const compare_relay& desired, const relay_listed& held) const;

  /// In which anything was stated that a comparison looks at.
  [[nodiscard]] epoch latest_life(const relay_listed& held) const;

  [[nodiscard]] static bool denies(const relay_call& call) noexcept;

private:
  [[nodiscard]] std::string pattern(std::string_view name) const;
  [[nodiscard]] std::vector<relay_put_rule> rules_of(std::string_view name, statement_version version) const;
  [[nodiscard]] std::vector<relay_put_rule> rules_of(const std::string& subject, agent_reach reach,
                                                     statement_version version) const;
  [[nodiscard]] std::vector<relay_put_rule> rules_of(const std::vector<endpoint_under_way>& changes,
                                                     statement_version version) const;
  [[nodiscard]] bool is_ours(std::string_view subject) const noexcept { return subject.starts_with(prefix_); }

  std::string prefix_;
};

} // namespace muster
