#pragma once

#include "muster/messages/interfaces.hpp"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace muster::test {

/// A worker that stops before the disk while its gate is shut.
struct gate {
  bool shut = false;
  std::vector<std::function<void()>> waiting;
};

struct gated_worker_state {
  static inline const char* name = "test.disk_worker";
  disk_worker_actor::pointer self;
  std::shared_ptr<gate> its_gate;
  disk_worker_actor behind;

  gated_worker_state(disk_worker_actor::pointer self, std::shared_ptr<gate> its_gate, disk_worker_actor behind)
      : self(self), its_gate(std::move(its_gate)), behind(std::move(behind)) {}

  template <class Answer, class Message>
  caf::result<Answer> pass_on(const Message& message) {
    auto promise = self->make_response_promise<Answer>();
    std::function<void()> go = [this, promise, message]() mutable {
      self->request(behind, caf::infinite, message)
          .then([promise](Answer& answer) mutable { promise.deliver(std::move(answer)); },
                [promise](caf::error& why) mutable { promise.deliver(std::move(why)); });
    };
    if (its_gate->shut)
      its_gate->waiting.push_back(std::move(go));
    else
      go();
    return promise;
  }

  disk_worker_actor::behavior_type make_behavior() {
    return {
        [this](const read_manifest& m) { return pass_on<manifest_read>(m); },
        [this](const write_manifest& m) { return pass_on<manifest_changed>(m); },
        [this](const restore_manifest& m) { return pass_on<manifest_changed>(m); },
        [this](const retire_manifest& m) { return pass_on<manifest_changed>(m); },
        [this](const look_at_places& m) { return pass_on<places_looked_at>(m); },
        [this](const read_head& m) { return pass_on<head_read>(m); },
        [this](const find_leftovers& m) { return pass_on<leftovers_found>(m); },
        [this](const forget_leftover& m) { return pass_on<leftover_forgotten>(m); },
        [this](const walk_root& m) { return pass_on<root_walked>(m); },
        [this](const resolve_path& m) { return pass_on<path_resolved>(m); },
        [this](const locate_directory& m) { return pass_on<directory_located>(m); },
        [this](const report_when_done& m) { return pass_on<everything_done>(m); },
        // What a test sends when it has opened the gate.
        [this](const write_batch_tick&) {
          for (auto& go : std::exchange(its_gate->waiting, {}))
            go();
        },
    };
  }
};

using gated_worker = disk_worker_actor::stateful_impl<gated_worker_state>;

} // namespace muster::test
