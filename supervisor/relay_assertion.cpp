#include "muster/supervisor/relay_assertion.hpp"

#include <utility>

namespace muster {

namespace {

/// The bridge has a limit of its own, which is shorter.
constexpr std::chrono::nanoseconds compare_limit = std::chrono::seconds{150};

} // namespace

void relay_assertion::run(std::function<void()> then) {
  ++at_work_;
  const auto over = [this, then = std::move(then)] {
    --at_work_;
    if (then)
      then();
  };
  if (core_.options.now.relay == relay_mode::none || !core_.options.asserts_relay)
    return over();
  // Drawn before the index is read, so that what is stated meanwhile is newer.
  const auto version = core_.sagas.next_version();
  look_up<endpoints_listed>(core_, core_.by.index, list_endpoints{},
                            [this, version, over](expected<endpoints_listed> desired) {
                              if (desired)
                                return compare(version, std::move(*desired), over);
                              problem_ = desired.error();
                              over();
                            });
}

void relay_assertion::compare(statement_version version, endpoints_listed desired, std::function<void()> then) {
  compare_relay request{version, std::move(desired.endpoints), std::move(desired.rules)};
  consult<relay_compared>(core_.self, core_.limits, compare_limit, core_.by.bridge, std::move(request),
                          [this, then = std::move(then)](const expected<relay_compared>& how) {
                            problem_.reset();
                            if (!how)
                              problem_ = how.error();
                            else if (!how->refused.empty())
                              problem_ = how->refused.front();
                            then();
                          });
}

} // namespace muster
