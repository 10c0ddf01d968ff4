#define CAF_SUITE device_table_test

#include "muster/actors/device_table.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace std::chrono_literals;

namespace {

using route = device_table::route;

/// A table, a clock, and directories with their devices: what is asked of a
/// scout is answered at once unless it hangs.
struct machine {
  explicit machine(const device_table_options& options = {}) : table(options) {}

  std::optional<std::uint64_t> device_of(const std::string& path) const {
    const auto found = devices.find(path);
    return found == devices.end() ? std::nullopt : std::optional{found->second};
  }

  /// Follows a project until it has a worker or is refused.
  route find(const std::string& project) {
    for (;;) {
      auto next = table.find(project, now);
      const auto* search = std::get_if<device_table::by_scout>(&next);
      if (!search || search->path == hanging)
        return next;
      const auto device = device_of(search->path);
      table.located(search->scout, search->job, search->path, device, now);
      if (!device)
        return table.find_above(search->path, now);
    }
  }
  device_table::at_worker worker(const std::string& project) {
    return std::get<device_table::at_worker>(find(project));
  }
  std::string_view refused(const std::string& project) {
    const auto found = find(project);
    const auto* why = std::get_if<failure>(&found);
    return why ? why->code : "served";
  }

  device_table table;
  device_table::time_point now{std::chrono::hours{1}};
  std::map<std::string, std::uint64_t> devices = {{"/", 1},        {"/home", 1},  {"/home/a", 1},
                                                  {"/mnt", 1},     {"/mnt/u", 2}, {"/mnt/u/b", 2},
                                                  {"/mnt/u/c", 2}, {"/srv", 3},   {"/srv/d", 3}};
  std::string hanging = "none";
};

template <class T>
std::string_view code_of(const expected<T>& answer) {
  return answer ? std::string_view{"done"} : answer.error().code;
}

} // namespace

CAF_TEST(projects of one device have one worker and others another) {
  machine m;
  CAF_CHECK(m.worker("/home/a").worker == m.worker("/mnt").worker);
  CAF_CHECK(m.worker("/mnt/u/b").worker == m.worker("/mnt/u/c").worker);
  CAF_CHECK(m.worker("/home/a").worker != m.worker("/mnt/u/b").worker);
  CAF_CHECK_EQUAL(m.worker("/mnt/u/b").device, 2u);
  CAF_CHECK_EQUAL(m.table.workers(), 3u);
}

CAF_TEST(what is not there is asked of its parents device) {
  machine m;
  CAF_CHECK_EQUAL(m.worker("/mnt/u/gone/for/long").device, 2u);
  m.devices.clear();
  CAF_CHECK_EQUAL(machine{}.table.workers(), 0u);
  machine empty;
  empty.devices.clear();
  CAF_CHECK_EQUAL(empty.worker("/home/a").device, 0u);
}

CAF_TEST(slashes more than needed lead to the same place) {
  machine m;
  m.devices["/mnt//u"] = 2;
  m.devices["/mnt//u/b"] = 2;
  CAF_CHECK_EQUAL(m.worker("/mnt//u/b/").device, 2u);
  CAF_CHECK_EQUAL(m.worker("/mnt//u//none").device, 2u);
}

CAF_TEST(a second request waits for the search under way) {
  machine m;
  CAF_REQUIRE(std::holds_alternative<device_table::by_scout>(m.table.find("/home/a", m.now)));
  const auto second = m.table.find("/mnt/u/b", m.now);
  CAF_REQUIRE(std::holds_alternative<device_table::after>(second));
  CAF_CHECK_EQUAL(std::get<device_table::after>(second).path, "/");
}

