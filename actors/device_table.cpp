#include "muster/actors/device_table.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

failure busy(std::string_view code, std::string_view path, std::string_view sentence) {
  return {failure_kind::busy, code, std::string{path}.append(sentence), std::string{path}, "reach the device"};
}

failure hung_failure(std::string_view path) {
  return busy("device-hung", path, " lies on a device that does not answer; try again when it does");
}

failure restarting_failure(std::string_view path) {
  return busy("disk-worker-restarting", path,
              " cannot be reached: its disk worker died and is not replaced yet; try again");
}

failure queue_full_failure(std::string_view path) {
  return busy("disk-queue-full", path, " cannot be reached: too much is asked of its disk worker; try again");
}

failure worker_limit_failure(std::string_view path) {
  return busy("device-hung", path,
              " cannot be reached: every disk worker waits for a device that does not answer; "
              "try again when one does");
}

/// The next component's end from `from` on: "/a" and "/a/b" of "/a/b".
std::size_t component_end(std::string_view path, std::size_t from) {
  const auto start = path.find_first_not_of('/', from);
  return start == std::string_view::npos ? start : std::min(path.find('/', start), path.size());
}

std::string_view parent_of(std::string_view path) {
  const auto name = path.find_last_of('/');
  const auto end = name == std::string_view::npos ? name : path.find_last_not_of('/', name);
  return end == std::string_view::npos ? "/" : path.substr(0, end + 1);
}

} // namespace

device_table::route device_table::find(std::string_view project, time_point now) {
  if (const auto found = changes_.find(project); found != changes_.end()) {
    const auto& [number, device, count] = found->second;
    if (workers_.at(number).hung)
      return hung_failure(project);
    return at_worker{number, device};
  }
  forget_old_routes(now);
  if (const auto known = routes_.find(project); known != routes_.end() && is_believed(known->second, now)) {
    auto result = on_device(known->second.device, project, now);
    if (auto* where = std::get_if<at_worker>(&result))
      where->unconfirmed = known->second.confirmed != half_life_;
    return result;
  }
  auto part = std::string_view{"/"};
  std::optional<std::uint64_t> device;
  for (std::size_t end = 0;;) {
    const auto known = routes_.find(part);
    if (known == routes_.end() || !is_believed(known->second, now))
      return search_for(part, device, project, now);
    device = known->second.device;
    end = component_end(project, end);
    if (end == std::string_view::npos)
      return on_device(*device, project, now);
    part = project.substr(0, end);
  }
}

device_table::route device_table::find_above(std::string_view path, time_point now) {
  const auto known = routes_.find(parent_of(path));
  // A root that cannot be looked at is device 0, which no file lies on.
  return on_device(path == "/" || known == routes_.end() ? 0 : known->second.device, path, now);
}

device_table::route device_table::on_device(std::uint64_t number, std::string_view project, time_point now) {
  if (devices_.size() >= options_.devices && !devices_.contains(number))
    std::erase_if(devices_, [](const auto& each) { return !each.second.hung; });
  auto& its = devices_[number];
  if (its.hung)
    return hung_failure(project);
  if (!its.served_by) {
    if (now < its.restarted.not_before)
      return restarting_failure(project);
    its.served_by = worker_for_device(now);
  }
  if (!its.served_by)
    return worker_limit_failure(project);
  return at_worker{*its.served_by, number};
}

device_table::route device_table::search_for(std::string_view path, std::optional<std::uint64_t> parent,
                                             std::string_view project, time_point now) {
  if (const auto under_way = searches_.find(path); under_way != searches_.end()) {
    if (workers_.at(under_way->second.scout).hung)
      return hung_failure(project);
    return after{std::string{path}};
  }
  if (parent && is_hung(*parent))
    return hung_failure(project);
  const auto scout = scout_for_search(now);
  if (!scout)
    return now < scouts_restarted_.not_before ? restarting_failure(project) : worker_limit_failure(project);
  auto& its = workers_.at(*scout);
  if (its.jobs.size() >= options_.jobs)
    return queue_full_failure(project);
  const auto job = add(*scout, its, {job_kind::locate, 0, std::string{path}}, now);
  searches_[std::string{path}] = {*scout, job};
  return by_scout{*scout, job, std::string{path}};
}

