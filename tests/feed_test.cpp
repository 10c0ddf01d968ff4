#define CAF_SUITE feed_test

#include "tests/support/feed_samples.hpp"

#include "muster/store/feed_limits.hpp"
#include "muster/store/feed_page.hpp"
#include "muster/store/feed_reader.hpp"
#include "muster/store/feed_verify.hpp"
#include "muster/store/fork_proof.hpp"
#include "muster/store/instance_text.hpp"
#include "muster/store/op_codec.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace muster::test;

namespace {

using texts = std::vector<std::string>;

struct fixture {
  feed_reader reader() { return feed_reader::open(machine.view(), feeds.get(), own).value(); }

  std::size_t segments() { return feed_folder::open(machine.view(), feeds.get(), own).value().segments().size(); }

  simulated_environment machine;
  signing_key key = sample_key(1);
  instance_id own = instance_of(key.public_half());
  open_file feeds = (make_feeds(machine), open_feeds(machine));
};

} // namespace

CAF_TEST(an instance id is shown with check characters that catch a typing error) {
  const auto id = sample_instance(1);
  const auto shown = shown_instance(id);
  CAF_CHECK_EQUAL(shown.size(), 57u);
  CAF_CHECK(*parse_instance(shown) == id);
  CAF_CHECK(*parse_instance(id.text) == id);
  auto plain = shown;
  plain.erase(52, 1);
  for (auto& c : plain)
    c = static_cast<char>(std::toupper(c));
  CAF_CHECK(*parse_instance(plain) == id);
  std::size_t missed = 0;
  for (std::size_t i = 0; i != shown.size(); ++i)
    for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz234567-0 ")) {
      auto wrong = shown;
      if (std::exchange(wrong[i], c) != c)
        missed += parse_instance(wrong).has_value();
    }
  for (std::size_t i = 0; i + 1 != shown.size(); ++i) {
    auto swapped = shown;
    std::swap(swapped[i], swapped[i + 1]);
    missed += swapped != shown && parse_instance(swapped).has_value();
  }
  CAF_CHECK_EQUAL(missed, 0u);
  CAF_CHECK_EQUAL(parse_instance("").error().code, "not-an-instance");
}

CAF_TEST_FIXTURE_SCOPE(feed_tests, fixture)

CAF_TEST(what is flushed is read back in order and nothing else [OL-02] [OL-11] [OL-19]) {
  auto writer = open_writer(machine, key).value();
  append_run(writer, {"a", "b"});
  (void)writer.stage(sample_commit("staged")).value();
  CAF_CHECK(*read_texts(machine, own) == (texts{"a", "b"}));
  CAF_CHECK_EQUAL(writer.durable(), 2u);
  writer.flush().value();
  CAF_CHECK(*read_texts(machine, own) == (texts{"a", "b", "staged"}));
  auto feed = reader();
  feed.seek(3);
  CAF_CHECK_EQUAL(text_of((*feed.next())->what), "staged");
  CAF_CHECK(!feed.next()->has_value());
  feed.seek(1);
  CAF_CHECK_EQUAL((*feed.next())->what.seq, 1u);
}

CAF_TEST(a commit gets its instance number and a rising stamp) {
  auto writer = open_writer(machine, key).value();
  const auto first = writer.stage(sample_commit("a"))->what;
  const auto second = writer.stage(sample_commit("a"))->what;
  CAF_CHECK(first.instance == own);
  CAF_CHECK_EQUAL(first.seq, 1u);
  CAF_CHECK_EQUAL(second.seq, 2u);
  CAF_CHECK(first.at < second.at);
}

CAF_TEST(the same change twice and back again are commits of their own [SY-02]) {
  auto writer = open_writer(machine, key).value();
  for (const char* text : {"A", "B", "A", "B", "A"})
    append_run(writer, {text});
  CAF_CHECK(*read_texts(machine, own) == (texts{"A", "B", "A", "B", "A"}));
}

CAF_TEST(a refused commit takes no number and leaves nothing) {
  auto writer = open_writer(machine, key).value();
  auto bad = sample_commit("x");
  std::get<agent_put>(bad.ops[0]).fields[0].value = "not json";
  CAF_CHECK_EQUAL(writer.stage(bad).error().code, "not-canonical");
  append_run(writer, {"a"});
  CAF_CHECK(*read_texts(machine, own) == texts{"a"});
}

CAF_TEST(goes on after a restart with a clock that was set back) {
  {
    auto writer = open_writer(machine, key).value();
    append_run(writer, {"a"});
  }
  const auto before = (*reader().next())->what.at;
  machine.clock.jump_wall(-std::chrono::minutes(3));
  auto writer = open_writer(machine, key).value();
  append_run(writer, {"b"});
  auto feed = reader();
  feed.seek(2);
  CAF_CHECK((*feed.next())->what.at > before);
}

