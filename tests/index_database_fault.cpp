#define CAF_SUITE index_database_fault

#include "muster/store/index_database.hpp"

#include "tests/support/index_fixture.hpp"
#include "tests/support/test_scale.hpp"

#include <caf/test/unit_test.hpp>

#include <set>

using namespace muster;
using namespace index_fixture;

namespace {

struct totals {
  std::uint64_t runs = 0;
  std::uint64_t crashes = 0;
  std::uint64_t in_memory = 0;
  std::uint64_t wrong = 0;
  std::string first;

  void check(bool holds, const char* what, std::uint64_t call) {
    if (holds)
      return;
    if (wrong++ == 0)
      first = std::string(what) + " at call " + std::to_string(call);
  }
};

/// What the faults hit: an index is opened, takes two commits, is read and
/// closed; then another process opens it again.
class scenario {
public:
  /// `prepare` leaves the disk as the first process finds it.
  explicit scenario(void (*prepare)(machine&)) {
    auto all = small_history();
    for (auto& [instance, feed] : all.feeds_)
      for (auto& each : feed)
        (each.seq <= 3 && instance == instance_id{"a"} ? before_ : after_).push_back(each);
    for (const auto& each : before_)
      first_.add(each);
    index_database made(start_.env(), index_path, first_, options());
    made.open().value();
    prepare(start_);
    start_.world.restart_process();
    wanted_ = dump_of(all);
    all_ = std::move(all);
  }

  [[nodiscard]] machine begin() const { return start_; }
  [[nodiscard]] const std::string& wanted() const { return wanted_; }
  list_source& all() { return all_; }

  /// True if all that was asked was answered rightly.
  bool run(machine& here) {
    list_source source = first_;
    index_database index(here.env(), index_path, source, options());
    if (!index.open())
      return false;
    for (const auto& each : after_)
      source.add(each);
    if (!index.apply(after_))
      return false;
    auto text = index.dump();
    in_memory_ = index.in_memory();
    return text && *text == wanted_;
  }
  [[nodiscard]] bool ended_in_memory() const { return in_memory_; }

private:
  machine start_;
  std::vector<commit> before_;
  std::vector<commit> after_;
  list_source first_;
  list_source all_;
  std::string wanted_;
  bool in_memory_ = false;
};

/// Whatever a process left, the next one ends with the right dump, in a file.
bool opens_right(scenario& of, machine& left) {
  left.world.files.set_plan({});
  index_database index(left.env(), index_path, of.all(), options());
  if (!index.open() || index.in_memory())
    return false;
  auto text = index.dump();
  return text && *text == of.wanted();
}

/// Every call, or under a sanitizer some of them.
std::uint64_t next_call(std::uint64_t call) {
  return call + (test_scale(10) < 10 ? 7 : 1);
}

constexpr std::array faults{
    fault{.what = fault::kind::error, .code = EIO},           fault{.what = fault::kind::error, .code = ENOSPC},
    fault{.what = fault::kind::error_but_done, .code = EIO},  fault{.what = fault::kind::short_transfer},
    fault{.what = fault::kind::sync_loses_data, .code = EIO},
};

void fail_every_call(scenario& of, totals& sum) {
  for (const auto& what : faults)
    for (const bool persistent : {false, true})
      for (std::uint64_t call = 1;; call = next_call(call)) {
        auto here = of.begin();
        here.world.files.set_plan(
            fault_plan({.what = what, .nth = call, .operations = operation_set::all(), .persistent = persistent}));
        const bool right = of.run(here);
        if (here.world.files.plan().fired() == 0)
          break;
        ++sum.runs;
        sum.in_memory += of.ended_in_memory() ? 1 : 0;
        sum.check(right, "a wrong answer", call);
        here.world.restart_process();
        sum.check(opens_right(of, here), "a wrong index afterwards", call);
      }
}

void crash_at_every_call(scenario& of, totals& sum, crash_model model) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t call = 1;; call = next_call(call)) {
    auto here = of.begin();
    here.world.files.options(0).model = model;
    here.world.files.set_plan(fault_plan({.what = {.what = fault::kind::kill_before}, .nth = call}));
    until_killed([&] { (void)of.run(here); });
    if (here.world.files.plan().fired() == 0)
      break;
    ++sum.runs;
    crash_states states(here.world.files.pending(), 6, call);
    for (crash_choice choice; states.next(choice);) {
      machine after(here);
      after.world.power_cycle(choice);
      if (!seen.insert(after.world.files.fingerprint()).second)
        continue;
      ++sum.crashes;
      sum.check(opens_right(of, after), "a wrong index after a crash", call);
    }
    here.world.restart_process();
    sum.check(opens_right(of, here), "a wrong index after a kill", call);
  }
}

void report(const char* name, const totals& sum) {
  std::printf("lane index_database_fault %s: %llu runs, %llu states after a crash, %llu ended in memory\n", name,
              static_cast<unsigned long long>(sum.runs), static_cast<unsigned long long>(sum.crashes),
              static_cast<unsigned long long>(sum.in_memory));
  if (sum.wrong != 0)
    CAF_MESSAGE(sum.first);
  CAF_CHECK_EQUAL(sum.wrong, 0u);
  CAF_CHECK(sum.runs > 5);
}

void nothing(machine&) {}

void tear(machine& here) {
  auto text = here.world.files.file_content(index_path);
  here.world.files.put_file(index_path, text.substr(0, text.size() / 2));
}

} // namespace

CAF_TEST(answers rightly whichever call fails while an index is used) {
  scenario of(&nothing);
  totals sum;
  fail_every_call(of, sum);
  report("use", sum);
}

CAF_TEST(answers rightly whichever call fails while a damaged index is replaced) {
  scenario of(&tear);
  totals sum;
  fail_every_call(of, sum);
  report("replace", sum);
}

CAF_TEST(ends with the right index after a crash at each call of its use) {
  scenario of(&nothing);
  totals sum;
  crash_at_every_call(of, sum, crash_model::weak_posix);
  crash_at_every_call(of, sum, crash_model::ordered);
  report("use, crash", sum);
}

CAF_TEST(ends with the right index after a crash at each call of its replacement) {
  scenario of(&tear);
  totals sum;
  crash_at_every_call(of, sum, crash_model::weak_posix);
  report("replace, crash", sum);
}
