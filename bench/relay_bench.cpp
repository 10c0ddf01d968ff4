// Mail through the embedded relay, from the request to the answer that it is
// durable, one message at a time and with 64 in flight, beside the bare calls of
// one message and of 64 that share two syncs; and a check of 10,000 rules.
// Lines: name, ours, bare, ratio, limit.

#include "bench/figure.hpp"

#include "muster/actors/relay.hpp"
#include "muster/messages/access_messages.hpp"
#include "muster/messages/actor_failure.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/real_environment.hpp"

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace muster::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t messages = 400;
constexpr std::size_t at_once = 64;
constexpr std::size_t rounds = 20;
const std::string sender = "relay.agent.x.sender";

struct config : caf::actor_system_config {
  config() { register_message_types(); }
};

class post {
public:
  explicit post(const std::string& home) : system_(config_), self_(system_) {
    relay_options options;
    options.post.delivery.rates = {{"", 1'000'000}};
    options.post.store.box.messages = 100'000;
    relay_ = spawn_io<relay>(system_, io_threads::own, machine_.view(), home, options);
    ask<relay_done>(relay_put_rule{next(), "relay.agent.x.*", "relay.agent.x.*", rule_action::allow, 100});
    ask<relay_done>(relay_put_endpoint{next(), receiver(), "x", agent_id{"receiver"}, true});
    send_all(1);
  }
  ~post() { ask_to_end(relay_); }

  static std::string receiver() { return "relay.agent.x.receiver"; }

  static relay_send letter() {
    relay_send result;
    result.from = sender;
    result.to = receiver();
    result.payload = "\"" + std::string(400, 'm') + "\"";
    result.budget.calls_per_hour = 10'000'000;
    return result;
  }

  void send_all(std::size_t count) {
    std::size_t open = count;
    for (std::size_t i = 0; i < count; ++i)
      self_->send(caf::actor_cast<caf::actor>(relay_), letter());
    while (open > 0)
      self_->receive([&](const relay_sent&) { --open; },
                     [](const caf::error& why) { stop(to_failure(why, {}).message); });
  }

private:
  statement_version next() { return {epoch{1}, ++n_}; }
  template <class Answer, class Request>
  void ask(Request request) {
    self_->request(relay_, 10s, std::move(request))
        .receive([](const Answer&) {}, [](const caf::error& why) { stop(to_failure(why, {}).message); });
  }

  real_environment machine_;
  config config_;
  caf::actor_system system_;
  caf::scoped_actor self_;
  relay_actor relay_;
  std::uint64_t n_ = 0;
};

/// What a message costs whoever makes it durable: a file, its sync, its name, the
/// sync of the directory that has it.
class bare_calls {
public:
  explicit bare_calls(const std::string& home) : files_(machine_.view().files) {
    std::filesystem::create_directories(home + "/tmp");
    std::filesystem::create_directories(home + "/new");
    home_ = open_directory(files_, no_handle, home).value();
    new_ = open_directory(files_, home_.get(), "new").value();
    mail_item what;
    what.id = message_id{"01ARZ3NDEKTSV4RRFFQ69G5FAV"};
    what.agent = agent_id{"receiver"};
    what.subject = post::receiver();
    what.from = sender;
    what.payload = post::letter().payload;
    bytes_ = encode_mail(what);
  }

  void send_one() {
    const auto name = std::to_string(++n_);
    write_new_file(files_, home_.get(), "tmp/" + name, bytes_).value();
    files_.rename(home_.get(), "tmp/" + name, home_.get(), "new/" + name, rename_mode::no_replace).value();
    sync_full(files_, new_.get()).value();
  }

  void send_together(std::size_t count) {
    const auto first = n_ + 1;
    for (std::size_t i = 0; i < count; ++i) {
      auto file = create_new(files_, home_.get(), "tmp/" + std::to_string(++n_)).value();
      write_full(files_, file.get(), 0, bytes_).value();
      file.close().value();
    }
    files_.sync_filesystem(home_.get()).value();
    for (auto each = first; each <= n_; ++each) {
      const auto name = std::to_string(each);
      files_.rename(home_.get(), "tmp/" + name, home_.get(), "new/" + name, rename_mode::no_replace).value();
    }
    sync_full(files_, new_.get()).value();
  }

private:
  real_environment machine_;
  disk& files_;
  open_file home_;
  open_file new_;
  std::string bytes_;
  std::uint64_t n_ = 0;
};

void time_mail() {
  const place where;
  std::filesystem::create_directory(where.path() + "/home");
  post ours(where.path() + "/home");
  bare_calls bare(where.path() + "/bare");
  // In turns, since a disk has its moods.
  std::vector<double> one;
  std::vector<double> by_hand;
  for (std::size_t i = 0; i < messages; ++i) {
    one.push_back(timed([&] { ours.send_all(1); }));
    by_hand.push_back(timed([&] { bare.send_one(); }));
  }
  print("send to ack durable, one at a time", median(one), median(by_hand), "us", "<= 1.5");
  std::vector<double> many;
  std::vector<double> many_by_hand;
  for (std::size_t i = 0; i < rounds; ++i) {
    many.push_back(timed([&] { ours.send_all(at_once); }) / at_once);
    many_by_hand.push_back(timed([&] { bare.send_together(at_once); }) / at_once);
  }
  print("each of 64 in flight", median(many), median(many_by_hand), "us", "<= 1.5");
  print("messages with 64 in flight beside one at a time", 1e6 / median(many), 1e6 / median(one), "1/s", ">= 10");
}

void time_rules() {
  constexpr std::size_t rules = 10'000;
  constexpr std::size_t checks = 200'000;
  relay_rules all;
  std::vector<std::string> subjects;
  for (std::size_t i = 0; i < rules / 2; ++i) {
    const auto of = "relay.agent.team-" + std::to_string(i) + ".*";
    (void)all.put({of, "relay.agent.>", rule_weight::everybody_else, rule_action::deny});
    (void)all.put({of, of, rule_weight::own_namespace, rule_action::allow});
    subjects.push_back("relay.agent.team-" + std::to_string(i) + ".01J9Z8Y7X6W5V4T3S2R1Q0P9N7");
  }
  (void)all.put({"relay.agent.>", "relay.agent.>", rule_weight::by_hand, rule_action::deny});
  std::size_t allowed = 0;
  const auto took = cpu([&] {
    for (std::size_t i = 0; i < checks; ++i)
      allowed += all.verdict(subjects[i % subjects.size()], subjects[(i * 7) % subjects.size()]).allowed;
  });
  if (allowed == 0 || allowed == checks)
    stop("the rules decide nothing");
  std::printf("check of a message with %zu rules (us), %.3f, 2, %.3f, <= 1\n", all.size(), took / checks,
              took / checks / 2);
}

} // namespace

} // namespace muster::bench

int main() {
  muster::bench::time_rules();
  muster::bench::time_mail();
}