CAF_TEST(tells once when the clock comes back from 2099) {
  auto writer = open_writer(machine, key).value();
  machine.clock.jump_wall(std::chrono::hours(24 * 365 * 73));
  CAF_CHECK(!writer.stage(sample_commit("future"))->clock_was_ahead);
  machine.clock.jump_wall(-std::chrono::hours(24 * 365 * 73));
  CAF_CHECK(writer.stage(sample_commit("back"))->clock_was_ahead.has_value());
  CAF_CHECK(!writer.stage(sample_commit("on"))->clock_was_ahead);
}

CAF_TEST(a run costs one sync and the mark is settled before the next) {
  auto writer = open_writer(machine, key).value();
  append_run(writer, {"first"});
  writer.settle().value();
  std::vector<traced_call> calls;
  const auto syncs = [&] {
    const auto count = std::ranges::count(calls, disk_operation::sync, &traced_call::operation);
    calls.clear();
    return count;
  };
  machine.files.set_trace(&calls);
  append_run(writer, texts(64, "x"));
  CAF_CHECK_EQUAL(syncs(), 1);
  append_run(writer, {"y"});
  CAF_CHECK_EQUAL(syncs(), 2);
  writer.settle().value();
  CAF_CHECK_EQUAL(syncs(), 1);
  writer.settle().value();
  CAF_CHECK_EQUAL(syncs(), 0);
  machine.files.set_trace(nullptr);
}

