#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/fault_plan.hpp"

#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// Around the work of an actor that blocks: nothing is thrown across a handler.
/// A call of the simulated disk that never returns, and a process that is killed
/// in it, leave the actor silent, as real ones do.
class work_guard {
public:
  /// `code` and `who` are of the failures; both are literals.
  work_guard(std::string_view code, std::string_view who) noexcept : code_(code), who_(who) {}

  /// Runs `work`, and says why if that was cut short. The outcome is unknown
  /// then.
  template <class Work>
  [[nodiscard]] std::optional<failure> attempt(Work work) {
    try {
      work();
      return {};
    } catch (const call_hung&) {
      stuck_ = true;
    } catch (const process_killed&) {
      stuck_ = true;
    } catch (const std::exception& error) {
      return cut_short(error.what());
    } catch (...) {
      return cut_short("an exception of unknown type");
    }
    return {};
  }

  /// A call never returned: nothing more is done, and nothing answered.
  [[nodiscard]] bool stuck() const noexcept { return stuck_; }

private:
  [[nodiscard]] failure cut_short(const char* what) const {
    return {failure_kind::unknown_outcome, code_,
            std::string{who_} + " was cut short (" + what + "); repeat the request with the same request id"};
  }

  std::string_view code_;
  std::string_view who_;
  bool stuck_ = false;
};

} // namespace muster
