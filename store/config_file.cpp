#include "muster/store/config_file.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/json.hpp"
#include "muster/store/json_write.hpp"
#include "muster/store/setting_table.hpp"

#include <cerrno>

namespace muster {

namespace {

constexpr std::size_t largest_file = std::size_t{256} * 1024;
constexpr std::string_view new_name = "config.json.new";

failure invalid(const std::string& what, json::position where) {
  return {failure_kind::refused, "config-invalid",
          "config.json, line " + std::to_string(where.line) + ": " + what +
              "; mend it, or remove it to go back to the defaults",
          std::string(config_file_name)};
}

failure not_read(os_error why) {
  // Somebody put something else there, or a file that no settings need.
  if (why.code == ELOOP || why.code == EISDIR || why.code == EFBIG || why.code == ENXIO || why.code == EINVAL)
    return {failure_kind::refused,
            "config-invalid",
            "config.json is no regular file of at most 256 KiB; remove it to go back to the defaults",
            std::string(config_file_name),
            {},
            {},
            why.code};
  return disk_failure("read the settings", config_file_name, why);
}

} // namespace

expected<settings> decode_config(std::string text) {
  const auto document = json::document::parse(std::move(text), {.bytes = largest_file, .depth = 4});
  if (!document) {
    auto why = document.error();
    why.kind = failure_kind::refused;
    why.code = "config-invalid";
    why.path = config_file_name;
    why.message = "config.json: " + why.message + "; mend it, or remove it to go back to the defaults";
    return why;
  }
  const auto root = document->root();
  if (!root.is(json::kind::object))
    return invalid("it is no object", root.where());
  settings result;
  for (const auto& member : root)
    if (auto set = set_setting(result, member.key(), member); !set)
      return invalid(set.error().message, member.where());
  if (auto checked = check_settings(result); !checked)
    return invalid(checked.error().message, root.where());
  return result;
}

std::string encode_config(const settings& now) {
  std::string text;
  for (const auto& each : list_settings(now))
    if (each.value != each.fallback)
      text += (text.empty() ? "\n  " : ",\n  ") + json::quote(each.key) + ": " + each.value;
  return text.empty() ? "{}\n" : "{" + text + "\n}\n";
}

expected<settings> read_config(environment env, handle data) {
  auto text = read_file(env.files, data, config_file_name, largest_file);
  if (!text && text.error().code == ENOENT)
    return settings{};
  if (!text)
    return not_read(text.error());
  return decode_config(std::move(*text));
}

expected<void> write_config(environment env, handle data, const settings& now) {
  const auto text = encode_config(now);
  if (text.size() > largest_file)
    return failure{failure_kind::refused, "setting-value",
                   "the settings would be over 256 KiB, which is the bound of config.json; allow fewer ids"};
  if (auto removed = env.files.unlink(data, new_name, unlink_kind::file); !removed && removed.error().code != ENOENT)
    return disk_failure("remove what an interrupted change left", new_name, removed.error());
  if (auto written = write_new_file(env.files, data, new_name, text); !written) {
    (void)env.files.unlink(data, new_name, unlink_kind::file);
    return disk_failure("write the settings", new_name, written.error());
  }
  if (auto renamed = env.files.rename(data, new_name, data, config_file_name, rename_mode::replace); !renamed) {
    (void)env.files.unlink(data, new_name, unlink_kind::file);
    return disk_failure("replace the settings", config_file_name, renamed.error());
  }
  if (auto synced = sync_full(env.files, data); !synced) {
    auto why = disk_failure("sync the data directory after a change of the settings", config_file_name, synced.error());
    why.kind = failure_kind::unknown_outcome;
    return why;
  }
  return {};
}

} // namespace muster
