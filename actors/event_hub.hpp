#pragma once

#include "muster/actors/event_log.hpp"
#include "muster/actors/roster_mirror.hpp"
#include "muster/messages/interfaces.hpp"
#include "muster/messages/time_limits.hpp"
#include "muster/store/environment.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace muster {

struct event_hub_options {
  settings now_holds;        ///< health is computed by them
  std::size_t kept = 4096;   ///< events, for those who are slower
  std::size_t at_once = 256; ///< events in one message, at most
  std::size_t listeners = 64;
  std::size_t readers = 64; ///< that wait
  /// On a listener that works in what it was told.
  std::chrono::nanoseconds listener_limit = std::chrono::minutes{5};
  /// On the index, and the pause after it has not answered.
  std::chrono::nanoseconds question_limit = std::chrono::seconds{15};
  std::chrono::nanoseconds pause = std::chrono::seconds{1};
  /// How long a request waits for the index.
  std::chrono::nanoseconds start_limit = std::chrono::seconds{60};
  std::chrono::milliseconds longest_wait = std::chrono::seconds{60};
  /// Events are noted for so long for a reader that may ask again.
  std::chrono::nanoseconds reader_patience = std::chrono::minutes{1};
  /// Health is looked at as often as that while it is going to change: the wall
  /// clock may be set, and stand still for a timer.
  std::chrono::milliseconds longest_nap = std::chrono::minutes{1};
  /// Mail shows that its sender is alive; noted no more often than that.
  std::chrono::milliseconds sign_of_life = std::chrono::seconds{30};
};

/// Tells listeners what happens, whatever dies within.
///
/// 1. It has the index watched only while somebody listens, and then wakes up for
///    changes of health alone. Without listeners nothing is noted.
/// 2. What is told is in the roster by then, durably. A life that ends takes
///    nothing along: the next index is compared with what was told.
/// 3. A listener has one message at a time. What it has not taken waits in the
///    log, and it is told which numbers it has missed. One that ends, or fails,
///    or says nothing for `listener_limit`, is dropped.
class event_hub_state {
public:
  static inline const char* name = "muster.event_hub";

  event_hub_state(event_hub_actor::pointer self, const environment& env, const event_hub_options& options);

  event_hub_actor::behavior_type make_behavior();

private:
  struct subscriber {
    event_listener listener;
    std::uint64_t after = 0; ///< it was told everything up to that number
    std::size_t at_once = 0;
    std::uint64_t subscription = 0;
    bool with_roster = true;
    bool wants_roster = false; ///< next
    bool is_busy = false;      ///< with what it was told
  };
  struct reader {
    std::uint64_t after = 0;
    std::size_t limit = 0;
    caf::typed_response_promise<events_read> promise;
    caf::disposable timer;
  };
  using once_watching = std::function<void(const expected<void>&)>;

  caf::result<events_subscribed> subscribe(const subscribe_events& asked);
  events_subscribed add(const subscribe_events& asked);
  void drop(caf::actor_id listener);
  void serve(caf::actor_id listener);
  [[nodiscard]] events_told next_for(subscriber& to) const;
  void told(caf::actor_id listener, std::uint64_t subscription, const caf::error& why);

  caf::result<events_read> read(const read_events& asked);
  void read_now(const read_events& asked, caf::typed_response_promise<events_read> promise);
  [[nodiscard]] events_read page_for(std::uint64_t after, std::size_t limit) const;
  void answer_readers();
  void answer_reader(std::uint64_t which);
  void note_reader();
  void await_reader();
  [[nodiscard]] bool reads_lately() const;

  void use(const index_began& what);
  void when_watching(const once_watching& then);
  void begin_watch();
  void watch_began(roster_watched& all);
  void watch_failed(std::uint64_t watch);
  void answer_waiting(const expected<void>& how);
  void end_watch_if_idle();
  [[nodiscard]] bool is_wanted() const;

  [[nodiscard]] bool is_of_watch(std::uint64_t number);
  void take(roster_changed& what);
  void take_mail(note_mail& what);
  [[nodiscard]] bool is_news(const std::string& message);
  void publish(roster_mirror::events what);
  void arm();
  void stop();
  [[nodiscard]] std::chrono::milliseconds now() const { return env_.clock.wall(); }

  event_hub_actor::pointer self_;
  time_limits limits_;
  environment env_;
  event_hub_options options_;
  event_log log_;
  roster_mirror mirror_;
  bool has_mirror_ = false; ///< it is what listeners were told

  std::map<caf::actor_id, subscriber> subscribers_;
  std::set<caf::actor_id> watched_; ///< their ends are told, also once they have unsubscribed
  std::uint64_t subscriptions_ = 0;
  std::map<std::uint64_t, reader> readers_;
  std::uint64_t reads_ = 0;
  std::optional<caf::actor_clock::time_point> last_read_;
  bool awaits_reader_ = false; ///< a timer runs for that

  roster_source index_; ///< null while there is none
  epoch life_;
  std::uint64_t watch_ = 0; ///< the number of the latest
  bool asking_ = false;     ///< for it
  bool watching_ = false;
  bool missed_ = false; ///< something changed before the answer came
  std::map<std::uint64_t, once_watching> waiting_;
  std::uint64_t waits_ = 0;

  std::optional<std::chrono::milliseconds> armed_; ///< for the next change of health
  caf::disposable timer_;
  std::map<agent_id, std::chrono::milliseconds> alive_; ///< by mail; bounded
  std::set<std::string> mail_told_;                     ///< messages; as many as events are kept
  std::deque<std::string> mail_in_order_;
};

using event_hub = event_hub_actor::stateful_impl<event_hub_state>;

} // namespace muster