std::optional<worker_number> device_table::worker_for_device(time_point now) {
  // Places are kept for scouts, without whom no other device is found.
  if (workers_.size() - scouts() + options_.scouts < options_.workers)
    return start(false, now);
  return least_loaded();
}

std::optional<worker_number> device_table::least_loaded() const {
  std::map<worker_number, std::size_t> devices;
  for (const auto& [number, its] : workers_)
    if (!its.scout && !its.hung)
      devices[number] = 0;
  for (const auto& [number, its] : devices_)
    if (its.served_by && devices.contains(*its.served_by))
      ++devices[*its.served_by];
  const auto least = std::min_element(devices.begin(), devices.end(),
                                      [](const auto& a, const auto& b) { return a.second < b.second; });
  return least == devices.end() ? std::nullopt : std::optional{least->first};
}

std::optional<worker_number> device_table::scout_for_search(time_point now) {
  for (const auto& [number, its] : workers_)
    if (its.scout && !its.hung)
      return number;
  if (now < scouts_restarted_.not_before || scouts() >= options_.scouts || workers_.size() >= options_.workers)
    return {};
  return start(true, now);
}

std::size_t device_table::scouts() const {
  return static_cast<std::size_t>(
      std::count_if(workers_.begin(), workers_.end(), [](const auto& each) { return each.second.scout; }));
}

worker_number device_table::start(bool scout, time_point now) {
  const auto number = worker_number{++last_worker_};
  workers_[number] = {{}, now, now, scout, false};
  return number;
}

disk_job device_table::add(worker_number number, worker& to, job what, time_point now) {
  if (to.jobs.empty())
    to.last_sign = now;
  if (what.kind == job_kind::change) {
    auto& change = changes_[what.path];
    change = {number, what.device, change.count + 1};
  }
  const auto job = disk_job{++last_job_};
  to.jobs.emplace(job, std::move(what));
  return job;
}

expected<disk_job> device_table::begin(const at_worker& where, job_kind kind, std::string_view project,
                                       time_point now) {
  const auto found = workers_.find(where.worker);
  if (found == workers_.end())
    return restarting_failure(project);
  auto& its = found->second;
  if (its.hung)
    return hung_failure(project);
  if (its.jobs.size() >= options_.jobs)
    return queue_full_failure(project);
  return add(where.worker, its, {kind, where.device, std::string{project}}, now);
}

void device_table::erase(worker& from, std::map<disk_job, job>::iterator which) {
  const auto& what = which->second;
  if (what.kind == job_kind::change) {
    const auto change = changes_.find(what.path);
    if (--change->second.count == 0)
      changes_.erase(change);
  } else if (what.kind == job_kind::locate) {
    const auto search = searches_.find(what.path);
    if (search != searches_.end() && search->second.job == which->first)
      searches_.erase(search);
  }
  from.jobs.erase(which);
}

void device_table::end(worker_number number, disk_job job, time_point now) {
  const auto found = workers_.find(number);
  if (found == workers_.end())
    return;
  auto& its = found->second;
  const auto which = its.jobs.find(job);
  if (which == its.jobs.end())
    return;
  if (which->second.kind == job_kind::report)
    while (its.jobs.begin() != which)
      erase(its, its.jobs.begin());
  erase(its, which);
  its.last_sign = now;
  if (!std::exchange(its.hung, false))
    return;
  for (auto& [device, state] : devices_)
    if (state.served_by == number)
      state.hung = false;
}

void device_table::lives(worker_number number, time_point now) {
  if (const auto found = workers_.find(number); found != workers_.end())
    found->second.last_sign = now;
}

void device_table::located(worker_number scout, disk_job job, std::string_view path,
                           std::optional<std::uint64_t> device, time_point now) {
  end(scout, job, now);
  if (!device) {
    if (const auto old = routes_.find(path); old != routes_.end())
      routes_.erase(old);
    return;
  }
  if (routes_.size() >= options_.routes)
    boost::unordered::erase_if(routes_, [this](const auto& route) { return !is_hung(route.second.device); });
  if (routes_.size() < options_.routes)
    routes_.insert_or_assign(std::string{path}, known_route{*device, half_life_});
}

