#define CAF_SUITE absence_count_test

#include "muster/store/absence_count.hpp"

#include "muster/store/absence_book.hpp"
#include "muster/store/absence_wording.hpp"

#include <caf/test/unit_test.hpp>

#include <limits>
#include <map>

using namespace muster;
using namespace std::chrono_literals;

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds midnight = 1'790'000'000s;

/// A machine with its two clocks, and a sweep that takes `look_takes`.
struct machine {
  std::string boot_id = "first";
  nanoseconds boot = 1000s;
  milliseconds wall = midnight;
  std::uint64_t sweep = 0;
  nanoseconds look_takes{0};

  void pass(nanoseconds time) {
    boot += time;
    wall += std::chrono::duration_cast<milliseconds>(time);
  }
  void reboot(std::string name, milliseconds off, nanoseconds up = 0ns) {
    boot_id = std::move(name);
    boot = up;
    wall += off;
  }
  absent_look look() {
    ++sweep;
    const auto from = boot;
    pass(look_takes);
    return {boot_id, from, boot, wall, sweep};
  }
};

} // namespace

CAF_TEST(counts the time between sweeps that both saw it gone) {
  machine here;
  absence_count count;
  count.gone(here.look());
  CAF_CHECK(count.counted() == 0ns);
  for (int i = 0; i < 4; ++i) {
    here.pass(6h);
    count.gone(here.look());
  }
  CAF_CHECK(count.counted() == 24h);
  CAF_CHECK(count.left_of(24h) == 0ns);
  CAF_CHECK(count.left_of(24h + 1ns) == 1ns);
  CAF_CHECK(count.left_of(1h) == 0ns);
}

CAF_TEST(counts from after one look until before the next) {
  machine here;
  here.look_takes = 10min;
  absence_count count;
  count.gone(here.look());
  here.pass(1h);
  count.gone(here.look());
  CAF_CHECK(count.counted() == 1h);
}

CAF_TEST(does not care where the wall clock jumps within a boot) {
  for (const milliseconds jump :
       {milliseconds(24h * 400), -milliseconds(24h * 400), milliseconds(-2h), milliseconds(0)}) {
    machine here;
    absence_count count;
    count.gone(here.look());
    here.pass(1h);
    here.wall += jump;
    count.gone(here.look());
    here.pass(1h);
    here.wall -= jump * 2;
    count.gone(here.look());
    CAF_CHECK(count.counted() == 2h);
  }
}

CAF_TEST(counts at most an hour across a reboot and what the wall clock says if that is less) {
  struct row {
    milliseconds off;
    nanoseconds counted;
  };
  for (const auto& [off, counted] : {row{3 * 24h, 1h}, row{1h, 1h}, row{59min, 59min}, row{1h + 1ms, 1h}, row{1ms, 1ms},
                                     row{0ms, 0ns}, row{-1ms, 0ns}, row{-48h, 0ns}}) {
    machine here;
    absence_count count;
    count.gone(here.look());
    here.pass(2h);
    count.gone(here.look());
    here.reboot("second", off, 30s);
    count.gone(here.look());
    CAF_CHECK(count.counted() == 2h + counted);
    here.pass(5h);
    count.gone(here.look());
    CAF_CHECK(count.counted() == 7h + counted);
  }
}

CAF_TEST(takes a boot without a name for another) {
  machine here;
  here.boot_id.clear();
  absence_count count;
  count.gone(here.look());
  here.pass(10h);
  count.gone(here.look());
  CAF_CHECK(count.counted() == 1h);
}

CAF_TEST(counts nothing across a look that could not tell) {
  machine here;
  absence_count count;
  count.gone(here.look());
  here.pass(3h);
  count.gone(here.look());
  here.pass(100h);
  count.cannot_tell();
  here.pass(100h);
  count.gone(here.look());
  CAF_CHECK(count.counted() == 3h);
  here.pass(1h);
  count.gone(here.look());
  CAF_CHECK(count.counted() == 4h);
}

CAF_TEST(counts nothing across a sweep that did not look) {
  machine here;
  absence_count count;
  count.gone(here.look());
  here.pass(3h);
  (void)here.look();
  here.pass(3h);
  count.gone(here.look());
  CAF_CHECK(count.counted() == 0ns);
  here.pass(3h);
  count.gone(here.look());
  CAF_CHECK(count.counted() == 3h);
}

CAF_TEST(counts on from what another process has remembered) {
  machine here;
  absence_count count;
  count.gone(here.look());
  here.pass(3h);
  count.gone(here.look());
  auto last = count.last();
  CAF_REQUIRE(last);
  last->sweep = 0;
  absence_count again(count.counted(), last);
  here.pass(2h);
  here.sweep = 0;
  again.gone(here.look());
  CAF_CHECK(again.counted() == 5h);
}

CAF_TEST(begins anew when the agent was there) {
  machine here;
  absence_count count;
  count.gone(here.look());
  here.pass(23h);
  count.gone(here.look());
  count.there();
  CAF_CHECK(count == absence_count());
  here.pass(23h);
  count.gone(here.look());
  CAF_CHECK(count.counted() == 0ns);
}

