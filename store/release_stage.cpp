#include "muster/store/release_stage.hpp"

#include "muster/store/full_io.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>

namespace muster {

namespace {

constexpr std::string_view stage_name = "release.stage";
constexpr std::string_view plan_name = "release.stage/plan";
constexpr std::string_view heading = "muster release stage ";
constexpr std::string_view last_line = "end\n";
constexpr std::size_t most_plan_bytes = std::size_t{64} * 1024 * 1024;
constexpr std::size_t most_staged = 1'000'000;

failure stage_failure(os_error why, std::string_view doing, std::string_view name) {
  return {.kind = failure_kind::failed,
          .code = "release-stage",
          .message = "changing the data directory to another release failed at " + std::string(doing) + ": " +
                     std::strerror(why.code) + "; nothing is lost, mend the disk and start again",
          .path = std::string(name),
          .system_errno = why.code};
}

std::string staged_name(std::string_view number) {
  return std::string(stage_name).append("/").append(number);
}

expected<void> check_name(std::string_view name) {
  const bool stays_below =
      !name.empty() && !name.starts_with('/') && ("/" + std::string(name) + "/").find("/../") == std::string::npos;
  if (stays_below && name.find('\n') == std::string_view::npos)
    return {};
  return failure{.kind = failure_kind::failed,
                 .code = "release-stage-name",
                 .message = "a step between releases names a file that cannot be in the data directory; this is a "
                            "fault of muster",
                 .path = std::string(name)};
}

os_result<void> sync_parent(const environment& env, handle data, std::string_view name) {
  const auto slash = name.rfind('/');
  auto parent = open_directory(env.files, data, slash == std::string_view::npos ? "." : name.substr(0, slash));
  return parent ? sync_full(env.files, parent->get()) : parent.error();
}

os_result<void> throw_stage_away(const environment& env, handle data) {
  auto stage = open_directory(env.files, data, stage_name);
  if (!stage)
    return stage.error().code == ENOENT ? os_result<void>() : stage.error();
  // The plan first: without it the rest is nothing.
  for (const auto* only : {"plan", ""}) {
    auto names = list_names(env.files, stage->get(), most_staged + 1);
    if (!names)
      return names.error();
    for (const auto& name : *names)
      if (*only == '\0' || name == only)
        if (auto gone = env.files.unlink(stage->get(), name, unlink_kind::file); !gone)
          return gone;
    if (auto synced = sync_full(env.files, stage->get()); !synced)
      return synced;
  }
  if (auto gone = env.files.unlink(data, stage_name, unlink_kind::directory); !gone)
    return gone;
  return sync_full(env.files, data);
}

/// Nothing if the name is not there.
os_result<void> move_if_there(const environment& env, handle data, const std::string& from, const std::string& to,
                              rename_mode mode) {
  auto moved = env.files.rename(data, from, data, to, mode);
  if (!moved)
    return moved.error().code == ENOENT ? os_result<void>() : moved;
  return sync_parent(env, data, to);
}

/// One line of a plan; may have been carried out before.
os_result<void> carry_out(const environment& env, handle data, std::string_view line, release_number before) {
  const auto word = line.substr(0, line.find(' '));
  auto rest = line.substr(std::min(word.size() + 1, line.size()));
  if (word == "put") {
    const auto number = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(number.size() + 1, rest.size()));
    auto moved = move_if_there(env, data, staged_name(number), std::string(rest), rename_mode::replace);
    // Gone because it is in its place already, not because it has none.
    if (moved && env.files.status(data, staged_name(number), false))
      return os_error{ENOENT};
    return moved;
  }
  if (word == "aside") {
    const std::string name(rest);
    return move_if_there(env, data, name, name + ".release-" + std::to_string(before), rename_mode::no_replace);
  }
  auto gone = env.files.unlink(data, rest, unlink_kind::file);
  if (!gone)
    return gone.error().code == ENOENT ? os_result<void>() : gone;
  return sync_parent(env, data, rest);
}

struct stage_plan {
  release_number number = 0;
  std::string lines;
};

/// Nothing if there is no finished one.
os_result<std::optional<stage_plan>> read_plan(const environment& env, handle data) {
  auto text = read_file(env.files, data, plan_name, most_plan_bytes);
  if (!text)
    return text.error().code == ENOENT ? os_result<std::optional<stage_plan>>(std::nullopt) : text.error();
  stage_plan plan;
  const auto number_begin = text->data() + std::min(heading.size(), text->size());
  const auto [end, problem] = std::from_chars(number_begin, text->data() + text->size(), plan.number);
  const auto line_end = static_cast<std::size_t>(end - text->data());
  if (!text->starts_with(heading) || problem != std::errc() || line_end >= text->size() || (*text)[line_end] != '\n' ||
      !text->ends_with("\n" + std::string(last_line)))
    return std::optional<stage_plan>();
  plan.lines = text->substr(line_end + 1, text->size() - line_end - 1 - last_line.size());
  return std::optional<stage_plan>(std::move(plan));
}

} // namespace

expected<release_stage> release_stage::begin(const environment& env, handle data, release_number number) {
  if (auto gone = throw_stage_away(env, data); !gone)
    return stage_failure(gone.error(), "removing an unfinished try", stage_name);
  if (auto made = env.files.make_directory(data, stage_name, 0700); !made)
    return stage_failure(made.error(), "making a place for new files", stage_name);
  return release_stage(env, data, number);
}

expected<void> release_stage::put(std::string_view name, std::string_view bytes) {
  if (auto good = check_name(name); !good)
    return good;
  const auto number = std::to_string(++files_);
  if (auto written = write_new_file(env_.files, data_, staged_name(number), bytes); !written)
    return stage_failure(written.error(), "writing a new file", name);
  plan_.append("put ").append(number).append(" ").append(name).append("\n");
  return {};
}

expected<void> release_stage::put_aside(std::string_view name) {
  plan_.append("aside ").append(name).append("\n");
  return check_name(name);
}

expected<void> release_stage::remove(std::string_view name) {
  plan_.append("remove ").append(name).append("\n");
  return check_name(name);
}

expected<void> release_stage::finish() {
  const auto text = std::string(heading).append(std::to_string(number_)).append("\n").append(plan_).append(last_line);
  auto done = write_new_file(env_.files, data_, plan_name, text);
  if (done)
    done = sync_parent(env_, data_, plan_name);
  if (done)
    done = sync_full(env_.files, data_);
  if (!done)
    return stage_failure(done.error(), "making the new files durable", plan_name);
  return {};
}

expected<void> settle_release_stage(const environment& env, handle data, release_number stamped) {
  auto plan = read_plan(env, data);
  if (!plan)
    return stage_failure(plan.error(), "reading what is left to do", plan_name);
  if (*plan && (*plan)->number == stamped) {
    std::string_view rest = (*plan)->lines;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find('\n'));
      if (auto done = carry_out(env, data, line, stamped - 1); !done)
        return stage_failure(done.error(), "putting a file in its place", line);
      rest.remove_prefix(line.size() + 1);
    }
  }
  if (auto gone = throw_stage_away(env, data); !gone)
    return stage_failure(gone.error(), "cleaning up", stage_name);
  return {};
}

} // namespace muster
