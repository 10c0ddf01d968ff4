#define CAF_SUITE feed_damage_test

#include "tests/support/feed_samples.hpp"

#include "muster/store/feed_folder.hpp"
#include "muster/store/feed_reader.hpp"
#include "muster/store/feed_verify.hpp"

#include <caf/test/unit_test.hpp>

#include <set>

using namespace muster;
using namespace muster::test;

namespace {

using texts = std::vector<std::string>;

const texts all{"a", "b", "c", "d", "e"};

/// A feed of three runs, [a b] [c] [d e], closed in order.
struct sample_feed {
  sample_feed() {
    make_feeds(machine);
    auto writer = open_writer(machine, key).value();
    append_run(writer, {"a", "b"});
    ends.push_back(writer.log().mark().length);
    append_run(writer, {"c"});
    ends.push_back(writer.log().mark().length);
    writer.settle().value();
    mark_of_two = content("durable");
    append_run(writer, {"d", "e"});
    ends.push_back(writer.log().mark().length);
    writer.settle().value();
  }

  std::string content(std::string_view name) { return machine.files.file_content(feed_file(own, name)); }
  void put(simulated_environment& where, std::string_view name, std::string_view bytes) {
    where.files.put_file(feed_file(own, name), bytes);
  }
  /// How many commits are sealed in the first `bytes` of the segment.
  std::size_t sealed_before(std::uint64_t bytes) {
    return bytes >= ends[2] ? 5 : bytes >= ends[1] ? 3 : bytes >= ends[0] ? 2 : 0;
  }

  /// A whole header stays where nothing else is.
  std::size_t kept_of_header(const std::string& altered) {
    const auto header = content(segment).substr(0, content(segment).find('\n') + 1);
    return altered.starts_with(header) ? header.size() : 0;
  }

