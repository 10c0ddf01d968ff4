#define CAF_SUITE relay_mail_sim

#include "tests/support/mesh_facts.hpp"

#include "muster/store/splitmix.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <map>
#include <set>

/// Mail while agents change their namespaces, go and come back, processes end and
/// the relay does what it likes. Everything is drawn from the seed.
namespace muster::test {

namespace {

using namespace std::chrono_literals;

struct relay_moods {
  splitmix chance{1};
  bool obliging = true;
};

/// Before a relay with files: refuses, says nothing, does it and says that it
/// failed.
struct moody_relay_state {
  static inline const char* name = "test.moody";
  relay_actor::pointer self;
  std::shared_ptr<relay_actor> behind;
  std::shared_ptr<relay_moods> moods;
  std::vector<caf::response_promise> unanswered = {};

  moody_relay_state(relay_actor::pointer me, std::shared_ptr<relay_actor> real, std::shared_ptr<relay_moods> with)
      : self(me), behind(std::move(real)), moods(std::move(with)) {}

  template <class Answer, class Message>
  caf::result<Answer> pass_on(const Message& message) {
    const auto mood = moods->obliging ? 11 : moods->chance.below(12);
    const auto says_no = [] {
      return to_error({failure_kind::failed, "relay-moody", "the relay says that it failed"});
    };
    if (mood == 0)
      return says_no();
    if (mood == 1) {
      unanswered.push_back(self->make_response_promise());
      return unanswered.back();
    }
    auto promise = self->template make_response_promise<Answer>();
    self->request(*behind, 60s, message)
        .then(
            [promise, mood, says_no](const Answer& answer) mutable {
              if (mood == 2)
                promise.deliver(says_no());
              else
                promise.deliver(answer);
            },
            [promise](const caf::error& why) mutable { promise.deliver(why); });
    return promise;
  }

  relay_actor::behavior_type make_behavior() {
    ignore_stray_errors(self);
    return {
        [this](const relay_put_endpoint& m) { return pass_on<relay_done>(m); },
        [this](const relay_drop_endpoint& m) { return pass_on<relay_done>(m); },
        [this](const relay_put_rule& m) { return pass_on<relay_done>(m); },
        [this](const relay_drop_rule& m) { return pass_on<relay_done>(m); },
        [this](const relay_list& m) { return pass_on<relay_listed>(m); },
        [this](const relay_send& m) { return pass_on<relay_sent>(m); },
        [this](const relay_read_inbox& m) { return pass_on<relay_inbox>(m); },
        [this](const relay_ack& m) { return pass_on<relay_acked>(m); },
        [this](const relay_list_dead& m) { return pass_on<relay_dead>(m); },
        [this](const relay_count_mail& m) { return pass_on<relay_mail_counted>(m); },
        [this](const relay_subscribe& m) { return pass_on<relay_done>(m); },
    };
  }
};

enum class fate : std::uint8_t { taken, refused, unknown, acknowledged };

struct sent_message {
  std::size_t to = 0;
  fate what = fate::unknown;
};

struct simulated_agent {
  agent_id id;
  std::string path;
  std::string space; ///< empty: nobody knows
  bool here = true;
  bool was_gone = false; ///< its mail may be dead
};

class mail_simulation : public mesh_world {
public:
  mail_simulation(std::uint64_t seed, bool own_relay) : chance_(seed), own_relay_(own_relay) {
    options.relay = relay_actor{};
    if (own_relay)
      start_relay();
    start();
    for (int i = 0; i < 5; ++i) {
      const auto name = "agent-" + std::to_string(i);
      auto asked = registration(project(name), name);
      asked.namespace_name = space();
      if (auto placed = ask_for<agent_placed>(asked))
        agents_.push_back({placed->agent, placed->path, placed->namespace_name});
    }
    wrong_ += agents_.size() != 5;
    moods_->chance = splitmix{seed};
  }
  ~mail_simulation() override {
    kill();
    if (*behind_)
      caf::anon_send_exit(*behind_, caf::exit_reason::kill);
    sched.run();
  }

  void run(int steps) {
    moods_->obliging = false;
    for (int i = 0; i < steps; ++i)
      step();
    moods_->obliging = true;
    machine.files.set_plan({});
    begin_life(false);
    for (int i = 0; i < 3; ++i)
      (void)ask_for<sweep_report>(sweep_now{});
    judge();
  }