void device_table::doubt(std::string_view project, time_point now) {
  if (const auto known = routes_.find(project); known != routes_.end())
    known->second.until = std::min(known->second.until, now + options_.doubtful_life);
}

void device_table::confirm(std::string_view project, std::uint64_t device) {
  if (const auto known = routes_.find(project); known != routes_.end() && known->second.device == device)
    known->second = {device, half_life_};
}

// What lies on a device that hangs is believed for longer: to look for it anew
// would hang a scout.
void device_table::forget_old_routes(time_point now) {
  if (!routes_since_)
    routes_since_ = now;
  const auto half_life = static_cast<std::uint64_t>((now - *routes_since_) / (options_.route_life / 2));
  if (std::exchange(half_life_, half_life) == half_life)
    return;
  boost::unordered::erase_if(routes_, [this](const auto& route) {
    return route.second.confirmed + 1 < half_life_ && !is_hung(route.second.device);
  });
}

std::vector<device_table::hang> device_table::check(time_point now) {
  std::vector<hang> found;
  for (auto& [number, its] : workers_)
    if (!its.hung && !its.jobs.empty() && now - its.last_sign >= options_.hang_limit)
      found.push_back(hold_up(number, its));
  return found;
}

device_table::hang device_table::hold_up(worker_number number, worker& which) {
  which.hung = true;
  hang result{number, {}, {}, {}};
  const auto culprit = which.jobs.begin();
  if (which.scout) {
    if (culprit->second.kind == job_kind::locate)
      result.path = culprit->second.path;
    // The others have only queued behind it.
    for (auto each = std::next(culprit); each != which.jobs.end();) {
      const auto job = each++;
      if (job->second.kind == job_kind::locate) {
        result.relocate.push_back(job->second.path);
        erase(which, job);
      }
    }
    return result;
  }
  for (const auto& [job, what] : which.jobs)
    result.stuck.push_back({job, what.kind, what.path});
  for (auto& [device, state] : devices_)
    if (state.served_by == number) {
      state.hung = device == culprit->second.device;
      if (!state.hung)
        state.served_by.reset();
    }
  return result;
}

std::optional<device_table::time_point> device_table::next_check() const {
  std::optional<time_point> next;
  for (const auto& [number, its] : workers_)
    if (!its.hung && !its.jobs.empty()) {
      const auto due = its.last_sign + options_.hang_limit;
      next = next ? std::min(*next, due) : due;
    }
  return next;
}

std::optional<disk_job> device_table::begin_report(worker_number number, time_point now) {
  const auto found = workers_.find(number);
  if (found == workers_.end())
    return {};
  auto& jobs = found->second.jobs;
  if (std::any_of(jobs.begin(), jobs.end(), [](const auto& each) { return each.second.kind == job_kind::report; }))
    return {};
  return add(number, found->second, {job_kind::report, jobs.empty() ? 0 : jobs.begin()->second.device, {}}, now);
}

void device_table::lose_report(worker_number number, disk_job job) {
  if (const auto found = workers_.find(number); found != workers_.end())
    found->second.jobs.erase(job);
}

void device_table::count_death(restarts& of, time_point born, time_point now) const {
  of.deaths = now - born >= options_.calm ? 1 : of.deaths + 1;
  auto pause = of.deaths == 1 ? std::chrono::nanoseconds{0} : options_.first_pause;
  for (unsigned i = 2; i < of.deaths && pause < options_.longest_pause; ++i)
    pause *= 2;
  of.not_before = now + std::min(pause, options_.longest_pause);
}

void device_table::died(worker_number number, time_point now) {
  const auto found = workers_.find(number);
  if (found == workers_.end())
    return;
  auto& its = found->second;
  if (its.scout)
    count_death(scouts_restarted_, its.born, now);
  for (auto& [device, state] : devices_)
    if (state.served_by == number) {
      state.served_by.reset();
      state.hung = false;
      count_death(state.restarted, its.born, now);
    }
  while (!its.jobs.empty())
    erase(its, its.jobs.begin());
  workers_.erase(found);
}

bool device_table::is_believed(const known_route& which, time_point now) const {
  return now < which.until || is_hung(which.device);
}

bool device_table::is_hung(std::uint64_t device) const {
  const auto found = devices_.find(device);
  return found != devices_.end() && found->second.hung;
}

} // namespace muster
