#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/settings.hpp"
#include "muster/store/environment.hpp"

#include <string>
#include <string_view>

/// `config.json` of a data directory: one object whose members are the keys of
/// setting_table.hpp. People may edit it.
///
/// 1. Without a file the defaults hold; the file names what differs from them.
/// 2. An unknown key, a bad value, a contradiction, anything that is not strict
///    JSON refuses the whole file: nothing is guessed.
/// 3. It is replaced whole and durably, or it stays as it was.
namespace muster {

inline constexpr std::string_view config_file_name = "config.json";

/// Refused ("config-invalid"), with the place of what is wrong.
[[nodiscard]] expected<settings> decode_config(std::string text);
[[nodiscard]] std::string encode_config(const settings& now);

/// What the file in an open data directory says. Damage of the disk and a file
/// that may not be read fail as `disk_failure` does.
[[nodiscard]] expected<settings> read_config(environment env, handle data);

/// Makes the file say this. An error of kind `unknown_outcome` means that the
/// file says so, and may not after a power loss.
[[nodiscard]] expected<void> write_config(environment env, handle data, const settings& now);

} // namespace muster