  [[nodiscard]] std::size_t wrong() const noexcept { return wrong_; }
  [[nodiscard]] std::size_t messages() const noexcept { return sent_.size(); }
  [[nodiscard]] std::size_t kept() const noexcept { return kept_; }

private:
  std::size_t draw(std::size_t below) { return static_cast<std::size_t>(chance_.below(below)); }
  std::string space() { return std::string(1, static_cast<char>('x' + draw(3))); }

  /// Those that hands have made.
  void save_directories() {
    machine.files.aside([](disk& files) {
      for (const auto* each : {"/", "/home"}) {
        const auto at = files.open(no_handle, each, {.directory = true});
        (void)files.sync(*at);
        (void)files.close(*at);
      }
    });
  }

  void start_relay() {
    if (*behind_) {
      caf::anon_send_exit(*behind_, caf::exit_reason::kill);
      sched.run();
    }
    if (!machine.files.exists("/home/mail"))
      machine.files.put_directory("/home/mail");
    save_directories();
    *behind_ = keep(relay_actor{sys.spawn<muster::relay>(machine.view(), "/home/mail", relay_options{})});
    if (!options.relay)
      options.relay = keep(relay_actor{sys.spawn<relay_actor::stateful_impl<moody_relay_state>>(behind_, moods_)});
  }

  /// The process ends, or the power goes with what was not saved.
  void begin_life(bool power) {
    kill();
    machine.files.set_plan({});
    save_directories();
    if (power) {
      crash_choice choice;
      for (std::size_t i = machine.files.pending().size(); i > 0; --i)
        choice.push_back({draw(2) ? effect_fate::kind::kept : effect_fate::kind::lost});
      machine.power_cycle(choice);
    } else
      machine.restart_process();
    if (own_relay_)
      start_relay();
    start();
    // Epochs of one relay grow, as `runtime` sees to.
    options.front.first_life.value += 100;
  }

  void step() {
    auto& agent = agents_[draw(agents_.size())];
    switch (draw(16)) {
      case 0: change_namespace(agent); break;
      case 1: go_away_and_back(agent); break;
      case 2: begin_life(draw(2) == 0); break;
      case 3: end_within(); break;
      case 4: (void)ask_for<sweep_report>(sweep_now{}); break;
      case 5:
        if (own_relay_)
          start_relay();
        break;
      case 6: leave(agent); break;
      case 7:
      case 8:
      case 9: read(draw(agents_.size())); break;
      default: send(); break;
    }
  }

  /// One of the next calls to the disk is the last one of this process.
  void end_within() {
    machine.files.set_plan(
        fault_plan{fault_rule{{draw(2) ? fault::kind::kill_before : fault::kind::kill_after}, 1 + draw(30)}});
    for (int i = 0; i < 3; ++i)
      draw(3) ? send() : read(draw(agents_.size()));
    if (draw(2))
      change_namespace(agents_[draw(agents_.size())]);
    begin_life(draw(2) == 0);
  }

  void change_namespace(simulated_agent& agent) {
    if (!agent.here)
      return;
    const auto to = space();
    const auto done = updated(agent.id, {{"namespace", quoted(to)}});
    agent.space = done ? to : std::string{};
  }

  void go_away_and_back(simulated_agent& agent) {
    if (!agent.here)
      return;
    rename(agent.path, agent.path + "-away");
    (void)ask_for<sweep_report>(sweep_now{});
    send();
    rename(agent.path + "-away", agent.path);
    (void)ask_for<sweep_report>(sweep_now{});
  }

  /// Unregistered for good.
  void leave(simulated_agent& agent) {
    const auto here = std::ranges::count_if(agents_, [](const auto& each) { return each.here; });
    if (!agent.here || here <= 3 || draw(3) != 0)
      return;
    agent.was_gone = true;
    (void)removed(agent.id.text);
    agent.here = false;
  }

  void send() {
    const auto from = draw(agents_.size() + 2);
    const auto to = draw(agents_.size());
    const auto token = "m" + std::to_string(sent_.size());
    send_message asked;
    if (from < agents_.size())
      asked.from.exact = agents_[from].id;
    asked.to = agents_[to].id.text;
    asked.payload = quoted(token);
    if (draw(2))
      asked.request = request_id{token};
    auto how = ask_for<message_sent>(asked);
    const bool unknown = !how && how.error().kind == failure_kind::unknown_outcome;
    if (unknown && !asked.request.empty() && draw(2))
      how = ask_for<message_sent>(asked);
    auto& noted = sent_[token];
    noted.to = to;
    if (how)
      noted.what = fate::taken;
    // A relay of a host's may say that it failed when it has not.
    else if (!unknown && how.error().code != "relay-moody")
      noted.what = fate::refused;
    if (how && from < agents_.size() && !agents_[from].space.empty() && !agents_[to].space.empty() &&
        agents_[from].space != agents_[to].space)
      fail(token + " has passed a rule that denies it");
  }