CAF_TEST(a worker without a sign of life holds its device up and no other) {
  machine m;
  const auto slow = m.worker("/mnt/u/b");
  const auto fast = m.worker("/home/a");
  const auto job = m.table.begin(slow, job_kind::look, "/mnt/u/b", m.now);
  CAF_REQUIRE(job.has_value());
  CAF_CHECK(m.table.next_check() == m.now + 5s);
  m.now += 5s - 1ns;
  CAF_CHECK(m.table.check(m.now).empty());
  m.now += 1ns;
  const auto hung = m.table.check(m.now);
  CAF_REQUIRE_EQUAL(hung.size(), 1u);
  CAF_CHECK(hung[0].worker == slow.worker);
  CAF_REQUIRE_EQUAL(hung[0].stuck.size(), 1u);
  CAF_CHECK(hung[0].stuck[0].job == *job);
  CAF_CHECK(m.table.check(m.now).empty());
  CAF_CHECK(!m.table.next_check());
  CAF_CHECK_EQUAL(m.refused("/mnt/u/b"), "device-hung");
  CAF_CHECK_EQUAL(m.refused("/mnt/u/c"), "device-hung");
  CAF_CHECK_EQUAL(code_of(m.table.begin(slow, job_kind::look, "/mnt/u/b", m.now)), "device-hung");
  CAF_CHECK(m.worker("/home/a") == fast);
  m.table.end(slow.worker, *job, m.now);
  CAF_CHECK(m.worker("/mnt/u/b") == slow);
}

CAF_TEST(every answer is a sign of life) {
  machine m;
  const auto where = m.worker("/home/a");
  std::vector<disk_job> jobs;
  for (int i = 0; i < 4; ++i)
    jobs.push_back(*m.table.begin(where, job_kind::look, "/home/a", m.now));
  for (const auto job : jobs) {
    m.now += 4s;
    CAF_CHECK(m.table.check(m.now).empty());
    m.table.end(where.worker, job, m.now);
  }
  CAF_CHECK(!m.table.next_check());
}

CAF_TEST(a path that hangs a scout is busy with all below it and the rest finds another scout) {
  machine m;
  (void)m.worker("/home/a");
  m.hanging = "/mnt";
  CAF_REQUIRE(std::holds_alternative<device_table::by_scout>(m.find("/mnt/u/b")));
  const auto behind = m.table.find("/srv/d", m.now);
  CAF_REQUIRE(std::holds_alternative<device_table::by_scout>(behind));
  m.now += 5s;
  const auto hung = m.table.check(m.now);
  CAF_REQUIRE_EQUAL(hung.size(), 1u);
  CAF_CHECK_EQUAL(hung[0].path, "/mnt");
  CAF_REQUIRE_EQUAL(hung[0].relocate.size(), 1u);
  CAF_CHECK_EQUAL(hung[0].relocate[0], "/srv");
  CAF_CHECK_EQUAL(m.refused("/mnt/u/b"), "device-hung");
  CAF_CHECK_EQUAL(m.refused("/mnt/u/c/d"), "device-hung");
  CAF_CHECK_EQUAL(m.worker("/srv/d").device, 3u);
  const auto report = m.table.begin_report(hung[0].worker, m.now);
  CAF_REQUIRE(report.has_value());
  CAF_CHECK(!m.table.begin_report(hung[0].worker, m.now));
  m.table.end(hung[0].worker, *report, m.now);
  m.hanging = "none";
  CAF_CHECK_EQUAL(m.worker("/mnt/u/b").device, 2u);
}

CAF_TEST(when every scout hangs only what is not known yet is busy) {
  device_table_options options;
  options.scouts = 2;
  machine m{options};
  (void)m.worker("/home/a");
  for (const auto* path : {"/mnt", "/srv"}) {
    m.hanging = path;
    (void)m.find(path);
    m.now += 5s;
    CAF_CHECK_EQUAL(m.table.check(m.now).size(), 1u);
  }
  m.devices["/opt"] = 1;
  CAF_CHECK_EQUAL(m.refused("/opt"), "device-hung");
  CAF_CHECK_EQUAL(m.refused("/home/a"), "served");
}

CAF_TEST(devices share when workers are used up and part when one of them hangs) {
  device_table_options options;
  options.workers = 3;
  options.scouts = 1;
  machine m{options};
  const auto first = m.worker("/home/a");
  const auto second = m.worker("/mnt/u/b");
  const auto third = m.worker("/srv/d");
  CAF_CHECK(first.worker != second.worker);
  CAF_CHECK(third.worker == first.worker);
  CAF_CHECK_EQUAL(m.table.workers(), 3u);
  (void)m.table.begin(third, job_kind::look, "/srv/d", m.now);
  m.now += 5s;
  CAF_CHECK_EQUAL(m.table.check(m.now).size(), 1u);
  CAF_CHECK_EQUAL(m.refused("/srv/d"), "device-hung");
  CAF_CHECK(m.worker("/home/a").worker == second.worker);
  (void)m.table.begin(second, job_kind::look, "/mnt/u/b", m.now);
  m.now += 5s;
  CAF_CHECK_EQUAL(m.table.check(m.now).size(), 1u);
  CAF_CHECK_EQUAL(m.refused("/home/a"), "device-hung");
}