  simulated_environment machine;
  signing_key key = sample_key(1);
  instance_id own = instance_of(key.public_half());
  std::string segment = segment_name(1);
  std::vector<std::uint64_t> ends;
  std::string mark_of_two; ///< the `durable` file before the last run
};

texts first_of(std::size_t count) {
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// Commits that can be read before the reader fails or ends.
texts readable(simulated_environment& machine, const instance_id& instance) {
  texts result;
  const auto feeds = open_feeds(machine);
  auto reader = feed_reader::open(machine.view(), feeds.get(), instance);
  if (!reader)
    return result;
  for (auto entry = reader->next(); entry && *entry; entry = reader->next())
    result.push_back(text_of((*entry)->what));
  return result;
}

/// What is altered, and what must be left of it.
struct counts {
  std::size_t cases = 0;
  std::size_t wrong = 0;
  std::set<damage_kind> kinds;
  void check(bool right) { wrong += !right; }
};

/// Below the mark: damage, named, set aside, the rest readable, for good.
void expect_damage(sample_feed& feed, const std::string& altered, std::size_t whole, counts& seen) {
  ++seen.cases;
  simulated_environment machine(feed.machine);
  feed.put(machine, feed.segment, altered);
  const auto feeds = open_feeds(machine);
  const auto verified = verify_feed(machine.view(), feeds.get(), feed.own);
  seen.check(verified && !verified->damages.empty() && verified->whole.seq == whole);
  auto found = recover(machine, feed.key);
  if (!found) {
    seen.check(false);
    return;
  }
  seen.check(found->damages.size() == 1 && !found->log && found->cut.empty() && found->mark.tip.seq == whole);
  for (const auto& damage : found->damages) {
    seen.kinds.insert(damage.kind);
    seen.check(damaged_feed(damage, "x").kind == failure_kind::damaged);
    seen.check(damage.seq == whole + 1);
  }
  const auto kept = whole == 0 ? feed.kept_of_header(altered) : feed.ends[whole == 2 ? 0 : 1];
  const bool had_more = altered.size() > kept;
  seen.check(found->set_aside.size() == (had_more ? 1u : 0u));
  for (const auto& name : found->set_aside)
    seen.check(machine.files.file_content(feed_file(feed.own, name)) == altered);
  seen.check(readable(machine, feed.own) == first_of(whole));
  // It stays damaged, and nothing more is made of it.
  if (seen.cases % 4 != 0)
    return;
  machine.restart_process();
  const auto again = recover(machine, feed.key);
  seen.check(again && !again->damages.empty() && !again->log && again->set_aside.empty());
}

/// Above the mark: a torn tail, cut and kept beside.
void expect_cut(sample_feed& feed, const std::string& altered, std::size_t whole, counts& seen) {
  ++seen.cases;
  simulated_environment machine(feed.machine);
  feed.put(machine, "durable", feed.mark_of_two);
  feed.put(machine, feed.segment, altered);
  auto found = recover(machine, feed.key);
  if (!found) {
    seen.check(false);
    return;
  }
  const auto length = feed.ends[whole == 3 ? 1 : 2];
  seen.check(found->damages.empty() && found->log && found->set_aside.empty());
  seen.check(found->cut.size() == (altered.size() > length ? 1u : 0u));
  for (const auto& name : found->cut)
    seen.check(machine.files.file_content(feed_file(feed.own, name)) == altered.substr(length));
  seen.check(machine.files.file_content(feed_file(feed.own, feed.segment)) == altered.substr(0, length));
  seen.check(readable(machine, feed.own) == first_of(whole));
}

template <class Look>
void alter_each_byte(const std::string& bytes, std::size_t from, Look look) {
  for (std::size_t i = from; i != bytes.size(); ++i) {
    // Each bit of a byte takes its turn.
    auto altered = bytes;
    altered[i] = static_cast<char>(altered[i] ^ (1 << i % 8));
    look(altered, i);
    if (i % 4 == 0)
      look(std::string(bytes).erase(i, 1), i);
    look(bytes.substr(0, i), i);
  }
}

} // namespace

CAF_TEST(every byte of a segment below the mark that is changed or cut is damage and never a torn tail [SY-09]) {
  sample_feed feed;
  counts seen;
  const auto bytes = feed.content(feed.segment);
  CAF_REQUIRE_EQUAL(bytes.size(), feed.ends[2]);
  alter_each_byte(bytes, 0, [&](const std::string& altered, std::size_t at) {
    expect_damage(feed, altered, feed.sealed_before(at), seen);
  });
  CAF_CHECK_EQUAL(seen.wrong, 0u);
  CAF_CHECK_GREATER(seen.kinds.size(), 6u);
  std::printf("lane feed_damage_test: %zu alterations below the mark, %zu kinds of damage\n", seen.cases,
              seen.kinds.size());
}

CAF_TEST(every byte above the mark that is changed or cut is a torn tail and never damage) {
  sample_feed feed;
  counts seen;
  const auto bytes = feed.content(feed.segment);
  alter_each_byte(bytes, feed.ends[1],
                  [&](const std::string& altered, std::size_t) { expect_cut(feed, altered, 3, seen); });
  expect_cut(feed, bytes, 5, seen);
  expect_cut(feed, bytes + "{", 5, seen);
  expect_cut(feed, bytes + bytes, 5, seen);
  expect_cut(feed, bytes + std::string(20'000'000, '\n'), 5, seen);
  CAF_CHECK_EQUAL(seen.wrong, 0u);
  std::printf("lane feed_damage_test: %zu alterations above the mark\n", seen.cases);
}

CAF_TEST(junk after a marked end is cut and kept) {
  sample_feed feed;
  counts seen;
  for (const std::string_view junk : {"x", "\n", "{\"chain\":\"", "{\"at\":\"0\"}\n"}) {
    simulated_environment machine(feed.machine);
    feed.put(machine, feed.segment, feed.content(feed.segment).append(junk));
    auto found = recover(machine, feed.key);
    seen.check(found && found->damages.empty() && found->cut.size() == 1 && readable(machine, feed.own) == all);
    if (found && found->cut.size() == 1)
      seen.check(machine.files.file_content(feed_file(feed.own, found->cut[0])) == junk);
  }
  CAF_CHECK_EQUAL(seen.wrong, 0u);
}

CAF_TEST(one slot of the mark may lose any byte and nothing is lost) {
  sample_feed feed;
  counts seen;
  const auto bytes = feed.content("durable");
  for (std::size_t i = 0; i != bytes.size(); ++i) {
    ++seen.cases;
    simulated_environment machine(feed.machine);
    auto altered = bytes;
    altered[i] = static_cast<char>(altered[i] ^ (1 << i % 8));
    feed.put(machine, "durable", altered);
    auto found = recover(machine, feed.key);
    seen.check(found && found->damages.empty() && found->log && found->cut.empty() && found->mark.tip.seq == 5);
    seen.check(readable(machine, feed.own) == all);
    const auto feeds = open_feeds(machine);
    seen.check(feed_folder::open(machine.view(), feeds.get(), feed.own)->mark().both);
  }
  CAF_CHECK_EQUAL(seen.wrong, 0u);
  std::printf("lane feed_damage_test: %zu changed bytes of the mark\n", seen.cases);
}

CAF_TEST(without a whole mark nothing is changed until somebody asks for a new one) {
  sample_feed feed;
  for (const bool missing : {true, false}) {
    simulated_environment machine(feed.machine);
    if (missing)
      machine.files.aside([&](disk& files) {
        (void)files.unlink(no_handle, feed_file(feed.own, "durable"), unlink_kind::file);
        return 0;
      });
    else
      feed.put(machine, "durable", std::string(4608, ' '));
    feed.put(machine, feed.segment, feed.content(feed.segment).append("{\"at"));
    const auto before = machine.files.fingerprint();
    auto found = recover(machine, feed.key);
    CAF_REQUIRE(found.has_value());
    CAF_CHECK(found->damages.front().kind == (missing ? damage_kind::mark_missing : damage_kind::mark_unreadable));
    CAF_CHECK(!found->log);
    CAF_CHECK_EQUAL(found->mark.tip.seq, 5u);
    CAF_CHECK_EQUAL(machine.files.fingerprint(), before);
    auto rebuilt = recover(machine, feed.key, {scan_depth::chain, true});
    CAF_REQUIRE(rebuilt.has_value());
    CAF_CHECK(rebuilt->log.has_value());
    CAF_CHECK_EQUAL(rebuilt->set_aside.size(), 1u);
    rebuilt->log.reset();
    CAF_CHECK(readable(machine, feed.own) == all);
    CAF_CHECK(recover(machine, feed.key)->damages.empty());
  }
}

CAF_TEST(a mark of an older time makes no damage of what came after it [SY-05]) {
  sample_feed feed;
  feed.put(feed.machine, "durable", feed.mark_of_two);
  auto found = recover(feed.machine, feed.key);
  CAF_REQUIRE(found.has_value());
  CAF_CHECK(found->damages.empty());
  CAF_CHECK_EQUAL(found->mark.tip.seq, 5u);
}

CAF_TEST(a feed put back from an older copy than its mark is damage [SY-05]) {
  sample_feed feed;
  const auto bytes = feed.content(feed.segment);
  feed.put(feed.machine, feed.segment, bytes.substr(0, feed.ends[1]));
  auto found = recover(feed.machine, feed.key);
  CAF_REQUIRE(found.has_value());
  CAF_CHECK(!found->log);
  CAF_CHECK(found->damages.at(0).kind == damage_kind::ends_early);
  CAF_CHECK(found->set_aside.empty());
  CAF_CHECK(readable(feed.machine, feed.own) == first_of(3));
}

CAF_TEST(a segment of the mark cut to its header ends early and is not missing) {
  sample_feed feed;
  const auto bytes = feed.content(feed.segment);
  feed.put(feed.machine, feed.segment, bytes.substr(0, bytes.find('\n') + 1));
  const auto found = recover(feed.machine, feed.key);
  CAF_REQUIRE(found && found->damages.size() == 1);
  CAF_CHECK(found->damages[0].kind == damage_kind::ends_early);
}

CAF_TEST(a segment that is gone is named and the ones after it are left alone) {
  sample_feed feed;
  auto writer = open_writer(feed.machine, feed.key).value();
  const std::string large(250'000, 'x');
  for (int run = 0; run != 5; ++run)
    append_run(writer, texts(30, large));
  writer.settle().value();
  const auto feeds = open_feeds(feed.machine);
  const auto segments = feed_folder::open(feed.machine.view(), feeds.get(), feed.own)->segments();
  CAF_REQUIRE_EQUAL(segments.size(), 3u);
  for (std::size_t i = 0; i != 3; ++i) {
    simulated_environment machine(feed.machine);
    machine.files.aside([&](disk& files) {
      (void)files.unlink(no_handle, feed_file(feed.own, segment_name(segments[i])), unlink_kind::file);
      return 0;
    });
    const auto before = machine.files.fingerprint();
    auto found = recover(machine, feed.key);
    CAF_REQUIRE(found.has_value());
    CAF_CHECK(!found->log);
    CAF_CHECK_EQUAL(found->damages.size(), 1u);
    CAF_CHECK(found->damages.at(0).kind == damage_kind::segment_missing);
    CAF_CHECK_EQUAL(found->mark.tip.seq + 1, segments[i]);
    CAF_CHECK_EQUAL(machine.files.fingerprint(), before);
  }
}
