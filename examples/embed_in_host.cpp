// A host with an actor system of its own and a muster in it. One actor of the
// host registers directories, lists the roster, and listens: it follows the
// feed, so that it hears of every change exactly once, whoever made it.
//
//   embed_in_host DATA PROJECT...     absolute paths

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <muster/messages/actor_failure.hpp>
#include <muster/store/real_environment.hpp>
#include <muster/supervisor/runtime.hpp>

// The host's own messages; the ids up to muster's block are the host's.
CAF_BEGIN_TYPE_ID_BLOCK(host, caf::first_custom_type_id)
CAF_ADD_ATOM(host, listen_atom)
CAF_END_TYPE_ID_BLOCK(host)

namespace {

using namespace std::chrono_literals;

class roster_keeper {
public:
  roster_keeper(caf::event_based_actor* self, muster::muster_actor muster, std::vector<std::string> projects)
      : self_(self), muster_(std::move(muster)), waiting_for_(projects.size()), projects_(std::move(projects)) {}

  caf::behavior make_behavior() {
    ask(muster::describe_runtime{}, [this](const muster::runtime_described& now) {
      feed_ = now.feeds.own;
      for (const auto& path : projects_)
        register_one(path);
      self_->send(self_, listen_atom_v);
    });
    return {[this](listen_atom) { listen(); }};
  }

private:
  // Every request ends in an answer or an error, within a time that we choose.
  template <class Request, class OnAnswer>
  void ask(Request request, OnAnswer on_answer) {
    self_->request(muster_, 10s, std::move(request)).then(std::move(on_answer), [this](const caf::error& error) {
      std::cerr << "refused: " << muster::to_failure(error, "ask").message << '\n';
      self_->quit(error);
    });
  }

  void register_one(const std::string& path) {
    muster::register_agent request;
    request.path = path;
    request.name = path.substr(path.rfind('/') + 1);
    request.runtime = "claude-code";
    // With an id of the caller's, a request whose answer got lost can be
    // repeated: it is carried out once.
    request.request = muster::request_id{"example-" + *request.name};
    ask(std::move(request), [this](const muster::agent_placed& placed) {
      std::cout << "registered " << placed.agent.text << " in namespace " << placed.namespace_name << '\n';
      newest_ = std::max(newest_, placed.version.seq);
      if (--waiting_for_ == 0)
        list();
    });
  }

  void list() {
    ask(muster::list_agents{}, [this](const muster::agents_listed& roster) {
      for (const auto& agent : roster.agents)
        std::cout << "listed " << agent.name << " at " << agent.path << ", " << to_string(agent.status) << '\n';
      listed_ = true;
    });
  }

  // The feed is a log: what comes after the last commit we heard is news, also
  // after a restart of the host that remembers it.
  void listen() {
    muster::read_commits news;
    news.instance = feed_;
    news.after = heard_;
    ask(std::move(news), [this](const muster::commits_read& answer) {
      for (const auto& commit : answer.commits)
        hear(commit);
      if (listed_ && heard_ >= newest_)
        self_->quit(); // an example ends; a host listens on
      else
        self_->delayed_send(self_, 50ms, listen_atom_v);
    });
  }

  void hear(const muster::commit& commit) {
    for (const auto& op : commit.ops)
      if (const auto* place = std::get_if<muster::place_put>(&op))
        std::cout << "heard " << place->agent.text << " lives at " << place->path << '\n';
    heard_ = commit.seq;
  }

  caf::event_based_actor* self_;
  muster::muster_actor muster_;
  muster::instance_id feed_;
  muster::sequence heard_ = 0;
  muster::sequence newest_ = 0;
  std::size_t waiting_for_;
  bool listed_ = false;
  std::vector<std::string> projects_;
};

} // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: embed_in_host DATA PROJECT...\n";
    return 2;
  }
  caf::init_global_meta_objects<caf::id_block::host>();
  muster::register_message_types();
  muster::real_environment machine; // disk, clocks, chance; outlives the actor system
  caf::actor_system_config config;
  caf::actor_system system{config};

  muster::runtime_options options;
  options.data_directory = argv[1];
  auto runtime = muster::runtime::start(system, machine.view(), options);
  if (!runtime) {
    std::cerr << runtime.error().message << '\n';
    return muster::exit_code(runtime.error().kind);
  }
  for (const auto& note : runtime->notes())
    std::cerr << "note: " << note << '\n';

  caf::scoped_actor self{system};
  bool failed = false;
  self->monitor(system.spawn<caf::stateful_actor<roster_keeper>>(runtime->handle(),
                                                                 std::vector<std::string>(argv + 2, argv + argc)));
  self->receive([&failed](const caf::down_msg& down) { failed = static_cast<bool>(down.reason); });

  if (const auto stopped = runtime->stop(); !stopped) {
    std::cerr << stopped.error().message << '\n';
    return muster::exit_code(stopped.error().kind);
  }
  return failed ? 1 : 0;
}
