#include "tests/support/manifest_world.hpp"

#include "muster/store/sha256.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace muster::test {

namespace {

using content = manifest_oracle::content;

constexpr std::string_view foreign_temporary = ".agent-0b8c9a55-4d2e-4f1a-9d6b-2a1f00c0ffee.tmp";
constexpr std::string_view our_leftover = ".agent-0b8c9a55-4d2e-8f1a-9d6b-2a1f00c0ffee.tmp";

sha256_digest hash_of(std::string_view bytes) {
  return sha256::of(bytes);
}

// Longer than a sector, so that it can be torn.
std::string long_content(std::string_view token) {
  std::string text{token};
  while (text.size() < 1300)
    text.append(" ").append(token);
  return text;
}

content old_content(std::size_t index) {
  return long_content("old-" + std::to_string(index));
}
content new_content(std::size_t index) {
  return long_content("new-" + std::to_string(index));
}
content no_content(std::size_t) {
  return {};
}

using change = std::function<manifest_outcome(manifest_folder&)>;

auto on_one(change what) {
  return [what = std::move(what)](const environment& env) {
    manifest_folder folder{env, manifest_world::project(0)};
    return std::vector{what(folder)};
  };
}

manifest_operation replace_operation(std::string name) {
  return {.name = std::move(name),
          .before = old_content,
          .wanted = new_content,
          .run = on_one([](auto& folder) { return folder.replace(hash_of(*old_content(0)), *new_content(0)); })};
}

manifest_operation first_operation(std::string name, bool with_dork) {
  return {.name = std::move(name),
          .before = no_content,
          .wanted = new_content,
          .with_dork = with_dork,
          .run = on_one([](auto& folder) { return folder.replace({}, *new_content(0)); })};
}

manifest_operation batch_operation(std::string name, std::size_t size) {
  manifest_operation result;
  result.name = std::move(name);
  result.projects = size;
  // The last of them is a first manifest.
  result.before = [size](std::size_t index) { return index + 1 == size ? content{} : old_content(index); };
  result.wanted = new_content;
  result.run = [size](const environment& env) {
    std::vector<std::string> projects;
    std::vector<std::string> bytes;
    for (std::size_t index = 0; index < size; ++index) {
      projects.push_back(manifest_world::project(index));
      bytes.push_back(*new_content(index));
    }
    std::vector<manifest_batch_item> items;
    for (std::size_t index = 0; index < size; ++index)
      items.push_back(
          {projects[index], index + 1 == size ? file_version{} : hash_of(*old_content(index)), bytes[index]});
    return replace_batch(env, {}, items);
  };
  return result;
}

manifest_operation clean_up_operation() {
  manifest_operation result;
  result.name = "clean-up";
  result.before = result.wanted = old_content;
  result.arrange = [](manifest_world& world, std::vector<manifest_oracle>& oracles) {
    world.files.put_file(manifest_world::in_dork(0, our_leftover), "a hand edit in a leftover");
    oracles[0].hand_edit_elsewhere("a hand edit in a leftover");
  };
  result.written_down = std::make_shared<std::vector<std::string>>();
  result.run = [record = result.written_down](const environment& env) {
    // Records before it forgets, as a caller does; the record outlives a crash.
    record->clear();
    manifest_folder folder{env, manifest_world::project(0)};
    manifest_outcome outcome;
    auto found = folder.leftovers();
    if (!found)
      return std::vector{manifest_outcome{found.error()}};
    for (auto& leftover : found->found) {
      if (const auto* content = std::get_if<manifest_present>(&leftover.content)) {
        outcome.witnessed.push_back({leftover.content, {}});
        record->push_back(content->bytes);
      }
      if (auto forgotten = folder.forget(leftover); !forgotten)
        outcome.error = forgotten.error();
    }
    return std::vector{std::move(outcome)};
  };
  return result;
}

} // namespace

manifest_world::manifest_world(const volume_options& options) : simulated_environment(7, options) {
  files.put_directory("/home");
  canaries_.emplace_back("/home/notes.txt", "of somebody else");
}

