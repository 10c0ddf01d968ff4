#include "muster/store/identity.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/disk_failure.hpp"
#include "muster/store/full_io.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace muster {

namespace {

constexpr std::string_view key_name = "identity.key";
constexpr std::string_view new_key_name = "identity.key.new";
constexpr std::string_view record_name = "instance.json";
constexpr std::string_view new_record_name = "instance.json.new";
constexpr std::string_view key_heading = "muster private key 1\n";
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t file_limit = std::size_t{64} * 1024;
constexpr int most_tries = 100;

failure disk_failure(os_error why, std::string_view name) {
  return {failure_kind::failed,
          "identity-disk",
          "the identity of the data directory cannot be opened: " + std::string(name) + ": " + std::strerror(why.code) +
              "; " + std::string(disk_advice(why)),
          std::string(name),
          "identity",
          {},
          why.code};
}

/// Bytes that are overwritten when they go.
class secret {
public:
  secret() = default;
  secret(const secret&) = delete;
  secret& operator=(const secret&) = delete;
  ~secret() { wipe(bytes); }

  std::array<std::byte, secret_bytes> bytes{};
};

/// The same for a text.
class secret_text {
public:
  explicit secret_text(std::string value) : text(std::move(value)) {}
  secret_text(const secret_text&) = delete;
  secret_text& operator=(const secret_text&) = delete;
  ~secret_text() { wipe(std::as_writable_bytes(std::span(text))); }