CAF_TEST(a project with a change under way stays with the worker that has it) {
  device_table_options options;
  options.workers = 3;
  options.scouts = 1;
  machine m{options};
  const auto home = m.worker("/home/a");
  (void)m.worker("/mnt/u/b");
  const auto srv = m.worker("/srv/d");
  CAF_REQUIRE(home.worker == srv.worker);
  const auto culprit = m.table.begin(srv, job_kind::look, "/srv/d", m.now);
  const auto change = m.table.begin(home, job_kind::change, "/home/a", m.now);
  CAF_REQUIRE(change.has_value());
  m.now += 5s;
  (void)m.table.check(m.now);
  CAF_CHECK_EQUAL(m.refused("/home/a"), "device-hung");
  CAF_CHECK_EQUAL(m.refused("/home"), "served");
  m.table.end(home.worker, *culprit, m.now);
  CAF_CHECK(m.worker("/home/a").worker == home.worker);
  m.table.end(home.worker, *change, m.now);
  CAF_CHECK(m.worker("/home/a").worker != home.worker);
}

CAF_TEST(a report ends all jobs before it) {
  machine m;
  const auto where = m.worker("/home/a");
  (void)m.table.begin(where, job_kind::change, "/home/a", m.now);
  (void)m.table.begin(where, job_kind::look, "/home/a", m.now);
  auto report = m.table.begin_report(where.worker, m.now);
  CAF_REQUIRE(report.has_value());
  m.table.lose_report(where.worker, *report);
  report = m.table.begin_report(where.worker, m.now);
  CAF_REQUIRE(report.has_value());
  const auto later = m.table.begin(where, job_kind::look, "/home/a", m.now);
  m.table.end(where.worker, *report, m.now);
  CAF_CHECK(m.table.next_check().has_value());
  m.table.end(where.worker, *later, m.now);
  CAF_CHECK(!m.table.next_check());
  CAF_CHECK(!m.table.begin_report(worker_number{99}, m.now));
}

CAF_TEST(a worker that died is replaced at once and then with pauses that double up to a bound) {
  machine m;
  const std::chrono::nanoseconds pauses[] = {0s,     100ms,  200ms,   400ms,   800ms, 1600ms,
                                             3200ms, 6400ms, 12800ms, 25600ms, 30s,   30s};
  auto last = m.worker("/mnt/u/b");
  const auto other = m.worker("/home/a");
  for (const auto pause : pauses) {
    m.table.died(last.worker, m.now);
    if (pause > 0s) {
      CAF_CHECK_EQUAL(m.refused("/mnt/u/b"), "disk-worker-restarting");
      m.now += pause - 1ns;
      CAF_CHECK_EQUAL(m.refused("/mnt/u/b"), "disk-worker-restarting");
      m.now += 1ns;
    }
    CAF_CHECK(m.worker("/home/a") == other);
    const auto next = m.worker("/mnt/u/b");
    CAF_CHECK(next.worker != last.worker);
    last = next;
  }
  m.now += 1min;
  m.table.died(last.worker, m.now);
  CAF_CHECK_EQUAL(m.refused("/mnt/u/b"), "served");
}

CAF_TEST(a scout that died is replaced in the same way) {
  machine m;
  for (int deaths = 0; deaths < 2; ++deaths) {
    const auto found = m.table.find("/home/a", m.now);
    CAF_REQUIRE(std::holds_alternative<device_table::by_scout>(found));
    m.table.died(std::get<device_table::by_scout>(found).scout, m.now);
  }
  CAF_CHECK_EQUAL(m.refused("/home/a"), "disk-worker-restarting");
  m.now += 100ms;
  CAF_CHECK_EQUAL(m.refused("/home/a"), "served");
}

CAF_TEST(what died takes its jobs along and a job for it is refused) {
  machine m;
  const auto where = m.worker("/home/a");
  const auto job = m.table.begin(where, job_kind::change, "/home/a", m.now);
  m.table.died(where.worker, m.now);
  m.table.died(where.worker, m.now);
  m.table.end(where.worker, *job, m.now);
  CAF_CHECK(!m.table.next_check());
  CAF_CHECK_EQUAL(code_of(m.table.begin(where, job_kind::look, "/home/a", m.now)), "disk-worker-restarting");
  CAF_CHECK(m.worker("/home/a").worker != where.worker);
}

