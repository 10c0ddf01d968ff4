#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/saga.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <variant>

namespace muster {

struct request_ledger_options {
  /// How long a done answer is repeated, and an id stays bound to its request.
  std::chrono::milliseconds keep = std::chrono::hours{24};
  /// Requests remembered. Beyond it the one that ended first is forgotten early.
  std::size_t requests = 10'000;
  /// A request id as callers may choose it, in bytes.
  std::size_t id_bytes = 128;
};

/// Nobody has asked this yet, or what was asked has failed: carry it out.
struct request_execute {};
/// It was done before: answer the same again, and add nothing to the feed.
struct request_repeat {
  commit_id commit;
};
/// It is being carried out: the caller waits for that answer.
struct request_join {
  saga_id saga;
};
/// It ended unknown: ask the feed for the request id, then tell `found` or
/// `absent`, and ask again.
struct request_look_up {
  saga_id saga;
};
using request_decision = std::variant<request_execute, request_repeat, request_join, request_look_up, failure>;

/// Which requests are known, so that a repetition is answered and not carried
/// out twice. Each is bound to a hash of what it asks for. Knows no clock;
/// `now` is the time since the epoch.
///
/// 1. One id, one request: with another hash it is refused for `keep`, whether
///    the first was done or failed.
/// 2. A done request is not carried out again for `keep`; a failed one is.
/// 3. Requests in flight and unknown ones are never forgotten here.
/// 4. What is forgotten, or of an earlier life, still stands in its commit.
class request_ledger {
public:
  explicit request_ledger(const request_ledger_options& options = {}) : options_(options) {}

  /// Of a request with an id; `hash` is not empty. The failure is
  /// - refused, "request-id-reused": the id belongs to another request;
  /// - refused, "request-id-invalid": empty, too long, or not printable ASCII;
  /// - busy, "requests-full": everything remembered is in flight or unknown.
  [[nodiscard]] request_decision ask(const request_id& request, std::string_view hash, std::chrono::milliseconds now);

  /// The saga that carries out what `ask` said to execute.
  void begun(const request_id& request, std::string_view hash, const saga_id& saga, std::chrono::milliseconds now);
  /// How it ended.
  void ended(const request_id& request, const saga_answer& answer, std::chrono::milliseconds now);

  /// The feed has the commit of a request: one that was unknown, or one of an
  /// earlier life. However old that is, it is known from now on.
  void found(const request_id& request, std::string_view hash, const commit_id& where, std::chrono::milliseconds now);
  /// The feed does not have it and never will.
  void absent(const request_id& request);

  [[nodiscard]] std::size_t size() const noexcept { return requests_.size(); }

private:
  enum class state : std::uint8_t { running, unknown, done, failed };
  struct entry {
    std::string hash;
    state now = state::running;
    saga_id saga = {};
    commit_id commit = {};
    std::chrono::milliseconds since{0};
  };
  using requests = std::map<request_id, entry>;

  void forget_old(std::chrono::milliseconds now);
  void make_room();
  void settle(const request_id& request, entry& what, state how, std::chrono::milliseconds at);
  void drop(requests::iterator which);

  request_ledger_options options_;
  requests requests_;
  std::multimap<std::chrono::milliseconds, request_id> settled_; ///< done or failed, by when
};

} // namespace muster