  std::string text;
};

/// The key file: its heading, the secret in lower-case hexadecimal, a line feed.
constexpr std::size_t key_file_bytes = key_heading.size() + 2 * secret_bytes + 1;

bool read_secret(std::string_view text, secret& into) noexcept {
  return text.size() == key_file_bytes && text.starts_with(key_heading) && text.ends_with('\n') &&
         read_hex(text.substr(key_heading.size(), 2 * secret_bytes), into.bytes);
}

struct found_key {
  signing_key key;
  std::uint64_t inode = 0;
};

expected<std::optional<found_key>> find_key(environment env, handle data) {
  const auto file = open_regular(env.files, data, key_name);
  if (!file && file.error().code == ENOENT)
    return std::optional<found_key>();
  if (!file)
    return disk_failure(file.error(), key_name);
  const auto status = env.files.status(file->get());
  if (!status)
    return disk_failure(status.error(), key_name);
  if ((status->mode & 077) != 0)
    return failure{failure_kind::refused, "key-permissions",
                   "identity.key can be read by others: run `chmod 600` on it, and if anyone may have read it, remove "
                   "it so that muster takes a new identity",
                   std::string(key_name)};
  auto bytes = read_full(env.files, file->get(), 0, key_file_bytes + 1);
  if (!bytes)
    return disk_failure(bytes.error(), key_name);
  const secret_text text(std::move(*bytes));
  secret held;
  if (!read_secret(text.text, held))
    return failure{failure_kind::damaged, "key-unreadable",
                   "identity.key is damaged: remove it and muster takes a new identity; what the old one wrote stays",
                   std::string(key_name)};
  return std::optional<found_key>(found_key{signing_key(held.bytes), status->inode});
}

expected<std::optional<identity_record>> find_record(environment env, handle data, std::uint64_t release) {
  const auto text = read_file(env.files, data, record_name, file_limit);
  if (!text && text.error().code == ENOENT)
    return std::optional<identity_record>();
  if (!text)
    return disk_failure(text.error(), record_name);
  auto record = decode_record(*text, release);
  if (!record)
    return record.error();
  return std::optional<identity_record>(std::move(*record));
}

expected<bool> has_feed(environment env, handle data, const instance_id& instance) {
  const auto status = env.files.status(data, "feeds/" + instance.text + "/durable", false);
  if (status)
    return true;
  if (status.error().code == ENOENT || status.error().code == ENOTDIR)
    return false;
  return disk_failure(status.error(), "feeds");
}

struct traces_with_key {
  identity_traces traces;
  std::optional<found_key> key;
};

expected<traces_with_key> look(environment env, handle data, std::uint64_t release) {
  traces_with_key result;
  auto record = find_record(env, data, release);
  if (!record)
    return record.error();
  auto key = find_key(env, data);
  if (!key)
    return key.error();
  auto& traces = result.traces;
  traces.record = std::move(*record);
  traces.here.machine_id = env.self.machine_id;
  if (*key) {
    traces.key = (*key)->key.public_half();
    traces.here.inode = (*key)->inode;
    const auto feed = has_feed(env, data, instance_of(*traces.key));
    if (!feed)
      return feed.error();
    traces.has_feed = *feed;
  }
  result.key = std::move(*key);
  return result;
}

/// Removes what an interrupted creation left under a name that is never read.
expected<void> remove_leftover(environment env, handle data, std::string_view name) {
  const auto removed = env.files.unlink(data, name, unlink_kind::file);
  if (!removed && removed.error().code != ENOENT)
    return disk_failure(removed.error(), name);
  return {};
}

expected<void> publish(environment env, handle data, std::string_view from, std::string_view to, rename_mode mode) {
  const bool is_first = !env.files.status(data, to, false);
  if (auto renamed = env.files.rename(data, from, data, to, mode); !renamed)
    return disk_failure(renamed.error(), to);
  if (auto synced = sync_full(env.files, data); !synced) {
    // It may stand in memory only, and another sync need not save it.
    if (is_first)
      (void)env.files.rename(data, to, data, from, rename_mode::no_replace);
    return disk_failure(synced.error(), to);
  }
  return {};
}

expected<void> write_new_key(environment env, handle data) {
  secret drawn;
  env.random.fill(drawn.bytes);
  std::string text;
  text.reserve(key_file_bytes);
  text.append(key_heading);
  append_hex(text, drawn.bytes);
  text.append("\n");
  const secret_text held(std::move(text));
  if (auto left = remove_leftover(env, data, new_key_name); !left)
    return left;
  if (auto written = write_new_file(env.files, data, new_key_name, held.text); !written)
    return disk_failure(written.error(), new_key_name);
  return publish(env, data, new_key_name, key_name, rename_mode::no_replace);
}

/// Puts the key aside under a free name.
expected<void> retire_key(environment env, handle data) {
  auto time = env.clock.wall().count();
  for (int i = 0; i != most_tries; ++i, ++time) {
    const auto name = "identity.key.replaced-" + std::to_string(time);
    const auto moved = env.files.rename(data, key_name, data, name, rename_mode::no_replace);
    if (!moved && moved.error().code == EEXIST)
      continue;
    if (!moved && moved.error().code != ENOENT)
      return disk_failure(moved.error(), key_name);
    const auto synced = sync_full(env.files, data);
    return synced ? expected<void>() : disk_failure(synced.error(), key_name);
  }
  return disk_failure(os_error{EEXIST}, key_name);
}

identity_record record_of(const public_key& key, std::uint64_t release, std::chrono::milliseconds now,
                          identity_binding binding) {
  return {instance_of(key), key, release, now, std::move(binding), {}};
}

expected<void> write_record(environment env, handle data, const identity_record& record) {
  if (auto left = remove_leftover(env, data, new_record_name); !left)
    return left;
  if (auto written = write_new_file(env.files, data, new_record_name, encode_record(record)); !written)
    return disk_failure(written.error(), new_record_name);
  return publish(env, data, new_record_name, record_name, rename_mode::replace);
}

} // namespace

expected<identity_traces> inspect_identity(environment env, handle data, std::uint64_t release) {
  auto found = look(env, data, release);
  if (!found)
    return found.error();
  return std::move(found->traces);
}

expected<identity> open_identity(environment env, handle data, std::uint64_t release) {
  auto found = look(env, data, release);
  if (!found)
    return found.error();
  const auto step = decide_identity(found->traces);
  auto& before = found->traces.record;
  if (step == identity_step::use)
    return identity{std::move(found->key->key), std::move(*before), step};
  if (!before && found->traces.has_feed) {
    // Remembered before its key goes, so that what it placed stays owed.
    before = record_of(*found->traces.key, release, env.clock.wall(), {});
    if (auto written = write_record(env, data, *before); !written)
      return written.error();
  }
  if (auto retired = retire_key(env, data); !retired)
    return retired.error();
  if (auto written = write_new_key(env, data); !written)
    return written.error();
  auto key = find_key(env, data);
  if (!key)
    return key.error();
  if (!*key)
    return disk_failure(os_error{ENOENT}, key_name);
  auto record = record_of((*key)->key.public_half(), release, env.clock.wall(), {env.self.machine_id, (*key)->inode});
  if (before)
    record.replaces = before->id;
  if (auto written = write_record(env, data, record); !written)
    return written.error();
  return identity{std::move((*key)->key), std::move(record), step};
}

} // namespace muster
