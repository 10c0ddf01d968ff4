#include "muster/store/manifest_folder.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/manifest_place.hpp"
#include "muster/store/manifest_removal.hpp"
#include "muster/store/manifest_replacement.hpp"
#include "muster/store/sha256.hpp"

#include <algorithm>

namespace muster {

namespace {

manifest_outcome carry_out(manifest_replacement& one) {
  if (one.prepare() && one.temporary_synced(one.sync_temporary()) && one.publish()) {
    one.published_synced(one.sync_published());
    one.settle();
  }
  return one.take_outcome();
}

} // namespace

manifest_probe manifest_folder::probe() const {
  return probe_manifest(env_.files, options_, project_);
}

manifest_outcome manifest_folder::replace(const file_version& expected, std::string_view bytes) {
  manifest_replacement one{env_, options_, project_, expected, bytes};
  return carry_out(one);
}

manifest_outcome manifest_folder::remove(const sha256_digest& expected) {
  return manifest_removal{env_, options_, project_}.remove(expected);
}

manifest_outcome manifest_folder::set_aside(const file_version& expected) {
  return manifest_removal{env_, options_, project_}.set_aside(expected);
}

manifest_outcome manifest_folder::restore(const sha256_digest& written, std::optional<std::string_view> previous) {
  auto outcome = put_back(written, previous);
  const auto nothing_of_ours = !outcome.error || outcome.error->code == "manifest-changed";
  if (nothing_of_ours)
    // What was replaced is in the file again, unless somebody else's is.
    if (auto dropped = drop_leftovers_of(written, outcome.error ? std::nullopt : previous); !dropped) {
      outcome.error = std::move(dropped).error();
      // The file is as it should be, and it is to be undone once more.
      outcome.error->kind = failure_kind::unknown_outcome;
    }
  return outcome;
}

// Once it is forgotten what was undone, it would pass for a hand edit.
expected<void> manifest_folder::drop_leftovers_of(const sha256_digest& written,
                                                  std::optional<std::string_view> previous) {
  const auto left = leftovers();
  if (!left)
    return left.error();
  const auto is_ours = [&](const manifest_probe& found) {
    const auto* there = std::get_if<manifest_present>(&found);
    return there && (there->bytes.empty() || is_version(found, written) || previous == there->bytes);
  };
  expected<void> result;
  for (const auto& each : left->found)
    if (is_ours(each.content))
      if (auto dropped = forget(each); !dropped)
        result = std::move(dropped);
  return result;
}

manifest_outcome manifest_folder::put_back(const sha256_digest& written, std::optional<std::string_view> previous) {
  if (!previous)
    return remove(written);
  const auto found = probe();
  const auto before = sha256::of(*previous);
  auto expected = written;
  if (before != written && is_version(found, before)) {
    const auto undone = was_undone(written);
    if (!undone)
      return {undone.error()};
    if (!*undone)
      return confirm();
    expected = before;
  }
  if (const auto* absent = std::get_if<manifest_absent>(&found)) {
    manifest_outcome gone;
    gone.was_absent = true;
    if (!absent->project_gone)
      gone.error = changed_failure(path_in_dork(project_, manifest_name));
    return gone;
  }
  manifest_replacement back{env_, options_, project_, expected, *previous};
  back.undoes();
  return carry_out(back);
}

// By an undo that did not end, so that only a new rename makes sure of it.
expected<bool> manifest_folder::was_undone(const sha256_digest& written) const {
  const auto left = leftovers();
  if (!left)
    return left.error();
  return std::ranges::any_of(left->found, [&](const auto& each) {
    const auto* there = std::get_if<manifest_present>(&each.content);
    return there && (there->bytes.empty() || is_version(each.content, written));
  });
}

expected<manifest_leftovers> manifest_folder::leftovers() const {
  return list_leftovers(env_.files, options_, project_);
}

expected<void> manifest_folder::forget(const manifest_leftover& recorded) {
  return remove_leftover(env_.files, options_, project_, recorded);
}

expected<void> manifest_folder::set_leftover_aside(const manifest_leftover& read) {
  return muster::set_leftover_aside(env_, options_, project_, read);
}

// Makes what is there durable without writing anything: an undo must succeed
// on a full disk when there is nothing to undo.
manifest_outcome manifest_folder::confirm() {
  const auto shown = path_in_dork(project_, manifest_name);
  auto project = open_project(env_.files, project_, directory_use::look);
  if (project.why)
    return {std::move(project.why)};
  auto dork = open_dork(env_.files, project.directory.get(), project_);
  if (dork.why)
    return {std::move(dork.why)};
  open_how how;
  how.beneath = true;
  const auto opened = uninterrupted([&] { return env_.files.open(dork.directory.get(), manifest_name, how); });
  if (!opened)
    return {disk_failure("open the manifest", shown, opened.error())};
  const open_file file{env_.files, *opened};
  for (const auto each : {file.get(), dork.directory.get()})
    if (const auto synced = env_.files.sync(each); !synced)
      return {unknown_failure("sync", shown, synced.error())};
  return {};
}

} // namespace muster