CAF_TEST(the same sweep counts once and a late one not at all) {
  machine here;
  here.look_takes = 1min;
  absence_count count;
  count.gone(here.look());
  here.pass(1h);
  const auto second = here.look();
  count.gone(second);
  count.gone(second);
  CAF_CHECK(count.counted() == 1h);
  auto late = second;
  late.sweep = 1;
  late.from -= 2h;
  late.until -= 2h;
  count.gone(late);
  CAF_CHECK(count.counted() == 1h);
}

CAF_TEST(what was remembered and cannot be hastens nothing) {
  using limits = std::numeric_limits<std::int64_t>;
  machine here;
  CAF_CHECK(absence_count(-1ns, {}) == absence_count());
  CAF_CHECK(absence_count(nanoseconds(limits::max()), {}) == absence_count());
  CAF_CHECK(absence_count(nanoseconds(limits::min()), {}) == absence_count());
  for (const auto boot : {limits::max(), limits::min(), std::int64_t{-1}}) {
    absence_count count(1h, absence_count::sighting{"first", nanoseconds(boot), here.wall, 0});
    count.gone(here.look());
    CAF_CHECK(count.counted() == 1h);
  }
  for (const auto wall : {limits::max(), limits::min()}) {
    absence_count count(1h, absence_count::sighting{"other", 0ns, milliseconds(wall), 0});
    count.gone(here.look());
    CAF_CHECK(count.counted() <= 2h);
  }
  absence_count longest(24h * 366 * 50, absence_count::sighting{"first", 0ns, here.wall, 0});
  longest.gone(here.look());
  CAF_CHECK(longest.counted() == 24h * 366 * 50);
}

CAF_TEST(a count is worth a write when it has grown by an hour or an eighth of the grace) {
  struct row {
    nanoseconds grace;
    nanoseconds part;
  };
  const agent_id one{"one"};
  for (const auto& [grace, part] : {row{24h, 1h}, row{8h, 1h}, row{4h, 30min}, row{8s, 1s}, row{1ns, 1ns}}) {
    absence_book book;
    book.put(one, "/p", absence_count(2h, {}), true);
    CAF_CHECK(!book.is_worth_a_write(one, grace));
    book.put(one, "/p", absence_count(2h + part - 1ns, {}), false);
    CAF_CHECK_EQUAL(book.is_worth_a_write(one, grace), false);
    book.put(one, "/p", absence_count(2h + part, {}), false);
    CAF_CHECK(book.is_worth_a_write(one, grace));
    CAF_CHECK(!book.is_worth_a_write(agent_id{"two"}, grace));
  }
}

CAF_TEST(a book writes what is other than on disk and forgets who moved) {
  const agent_id one{"one"};
  const agent_id two{"two"};
  absence_book book;
  book.put(one, "/p", absence_count(1h, {}), true);
  book.put(two, "/q", absence_count(2h, {}), false);
  std::map<agent_id, nanoseconds> written;
  const auto write = [&] {
    written.clear();
    book.write([&](const agent_id& agent, const std::string&, const absence_count& count) {
      written[agent] = count.counted();
    });
  };
  write();
  CAF_CHECK_EQUAL(written.size(), 1u);
  CAF_CHECK(written[two] == 2h);
  write();
  CAF_CHECK(written.empty());
  book.put(one, "/p", absence_count(), false);
  write();
  CAF_CHECK(written.contains(one) && written[one] == 0ns);
  CAF_CHECK(!book.find(one, "/other"));
  book.keep_only(two, "/q");
  CAF_CHECK(book.find(two, "/q") != nullptr);
  book.keep_only(two, "");
  CAF_CHECK(!book.find(two, "/q"));
  // Elsewhere it is another file, of which nothing is on disk.
  book.put(one, "/elsewhere", absence_count(), true);
  write();
  CAF_CHECK(written.empty());
}

CAF_TEST(people are told the greatest unit and never less than is left) {
  CAF_CHECK_EQUAL(rounded_up(23h), "23 h");
  CAF_CHECK_EQUAL(rounded_up(22h + 1ns), "23 h");
  CAF_CHECK_EQUAL(rounded_up(24h), "1 d");
  CAF_CHECK_EQUAL(rounded_up(47h), "47 h");
  CAF_CHECK_EQUAL(rounded_up(48h), "2 d");
  CAF_CHECK_EQUAL(rounded_up(49h), "3 d");
  CAF_CHECK_EQUAL(rounded_up(1h), "1 h");
  CAF_CHECK_EQUAL(rounded_up(90min), "90 min");
  CAF_CHECK_EQUAL(rounded_up(90s), "90 s");
  CAF_CHECK_EQUAL(rounded_up(1ns), "1 s");
  CAF_CHECK(removal_outlook(23h).find("in 23 h if it stays away") != std::string::npos);
  CAF_CHECK(removal_outlook(0ns).find("removed") != std::string::npos);
  CAF_CHECK(braked_outlook(0x801U).find("device 8:1") != std::string::npos);
  const auto sentence = brake_sentence({0x10302U, 50, 11, "/mnt/usb/a"});
  CAF_CHECK(sentence.find("11 of the 50") != std::string::npos);
  CAF_CHECK(sentence.find("device 259:2") != std::string::npos || sentence.find("device ") != std::string::npos);
  CAF_CHECK(sentence.find("/mnt/usb/a") != std::string::npos);
  CAF_CHECK(sentence.find("--accept-removals") != std::string::npos);
  CAF_CHECK(brake_sentence({{}, 11, 11, "/p"}).find("never recorded") != std::string::npos);
}