std::string manifest_world::project(std::size_t index) {
  return "/home/p" + std::to_string(index);
}
std::string manifest_world::manifest(std::size_t index) {
  return in_dork(index, manifest_name);
}
std::string manifest_world::in_dork(std::size_t index, std::string_view name) {
  return path_in_dork(project(index), name);
}

void manifest_world::add_project(std::size_t index, const content& manifest_bytes, bool with_dork) {
  files.put_directory(project(index));
  canaries_.emplace_back(project(index) + "/README.md", "readme " + std::to_string(index));
  if (!with_dork)
    return;
  files.put_directory(dork_path(project(index)));
  canaries_.emplace_back(in_dork(index, "SOUL.md"), "soul " + std::to_string(index));
  canaries_.emplace_back(in_dork(index, foreign_temporary), "of another program");
  if (manifest_bytes)
    files.put_file(manifest(index), *manifest_bytes);
}

void manifest_world::settle() {
  for (const auto& [path, bytes] : canaries_)
    files.put_file(path, bytes);
  files.aside([&](simulated_disk& disk) {
    open_how how;
    how.directory = true;
    const open_file root{disk, disk.open(no_handle, "/", how).value()};
    disk.sync_filesystem(root.get()).value();
  });
  handles_ = files.open_handles();
}

content manifest_world::content_of(std::size_t index) {
  if (!files.exists(manifest(index)))
    return {};
  return files.file_content(manifest(index));
}

std::vector<std::string> manifest_world::names_in_dork(std::size_t index) {
  std::vector<std::string> names;
  if (!files.exists(dork_path(project(index))))
    return names;
  files.aside([&](simulated_disk& disk) {
    open_how how;
    how.directory = true;
    const open_file dork{disk, disk.open(no_handle, dork_path(project(index)), how).value()};
    std::array<std::byte, 4096> buffer;
    for (auto size = disk.read_entries(dork.get(), buffer).value(); size > 0;
         size = disk.read_entries(dork.get(), buffer).value()) {
      listing_reader listing{std::span{buffer}.first(size)};
      for (directory_entry entry; listing.next(entry);)
        names.emplace_back(entry.name);
    }
  });
  return names;
}

std::vector<std::string> manifest_world::set_aside_contents(std::size_t index) {
  std::vector<std::string> result;
  for (const auto& name : names_in_dork(index))
    if (name.starts_with("agent.json.set-aside-"))
      result.push_back(files.file_content(in_dork(index, name)));
  return result;
}

std::vector<std::string> manifest_world::temporary_names(std::size_t index) {
  auto names = names_in_dork(index);
  std::erase_if(names, [](const auto& name) { return !is_temporary_name(name); });
  return names;
}

void manifest_world::judge_surroundings(std::size_t projects, std::vector<std::string>& findings) {
  for (const auto& [path, bytes] : canaries_)
    if (!files.exists(path) || files.file_content(path) != bytes)
      findings.push_back("I16: changed: " + path);
  for (std::size_t index = 0; index < projects; ++index)
    for (const auto& name : names_in_dork(index)) {
      if (is_temporary_name(name))
        findings.push_back("I7: left: " + in_dork(index, name));
      else if (name != manifest_name && name != "SOUL.md" && name != foreign_temporary &&
               !name.starts_with("agent.json.set-aside-"))
        findings.push_back("I16: appeared: " + in_dork(index, name));
    }
  if (files.open_handles() != handles_)
    findings.push_back("I7: open handles: " + std::to_string(files.open_handles()));
}

