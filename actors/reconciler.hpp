#pragma once

#include "muster/actors/discovery.hpp"
#include "muster/actors/sweep_tally.hpp"
#include "muster/messages/interfaces.hpp"
#include "muster/messages/time_limits.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace muster {

struct reconciler_options {
  /// On a question to the index.
  std::chrono::nanoseconds list_limit = std::chrono::seconds{60};
  /// On one batch, which lasts as long as its slowest device.
  std::chrono::nanoseconds look_limit = std::chrono::minutes{3};
  /// On one place, its saga included.
  std::chrono::nanoseconds observe_limit = std::chrono::seconds{90};
  std::chrono::nanoseconds settle_limit = std::chrono::minutes{3};
  /// On a whole sweep. What was not looked at by then is left to the next.
  std::chrono::nanoseconds sweep_limit = std::chrono::hours{1};
  /// Places in one page, and in one look. The next page is listed while one is
  /// looked at, so that two are in memory.
  std::size_t batch = 512;
  /// Places that the supervisor is asked to take at once: two groups, so that one
  /// is read while the other is synced. What is news gathers until there is a
  /// group of it or every page was looked at, be it that it comes from many pages,
  /// and is handed over when there is room for a group: what is taken at once
  /// shares its syncs. No page is turned while so much waits.
  std::size_t in_flight = 128;
  /// Callers that wait for one sweep.
  std::size_t waiting = 1024;
  /// Problems that a report lists.
  std::size_t problems = 256;
  discovery_options discovery = {};
};

/// Compares what is recorded with what is there, place by place, and has the
/// supervisor take what is not as it was, then remove what has been gone for long
/// enough.
///
/// 1. One sweep at a time. A request while one runs joins it; one that accepts
///    removals, when they have been decided, waits for the next.
/// 2. A place that cannot be looked at or taken is a counted problem and stops
///    nothing. Only a list of places that cannot be had fails a sweep.
/// 3. Where nothing has changed nothing is asked of the supervisor but to settle
///    what is owed.
/// 4. Its first sweep also looks for what a crash has left beside manifests that
///    have not changed; any sweep does where one is back that was gone, or whose
///    directory was not there then.
/// 5. Nothing is removed by a sweep that has not looked everywhere, unless that
///    was accepted: it cannot tell how many are gone.
/// 6. It holds the supervisor, which holds it, weakly. Its end ends the sweep.
class reconciler_state {
public:
  static inline const char* name = "muster.reconciler";

  reconciler_state(reconciler_actor::pointer self, index_actor index, file_store_actor files,
                   const supervisor_actor& supervisor, const reconciler_options& options = {});

  reconciler_actor::behavior_type make_behavior();

private:
  using report_promise = caf::typed_response_promise<sweep_report>;

  /// Places that were listed and are looked at.
  struct page_ahead {
    known_places places;
    look_moment moment;
    bool more;
    std::optional<expected<places_looked_at>> looked = {};
  };
  static constexpr std::size_t most_pages = 2;

  struct place_on_page {
    known_places page;
    std::size_t number;
    [[nodiscard]] const place_to_look_at& get() const { return page[number]; }
  };

  /// The sweep under way. What is asked in its name names it, so that what comes
  /// back after its end falls away.
  struct sweep {
    explicit sweep(std::size_t listed_problems) : tally(listed_problems) {}
    sweep_tally tally;
    std::vector<report_promise> callers;
    known_places page;
    look_moment moment;
    std::deque<std::shared_ptr<page_ahead>> ahead;
    std::optional<failure> unlisted; ///< why there are no more pages
    bool listing = false;
    bool listed_all = false;
    agent_id last; ///< that was listed
    std::shared_ptr<discovery> scan;
    std::deque<observe_place> seen;
    /// Where it is not known yet whether a crash has left something.
    std::deque<place_on_page> untidy;
    std::size_t in_flight = 0;
    caf::actor_clock::time_point began;
    caf::disposable limit;
    enum class stage : std::uint8_t { looking, discovering, removing, settling } at = stage::looking;
    bool is_ready = false; ///< for the page ahead
    bool more = true;
    bool complete = true; ///< every place so far was looked at
    bool accepts = false;
    bool tidies = false;
    bool all_tidy = true;
    bool over = false;
  };
  using sweep_ptr = std::shared_ptr<sweep>;

  caf::result<sweep_report> request(const sweep_now& asked);
  void begin(bool accepts);
  void go_on(const sweep_ptr& in);
  void list_ahead(const sweep_ptr& in);
  void look(const sweep_ptr& in, const std::shared_ptr<page_ahead>& at);
  void turn_page(const sweep_ptr& in);
  void not_looked_at(const sweep_ptr& in, const failure& why);
  void take_in(const sweep_ptr& in, places_looked_at looked);
  [[nodiscard]] bool is_untidy(const sweep& in, std::size_t place, bool gone);
  void note(const sweep_ptr& in, const std::vector<std::size_t>& absent);
  void list_due(const sweep_ptr& in);
  [[nodiscard]] std::size_t a_group() const noexcept { return (options_.in_flight + 1) / 2; }
  void observe_more(const sweep_ptr& in);
  void hand_over_next(const sweep_ptr& in);
  void observe(const sweep_ptr& in, const observe_place& what);
  void look_for_leftovers(const sweep_ptr& in, const place_to_look_at& place);
  void discover(const sweep_ptr& in);
  void settle(const sweep_ptr& in);
  void finish(const sweep_ptr& in, const std::optional<failure>& why);
  void cancel();

  reconciler_actor::pointer self_;
  time_limits limits_; ///< on what may be much at once
  index_actor index_;
  file_store_actor files_;
  caf::actor_addr supervisor_;
  reconciler_options options_;
  sweep_ptr running_;
  std::vector<report_promise> next_; ///< who waits for a sweep that accepts removals
  discovery_memory scanned_;
  bool is_tidy_ = false;          ///< a sweep has looked for leftovers everywhere
  std::set<agent_id> unsearched_; ///< but there, where no directory was
};

using reconciler = reconciler_actor::stateful_impl<reconciler_state>;

} // namespace muster
