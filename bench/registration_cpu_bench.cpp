// The CPU time of registrations through the runtime, 64 in flight, beside the
// same classes called directly in one loop without an actor. In memory, so that
// no disk is waited for.

#include "bench/bench_host.hpp"

#include "muster/actors/device_table.hpp"
#include "muster/actors/index_keeper.hpp"
#include "muster/actors/manifest_answers.hpp"
#include "muster/actors/relay_plan.hpp"
#include "muster/actors/relay_table.hpp"
#include "muster/store/data_home.hpp"
#include "muster/store/manifest_batch.hpp"
#include "muster/store/manifest_folder.hpp"
#include "muster/store/own_feed.hpp"
#include "muster/supervisor/change_plan.hpp"
#include "muster/supervisor/claims.hpp"
#include "muster/supervisor/intent_codec.hpp"
#include "muster/supervisor/journal.hpp"
#include "muster/supervisor/registration_saga.hpp"
#include "muster/supervisor/step_messages.hpp"

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
    // The roster is kept from here on, as where there is a relay.
    value_or_stop(keeper_.answer(list_endpoints{}));
  }

  void register_all(const std::vector<std::string>& projects) {
    std::vector<walk> all;
    all.reserve(projects.size());
    for (const auto& each : projects)
      all.push_back(begin(each));
    note_intents(all);
    write(all);
    for (auto& each : all) {
      value_or_stop(keeper_.answer(std::get<stage_row>(message(each))));
      done(each);
      state(each);
    }
    append(all);
    fold(all);
  }

private:
  /// One registration on its way along the steps of its saga.
  struct walk {
    registration_saga saga;
    saga_findings findings;
    saga_ticket by;
    saga_step step = saga_step::none;
  };

  walk begin(const std::string& project) {
    auto plan = plan_of(project);
    plan.intent.saga = saga_id{next_id()};
    (void)claims_.take(plan.intent.saga, plan.intent.agent, plan.claims, claim_conflict::wait);
    walk made{registration_saga{life_, std::move(plan.intent), relay_mode::strict},
              {std::nullopt, std::move(plan.held), plan.moving},
              {},
              saga_step::none};
    follow(made, made.saga.start());
    return made;
  }

  /// Takes the next step; what else a saga decides is for its caller.
  static void follow(walk& which, const saga_decisions& decisions) {
    for (const auto& each : decisions)
      if (const auto* next = std::get_if<saga_do::perform>(&each)) {
        which.by = next->by;
        which.step = next->step;
      }
  }
  static void done(walk& which) { follow(which, which.saga.done(which.by)); }
  [[nodiscard]] step_message message(const walk& which) const {
    return message_of(which.step, life_, which.saga.intent(), which.findings);
  }

  planned_change plan_of(const std::string& project) {
    registration_facts known;
    reach(project, job_kind::look, [&] {
      known.sight = to_sight(manifest_folder(env_, project).probe(), env_.clock.wall(), std::chrono::seconds{2});
    });
    devices_.doubt(project, std::chrono::steady_clock::now());
    known.place = value_or_stop(keeper_.answer(find_path{project}));
    known.fresh = agent_id{next_id()};
    known.now = "2026-01-15T09:30:00.000Z";
    known.user = "bench";
    return std::get<planned_change>(value_or_stop(plan_registration(request_for(project), known, ground_)));
  }

  /// Work at a project, as the worker of its device.
  template <class Work>
  void reach(const std::string& project, job_kind kind, Work work) {
    for (;;) {
      const auto now = std::chrono::steady_clock::now();
      const auto route = devices_.find(project, now);
      if (const auto* search = std::get_if<device_table::by_scout>(&route)) {
        const auto found = env_.files.status(no_handle, search->path, true);
        must(found.has_value(), "statx");
        devices_.located(search->scout, search->job, search->path, found->device, now);
      } else if (const auto* where = std::get_if<device_table::at_worker>(&route)) {
        const auto job = value_or_stop(devices_.begin(*where, kind, project, now));
        work();
        return devices_.end(where->worker, job, now);
      } else {
        stop("no device of " + project);
      }
    }
  }

  void note_intents(std::vector<walk>& all) {
    std::vector<journal_record> intents;
    for (const auto& each : all)
      intents.emplace_back(journal_intend{each.by.saga, value_or_stop(encode_intent(each.saga.intent(), ground_.own))});
    done_or_stop(journal_.write(intents));
    for (auto& each : all)
      done(each);
  }

  void write(std::vector<walk>& all) {
    std::vector<write_manifest> asked;
    for (const auto& each : all) {
      asked.push_back(std::get<write_manifest>(message(each)));
      reach(asked.back().project, job_kind::change, [] {});
    }
    std::vector<manifest_batch_item> writes;
    for (const auto& each : asked)
      writes.push_back({each.project, each.expected, each.bytes});
    for (const auto& outcome : replace_batch(env_, {}, writes))
      if (!outcome.done())
        stop(outcome.error->message);
    for (auto& each : all)
      done(each);
  }

  void append(std::vector<walk>& all) {
    std::vector<commit> made;
    for (const auto& each : all) {
      auto asked = std::get<append_commit>(message(each));
      commit draft;
      draft.saga = std::move(asked.saga.text);
      draft.ops = std::move(asked.ops);
      made.push_back(value_or_stop(feed_.enter(std::move(draft))).what);
    }
    done_or_stop(feed_.flush());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const commit_id where{made[i].instance, made[i].seq};
      all[i].findings.made = std::move(made[i]);
      follow(all[i], all[i].saga.commit_durable(all[i].by, where));
    }
  }

  void fold(std::vector<walk>& all) {
    std::vector<index_change> folds;
    for (const auto& each : all)
      folds.emplace_back(std::get<fold_commit>(message(each)));
    for (const auto& each : keeper_.take(std::move(folds)))
      value_or_stop(each);
    for (auto& each : all) {
      done(each);
      state(each);
      journal_.close_later(each.by.saga);
      claims_.release(each.by.saga);
    }
  }

  void state(walk& which) {
    auto asked = std::get<endpoint_statements>(message(which));
    for (auto& statement : asked.each) {
      statement.version = {life_, ++statements_};
      for (const auto& stage : relay_.state(statement))
        for (const auto& call : stage)
          std::visit([this](const auto& each) { tell(each); }, call);
    }
    done(which);
  }
  void tell(const relay_put_endpoint& call) { value_or_stop(table_.put(call)); }
  void tell(const relay_put_rule& call) { value_or_stop(table_.put(call)); }
  void tell(const relay_drop_endpoint& call) { value_or_stop(table_.drop(call)); }
  void tell(const relay_drop_rule& call) { value_or_stop(table_.drop(call)); }

  std::string next_id() {
    const auto number = std::to_string(++ids_);
    return "01JC8Z5Q3V7XN2M4" + std::string(10 - number.size(), '0') + number;
  }

  epoch life_{1};
  real_environment machine_;
  environment env_;
  data_home home_;
  journal journal_;
  own_feed feed_;
  index_keeper keeper_;
  device_table devices_{device_table_options{}};
  claims claims_;
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
