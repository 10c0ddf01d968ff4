#define CAF_SUITE feed_recovery_test

#include "tests/support/feed_samples.hpp"

#include "muster/store/feed_folder.hpp"
#include "muster/store/feed_verify.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/op_codec.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>

using namespace muster;
using namespace muster::test;

namespace {

using texts = std::vector<std::string>;

struct fixture {
  fixture() { make_feeds(machine); }

  std::string content(std::string_view name) { return machine.files.file_content(feed_file(own, name)); }
  void put(std::string_view name, std::string_view bytes) { machine.files.put_file(feed_file(own, name), bytes); }
  std::vector<std::string> names() {
    const auto directory = open_directory(machine.files, no_handle, std::string(feeds_path) + "/" + own.text);
    return list_names(machine.files, directory->get(), 100).value();
  }
  /// A segment of one run that goes on after `before`.
  std::string segment_of(const feed_tip& before, const texts& run) {
    auto bytes = encode_header({own, key.public_half(), before.seq + 1, before.chain}) + "\n";
    auto tip = before;
    for (const auto& text : run) {
      auto what = sample_commit(text);
      what.instance = own;
      what.seq = tip.seq + 1;
      const auto line = encode_commit(what).value();
      tip = after_commit(tip, line);
      bytes += line + "\n";
    }
    return bytes + encode_seal(make_seal(key, own, tip)) + "\n";
  }

