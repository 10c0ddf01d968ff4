#include "muster/actors/file_store.hpp"

#include "muster/messages/actor_failure.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace muster {

namespace {

/// What an asker is told of a job that does not end.
failure in_vain(job_kind kind, std::string_view project) {
  const auto path = std::string{project};
  if (kind == job_kind::change)
    return {failure_kind::unknown_outcome, "device-hung",
            "the device of " + path +
                " has stopped answering while it was changed; repeat the request with the same "
                "request id when it answers",
            path};
  return {failure_kind::busy, "device-hung", "the device of " + path + " has stopped answering; try again when it does",
          path};
}

/// What a worker's error means. One that is not ours says nothing about a change
/// and nothing was changed by anything else.
failure meaning_of(const caf::error& error, job_kind kind, std::string_view project) {
  auto why = to_failure(error, {});
  if (why.kind == failure_kind::unknown_outcome && kind != job_kind::change)
    why.kind = failure_kind::busy;
  if (why.path.empty())
    why.path = project;
  return why;
}

failure refused_path(std::string_view project, std::size_t limit) {
  return {failure_kind::refused, "project-path",
          "a project is an absolute path of at most " + std::to_string(limit) + " bytes; give one",
          std::string{project.substr(0, limit)}};
}

failure too_many(std::string_view code, std::string sentence) {
  return {failure_kind::busy, code, std::move(sentence)};
}

} // namespace

file_store_state::file_store_state(file_store_actor::pointer self, const environment& env,
                                   const file_store_options& options, disk_worker_source source)
    : self_(self), limits_(self), mail_(self), options_(options), source_(std::move(source)), table_(options.devices) {
  if (!source_)
    source_ = [this, env](worker_number) {
      return spawn_io<disk_worker>(self_->system(), options_.threads, env, options_.worker);
    };
}

file_store_actor::behavior_type file_store_state::make_behavior() {
  ignore_stray_errors(self_);
  // Not links: the kill of a worker would kill its store.
  self_->attach_functor([workers = workers_](const caf::error&) {
    for (const auto& [number, each] : *workers)
      ask_to_end(each);
  });
  return {
      [this](read_manifest& m) { return read(m); },
      [this](write_manifest& m) { return change<manifest_changed>(m); },
      [this](restore_manifest& m) { return change<manifest_changed>(m); },
      [this](retire_manifest& m) { return change<manifest_changed>(m); },
      [this](look_at_places& m) { return look(m); },
      [this](read_head& m) { return serve<head_read>(m, job_kind::look); },
      [this](find_leftovers& m) { return serve<leftovers_found>(m, job_kind::look); },
      [this](forget_leftover& m) { return serve<leftover_forgotten>(m, job_kind::change); },
      [this](walk_root& m) { return serve<root_walked>(m, job_kind::look); },
      [this](resolve_path& m) { return serve<path_resolved>(m, job_kind::look); },
  };
}

template <class Answer, class Request>
caf::result<Answer> file_store_state::change(Request& request) {
  if (auto why = fence_.check(request.life))
    return to_error(std::move(*why));
  return serve<Answer>(request, job_kind::change);
}

template <class Answer, class Request>
caf::result<Answer> file_store_state::serve(Request& request, job_kind kind) {
  auto promise = self_->make_response_promise<Answer>();
  auto project = request.project;
  reach(std::move(project), handing<Answer>(request, kind, promise));
  return promise;
}

template <class Answer, class Request>
file_store_state::continuation file_store_state::handing(Request& request, job_kind kind,
                                                         caf::typed_response_promise<Answer> promise) {
  return [this, kind, promise, request = std::move(request)](const reached& where) mutable {
    if (!promise.pending())
      return;
    if (where)
      hand_to<Answer>(*where, kind, request, promise);
    else
      promise.deliver(to_error(where.error()));
  };
}

// What nobody has looked at yet is mostly a new project: its scout is the one that reads it.
caf::result<manifest_read> file_store_state::read(read_manifest& request) {
  auto promise = self_->make_response_promise<manifest_read>();
  const auto question = request;
  auto route = route_to(question.project, now());
  auto then = handing<manifest_read>(request, job_kind::look, promise);
  const auto* search = std::get_if<device_table::by_scout>(&route);
  if (!search || search->path != question.project) {
    follow(std::move(route), question.project, std::move(then));
    return promise;
  }
  // Another scout may have to look for it.
  wait_for(search->path, question.project, std::move(then));
  ask_scout_to_read(*search, question, promise);
  return promise;
}

