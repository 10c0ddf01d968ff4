// A host that supplies its own relay. This one stands before another and writes
// down who said something to whom; any actor with the interface will do, be it
// over a message bus, if it keeps to docs/relay.md.
//
//   own_relay DATA MAIL PROJECT PROJECT     absolute paths

#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>

#include <muster/actors/relay.hpp>
#include <muster/messages/actor_failure.hpp>
#include <muster/store/real_environment.hpp>
#include <muster/supervisor/runtime.hpp>

namespace {

using namespace std::chrono_literals;

class writing_relay {
public:
  writing_relay(muster::relay_actor::pointer self, muster::relay_actor behind)
      : self_(self), behind_(std::move(behind)) {}

  muster::relay_actor::behavior_type make_behavior() {
    return {
        [this](muster::relay_put_endpoint& m) { return self_->delegate(behind_, std::move(m)); },
        [this](muster::relay_drop_endpoint& m) { return self_->delegate(behind_, std::move(m)); },
        [this](muster::relay_put_rule& m) { return self_->delegate(behind_, std::move(m)); },
        [this](muster::relay_drop_rule& m) { return self_->delegate(behind_, std::move(m)); },
        [this](muster::relay_list& m) { return self_->delegate(behind_, m); },
        [this](muster::relay_send& m) {
          std::cout << "carries " << m.payload << " from " << m.from << "\n";
          return self_->delegate(behind_, std::move(m));
        },
        [this](muster::relay_read_inbox& m) { return self_->delegate(behind_, std::move(m)); },
        [this](muster::relay_ack& m) { return self_->delegate(behind_, std::move(m)); },
        [this](muster::relay_list_dead& m) { return self_->delegate(behind_, m); },
        [this](muster::relay_count_mail& m) { return self_->delegate(behind_, m); },
        [this](muster::relay_subscribe& m) { return self_->delegate(behind_, std::move(m)); },
    };
  }

private:
  muster::relay_actor::pointer self_;
  muster::relay_actor behind_;
};

// Asks and waits; an example ends with the first thing that goes wrong.
template <class Answer, class Handle, class Request>
Answer ask(caf::scoped_actor& self, const Handle& whom, Request request) {
  Answer result;
  self->request(whom, 10s, std::move(request))
      .receive([&result](Answer& answer) { result = std::move(answer); },
               [](const caf::error& error) {
                 std::cerr << muster::to_failure(error, "ask").message << '\n';
                 std::exit(1);
               });
  return result;
}

std::string register_one(caf::scoped_actor& self, const muster::muster_actor& muster, const std::string& path) {
  muster::register_agent request;
  request.path = path;
  request.name = path.substr(path.rfind('/') + 1);
  request.namespace_name = "example";
  return ask<muster::agent_placed>(self, muster, std::move(request)).agent.text;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: own_relay DATA MAIL PROJECT PROJECT\n";
    return 2;
  }
  muster::register_message_types();
  muster::real_environment machine;
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::filesystem::create_directories(argv[2]);
  // It blocks while it is at its files, so it has a thread of its own.
  const muster::relay_actor behind = muster::spawn_io<muster::relay>(system, muster::io_threads::own, machine.view(),
                                                                     std::string{argv[2]}, muster::relay_options{});

  muster::runtime_options options;
  options.data_directory = argv[1];
  options.relay = system.spawn<muster::relay_actor::stateful_impl<writing_relay>>(behind);
  auto runtime = muster::runtime::start(system, machine.view(), options);
  if (!runtime) {
    std::cerr << runtime.error().message << '\n';
    return muster::exit_code(runtime.error().kind);
  }
  int result = 0;
  {
    caf::scoped_actor self{system};
    const auto& muster = runtime->handle();
    const auto first = register_one(self, muster, argv[3]);
    const auto second = register_one(self, muster, argv[4]);

    // What the host hands to its first agent: it cannot speak for anybody else.
    const auto port = ask<muster::mail_port_opened>(self, muster, muster::open_mail_port{first}).port;
    muster::send_message letter;
    letter.to = second;
    letter.payload = "\"good morning\"";
    const auto sent = ask<muster::message_sent>(self, port, std::move(letter));

    muster::read_mail inbox;
    inbox.whose.selector = second;
    for (const auto& each : ask<muster::mail_read>(self, muster, std::move(inbox)).messages) {
      std::cout << "read " << each.payload << " from " << each.from << '\n';
      muster::acknowledge_mail done;
      done.whose.selector = second;
      done.messages = {each.id};
      std::cout << "acknowledged " << ask<muster::mail_acknowledged>(self, muster, std::move(done)).gone << '\n';
    }
    result = sent.delivered ? 0 : 1;
  }
  const auto stopped = runtime->stop();
  muster::ask_to_end(options.relay);
  muster::ask_to_end(behind);
  return stopped ? result : muster::exit_code(stopped.error().kind);
}
