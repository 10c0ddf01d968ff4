#pragma once

#include "muster/actors/post_office.hpp"
#include "muster/actors/relay_table.hpp"
#include "muster/actors/work_guard.hpp"
#include "muster/messages/interfaces.hpp"
#include "muster/store/environment.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster {

struct relay_options {
  relay_table_options table = {};
  post_office_options post = {};
  /// Messages and acknowledgements that share their syncs.
  std::size_t batch = 256;
  std::size_t listeners = 1024;
  /// How often what has lived too long is looked for, while there is mail.
  std::chrono::nanoseconds tidy_interval = std::chrono::minutes{5};
};

/// The embedded relay. Endpoints and rules are in memory, and said again after a
/// start; mail is in files, and the relay blocks while it is at them.
///
/// 1. Messages and acknowledgements gather while there is mail of the actor's,
///    then few syncs make them durable, then all are answered.
/// 2. Everything else is done behind what has gathered.
/// 3. A listener is told once of a mailbox, and again when that was read; so one
///    that is slow has no more than a message for each mailbox.
/// 4. Nothing is thrown across a handler. A call of the simulated disk that never
///    returns leaves the relay silent about mail.
class relay_state {
public:
  static inline const char* name = "muster.relay";

  /// One that takes no mail.
  explicit relay_state(relay_actor::pointer self, const relay_table_options& options = {});
  /// `home` is the data directory, absolute.
  relay_state(relay_actor::pointer self, const environment& env, std::string home, const relay_options& options);

  relay_actor::behavior_type make_behavior();

private:
  struct listener {
    mail_listener_actor who;
    std::string pattern;
    std::set<std::string> told;
  };

  template <class Answer, class Request, class Enter>
  caf::result<Answer> gather(const Request& what, Enter enter,
                             std::vector<std::vector<caf::typed_response_promise<Answer>>>& waiting);
  template <class Answer, class Work>
  caf::result<Answer> perform(Work work);
  caf::result<relay_done> put(const relay_put_endpoint& what);
  caf::result<relay_done> drop(const relay_drop_endpoint& what);
  caf::result<relay_done> subscribe(const relay_subscribe& what);
  void flush();
  void tell_listeners(const mail_waiting& news);
  void read_by_somebody(const std::string& subject);
  void forget_listener(std::size_t number);
  void tidy_later();

  relay_actor::pointer self_;
  relay_options options_;
  relay_table table_;
  std::optional<post_office> post_;
  work_guard guard_{"relay-exception", "the relay"};
  std::vector<std::vector<caf::typed_response_promise<relay_sent>>> senders_;
  std::vector<std::vector<caf::typed_response_promise<relay_acked>>> ackers_;
  std::vector<caf::response_promise> unanswered_;
  subject_trie patterns_;
  std::map<std::size_t, listener> listeners_;
  std::map<subject_trie::number, std::set<std::size_t>> by_pattern_;
  std::size_t last_listener_ = 0;
  bool tidies_ = false;
};

using relay = relay_actor::stateful_impl<relay_state>;

} // namespace muster
