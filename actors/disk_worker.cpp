#include "muster/actors/disk_worker.hpp"

#include "muster/actors/await_company.hpp"
#include "muster/actors/manifest_answers.hpp"
#include "muster/messages/actor_failure.hpp"
#include "muster/store/absence_proof.hpp"
#include "muster/store/canonical_path.hpp"
#include "muster/store/git_head.hpp"
#include "muster/store/manifest_place.hpp"

#include <iterator>
#include <utility>

namespace muster {

template <class Answer, class Work>
caf::result<Answer> disk_worker_state::perform(Work work) {
  std::optional<expected<Answer>> answer;
  if (!guard_.stuck()) {
    if (auto why = guard_.attempt([&] { answer.emplace(work()); }))
      return to_error(std::move(*why));
  }
  if (guard_.stuck() || !answer) {
    unanswered_.push_back(self_->make_response_promise());
    return unanswered_.back();
  }
  if (!*answer)
    return to_error(answer->error());
  return std::move(**answer);
}

template <class Request>
caf::result<manifest_changed> disk_worker_state::change(const Request& request,
                                                        manifest_changed (disk_worker_state::*work)(const Request&)) {
  if (auto why = fence_.check(request.life))
    return to_error(std::move(*why));
  await_writes(request.project);
  return perform<manifest_changed>([&] { return (this->*work)(request); });
}

disk_worker_actor::behavior_type disk_worker_state::make_behavior() {
  ignore_stray_errors(self_);
  return {
      [this](const read_manifest& m) {
        await_writes(m.project);
        return perform<manifest_read>([&] { return read(m); });
      },
      [this](write_manifest& m) { return gather(m); },
      [this](const restore_manifest& m) { return change(m, &disk_worker_state::restore); },
      [this](const retire_manifest& m) { return change(m, &disk_worker_state::retire); },
      [this](const look_at_places& m) {
        if (!batch_.empty())
          for (const auto& place : m.places)
            await_writes(place.project);
        return perform<places_looked_at>([&] { return look(m); });
      },
      [this](const read_head& m) { return perform<head_read>([&] { return head_read{git_head(env_, m.project)}; }); },
      [this](const find_leftovers& m) {
        await_writes(m.project);
        return perform<leftovers_found>([&] { return find(m); });
      },
      [this](const forget_leftover& m) {
        await_writes(m.project);
        return perform<leftover_forgotten>([&] { return forget(m); });
      },
      [this](const walk_root& m) { return perform<root_walked>([&] { return forest_.walk(env_, m); }); },
      [this](const resolve_path& m) { return perform<path_resolved>([&] { return resolve(m); }); },
      [this](const locate_directory& m) { return perform<directory_located>([&] { return locate(m); }); },
      [this](const report_when_done&) {
        write_gathered();
        return perform<everything_done>([] { return everything_done{}; });
      },
      [this](const write_batch_tick&) {
        if (!company_.waits_for_others())
          write_gathered();
      },
  };
}

caf::result<manifest_changed> disk_worker_state::gather(write_manifest& request) {
  if (auto why = fence_.check(request.life))
    return to_error(std::move(*why));
  await_writes(request.project);
  auto promise = self_->make_response_promise<manifest_changed>();
  const auto first = batch_.empty();
  const auto others_follow = request.others_follow;
  batch_life_ = request.life;
  make_ready(batch_.add(std::move(request), promise));
  // What was cut short is answered, or never will be.
  if (batch_.empty())
    return promise;
  if (batch_.full() || guard_.stuck())
    write_gathered();
  else
    // The marker queues behind the mail that is there already, so it comes when
    // that backlog has gathered here.
    await_company(
        self_, company_, first, others_follow, [this] { tell(self_, disk_worker_actor{self_}, write_batch_tick{}); },
        [this] { write_gathered(); });
  return promise;
}

void disk_worker_state::make_ready(const write_manifest& request) {
  if (guard_.stuck())
    return;
  if (!ready_)
    ready_.emplace(env_, options_.folder);
  if (auto why = guard_.attempt([&] { ready_->add({request.project, request.expected, request.bytes}); }))
    answer_gathered(why, {});
}

void disk_worker_state::write_gathered() {
  if (batch_.empty())
    return;
  // The next life has found the files that were made ready, and forgets them.
  if (const auto over = fence_.check(batch_life_))
    return answer_gathered(over, {});
  std::vector<manifest_outcome> outcomes;
  std::optional<failure> why;
  if (!guard_.stuck()) {
    const auto began = env_.clock.boot();
    why = guard_.attempt([&] { outcomes = ready_->finish(); });
    company_.parted(env_.clock.boot() - began);
  }
  answer_gathered(why, std::move(outcomes));
}

void disk_worker_state::answer_gathered(const std::optional<failure>& why, std::vector<manifest_outcome> outcomes) {
  auto gathered = batch_.take();
  ready_.reset();
  if (guard_.stuck()) {
    std::move(gathered.begin(), gathered.end(), std::back_inserter(unanswered_writes_));
    return;
  }
  for (std::size_t i = 0; i < gathered.size(); ++i) {
    if (why)
      gathered[i].promise.deliver(to_error(*why));
    else
      gathered[i].promise.deliver(to_changed(std::move(outcomes[i]), now(), options_.racy_window));
  }
}

void disk_worker_state::await_writes(const std::string& project) {
  if (batch_.holds(project))
    write_gathered();
}

manifest_read disk_worker_state::read(const read_manifest& request) {
  const auto looked_at = now();
  manifest_read answer{to_sight(folder_of(request.project).probe(), looked_at, options_.racy_window)};
  if (std::holds_alternative<no_manifest>(answer.sight))
    if (auto away = is_away(request.project, request.where))
      answer.sight = manifest_obscured{std::move(*away)};
  return answer;
}

std::optional<failure> disk_worker_state::is_away(const std::string& project,
                                                  const std::optional<directory_mark>& where) {
  if (!where || is_provably_gone(env_.files, project, *where))
    return std::nullopt;
  return volume_away(project);
}

manifest_changed disk_worker_state::restore(const restore_manifest& request) {
  const auto looked_at = now();
  auto outcome = folder_of(request.project).restore(request.written, request.previous);
  return to_changed(unless_away(std::move(outcome), request.project, request.where), looked_at, options_.racy_window);
}

// Whoever finds nothing has nothing to do, if it could have been found.
manifest_outcome disk_worker_state::unless_away(manifest_outcome outcome, const std::string& project,
                                                const std::optional<directory_mark>& where) {
  if (outcome.was_absent)
    if (auto away = is_away(project, where))
      outcome.error = std::move(away);
  return outcome;
}

manifest_changed disk_worker_state::retire(const retire_manifest& request) {
  const auto looked_at = now();
  auto folder = folder_of(request.project);
  manifest_outcome removed;
  if (request.expected) {
    removed = folder.remove(*request.expected);
    // What is not as expected is set aside, be it that nobody can read it.
    const bool other = removed.error && (removed.error->kind == failure_kind::refused ||
                                         (removed.error->kind != failure_kind::unknown_outcome &&
                                          std::holds_alternative<manifest_unreadable>(folder.probe())));
    if (!other)
      return to_changed(unless_away(std::move(removed), request.project, request.where), looked_at,
                        options_.racy_window);
  }
  auto aside = unless_away(folder.set_aside({}), request.project, request.where);
  aside.witnessed.insert(aside.witnessed.begin(), std::make_move_iterator(removed.witnessed.begin()),
                         std::make_move_iterator(removed.witnessed.end()));
  aside.left.insert(aside.left.end(), removed.left.begin(), removed.left.end());
  return to_changed(std::move(aside), looked_at, options_.racy_window);
}

places_looked_at disk_worker_state::look(const look_at_places& request) {
  places_looked_at answer;
  const auto began = env_.clock.boot();
  const auto asked = request.only ? request.only->size() : request.places.size();
  for (std::size_t i = 0; i < asked; ++i) {
    if (i > 0 && env_.clock.boot() - began >= options_.look_time) {
      answer.left = asked - i;
      break;
    }
    const auto which = request.only ? (*request.only)[i] : i;
    look_at(request.places[which], which, answer);
  }
  return answer;
}

void disk_worker_state::look_at(const place_to_look_at& place, std::size_t index, places_looked_at& answer) {
  // A directory that was moved away and back has the key it had.
  const bool is_there = place.gone == absence::none || place.gone == absence::displaced;
  if (is_there && place.known && !place.known->racy) {
    const auto found = env_.files.status(no_handle, path_in_dork(place.project, manifest_name), false);
    if (found && is_untouched(*place.known, *found)) {
      if (place.gone == absence::displaced)
        answer.absent.push_back(index);
      else
        ++answer.unchanged;
      return;
    }
  }
  const auto looked_at = now();
  auto sight = to_sight(folder_of(place.project).probe(), looked_at, options_.racy_window);
  if (is_gone_as(place.gone, sight))
    answer.absent.push_back(index);
  else
    answer.changed.push_back({index, std::move(sight)});
}

expected<leftovers_found> disk_worker_state::find(const find_leftovers& request) {
  auto found = folder_of(request.project).leftovers();
  if (!found)
    return found.error();
  return to_found(std::move(*found));
}

expected<leftover_forgotten> disk_worker_state::forget(const forget_leftover& request) {
  manifest_present content;
  content.hash = request.recorded.hash;
  const manifest_leftover which{request.recorded.name, std::move(content)};
  auto folder = folder_of(request.project);
  if (auto gone = request.aside ? folder.set_leftover_aside(which) : folder.forget(which); !gone)
    return gone.error();
  return leftover_forgotten{};
}

expected<path_resolved> disk_worker_state::resolve(const resolve_path& request) {
  auto path = canonical_path(env_.files, request.project);
  if (!path)
    return path.error();
  return path_resolved{std::move(*path)};
}

directory_located disk_worker_state::locate(const locate_directory& request) {
  const auto found = env_.files.status(no_handle, request.path, true);
  return found ? directory_located{found->device} : directory_located{};
}

} // namespace muster
