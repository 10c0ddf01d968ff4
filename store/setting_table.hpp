#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/settings.hpp"
#include "muster/store/json.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The keys of `config.json` and `muster config`, and what each may say.
namespace muster {

/// One key as it is answered; both values are JSON texts.
struct setting {
  std::string_view key;
  std::string value;
  std::string fallback; ///< what holds when nothing is set
};

/// All keys, in the order they are shown.
[[nodiscard]] std::vector<setting> list_settings(const settings& now);

/// An unknown key is not found ("no-such-setting"); the failure names all keys.
[[nodiscard]] expected<setting> find_setting(const settings& now, std::string_view key);

/// Sets a key to what a JSON value says: of its own type, or the text that
/// somebody typed for it. Refused ("setting-value"): what the key does not take.
/// An unknown key is not found. What does not fit the other keys shows in
/// `check_settings`.
[[nodiscard]] expected<void> set_setting(settings& now, std::string_view key, const json::value& to);

/// Refused ("setting-combination"): values that contradict each other.
[[nodiscard]] expected<void> check_settings(const settings& now);

[[nodiscard]] std::string_view to_string(relay_mode mode) noexcept;

} // namespace muster