  void read(std::size_t whose) {
    if (!agents_[whose].here)
      return;
    const auto found = ask_for<mail_read>(read_mail{{{}, agents_[whose].id}, {}, 100});
    if (!found)
      return;
    std::vector<message_id> ids;
    std::vector<std::string> tokens;
    for (const auto& each : found->messages) {
      const auto token = token_of(each);
      check_told(token, whose);
      if (draw(2)) {
        ids.push_back(each.id);
        tokens.push_back(token);
      }
    }
    if (ids.empty())
      return;
    const auto done = ask_for<mail_acknowledged>(acknowledge_mail{{{}, agents_[whose].id}, ids});
    for (const auto& each : tokens)
      sent_[each].what = done ? fate::acknowledged : fate::unknown;
  }

  static std::string token_of(const mail_item& what) { return what.payload.substr(1, what.payload.size() - 2); }

  void check_told(const std::string& token, std::size_t whose) {
    const auto known = sent_.find(token);
    if (known == sent_.end())
      return fail(token + " was sent by nobody");
    if (known->second.what == fate::acknowledged)
      fail(token + " was told after it was acknowledged");
    if (known->second.what == fate::refused)
      fail(token + " was refused and told");
    if (known->second.to != whose)
      fail(token + " was told to somebody else");
  }

  void judge() {
    std::map<std::string, int> told;
    for (std::size_t i = 0; i < agents_.size(); ++i) {
      if (!agents_[i].here)
        continue;
      for (int tries = 0; tries < 50; ++tries)
        if (const auto found = ask_for<mail_read>(read_mail{{{}, agents_[i].id}, {}, 100})) {
          for (const auto& each : found->messages) {
            check_told(token_of(each), i);
            ++told[token_of(each)];
          }
          break;
        }
    }
    for (int tries = 0; tries < 50; ++tries)
      if (const auto dead = ask_for<dead_letters_listed>(list_dead_letters{100})) {
        for (const auto& each : dead->letters)
          if (agents_[sent_[token_of(each.message)].to].was_gone)
            ++told[token_of(each.message)];
        break;
      }
    for (const auto& [token, what] : sent_) {
      if (what.what == fate::taken && !agents_[what.to].was_gone && told[token] != 1)
        fail(token + " was taken and told " + std::to_string(told[token]) + " times");
      kept_ += what.what == fate::taken;
    }
  }

  void fail(const std::string& what) {
    ++wrong_;
    std::printf("  %s\n", what.c_str());
  }

  splitmix chance_;
  bool own_relay_;
  std::shared_ptr<relay_actor> behind_ = std::make_shared<relay_actor>();
  std::shared_ptr<relay_moods> moods_ = std::make_shared<relay_moods>();
  std::vector<simulated_agent> agents_;
  std::map<std::string, sent_message> sent_;
  std::size_t wrong_ = 0;
  std::size_t kept_ = 0;
};

void run_seeds(std::uint64_t seeds, bool own_relay) {
  std::size_t wrong = 0;
  std::size_t messages = 0;
  std::size_t kept = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    mail_simulation world{seed, own_relay};
    world.run(60);
    if (world.wrong() > 0)
      std::printf("seed %llu%s: %zu wrong\n", static_cast<unsigned long long>(seed), own_relay ? ", own relay" : "",
                  world.wrong());
    wrong += world.wrong();
    messages += world.messages();
    kept += world.kept();
  }
  std::printf("lane relay_mail_sim: seeds 1 to %llu%s, %zu messages, %zu kept to the end\n",
              static_cast<unsigned long long>(seeds), own_relay ? " with a moody relay" : "", messages, kept);
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK(kept > 0);
}

} // namespace

CAF_TEST(mail through changes of namespaces and removals and crashes is neither lost nor told again) {
  run_seeds(40, false);
}

CAF_TEST(the same with a relay that refuses and is silent and does half and forgets) {
  run_seeds(40, true);
}

} // namespace muster::test