  simulated_environment machine;
  signing_key key = sample_key(1);
  instance_id own = instance_of(key.public_half());
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(feed_recovery_tests, fixture)

CAF_TEST(a feed that is not there is made for its owner and not for a reader) {
  const auto feeds = open_feeds(machine);
  CAF_CHECK(recover_feed(machine.view(), feeds.get(), own, std::nullopt).error().kind == failure_kind::not_found);
  CAF_CHECK(recover(machine, key)->log.has_value());
  CAF_CHECK(recover(machine, key)->damages.empty());
}

CAF_TEST(a feed is durable though its name was not synced at the first attempt) {
  const operation_set syncs{disk_operation::sync};
  for (const auto kind : {fault::kind::error, fault::kind::error_but_done, fault::kind::sync_loses_data})
    for (std::uint64_t nth = 1; nth != 4; ++nth) {
      simulated_environment other;
      make_feeds(other);
      other.files.set_plan(fault_plan(fault_rule{{kind, EIO}, nth, syncs}));
      CAF_CHECK(!recover(other, key));
      {
        auto writer = open_writer(other, key).value();
        append_run(writer, {"a"});
      }
      other.power_cycle({});
      CAF_CHECK(recover(other, key)->damages.empty());
      CAF_CHECK(*read_texts(other, own) == texts{"a"});
    }
}

CAF_TEST(the feed of a stranger is recovered by the key in its header) {
  auto writer = open_writer(machine, key).value();
  append_run(writer, {"a"});
  const auto feeds = open_feeds(machine);
  const auto found = recover_feed(machine.view(), feeds.get(), own, std::nullopt);
  CAF_REQUIRE(found.has_value());
  CAF_CHECK(found->key == key.public_half());
  CAF_CHECK_EQUAL(found->mark.tip.seq, 1u);
}

CAF_TEST(recovering a sound feed changes not a byte) {
  {
    auto writer = open_writer(machine, key).value();
    append_run(writer, {"a"});
    writer.settle().value();
  }
  const auto before = machine.files.fingerprint();
  CAF_CHECK(recover(machine, key)->log.has_value());
  CAF_CHECK(recover(machine, key, {scan_depth::whole})->log.has_value());
  CAF_CHECK_EQUAL(machine.files.fingerprint(), before);
}

CAF_TEST(recovering a sound feed writes nothing before the first commit) {
  {
    auto writer = open_writer(machine, key).value();
    append_run(writer, {"a"});
    writer.settle().value();
  }
  machine.files.set_plan(fault_plan(fault_rule{{fault::kind::error, EIO}, 1, mutating_operations, true}));
  auto found = recover(machine, key);
  CAF_REQUIRE(found && found->log);
  CAF_CHECK(found->damages.empty());
  CAF_CHECK_EQUAL(machine.files.plan().fired(), 0u);
  CAF_CHECK(!found->log->settle());
  CAF_CHECK(machine.files.plan().fired() > 0);
}

CAF_TEST(a run that was written again after a failed sync is read once) {
  feed_tip before;
  {
    auto writer = open_writer(machine, key).value();
    append_run(writer, {"a"});
    before = writer.log().mark().tip;
    machine.files.set_plan(fault_plan(fault_rule{{fault::kind::error, EIO}, 2, {disk_operation::sync}, false}));
    append_run(writer, {"b"});
    machine.files.set_plan({});
    append_run(writer, {"c"});
    CAF_CHECK(*read_texts(machine, own) == (texts{"a", "b", "c"}));
  }
  CAF_CHECK(names() == (texts{segment_name(1), segment_name(2), "durable"}));
  const auto whole = recover(machine, key, {scan_depth::whole});
  CAF_REQUIRE(whole.has_value());
  CAF_CHECK(whole->damages.empty());
  CAF_CHECK_EQUAL(whole->cut.size(), 1u);
  CAF_CHECK(*read_texts(machine, own) == (texts{"a", "b", "c"}));
  const auto feeds = open_feeds(machine);
  CAF_CHECK(verify_feed(machine.view(), feeds.get(), own)->damages.empty());
}

CAF_TEST(a segment that was begun and torn is cut and the run before it kept) {
  feed_tip tip;
  {
    auto writer = open_writer(machine, key).value();
    append_run(writer, {"a"});
    writer.settle().value();
    tip = writer.log().mark().tip;
  }
  const auto next = segment_of(tip, {"b", "c"});
  for (std::size_t length = 0; length < next.size(); length += 7) {
    simulated_environment before(machine);
    before.files.put_file(feed_file(own, segment_name(2)), next.substr(0, length));
    const auto found = recover(before, key);
    if (!found || !found->log || found->cut.size() != 1 || *read_texts(before, own) != texts{"a"})
      CAF_ERROR("at " << length);
  }
  put(segment_name(2), next);
  CAF_CHECK_EQUAL(recover(machine, key)->mark.tip.seq, 3u);
  CAF_CHECK(*read_texts(machine, own) == (texts{"a", "b", "c"}));
}

CAF_TEST(two histories above the mark with one key are a fork and nobody chooses) {
  feed_tip tip;
  std::string mark;
  {
    auto writer = open_writer(machine, key).value();
    append_run(writer, {"a"});
    writer.settle().value();
    tip = writer.log().mark().tip;
    mark = content("durable");
    append_run(writer, {"b"});
  }
  put("durable", mark);
  put(segment_name(2), segment_of(tip, {"other"}));
  const auto before = machine.files.fingerprint();
  const auto found = recover(machine, key);
  CAF_REQUIRE(found.has_value());
  CAF_CHECK(!found->log);
  CAF_CHECK(found->damages.at(0).kind == damage_kind::forked);
  CAF_CHECK_EQUAL(machine.files.fingerprint(), before);
}

CAF_TEST(a disk that stays full refuses cleanly and goes on when there is room) {
  auto writer = open_writer(machine, key).value();
  append_run(writer, {"a"});
  writer.settle().value();
  machine.files.set_plan(
      fault_plan(fault_rule{{fault::kind::error, ENOSPC}, 1, {disk_operation::write, disk_operation::create}, true}));
  (void)writer.stage(sample_commit("refused")).value();
  const auto full = writer.flush();
  CAF_REQUIRE(full.has_error());
  CAF_CHECK(full.error().kind == failure_kind::failed);
  CAF_CHECK_EQUAL(full.error().system_errno, ENOSPC);
  CAF_CHECK(*read_texts(machine, own) == texts{"a"});
  machine.files.set_plan({});
  append_run(writer, {"b"});
  CAF_CHECK(*read_texts(machine, own) == (texts{"a", "b"}));
}

CAF_TEST(a disk whose syncs keep failing makes the writer read-only and the outcome unknown) {
  auto writer = open_writer(machine, key).value();
  append_run(writer, {"a"});
  writer.settle().value();
  machine.files.set_plan(fault_plan(fault_rule{{fault::kind::error, EIO}, 1, {disk_operation::sync}, true}));
  (void)writer.stage(sample_commit("b")).value();
  CAF_CHECK(writer.flush().error().kind == failure_kind::unknown_outcome);
  machine.files.set_plan({});
  (void)writer.stage(sample_commit("c")).value();
  CAF_CHECK_EQUAL(writer.flush().error().code, "feed-read-only");
  CAF_CHECK(*read_texts(machine, own) == texts{"a"});
}

CAF_TEST_FIXTURE_SCOPE_END()