CAF_TEST(a worker has a bounded number of jobs and a scout too) {
  device_table_options options;
  options.jobs = 2;
  machine m{options};
  const auto where = m.worker("/home/a");
  std::vector<std::string_view> codes;
  for (int i = 0; i < 3; ++i)
    codes.push_back(code_of(m.table.begin(where, job_kind::look, "/home/a", m.now)));
  CAF_CHECK(codes == (std::vector<std::string_view>{"done", "done", "disk-queue-full"}));
  m.hanging = "/mnt";
  (void)m.find("/mnt");
  m.hanging = "/srv";
  (void)m.find("/srv");
  m.hanging = "none";
  m.devices["/opt"] = 1;
  CAF_CHECK_EQUAL(m.refused("/opt"), "disk-queue-full");
}

CAF_TEST(a route is believed for a while and that of a hung device until it answers) {
  machine m;
  const auto slow = m.worker("/mnt/u/b");
  (void)m.worker("/home/a");
  (void)m.table.begin(slow, job_kind::look, "/mnt/u/b", m.now);
  m.now += 5s;
  (void)m.table.check(m.now);
  m.devices["/home/a"] = 3;
  m.now += 10min - 5s - 1ns;
  CAF_CHECK_EQUAL(m.worker("/home/a").device, 1u);
  m.now += 1ns;
  CAF_CHECK_EQUAL(m.worker("/home/a").device, 3u);
  m.table.doubt("/mnt/u", m.now);
  m.now += 1s;
  m.hanging = "/mnt/u";
  CAF_CHECK_EQUAL(m.refused("/mnt/u/b"), "device-hung");
  CAF_CHECK_EQUAL(m.refused("/mnt/u/c/unknown"), "device-hung");
}

CAF_TEST(a route that is confirmed outlasts one that is not and no other device confirms it) {
  machine m;
  CAF_CHECK(!m.worker("/home/a").unconfirmed);
  (void)m.worker("/srv/d");
  (void)m.worker("/mnt/u/b");
  m.devices["/home/a"] = m.devices["/srv/d"] = m.devices["/mnt/u/b"] = 4;
  for (int looks = 0; looks < 8; ++looks) {
    m.now += 5min;
    CAF_CHECK(m.worker("/home/a").unconfirmed);
    m.table.confirm("/home/a", 1);
    CAF_CHECK(!m.worker("/home/a").unconfirmed);
    m.table.confirm("/mnt/u/b", 1);
    m.table.confirm("/nowhere", 1);
  }
  CAF_CHECK_EQUAL(m.worker("/home/a").device, 1u);
  CAF_CHECK_EQUAL(m.worker("/srv/d").device, 4u);
  CAF_CHECK_EQUAL(m.worker("/mnt/u/b").device, 4u);
  m.now += 10min;
  CAF_CHECK_EQUAL(m.worker("/home/a").device, 4u);
}

CAF_TEST(a project that moved to another device is found there a second after it was missed) {
  machine m;
  CAF_CHECK_EQUAL(m.worker("/home/a").device, 1u);
  m.devices["/home/a"] = 2;
  CAF_CHECK_EQUAL(m.worker("/home/a").device, 1u);
  m.table.doubt("/home/a", m.now);
  m.now += 1s - 1ns;
  CAF_CHECK_EQUAL(m.worker("/home/a").device, 1u);
  // Missed again, it is no less in doubt.
  m.table.doubt("/home/a", m.now);
  m.now += 1ns;
  CAF_CHECK_EQUAL(m.worker("/home/a").device, 2u);
  m.now += 1s;
  CAF_CHECK_EQUAL(m.worker("/home/a").device, 2u);
}

CAF_TEST(routes and devices are bounded) {
  device_table_options options;
  options.routes = 8;
  options.devices = 4;
  machine m{options};
  std::size_t served = 0;
  for (std::uint64_t i = 10; i < 110; ++i) {
    const auto path = "/" + std::to_string(i);
    m.devices[path] = i;
    served += m.refused(path) == "served";
  }
  CAF_CHECK_EQUAL(served, 100u);
  CAF_CHECK_EQUAL(m.table.workers(), 13u);
}
