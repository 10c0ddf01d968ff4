#include "tests/support/feed_samples.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/feed_reader.hpp"
#include "muster/store/full_io.hpp"

#include <array>

namespace muster::test {

signing_key sample_key(unsigned char fill) {
  std::array<std::byte, 32> secret{};
  secret.fill(static_cast<std::byte>(fill));
  return signing_key(secret);
}

instance_id sample_instance(unsigned char fill) {
  return instance_of(sample_key(fill).public_half());
}

commit sample_commit(const std::string& text) {
  std::string value;
  append_quoted(value, text);
  commit result;
  result.saga = "01J9Z8Y7X6W5V4T3S2R1Q0P9N8";
  result.ops.push_back(agent_put{agent_id("01J9Z8Y7X6W5V4T3S2R1Q0P9N7"), {{"name", value, {}}}, false});
  return result;
}

std::string text_of(const commit& what) {
  const auto& edit = std::get<agent_put>(what.ops.at(0)).fields.at(0);
  return edit.value->substr(1, edit.value->size() - 2);
}

std::vector<op> every_op(const instance_id& own, const instance_id& other) {
  const agent_id agent("01J9Z8Y7X6W5V4T3S2R1Q0P9N7");
  const saw_vector saw{{std::min(own, other), 7}, {std::max(own, other), 9'007'199'254'740'991}};
  return {agent_put{agent,
                    {{"", std::nullopt, saw},
                     {"budget", R"({"maxCallsPerHour":100,"x":[1.5,-2,1e+30,{"\n":null},true]})", {}},
                     {"näme", R"("a \"quoted\" \u0001 \\ text")", saw}},
                    true},
          agent_drop{agent, saw},
          agent_drop{agent, {}},
          place_put{agent, own, "/home/me/p", "/home/me", "work", false},
          place_put{agent, other, "/nicht/utf8/\xff\x01", "", "", true},
          place_drop{agent, own},
          place_drop{agent, other},
          rule_put{"a", "b", rule_action::allow, saw},
          rule_put{"a", "*", rule_action::deny, {}},
          rule_drop{"a", "b", saw},
          deny_put{own, "/tmp/\x01x", "not mine", "me", "scan"},
          deny_put{other, "/x", "", "", ""},
          deny_drop{own, "/x"},
          resolve{field_key{agent, "name"}, {other, 3}, "\"n\"", "human", saw},
          resolve{field_key{agent, ""}, {other, 3}, std::nullopt, "auto:newest", {}},
          resolve{rule_key{"a", "b"}, {own, 3}, "deny", "human", saw},
          resolve{rule_key{"a", "b"}, {own, 3}, std::nullopt, "human", {}},
          peer_retire{other}};
}

void make_feeds(simulated_environment& machine) {
  machine.files.put_directory("/data");
  machine.files.put_directory(feeds_path);
  sync_everything(machine);
}

void sync_everything(simulated_environment& machine) {
  machine.files.aside([](disk& files) {
    const auto root = open_directory(files, no_handle, "/");
    files.sync_filesystem(root.value().get()).value();
  });
}

open_file open_feeds(simulated_environment& machine) {
  return open_directory(machine.files, no_handle, feeds_path).value();
}

std::string feed_file(const instance_id& instance, std::string_view name) {
  return std::string(feeds_path).append("/").append(instance.text).append("/").append(name);
}

expected<recovered_feed> recover(simulated_environment& machine, const signing_key& key,
                                 const recovery_options& options) {
  const auto feeds = open_directory(machine.files, no_handle, feeds_path);
  if (!feeds)
    return failure{failure_kind::failed, "test-feeds", "the feeds cannot be opened"};
  return recover_feed(machine.view(), feeds->get(), instance_of(key.public_half()), key.public_half(), options);
}

expected<feed_writer> open_writer(simulated_environment& machine, const signing_key& key,
                                  const recovery_options& options) {
  auto feed = recover(machine, key, options);
  if (!feed)
    return feed.error();
  if (!feed->log)
    return damaged_feed(feed->damages.front(), "feeds");
  const hlc clock(feed->mark.at);
  return feed_writer(machine.view(), std::move(*feed->log), key, clock);
}

void append_run(feed_writer& writer, const std::vector<std::string>& texts) {
  for (const auto& text : texts)
    (void)writer.stage(sample_commit(text)).value();
  writer.flush().value();
}

expected<std::vector<std::string>> read_texts(simulated_environment& machine, const instance_id& instance) {
  const auto feeds = open_directory(machine.files, no_handle, feeds_path);
  if (!feeds)
    return failure{failure_kind::failed, "test-feeds", "the feeds cannot be opened"};
  auto reader = feed_reader::open(machine.view(), feeds->get(), instance);
  if (!reader)
    return reader.error();
  std::vector<std::string> texts;
  for (;;) {
    auto entry = reader->next();
    if (!entry)
      return entry.error();
    if (!*entry)
      return texts;
    texts.push_back(text_of((*entry)->what));
  }
}

} // namespace muster::test
