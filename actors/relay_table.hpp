#pragma once

#include "muster/actors/statement_map.hpp"
#include "muster/messages/relay_messages.hpp"

#include <compare>
#include <cstddef>
#include <string>

namespace muster {

struct relay_table_options {
  std::size_t endpoints = 100'000;
  /// An endpoint in a namespace of its own brings two.
  std::size_t rules = 200'000;
  /// Of each: those dropped that are remembered against late statements.
  std::size_t dropped = 65536;
  std::size_t subject_bytes = 1024;
};

/// The endpoints and rules of the embedded relay. Event in, answer out.
///
/// 1. Of two statements about one endpoint, or one rule, the newer holds, in
///    whatever order they arrive. A late one is answered as done.
/// 2. One subject has one agent.
class relay_table {
public:
  explicit relay_table(const relay_table_options& options = {})
      : options_(options), endpoints_(options.endpoints, options.dropped), rules_(options.rules, options.dropped) {}

  [[nodiscard]] expected<relay_done> put(const relay_put_endpoint& statement);
  [[nodiscard]] expected<relay_done> drop(const relay_drop_endpoint& statement);
  [[nodiscard]] expected<relay_done> put(const relay_put_rule& statement);
  [[nodiscard]] expected<relay_done> drop(const relay_drop_rule& statement);
  /// By subject; rules by source, target, priority.
  [[nodiscard]] relay_listed list() const;

private:
  struct endpoint_key {
    std::string subject;
    agent_id agent;
    friend auto operator<=>(const endpoint_key&, const endpoint_key&) = default;
  };
  /// What is not in the key: there are as many as agents.
  struct held_endpoint {
    std::string namespace_name;
    bool open = false;
  };
  struct rule_place {
    std::string source;
    std::string target;
    int priority = 0;
    friend auto operator<=>(const rule_place&, const rule_place&) = default;
  };

  relay_table_options options_;
  statement_map<endpoint_key, held_endpoint> endpoints_;
  statement_map<rule_place, relay_put_rule> rules_;
};

} // namespace muster
