#include "muster/supervisor/relay_assertion.hpp"

#include <utility>

namespace muster {

namespace {

/// The bridge has a limit of its own, which is shorter.
constexpr std::chrono::nanoseconds compare_limit = std::chrono::seconds{150};
/// Far more than a comparison takes. At most eight are under way then.
constexpr std::chrono::nanoseconds patience = std::chrono::seconds{20};
/// A relay that goes ahead of each comparison is left to the next sweep.
constexpr int most_overtaken = 4;

} // namespace

bool relay_assertion::is_at_work() const {
  return at_work_ > 0 && core_.self->clock().now() < began_ + patience;
}

void relay_assertion::run(std::function<void()> then) {
  if (core_.options.now.relay != relay_mode::none && core_.options.asserts_relay)
    return start(std::move(then));
  if (then)
    then();
}

void relay_assertion::when_held(const std::function<void(const expected<void>&)>& then) {
  if (held_)
    return then({});
  start([this, then] {
    if (held_)
      return then({});
    then(failure{failure_kind::unreachable, "relay-not-ready",
                 "the relay does not hold the endpoints of all agents yet" +
                     (problem_ ? " (" + problem_->message + ")" : std::string{}) + "; try again"});
  });
}

void relay_assertion::start(std::function<void()> then) {
  ++at_work_;
  began_ = core_.self->clock().now();
  const auto over = [this, then = std::move(then)] {
    --at_work_;
    if (then)
      then();
  };
  // Before the index is read, so that what is stated meanwhile is newer, and what
  // was stated for a commit that comes meanwhile is not retired.
  compare_relay desired{core_.sagas.next_version(), {}, {}, core_.sagas.endpoints_under_way()};
  look_up<endpoints_listed>(
      core_, core_.by.index, list_endpoints{},
      [this, run = ++runs_, desired = std::move(desired), over](expected<endpoints_listed> listed) mutable {
        if (!listed) {
          conclude(run, listed.error());
          return over();
        }
        desired.endpoints = std::move(listed->endpoints);
        desired.rules = std::move(listed->rules);
        compare(run, std::move(desired), over);
      });
}

void relay_assertion::compare(std::uint64_t run, compare_relay desired, std::function<void()> then) {
  consult<relay_compared>(core_.self, core_.mail, compare_limit, core_.by.bridge, std::move(desired),
                          [this, run, then = std::move(then)](const expected<relay_compared>& how) {
                            if (!how && how.error().code == relay_ahead_code && ++overtaken_ < most_overtaken)
                              return start(then);
                            if (!how)
                              conclude(run, how.error());
                            else {
                              held_ = true;
                              overtaken_ = 0;
                              conclude(run, how->refused.empty() ? std::nullopt : std::optional{how->refused.front()});
                            }
                            then();
                          });
}

/// What an earlier one says after a later one has ended is of no interest.
void relay_assertion::conclude(std::uint64_t run, std::optional<failure> problem) {
  if (run < concluded_)
    return;
  concluded_ = run;
  problem_ = std::move(problem);
}

} // namespace muster