std::vector<manifest_operation> all_manifest_operations() {
  std::vector<manifest_operation> all;
  all.push_back(replace_operation("replace"));
  all.push_back(first_operation("first write", true));
  all.push_back(first_operation("first write without .dork", false));
  all.push_back({.name = "same bytes again",
                 .before = old_content,
                 .wanted = old_content,
                 .run = on_one([](auto& f) { return f.replace(hash_of(*old_content(0)), *old_content(0)); })});
  all.push_back({.name = "remove", .before = old_content, .wanted = no_content, .run = on_one([](auto& f) {
                                                                                  return f.remove(
                                                                                      hash_of(*old_content(0)));
                                                                                })});
  all.push_back({.name = "set aside",
                 .before = old_content,
                 .wanted = no_content,
                 .sets_aside = true,
                 .run = on_one([](auto& f) { return f.set_aside(hash_of(*old_content(0))); })});
  all.push_back({.name = "set aside whatever it is",
                 .before = old_content,
                 .wanted = no_content,
                 .sets_aside = true,
                 .run = on_one([](auto& f) { return f.set_aside({}); })});
  all.push_back({.name = "undo a replace",
                 .before = new_content,
                 .wanted = old_content,
                 .undoes = true,
                 .run = on_one([](auto& f) { return f.restore(hash_of(*new_content(0)), *old_content(0)); })});
  all.push_back({.name = "undo a first write",
                 .before = new_content,
                 .wanted = no_content,
                 .undoes = true,
                 .run = on_one([](auto& f) { return f.restore(hash_of(*new_content(0)), {}); })});
  all.push_back(batch_operation("batch of 3", 3));
  all.push_back(batch_operation("batch of 9", 9));
  all.push_back(clean_up_operation());
  return all;
}

arranged::arranged(const manifest_operation& operation) : world(operation.volume) {
  for (std::size_t index = 0; index < operation.projects; ++index) {
    world.add_project(index, operation.before(index), operation.with_dork);
    oracles.emplace_back(operation.before(index), operation.wanted(index));
    if (operation.sets_aside)
      oracles.back().must_set_aside();
  }
  if (operation.arrange)
    operation.arrange(world, oracles);
  world.settle();
}

manifest_oracle::answer answer_of(const manifest_outcome& outcome) {
  if (outcome.done())
    return manifest_oracle::answer::done;
  return outcome.error->kind == failure_kind::unknown_outcome ? manifest_oracle::answer::unknown
                                                              : manifest_oracle::answer::nothing_happened;
}

void tell(std::vector<manifest_oracle>& oracles, const std::vector<manifest_outcome>& outcomes) {
  for (std::size_t index = 0; index < outcomes.size(); ++index) {
    oracles[index].answered(answer_of(outcomes[index]));
    for (const auto& one : outcomes[index].witnessed)
      if (const auto* present = std::get_if<manifest_present>(&one.content))
        oracles[index].recorded(present->bytes);
  }
}

bool recover(const environment& env, std::size_t projects, std::vector<manifest_oracle>& oracles) {
  bool fine = true;
  for (std::size_t index = 0; index < projects; ++index) {
    manifest_folder folder{env, manifest_world::project(index)};
    const auto found = folder.leftovers();
    if (!found) {
      fine = false;
      continue;
    }
    for (const auto& leftover : found->found) {
      if (const auto* present = std::get_if<manifest_present>(&leftover.content))
        oracles[index].recorded(present->bytes);
      fine = folder.forget(leftover).has_value() && fine;
    }
  }
  return fine;
}

bool repeat(const environment& env, const manifest_operation& operation) {
  bool fine = true;
  for (std::size_t index = 0; index < operation.projects; ++index) {
    manifest_folder folder{env, manifest_world::project(index)};
    const auto found = folder.probe();
    const auto* present = std::get_if<manifest_present>(&found);
    const auto version = present ? file_version{present->hash} : file_version{};
    const auto wanted = operation.wanted(index);
    if (wanted)
      fine = folder.replace(version, *wanted).done() && fine;
    else if (version)
      fine = folder.remove(*version).done() && fine;
    else
      fine = folder.remove({}).done() && fine;
  }
  return fine;
}

void judge(arranged& run, std::vector<std::string>& findings) {
  for (std::size_t index = 0; index < run.oracles.size(); ++index) {
    run.oracles[index].set_aside(run.world.set_aside_contents(index));
    run.oracles[index].judge(run.world.content_of(index), findings);
  }
  run.world.judge_surroundings(run.oracles.size(), findings);
}

std::uint64_t stride() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr bool sanitized = true;
#elif defined(__has_feature)
  constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
  constexpr bool sanitized = false;
#endif
  return sanitized && !full_scale() ? 11 : 1;
}

bool full_scale() {
  const char* scale = std::getenv("MUSTER_TEST_SCALE");
  return scale && std::string_view{scale} == "full";
}

} // namespace muster::test
