#include "tests/support/worker_taps.hpp"

#include "muster/messages/actor_failure.hpp"

#include <optional>
#include <string_view>
#include <utility>

// Every message of every worker is instantiated here, once.

namespace muster::test {

namespace {

/// What a message is called on the board: its type, and what tells its kind.
template <class Message>
std::string name_of(const Message&) {
  constexpr std::string_view ours = "muster::";
  return caf::to_string(caf::type_name_v<Message>).substr(ours.size());
}
std::string name_of(const write_journal& m) {
  constexpr const char* names[] = {"intend", "aborting", "owed", "doubt", "closed"};
  return std::string{"write_journal "} + names[m.record.index()];
}
std::string name_of(const write_intent&) {
  return "write_journal intend";
}
std::string name_of(const state_endpoint& m) {
  constexpr const char* names[] = {"closed", "open", "gone"};
  return std::string{"state_endpoint "} + names[static_cast<std::size_t>(m.state)];
}

/// An actor before another of the same interface.
template <class Interface>
class tap_state;

template <class... Out, class... In>
class tap_state<caf::typed_actor<caf::result<Out>(In)...>> {
public:
  using actor = caf::typed_actor<caf::result<Out>(In)...>;

  tap_state(typename actor::pointer self, actor real, std::shared_ptr<tap_board> board)
      : self_(self), real_(std::move(real)), board_(std::move(board)) {}

  typename actor::behavior_type make_behavior() {
    ignore_stray_errors(self_);
    end_with(self_, real_);
    watch(self_, real_, [this](const caf::error& why) { self_->quit(why); });
    return {[this](In& message) -> caf::result<Out> { return pass<Out>(message); }...};
  }

private:
  static failure made_up(failure_kind kind) { return {kind, "made-up", "the test says so"}; }

  template <class Answer, class Message>
  caf::result<Answer> pass(Message& message) {
    const auto what = board_->next(name_of(message));
    if constexpr (std::is_void_v<Answer>) {
      tell(self_, real_, std::move(message));
      return caf::unit;
    } else {
      auto promise = self_->template make_response_promise<Answer>();
      // Two actors hear what they say to each other in the order in which it was said.
      if (holds_back_) {
        held_.push_back([this, promise, message] { forward<Answer>(promise, message, {}); });
        return promise;
      }
      switch (what) {
        case mishap::none: forward<Answer>(promise, std::move(message), {}); break;
        case mishap::refused: promise.deliver(to_error(made_up(failure_kind::refused))); break;
        case mishap::failed: promise.deliver(to_error(made_up(failure_kind::failed))); break;
        case mishap::done_unknown:
          forward<Answer>(promise, std::move(message), made_up(failure_kind::unknown_outcome));
          break;
        case mishap::lost: keep(promise); break;
        case mishap::silent:
          keep(promise);
          drop<Answer>(std::move(message));
          break;
        case mishap::late:
          keep(promise);
          holds_back_ = true;
          self_->run_delayed(board_->lateness, [this, message] {
            drop<Answer>(message);
            release();
          });
          break;
        case mishap::twice:
          forward<Answer>(promise, message, {});
          drop<Answer>(std::move(message));
          break;
        case mishap::slow:
          holds_back_ = true;
          self_->run_delayed(board_->lateness, [this, promise, message] {
            forward<Answer>(promise, message, {});
            release();
          });
          break;
      }
      return promise;
    }
  }

  void release() {
    holds_back_ = false;
    for (const auto& each : std::exchange(held_, {}))
      each();
  }

  template <class Answer, class Message>
  void forward(caf::typed_response_promise<Answer> promise, Message message, std::optional<failure> instead) {
    ask(self_, std::chrono::hours{1}, real_, std::move(message))
        .then(
            [promise, instead](Answer& answer) mutable {
              if (instead)
                promise.deliver(to_error(*instead));
              else
                promise.deliver(std::move(answer));
            },
            [promise](caf::error& why) mutable { promise.deliver(std::move(why)); });
  }

  template <class Promise>
  void keep(Promise promise) {
    unanswered_.push_back(std::make_shared<Promise>(std::move(promise)));
  }

  template <class Answer, class Message>
  void drop(Message message) {
    ask(self_, std::chrono::hours{1}, real_, std::move(message)).then([](Answer&) {}, [](caf::error&) {});
  }

  typename actor::pointer self_;
  actor real_;
  std::shared_ptr<tap_board> board_;
  std::vector<std::shared_ptr<void>> unanswered_;
  bool holds_back_ = false;
  std::vector<std::function<void()>> held_;
};

template <class Interface>
Interface tapped(caf::actor_system& system, Interface real, std::shared_ptr<tap_board> board) {
  using tap = typename Interface::template stateful_impl<tap_state<Interface>>;
  return system.spawn<tap>(std::move(real), std::move(board));
}

} // namespace

void tap_workers(muster_options& options, caf::actor_system& system, const std::shared_ptr<tap_board>& board) {
  options.adjust = [&system, board](worker_sources& sources) {
    const auto tap = [&]<class Actor>(std::function<Actor()>& source) {
      source = [&system, board, real = source] { return tapped(system, real(), board); };
    };
    tap(sources.journal);
    tap(sources.files);
    tap(sources.feed);
    tap(sources.index);
    tap(sources.bridge);
  };
}

relay_bridge_actor tap_bridge(caf::actor_system& system, relay_bridge_actor real, std::shared_ptr<tap_board> board) {
  return tapped(system, std::move(real), std::move(board));
}

} // namespace muster::test
