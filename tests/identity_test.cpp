#define CAF_SUITE identity_test

#include "muster/store/identity.hpp"

#include "tests/support/feed_samples.hpp"

#include "muster/store/crash_states.hpp"
#include "muster/store/full_io.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>

using namespace muster;
using namespace muster::test;

namespace {

constexpr std::uint64_t release = 1;

expected<identity> open_at(simulated_environment& machine, std::string_view path = "/data") {
  const auto data = open_directory(machine.files, no_handle, path);
  if (!data)
    return failure{failure_kind::failed, "test-data", "the directory cannot be opened"};
  return open_identity(machine.view(), data->get(), release);
}

instance_id id_at(simulated_environment& machine, std::string_view path = "/data") {
  return open_at(machine, path).value().record.id;
}

struct fixture {
  fixture() {
    make_feeds(machine);
    machine.self.machine_id = "0123456789abcdef0123456789abcdef";
  }

  /// Copies the identity into another directory, as `cp -r` does.
  void copy_to(std::string_view path) {
    machine.files.put_directory(path);
    for (const std::string name : {"/identity.key", "/instance.json"}) {
      const auto target = std::string(path) + name;
      machine.files.put_file(target, machine.files.file_content("/data" + name));
      machine.files.aside([&](disk& files) {
        open_how how;
        const auto file = files.open(no_handle, target, how).value();
        files.change_mode(file, 0600).value();
        files.close(file).value();
      });
    }
  }