template <class Answer, class Request>
void file_store_state::hand_to(const device_table::at_worker& where, job_kind kind, Request& request,
                               caf::typed_response_promise<Answer> promise) {
  const auto job = table_.begin(where, kind, request.project, now());
  if (!job)
    return promise.deliver(to_error(job.error()));
  open_[*job] = [promise](const failure& why) mutable { promise.deliver(to_error(why)); };
  const auto project = std::make_shared<const std::string>(request.project); // CAF copies its handlers.
  ask(self_, limits_, mail_, options_.request_limit, worker(where.worker), std::move(request))
      .then(
          [this, project, promise, worker = where.worker, job = *job](Answer& answer) mutable {
            if constexpr (std::is_same_v<Answer, manifest_read>)
              doubt_absent(*project, answer.sight);
            if constexpr (std::is_same_v<Answer, root_walked>)
              if (answer.gone)
                table_.doubt(*project, now());
            if (ended(worker, job))
              promise.deliver(std::move(answer));
          },
          [this, project, promise, kind, worker = where.worker, job = *job](const caf::error& error) mutable {
            if (failed(worker, job, error))
              promise.deliver(to_error(meaning_of(error, kind, *project)));
          });
  arm_check();
}

caf::result<places_looked_at> file_store_state::look(look_at_places& request) {
  if (request.places.size() > options_.places)
    return to_error({failure_kind::refused, "too-many-places",
                     "one look has at most " + std::to_string(options_.places) + " places; cut it"});
  auto promise = self_->make_response_promise<places_looked_at>();
  auto look = std::make_shared<looking>(look_gathering{std::move(request.places), options_.look_batch}, promise);
  route_places(look);
  go_on(look);
  return promise;
}

void file_store_state::route_places(const std::shared_ptr<looking>& look) {
  if (std::exchange(look->in_loop, true))
    return;
  const auto& places = look->gathering.places();
  const auto began = now();
  while (look->routing < options_.look_window && look->next < places.size()) {
    const auto place = look->next++;
    const auto& project = places[place].project;
    auto way = route_to(project, began);
    if (const auto* where = std::get_if<device_table::at_worker>(&way)) {
      look->gathering.route(place, *where);
      continue;
    }
    ++look->routing;
    // Called at once where there is none, and then the loop goes on.
    follow(std::move(way), project, [this, look, place](const reached& where) {
      if (where)
        look->gathering.route(place, *where);
      else
        look->gathering.obscure(place, where.error());
      --look->routing;
      route_places(look);
      go_on(look);
    });
  }
  look->in_loop = false;
}

void file_store_state::go_on(const std::shared_ptr<looking>& look) {
  for (auto parts = look->gathering.next(); !parts.empty(); parts = look->gathering.next())
    for (auto& part : parts)
      send_batch(look, std::move(part));
  if (look->gathering.done() && look->promise.pending())
    look->promise.deliver(look->gathering.take_answer());
}

void file_store_state::send_batch(const std::shared_ptr<looking>& look, look_gathering::batch next) {
  const auto& first = look->gathering.places()[next.places.front()].project;
  const auto job = table_.begin(next.where, job_kind::look, first, now());
  if (!job)
    return look->gathering.lose(next, job.error());
  const auto part = std::make_shared<const look_gathering::batch>(std::move(next));
  open_[*job] = [this, look, part](const failure& why) {
    look->gathering.lose(*part, why);
    go_on(look);
  };
  ask(self_, limits_, mail_, options_.request_limit, worker(part->where.worker), look->gathering.request_for(*part))
      .then(
          [this, look, part, job = *job](places_looked_at& answer) {
            note_routes(*look, *part, answer);
            if (!ended(part->where.worker, job))
              return;
            look->gathering.take(*part, answer);
            go_on(look);
          },
          [this, look, part, job = *job, first](const caf::error& error) {
            if (!failed(part->where.worker, job, error))
              return;
            look->gathering.lose(*part, meaning_of(error, job_kind::look, first));
            go_on(look);
          });
  arm_check();
}

void file_store_state::note_routes(const looking& look, const look_gathering::batch& part,
                                   const places_looked_at& answer) {
  const auto& places = look.gathering.places();
  for (const auto& seen : answer.changed)
    doubt_absent(places[seen.index].project, seen.sight);
  for (const auto index : answer.absent)
    table_.doubt(places[index].project, now());
  // The manifest is the one that was known, on the device it was known on.
  for (const auto place : look.gathering.confirmed(part, answer))
    table_.confirm(places[place].project, places[place].known->device);
}

void file_store_state::reach(std::string project, continuation then) {
  auto route = route_to(project, now());
  follow(std::move(route), std::move(project), std::move(then));
}

device_table::route file_store_state::route_to(std::string_view project, device_table::time_point now) {
  if (project.empty() || project.front() != '/' || project.size() > options_.path_bytes ||
      project.find('\0') != std::string_view::npos)
    return refused_path(project, options_.path_bytes);
  return table_.find(project, now);
}

void file_store_state::follow(device_table::route route, std::string project, continuation then) {
  if (const auto* where = std::get_if<device_table::at_worker>(&route)) {
    then(*where);
  } else if (auto* why = std::get_if<failure>(&route)) {
    then(std::move(*why));
  } else if (const auto* search = std::get_if<device_table::by_scout>(&route)) {
    wait_for(search->path, std::move(project), std::move(then));
    ask_scout(*search);
  } else {
    wait_for(std::get<device_table::after>(route).path, std::move(project), std::move(then));
  }
}

