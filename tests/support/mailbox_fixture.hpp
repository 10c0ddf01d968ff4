#pragma once

#include "muster/store/mail_store.hpp"
#include "muster/store/simulated_environment.hpp"
#include "muster/store/ulid.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

/// Mailboxes on a simulated disk, for the suites about them.
namespace muster::test {

using namespace std::chrono_literals;

inline const std::string box_a = "relay.agent.x.a";
inline const std::string moved_a = "relay.agent.y.a";
inline const agent_id agent_a{"a"};

struct mailbox_fixture {
  explicit mailbox_fixture(const volume_options& disk = {}) : world(1, disk) {
    world.files.put_directory("/data");
    start();
  }

  void start(const mail_store_options& options = {}) { all.emplace(world.view(), "/data", options); }

  mail_item letter(const std::string& text) {
    mail_item result;
    result.id = message_id{ids.next()};
    result.subject = box_a;
    result.agent = agent_a;
    result.from = "relay.agent.x.b";
    result.payload = "\"" + text + "\"";
    result.sent = world.clock.wall();
    result.expires = result.sent + 1h;
    return result;
  }

  mail_item request(const std::string& text, const std::string& id) {
    auto result = letter(text);
    result.request = request_id{id};
    return result;
  }
  static std::string key_of(const std::string& id) { return request_key("relay.agent.x.b", request_id{id}); }

  mailbox& open(const std::string& subject = box_a) {
    auto box = all->open(subject, agent_a);
    CAF_REQUIRE(box.has_value());
    return **box;
  }

  message_id send(const mail_item& what, const std::string& subject = box_a) {
    (void)open(subject);
    (void)all->send(subject, what);
    const auto done = all->flush();
    CAF_REQUIRE(done.sends.size() == 1 && done.sends.front().has_value());
    return what.id;
  }
  message_id send(const std::string& text) { return send(letter(text)); }

  std::size_t ack(const message_id& id, const std::string& subject = box_a) {
    (void)open(subject);
    (void)all->acknowledge(subject, {id});
    const auto done = all->flush();
    CAF_REQUIRE(done.acks.size() == 1 && done.acks.front().has_value());
    return *done.acks.front();
  }

  /// All that there is gets onto the disk.
  void save_all() {
    world.files.aside([](disk& files) {
      const auto root = files.open(no_handle, "/", {.directory = true});
      CAF_REQUIRE(root && files.sync_filesystem(*root) && files.close(*root));
    });
  }
  /// The next sync fails, and the disk keeps what it has while the system believes otherwise.
  void lose_next_sync() {
    world.files.set_plan(fault_plan{fault_rule{{fault::kind::sync_loses_data, EIO}, 1, {disk_operation::sync}}});
  }

  std::string path(const std::string& rest) { return "/data/relay/" + box_a + "/" + rest; }

  simulated_environment world;
  ulid_generator ids{world.clock, world.random};
  std::optional<mail_store> all;
};

} // namespace muster::test