  simulated_environment machine;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(identity_tests, fixture)

CAF_TEST(an identity is made once and stays) {
  const auto made = open_at(machine);
  CAF_REQUIRE(made.has_value());
  CAF_CHECK(made->done == identity_step::create);
  CAF_CHECK(made->record.id == instance_of(made->key.public_half()));
  CAF_CHECK(made->record.replaces.empty());
  machine.power_cycle({});
  const auto again = open_at(machine);
  CAF_REQUIRE(again.has_value());
  CAF_CHECK(again->done == identity_step::use);
  CAF_CHECK(again->record == made->record);
  const auto data = open_directory(machine.files, no_handle, "/data");
  CAF_CHECK_EQUAL(machine.files.status(data->get(), "identity.key", false)->mode, 0600u);
  CAF_CHECK_EQUAL(machine.files.status(data->get(), "instance.json", false)->mode, 0600u);
}

CAF_TEST(the key file holds a heading and the secret that signs) {
  const auto made = open_at(machine);
  const auto text = machine.files.file_content("/data/identity.key");
  CAF_CHECK_EQUAL(text.size(), 86u);
  CAF_CHECK_EQUAL(text.substr(0, 21), "muster private key 1\n");
  const signature_check check(made->record.key);
  CAF_CHECK(check("text", made->key.sign("text")));
  CAF_CHECK(!check("other", made->key.sign("text")));
}

CAF_TEST(a renamed directory keeps its identity) {
  const auto id = id_at(machine);
  machine.files.aside(
      [](disk& files) { files.rename(no_handle, "/data", no_handle, "/elsewhere", rename_mode::no_replace).value(); });
  CAF_CHECK(id_at(machine, "/elsewhere") == id);
}

CAF_TEST(a copied directory takes a new identity and knows the one it replaces [SY-05]) {
  const auto id = id_at(machine);
  copy_to("/copy");
  const auto copied = open_at(machine, "/copy");
  CAF_REQUIRE(copied.has_value());
  CAF_CHECK(copied->done == identity_step::replace);
  CAF_CHECK(copied->record.id != id);
  CAF_CHECK(copied->record.replaces == id);
  CAF_CHECK(id_at(machine) == id);
  const auto again = open_at(machine, "/copy");
  CAF_CHECK(again->done == identity_step::use);
  CAF_CHECK(again->record == copied->record);
}

CAF_TEST(the same disk in another machine takes a new identity [SY-05]) {
  const auto id = id_at(machine);
  machine.self.machine_id = "another";
  CAF_CHECK(open_at(machine)->record.replaces == id);
}

CAF_TEST(a key that was copied alone is not taken) {
  const auto id = id_at(machine);
  copy_to("/copy");
  machine.files.aside([](disk& files) { files.unlink(no_handle, "/copy/instance.json", unlink_kind::file).value(); });
  const auto copied = open_at(machine, "/copy");
  CAF_CHECK(copied->done == identity_step::replace);
  CAF_CHECK(copied->record.id != id);
}

CAF_TEST(a lost record with a feed there still tells what is replaced) {
  const auto made = open_at(machine);
  {
    auto writer = open_writer(machine, made->key);
    CAF_REQUIRE(writer.has_value());
  }
  machine.files.aside([](disk& files) { files.unlink(no_handle, "/data/instance.json", unlink_kind::file).value(); });
  CAF_CHECK(open_at(machine)->record.replaces == made->record.id);
}

CAF_TEST(every row of the decision holds) {
  const auto key = sample_key(1).public_half();
  const auto other = sample_key(2).public_half();
  const identity_binding here{"m", 7};
  const identity_record record{instance_of(key), key, 1, {}, here, {}};
  const auto decide = [&](std::optional<identity_record> r, std::optional<public_key> k, identity_binding b) {
    return decide_identity({std::move(r), k, std::move(b), false});
  };
  CAF_CHECK(decide({}, {}, here) == identity_step::create);
  CAF_CHECK(decide({}, key, here) == identity_step::replace);
  CAF_CHECK(decide(record, {}, here) == identity_step::replace);
  CAF_CHECK(decide(record, other, here) == identity_step::replace);
  CAF_CHECK(decide(record, key, {"m", 8}) == identity_step::replace);
  CAF_CHECK(decide(record, key, {"n", 7}) == identity_step::replace);
  CAF_CHECK(decide(record, key, here) == identity_step::use);
}

CAF_TEST(no byte of either file can be changed without a refusal or a new identity) {
  const auto made = open_at(machine);
  std::size_t wrong = 0;
  std::size_t cases = 0;
  for (const std::string name : {"/data/identity.key", "/data/instance.json"}) {
    const auto bytes = machine.files.file_content(name);
    for (std::size_t i = 0; i != bytes.size(); ++i) {
      auto altered = bytes;
      altered[i] = static_cast<char>(altered[i] ^ (1 << i % 8));
      for (const auto& content : {altered, bytes.substr(0, i)}) {
        ++cases;
        simulated_environment changed(machine);
        changed.files.put_file(name, content);
        const auto found = open_at(changed);
        const bool harmless = found && found->done == identity_step::use && found->record.id == made->record.id;
        // When it was made is told to people and decides nothing.
        wrong += harmless && found->record.created == made->record.created;
        const bool refused = !found && (found.error().kind == failure_kind::damaged ||
                                        found.error().kind == failure_kind::release_mismatch);
        wrong += !found && !refused;
      }
    }
  }
  CAF_CHECK_EQUAL(wrong, 0u);
  std::printf("lane identity_test: %zu changed bytes\n", cases);
}

CAF_TEST(a record of another release is refused with both numbers) {
  (void)open_at(machine);
  const auto data = open_directory(machine.files, no_handle, "/data");
  const auto before = machine.files.fingerprint();
  const auto found = open_identity(machine.view(), data->get(), 2);
  CAF_CHECK(found.error().kind == failure_kind::release_mismatch);
  CAF_CHECK(found.error().message.find("release 1") != std::string::npos);
  CAF_CHECK_EQUAL(machine.files.fingerprint(), before);
}

CAF_TEST(a key that others can read is refused) {
  (void)open_at(machine);
  machine.files.put_file("/data/identity.key", machine.files.file_content("/data/identity.key"));
  machine.files.aside([](disk& files) {
    const auto file = files.open(no_handle, "/data/identity.key", {}).value();
    files.change_mode(file, 0640).value();
    files.close(file).value();
  });
  CAF_CHECK_EQUAL(open_at(machine).error().code, "key-permissions");
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

struct counts {
  std::size_t faults = 0;
  std::size_t states = 0;
  std::size_t wrong = 0;
};

/// Opens with each mutating call failing in turn, then after each crash state:
/// whole, and the very one that was handed out if one was.
void fail_each_call(const simulated_environment& start, const instance_id& replaces, const fault& what, counts& seen) {
  for (std::uint64_t nth = 1;; ++nth) {
    simulated_environment machine(start);
    machine.files.set_plan(fault_plan(fault_rule{what, nth, mutating_operations, false}));
    instance_id handed_out;
    try {
      if (const auto made = open_at(machine))
        handed_out = made->record.id;
    } catch (const process_killed&) {
    }
    if (machine.files.plan().fired() == 0)
      return;
    ++seen.faults;
    crash_states states(machine.files.pending(), 100, 7);
    for (crash_choice choice; states.next(choice);) {
      ++seen.states;
      simulated_environment crashed(machine);
      crashed.files.set_plan({});
      crashed.power_cycle(choice);
      const auto found = open_at(crashed);
      if (!found || found->record.replaces != replaces) {
        ++seen.wrong;
        continue;
      }
      seen.wrong += !handed_out.empty() && found->record.id != handed_out;
      const auto again = open_at(crashed);
      seen.wrong += !again || again->done != identity_step::use || again->record != found->record;
    }
  }
}

} // namespace

CAF_TEST(a crash or failure at any call leaves no identity or a whole one [SY-03]) {
  simulated_environment empty;
  make_feeds(empty);
  simulated_environment moved(empty);
  const auto before = id_at(moved);
  moved.self.machine_id = "another";
  sync_everything(moved);
  counts seen;
  for (const fault& what : {fault{fault::kind::kill_before}, fault{fault::kind::kill_after},
                            fault{fault::kind::error, EIO}, fault{fault::kind::error_but_done, EIO},
                            fault{fault::kind::short_transfer}, fault{fault::kind::sync_loses_data, EIO}}) {
    fail_each_call(empty, {}, what, seen);
    fail_each_call(moved, before, what, seen);
  }
  CAF_CHECK_EQUAL(seen.wrong, 0u);
  std::printf("lane identity_test: %zu faults, %zu crash states\n", seen.faults, seen.states);
}