void file_store_state::wait_for(const std::string& path, std::string project, continuation then) {
  if (waiters_ >= options_.waiting)
    return then(too_many("disk-queue-full", project + " cannot be reached: too much is asked at once; try again"));
  ++waiters_;
  waiting_[path].push_back({std::move(project), std::move(then)});
}

void file_store_state::ask_scout(const device_table::by_scout& search) {
  ask(self_, limits_, mail_, options_.request_limit, worker(search.scout), locate_directory{search.path})
      .then(
          [this, search](const directory_located& answer) {
            table_.located(search.scout, search.job, search.path, answer.device, now());
            resume(search.path, !answer.device);
          },
          [this, search](const caf::error& error) { search_failed(search, error); });
  arm_check();
}

/// The search is over when both are answered.
void file_store_state::ask_scout_to_read(const device_table::by_scout& found, const read_manifest& question,
                                         caf::typed_response_promise<manifest_read> promise) {
  const auto search = std::make_shared<const device_table::by_scout>(found);
  const auto device = std::make_shared<std::optional<std::uint64_t>>();
  const auto fail = [this, search](const caf::error& error) { search_failed(*search, error); };
  ask(self_, limits_, mail_, options_.request_limit, worker(search->scout), locate_directory{search->path})
      .then(
          [this, search, device](const directory_located& answer) {
            *device = answer.device;
            table_.lives(search->scout, now());
          },
          fail);
  ask(self_, limits_, mail_, options_.request_limit, worker(search->scout), read_manifest{question})
      .then(
          [this, search, device, promise](manifest_read& answer) mutable {
            table_.located(search->scout, search->job, search->path, *device, now());
            doubt_absent(search->path, answer.sight);
            promise.deliver(std::move(answer));
            resume(search->path, !*device);
          },
          fail);
  arm_check();
}

void file_store_state::search_failed(const device_table::by_scout& search, const caf::error& error) {
  (void)failed(search.scout, search.job, error);
  fail_waiting(search.path, meaning_of(error, job_kind::locate, search.path));
}

void file_store_state::resume(const std::string& path, bool missing) {
  auto found = waiting_.extract(path);
  if (found.empty())
    return;
  waiters_ -= found.mapped().size();
  for (auto& each : found.mapped()) {
    auto route = missing ? table_.find_above(path, now()) : table_.find(each.project, now());
    follow(std::move(route), std::move(each.project), std::move(each.then));
  }
}

void file_store_state::fail_waiting(const std::string& path, const failure& why) {
  auto found = waiting_.extract(path);
  if (found.empty())
    return;
  waiters_ -= found.mapped().size();
  for (auto& each : found.mapped())
    each.then(why);
}

bool file_store_state::ended(worker_number worker, disk_job job) {
  table_.end(worker, job, now());
  return open_.erase(job) > 0;
}

// A time-out leaves the job with its worker, which may do it yet: only a report tells when that is over.
bool file_store_state::failed(worker_number worker, disk_job job, const caf::error& why) {
  if (why != caf::sec::request_timeout)
    return ended(worker, job);
  ask_to_report(worker);
  return open_.erase(job) > 0;
}

void file_store_state::ask_to_report(worker_number number) {
  const auto job = table_.begin_report(number, now());
  if (!job)
    return;
  ask(self_, limits_, mail_, options_.report_limit, worker(number), report_when_done{})
      .then([this, number, job = *job](const everything_done&) { table_.end(number, job, now()); },
            [this, number, job = *job](const caf::error& error) {
              table_.lose_report(number, job);
              if (error == caf::sec::request_timeout)
                ask_to_report(number);
            });
  arm_check();
}

void file_store_state::hold_up(const device_table::hang& hang) {
  if (!hang.path.empty())
    fail_waiting(hang.path, in_vain(job_kind::locate, hang.path));
  for (const auto& path : hang.relocate)
    resume(path, false);
  for (const auto& stuck : hang.stuck)
    if (auto open = open_.extract(stuck.job); !open.empty())
      open.mapped()(in_vain(stuck.kind, stuck.path));
}

void file_store_state::arm_check() {
  const auto next = table_.next_check();
  if (check_armed_ || !next)
    return;
  check_armed_ = true;
  self_->run_delayed(std::max(*next - now(), device_table::time_point::duration{0}), [this] {
    check_armed_ = false;
    for (const auto& hang : table_.check(now()))
      hold_up(hang);
    arm_check();
  });
}

// A mount may come to stand there, which the old route would not see.
void file_store_state::doubt_absent(const std::string& project, const manifest_sight& sight) {
  if (!std::holds_alternative<manifest_bytes>(sight))
    table_.doubt(project, now());
}

void file_store_state::worker_died(worker_number number) {
  table_.died(number, now());
  workers_->erase(number);
}

const disk_worker_actor& file_store_state::worker(worker_number number) {
  auto& handle = (*workers_)[number];
  if (!handle) {
    handle = source_(number);
    watch(self_, handle, [this, number](const caf::error&) { worker_died(number); });
  }
  return handle;
}

} // namespace muster