CAF_TEST(a segment ends before 16 MiB and the next one goes on from its chain) {
  auto writer = open_writer(machine, key).value();
  const std::string large(250'000, 'x');
  for (int run = 0; run != 5; ++run)
    append_run(writer, texts(30, large));
  CAF_CHECK_EQUAL(segments(), 3u);
  auto again = open_writer(machine, key).value();
  append_run(again, {"end"});
  auto feed = reader();
  CAF_CHECK_EQUAL(feed.last(), 151u);
  std::size_t count = 0;
  while (auto entry = *feed.next())
    ++count;
  CAF_CHECK_EQUAL(count, 151u);
  CAF_CHECK(verify_feed(machine.view(), feeds.get(), own)->damages.empty());
}

CAF_TEST(a run is full before it outgrows a segment) {
  auto writer = open_writer(machine, key).value();
  const std::string large(250'000, 'x');
  std::size_t staged = 0;
  auto last = writer.stage(sample_commit(large));
  for (; last; last = writer.stage(sample_commit(large)))
    ++staged;
  CAF_CHECK_EQUAL(last.error().code, "feed-run-full");
  CAF_CHECK_EQUAL(staged, feed_limits::run_bytes / 250'200);
  writer.flush().value();
  CAF_CHECK(writer.stage(sample_commit(large)).has_value());
}

CAF_TEST(a page is checked whole and stored at the other side as it was [OL-05]) {
  auto writer = open_writer(machine, key).value();
  append_run(writer, {"a", "b"});
  append_run(writer, {"c"});
  append_run(writer, {"d", "e"});
  simulated_environment elsewhere(2);
  make_feeds(elsewhere);
  auto source = reader();
  sequence have = 0;
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{1} << 20}) {
    auto theirs = recover(elsewhere, key).value();
    const auto page = source.page(have + 1, bytes);
    CAF_REQUIRE(page.has_value());
    const auto checked = check_page(*page, own, theirs.mark.tip);
    CAF_REQUIRE(checked.has_value());
    theirs.log->append(checked->run, checked->after, checked->at).value();
    have = checked->after.seq;
    // The same page again is not what comes next.
    CAF_CHECK_EQUAL(check_page(*page, own, theirs.log->mark().tip).error().code, "page-gap");
  }
  CAF_CHECK(*read_texts(elsewhere, own) == (texts{"a", "b", "c", "d", "e"}));
  CAF_CHECK_EQUAL(source.page(6, 100).error().code, "no-commit");
}

CAF_TEST([HS-10] no byte of a page can be changed or cut [OL-20] [SY-09]) {
  auto writer = open_writer(machine, key).value();
  append_run(writer, {"a", "b"});
  append_run(writer, {"c"});
  const auto page = reader().page(1, 1 << 20).value();
  const auto start = start_of_feed(own);
  CAF_REQUIRE(check_page(page, own, start).has_value());
  std::size_t taken = 0;
  std::size_t looked = 0;
  for (std::size_t i = 0; i != page.size(); ++i) {
    for (const char bit : {1, 32}) {
      auto altered = page;
      altered[i] = static_cast<char>(altered[i] ^ bit);
      taken += check_page(altered, own, start).has_value();
    }
    taken += check_page(page.substr(0, i), own, start).has_value();
    taken += check_page(std::string(page).erase(i, 1), own, start).has_value();
    looked += 4;
  }
  taken += check_page(page + page, own, start).has_value();
  taken += check_page(page, sample_instance(2), start).has_value();
  CAF_CHECK_EQUAL(taken, 0u);
  std::printf("lane feed_test: %zu altered pages, all refused\n", looked + 2);
}

CAF_TEST(a page that a key signed over a line nobody can read is refused whole [OL-20] [SY-09]) {
  const std::string good = *encode_commit([&] {
    auto what = sample_commit("good");
    what.instance = own;
    what.seq = 1;
    return what;
  }());
  for (const std::string& line : {good.substr(0, good.size() - 2) + "9}", std::string(R"({"at":1})"), std::string()}) {
    auto tip = after_commit(start_of_feed(own), good);
    tip = after_commit(tip, line);
    const auto page = encode_header({own, key.public_half(), 1, start_of_feed(own).chain}) + "\n" + good + "\n" + line +
                      "\n" + encode_seal(make_seal(key, own, tip)) + "\n";
    CAF_CHECK_EQUAL(check_page(page, own, start_of_feed(own)).error().code, "page-unreadable");
  }
}

CAF_TEST(a feed in a later format is another release and no damage) {
  auto line = encode_header({own, key.public_half(), 1, start_of_feed(own).chain});
  CAF_CHECK(decode_header(line).has_value());
  line.replace(line.find(":1,"), 3, ":2,");
  CAF_CHECK(decode_header(line).error().kind == failure_kind::release_mismatch);
  CAF_CHECK(decode_header("{\"feed\":3,\"what\":\"ever\"}").error().kind == failure_kind::release_mismatch);
}

CAF_TEST(two machines with one key are found out by a proof that anyone can check [SY-05]) {
  auto writer = open_writer(machine, key).value();
  append_run(writer, {"common"});
  writer.settle().value();
  simulated_environment copy(machine);
  copy.restart_process();
  auto copied = open_writer(copy, key).value();
  append_run(writer, {"here", "here too"});
  append_run(copied, {"there"});

  auto here = reader();
  const auto their_feeds = open_feeds(copy);
  auto there = feed_reader::open(copy.view(), their_feeds.get(), own).value();
  const auto their_seal = there.covering_seal(2)->by;
  const auto proof = compare_with_seal(here, their_seal);
  CAF_REQUIRE(proof.has_value());
  CAF_REQUIRE(proof->has_value());
  const auto text = encode_fork_proof(**proof);
  const auto decoded = decode_fork_proof(text);
  CAF_REQUIRE(decoded.has_value());
  CAF_CHECK(*decoded == **proof);
  CAF_CHECK_EQUAL(decoded->one.seq, 2u);

  // From the other side, whose seal is at that very commit.
  const auto other = compare_with_seal(there, here.covering_seal(1)->by);
  CAF_CHECK(other.has_value() && !other->has_value());
  CAF_CHECK(!compare_with_seal(there, here.covering_seal(3)->by)->has_value());
  append_run(copied, {"there too"});
  auto longer = feed_reader::open(copy.view(), their_feeds.get(), own).value();
  CAF_CHECK(compare_with_seal(longer, here.covering_seal(3)->by)->has_value());

  auto forged = their_seal;
  forged.chain[0] ^= std::byte{1};
  CAF_CHECK_EQUAL(compare_with_seal(here, forged).error().code, "seal-forged");
  std::size_t taken = 0;
  for (std::size_t i = 0; i != text.size(); ++i) {
    auto altered = text;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    taken += decode_fork_proof(altered).has_value();
    taken += decode_fork_proof(text.substr(0, i)).has_value();
  }
  CAF_CHECK_EQUAL(taken, 0u);
}

CAF_TEST(a page of the other branch of a fork is told from a gap) {
  auto writer = open_writer(machine, key).value();
  append_run(writer, {"a"});
  simulated_environment copy(machine);
  copy.restart_process();
  auto copied = open_writer(copy, key).value();
  append_run(writer, {"b"});
  append_run(copied, {"c"});
  append_run(copied, {"d"});
  const auto their_feeds = open_feeds(copy);
  auto there = feed_reader::open(copy.view(), their_feeds.get(), own).value();
  CAF_CHECK_EQUAL(check_page(*there.page(3, 1), own, writer.log().mark().tip).error().code, "page-forked");
}

CAF_TEST_FIXTURE_SCOPE_END()
