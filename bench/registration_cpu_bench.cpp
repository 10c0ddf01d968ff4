// The CPU time of registrations through the runtime, 64 in flight, beside the
// same classes called directly in one loop without an actor. In memory, so that
// no disk is waited for.

#include "bench/bench_host.hpp"

#include "muster/actors/index_keeper.hpp"
#include "muster/actors/manifest_answers.hpp"
#include "muster/actors/relay_plan.hpp"
#include "muster/actors/relay_table.hpp"
#include "muster/store/data_home.hpp"
#include "muster/store/manifest_batch.hpp"
#include "muster/store/manifest_folder.hpp"
#include "muster/store/own_feed.hpp"
#include "muster/supervisor/change_plan.hpp"
#include "muster/supervisor/intent_codec.hpp"
#include "muster/supervisor/journal.hpp"

using namespace muster;
using namespace muster::bench;

namespace {

constexpr std::size_t in_flight = 64;

template <class T>
T value_or_stop(expected<T> what) {
  if (!what)
    stop(what.error().message);
  return std::move(*what);
}

void done_or_stop(const expected<void>& what) {
  if (!what)
    stop(what.error().message);
}

// Everything that takes part in a registration, with nobody in between.
class direct {
public:
  explicit direct(const std::string& root)
      : env_(machine_.view()),
        home_(value_or_stop(data_home::open(
            env_, value_or_stop(data_directory::open(env_, root + "/data", data_directory::presence::create))))),
        journal_(value_or_stop(journal::open(env_, home_.directory().path()))),
        feed_(env_, home_.feeds(), home_.own(), home_.self().key, {}),
        keeper_(env_, home_.directory().path(), home_.feeds(), home_.own(), {}) {
    ground_.own = home_.own();
    feed_.prepare();
    done_or_stop(keeper_.open());
  }

  void register_all(const std::vector<std::string>& projects) {
    std::vector<planned_change> changes;
    std::vector<journal_record> intents;
    std::vector<manifest_batch_item> writes;
    changes.reserve(projects.size());
    for (const auto& each : projects) {
      changes.push_back(plan(each));
      const auto& intent = changes.back().intent;
      intents.push_back(journal_intend{intent.saga, value_or_stop(encode_intent(intent, ground_.own))});
      writes.push_back({intent.path, std::nullopt, intent.after->bytes});
    }
    done_or_stop(journal_.write(intents));
    for (const auto& outcome : replace_batch(env_, {}, writes))
      if (!outcome.done())
        stop(outcome.error->message);
    std::vector<commit> made;
    for (const auto& each : changes) {
      const auto& intent = each.intent;
      value_or_stop(keeper_.answer(stage_row{epoch{1}, intent.saga, intent.agent, intent.path, each.moving}));
      state(intent, endpoint_state::closed);
      commit draft;
      draft.saga = intent.saga.text;
      draft.ops = intent.ops;
      made.push_back(value_or_stop(feed_.enter(std::move(draft))).what);
    }
    done_or_stop(feed_.flush());
    fold(changes, made);
  }

private:
  planned_change plan(const std::string& project) {
    registration_facts known;
    known.sight = to_sight(manifest_folder(env_, project).probe(), env_.clock.wall(), std::chrono::seconds{2});
    known.place = value_or_stop(keeper_.answer(find_path{project}));
    known.fresh = agent_id{next_id()};
    known.now = "2026-01-15T09:30:00.000Z";
    known.user = "bench";
    auto change = std::get<planned_change>(value_or_stop(plan_registration(request_for(project), known, ground_)));
    change.intent.saga = saga_id{next_id()};
    return change;
  }

  void state(const saga_intent& intent, endpoint_state how) {
    const state_endpoint statement{{epoch{1}, ++statements_}, intent.agent, *intent.endpoint_after, how};
    for (const auto& stage : relay_.state(statement))
      for (const auto& call : stage)
        std::visit([this](const auto& each) { tell(each); }, call);
  }
  void tell(const relay_put_endpoint& call) { value_or_stop(table_.put(call)); }
  void tell(const relay_put_rule& call) { value_or_stop(table_.put(call)); }
  void tell(const relay_drop_endpoint& call) { value_or_stop(table_.drop(call)); }
  void tell(const relay_drop_rule& call) { value_or_stop(table_.drop(call)); }

  void fold(const std::vector<planned_change>& changes, const std::vector<commit>& made) {
    std::vector<index_change> folds;
    for (std::size_t i = 0; i < made.size(); ++i)
      folds.emplace_back(fold_commit{epoch{1}, changes[i].intent.saga, made[i], changes[i].held});
    for (const auto& each : keeper_.take(std::move(folds)))
      value_or_stop(each);
    for (const auto& each : changes) {
      state(each.intent, endpoint_state::open);
      journal_.close_later(each.intent.saga);
    }
  }

  std::string next_id() {
    const auto number = std::to_string(++ids_);
    return "01JC8Z5Q3V7XN2M4" + std::string(10 - number.size(), '0') + number;
  }

  real_environment machine_;
  environment env_;
  data_home home_;
  journal journal_;
  own_feed feed_;
  index_keeper keeper_;
  relay_plan relay_{"relay.agent."};
  relay_table table_;
  plan_ground ground_;
  std::uint64_t ids_ = 0;
  std::uint64_t statements_ = 0;
};

} // namespace

int main() {
  const place where{"/dev/shm"};
  const auto hosted = where.path() + "/hosted";
  const auto called = where.path() + "/called";
  std::filesystem::create_directory(hosted);
  std::filesystem::create_directory(called);
  bench_host host{hosted};
  direct classes{called};
  std::vector<double> ours;
  std::vector<double> bare;
  for (int round = 0; round < 60; ++round) {
    const auto projects = host.make_projects(in_flight);
    const auto theirs = make_directories(called, round * in_flight, in_flight);
    ours.push_back(cpu([&] {
                     host.register_all(projects);
                     host.settle();
                   }) /
                   in_flight);
    bare.push_back(cpu([&] { classes.register_all(theirs); }) / in_flight);
  }
  print("CPU of one of 64 in flight", median(ours), median(bare), "us", "<= 2");
}
