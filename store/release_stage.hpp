#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/release.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// Where one step between releases prepares what it changes.
///
/// S1  Until the stamp says the step's number, nothing outside of the stage has
///     changed: a crash leaves the old release, and the stage is thrown away.
/// S2  Once it says so, the stage is carried out, again and again until it is
///     done: a crash leaves the new release.
/// S3  Nothing that is shared is deleted: what a step takes away is renamed to
///     `<name>.release-<the release before>`.
///
/// Names are paths below the data directory, without "..", and directories on
/// the way must be there already.
class release_stage {
public:
  /// Begins anew; what an earlier try left is gone.
  static expected<release_stage> begin(const environment& env, handle data, release_number number);

  [[nodiscard]] const environment& env() const noexcept { return env_; }
  /// The data directory as it was before the step, for reading.
  [[nodiscard]] handle data() const noexcept { return data_; }
  [[nodiscard]] release_number number() const noexcept { return number_; }

  /// The file will have these bytes.
  expected<void> put(std::string_view name, std::string_view bytes);
  /// The file or directory will be renamed away, if it is there.
  expected<void> put_aside(std::string_view name);
  /// The file, which is derived or observed here, will be gone.
  expected<void> remove(std::string_view name);

  /// Makes the stage durable: it may be carried out from here on.
  expected<void> finish();

private:
  release_stage(const environment& env, handle data, release_number number) noexcept
      : env_(env), data_(data), number_(number) {}

  environment env_;
  handle data_;
  release_number number_;
  std::size_t files_ = 0;
  std::string plan_;
};

/// Carries out the finished stage of the release that the stamp says, if there
/// is one; throws away any other.
[[nodiscard]] expected<void> settle_release_stage(const environment& env, handle data, release_number stamped);

} // namespace muster
