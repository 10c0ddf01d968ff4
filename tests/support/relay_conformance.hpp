#pragma once

#include "muster/messages/interfaces.hpp"

#include <functional>
#include <string>
#include <vector>

namespace muster::test {

/// How the suite speaks to a relay that has just been started: each asks and
/// answers what came back. A host fills them in with a `caf::scoped_actor`.
struct relay_doors {
  std::function<expected<relay_done>(const relay_put_endpoint&)> put_endpoint;
  std::function<expected<relay_done>(const relay_drop_endpoint&)> drop_endpoint;
  std::function<expected<relay_done>(const relay_put_rule&)> put_rule;
  std::function<expected<relay_done>(const relay_drop_rule&)> drop_rule;
  std::function<expected<relay_listed>()> list;
  std::function<expected<relay_sent>(const relay_send&)> send;
  std::function<expected<relay_inbox>(const relay_read_inbox&)> read;
  std::function<expected<relay_acked>(const relay_ack&)> ack;
  std::function<expected<relay_dead>(const relay_list_dead&)> dead;
  std::function<expected<relay_mail_counted>()> count;
};

/// What docs/relay.md asks of a relay and this one does not do, a sentence each.
/// Empty: it will do.
[[nodiscard]] std::vector<std::string> relay_violations(const relay_doors& relay);

} // namespace muster::test
