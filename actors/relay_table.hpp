#pragma once

#include "muster/actors/relay_rules.hpp"
#include "muster/actors/statement_map.hpp"
#include "muster/messages/relay_messages.hpp"

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

struct relay_table_options {
  std::size_t endpoints = 100'000;
  /// An endpoint in a namespace of its own brings two.
  std::size_t rules = 200'000;
  /// Of each: those dropped that are remembered against late statements.
  std::size_t dropped = 65536;
  std::size_t subject_bytes = 1024;
  /// Patterns of rules that one subject may match.
  std::size_t matching = 64;
};

/// Whose an endpoint is, and whether its agent takes mail now.
struct held_endpoint {
  agent_id agent;
  bool open = false;
};

/// The endpoints and rules of the embedded relay. Event in, answer out.
///
/// 1. Of two statements about one endpoint, or one rule, the newer holds, in
///    whatever order they arrive. A late one is answered as done.
/// 2. One subject has one agent.
class relay_table {
public:
  explicit relay_table(const relay_table_options& options = {})
      : options_(options),
        endpoints_(options.endpoints, options.dropped),
        rules_(options.rules, options.dropped),
        decides_({.rules = options.rules, .subjects = limits(), .matching = options.matching}) {}

  [[nodiscard]] expected<relay_done> put(const relay_put_endpoint& statement);
  [[nodiscard]] expected<relay_done> drop(const relay_drop_endpoint& statement);
  [[nodiscard]] expected<relay_done> put(const relay_put_rule& statement);
  [[nodiscard]] expected<relay_done> drop(const relay_drop_rule& statement);
  /// By subject; rules by source, target, priority.
  [[nodiscard]] relay_listed list() const;

  [[nodiscard]] std::optional<held_endpoint> find(const std::string& subject) const;
  /// Good until a rule changes.
  [[nodiscard]] access_verdict verdict(std::string_view from, std::string_view to) const {
    return decides_.verdict(from, to);
  }

private:
  struct endpoint_key {
    std::string subject;
    agent_id agent;
    friend auto operator<=>(const endpoint_key&, const endpoint_key&) = default;
  };
  /// What is not in the key: there are as many as agents.
  struct endpoint_value {
    std::string namespace_name;
    bool open = false;
  };
  struct rule_place {
    std::string source;
    std::string target;
    int priority = 0;
    friend auto operator<=>(const rule_place&, const rule_place&) = default;
  };

  [[nodiscard]] subject_limits limits() const noexcept { return {.bytes = options_.subject_bytes}; }

  relay_table_options options_;
  statement_map<endpoint_key, endpoint_value> endpoints_;
  statement_map<rule_place, relay_put_rule> rules_;
  relay_rules decides_; ///< the same
};

} // namespace muster
