#include "muster/store/release_gate.hpp"

#include "muster/store/full_io.hpp"
#include "muster/store/json_splice.hpp"
#include "muster/store/release_stage.hpp"
#include "muster/store/whole_number.hpp"

#include <array>
#include <cerrno>
#include <cstring>

namespace muster {

namespace {

constexpr std::string_view stamp_name = "instance.json";
constexpr std::string_view new_stamp_name = "instance.json.new";
constexpr std::size_t most_stamp_bytes = std::size_t{64} * 1024;

/// What a stamp must stand beside. A key alone may be an identity that was
/// interrupted while it was made.
constexpr std::array data_names{"feeds", "journal", "local.db", "index.db"};

constexpr std::array index_names{"index.db", "index.db-wal", "index.db-shm", "index.db-journal", "index.db.new"};
constexpr std::array local_names{"local.db", "local.db-wal", "local.db-shm", "local.db-journal"};

failure unreadable(std::string_view why, int system_errno) {
  return {.kind = system_errno != 0 ? failure_kind::failed : failure_kind::damaged,
          .code = "release-unreadable",
          .message = "the release of the data directory cannot be read from instance.json (" + std::string(why) +
                     "); nothing was changed: mend the file or put its backup back",
          .path = std::string(stamp_name),
          .system_errno = system_errno};
}

expected<std::optional<std::string>> read_stamp_file(const environment& env, handle data) {
  auto text = read_file(env.files, data, stamp_name, most_stamp_bytes);
  if (text)
    return std::optional<std::string>(std::move(*text));
  if (text.error().code == ENOENT)
    return std::optional<std::string>();
  return unreadable(std::strerror(text.error().code), text.error().code);
}

expected<release_number> release_of(const std::string& text) {
  auto document = json::document::parse(text);
  if (!document)
    return unreadable(document.error().message, 0);
  const auto value = document->root().find("release");
  const auto number = value.is(json::kind::number) ? whole_number(value.text()) : std::nullopt;
  if (!number || *number < first_release)
    return unreadable("its member `release` is not a number from 1", 0);
  return *number;
}

expected<bool> has_data(const environment& env, handle data) {
  for (const auto* name : data_names) {
    auto status = env.files.status(data, name, false);
    if (status)
      return true;
    if (status.error().code != ENOENT)
      return unreadable(std::strerror(status.error().code), status.error().code);
  }
  return false;
}

expected<release_stamp> read_stamp(const environment& env, handle data) {
  release_stamp result;
  auto text = read_stamp_file(env, data);
  if (!text)
    return text.error();
  if (!*text) {
    auto data_there = has_data(env, data);
    if (!data_there)
      return data_there.error();
    result.has_data = *data_there;
    return result;
  }
  auto number = release_of(**text);
  if (!number)
    return number.error();
  result.stored = *number;
  return result;
}

failure refuse_newer(release_number stored, release_number current) {
  return {.kind = failure_kind::release_mismatch,
          .code = "release-newer",
          .message = release_mismatch(current, stored, "the data directory") + "; nothing was changed",
          .path = std::string(stamp_name)};
}

failure refuse_unstamped() {
  return {.kind = failure_kind::damaged,
          .code = "release-unstamped",
          .message = "the data directory holds data but no instance.json, so that nobody knows their release; nothing "
                     "was changed: put instance.json back from a backup of this very directory",
          .path = std::string(stamp_name)};
}

failure stamp_failure(os_error why) {
  return {.kind = failure_kind::failed,
          .code = "release-stamp",
          .message = std::string("stamping the data directory with its new release failed: ") +
                     std::strerror(why.code) + "; mend the disk and start again",
          .path = std::string(stamp_name),
          .system_errno = why.code};
}

/// The moment at which a step has happened.
expected<void> write_stamp(const environment& env, handle data, release_number number) {
  auto text = read_stamp_file(env, data);
  if (!text)
    return text.error();
  auto document = json::document::parse(text->value_or(""));
  if (!document)
    return document.error();
  const json::member_change change{"release", std::to_string(number)};
  auto stamped = json::splice(*document, {&change, 1});
  if (!stamped)
    return stamped.error();
  auto gone = env.files.unlink(data, new_stamp_name, unlink_kind::file);
  if (!gone && gone.error().code != ENOENT)
    return stamp_failure(gone.error());
  auto done = write_new_file(env.files, data, new_stamp_name, *stamped);
  if (done)
    done = env.files.rename(data, new_stamp_name, data, stamp_name, rename_mode::replace);
  if (done)
    done = sync_full(env.files, data);
  if (!done)
    return stamp_failure(done.error());
  return {};
}

/// What a step clears besides what it says itself.
expected<void> stage_clearing(release_stage& stage, release_break kind) {
  for (const auto* name : index_names)
    if (auto done = stage.remove(name); !done)
      return done;
  if (kind == release_break::durable)
    return {};
  for (const auto* name : local_names)
    if (auto done = stage.remove(name); !done)
      return done;
  return kind == release_break::clean_shared ? stage.put_aside("feeds") : expected<void>();
}

expected<void> run_step(const environment& env, handle data, const release_step& step) {
  auto stage = release_stage::begin(env, data, step.number);
  if (!stage)
    return stage.error();
  if (auto run = step.run(*stage); !run)
    return run;
  if (auto cleared = stage_clearing(*stage, step.kind); !cleared)
    return cleared;
  if (auto finished = stage->finish(); !finished)
    return finished;
  if (auto stamped = write_stamp(env, data, step.number); !stamped)
    return stamped;
  return settle_release_stage(env, data, step.number);
}

} // namespace

expected<release_passage> pass_release_gate(const environment& env, handle data, std::span<const release_step> steps,
                                            release_number current) {
  if (auto good = check_steps(steps, current); !good)
    return good.error();
  auto found = read_stamp(env, data);
  if (!found)
    return found.error();
  const release_passage passage{plan_release(*found, steps, current), found->stored.value_or(0)};
  switch (passage.plan) {
    case release_plan::refuse_newer: return refuse_newer(*found->stored, current);
    case release_plan::refuse_unstamped: return refuse_unstamped();
    case release_plan::stamp: return passage;
    case release_plan::proceed:
    case release_plan::migrate:
    case release_plan::break_cleanly: break;
  }
  // What a crash interrupted comes before anything new.
  if (auto settled = settle_release_stage(env, data, passage.from); !settled)
    return settled.error();
  for (const auto& step : pending_steps(steps, passage.from, current))
    if (auto done = run_step(env, data, step); !done)
      return done.error();
  return passage;
}

} // namespace muster
