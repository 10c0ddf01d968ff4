#define CAF_SUITE gathered_mail_test

#include "muster/messages/gathered_mail.hpp"

#include "tests/support/told_story.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

/// A relay that says what it gets, and answers all but what is called "lost".
struct relay_that_tells_state {
  static inline const char* name = "test.relay_that_tells";
  relay_that_tells_state(caf::event_based_actor* me, story into) : self(me), told(std::move(into)) {}
  caf::event_based_actor* self;
  story told;
  std::vector<caf::response_promise> unanswered;

  caf::behavior make_behavior() {
    return {[this](const relay_put_endpoint& m) -> caf::result<relay_done> {
      *told += "got " + m.subject + "; ";
      if (m.subject != "lost")
        return relay_done{};
      unanswered.push_back(self->make_response_promise());
      return unanswered.back();
    }};
  }
};

/// Somebody has mail that was not read yet.
bool has_mail(const relay_actor& which) {
  if (!which)
    return false;
  auto* actor = dynamic_cast<caf::scheduled_actor*>(caf::actor_cast<caf::abstract_actor*>(which));
  return actor && !actor->mailbox().blocked();
}

/// Sends what each message it gets is told to.
struct sender_state {
  static inline const char* name = "test.sender";
  sender_state(prompted_actor::pointer me, relay_actor to, std::vector<std::vector<std::string>> with, story into)
      : self(me), limits(me), mail(me), relay(std::move(to)), letters(std::move(with)), told(std::move(into)) {}

  prompted_actor::behavior_type make_behavior() {
    ignore_stray_errors(self);
    return {[this](const relay_list&) {
      for (const auto& each : letters[next])
        send(each);
      *told += has_mail(relay) ? "has it; " : "sent; ";
      ++next;
    }};
  }
  void send(const std::string& what) {
    relay_put_endpoint letter;
    letter.subject = what;
    ask(self, limits, mail, 1s, relay, std::move(letter))
        .then([this, what](const relay_done&) { *told += what + " done; "; },
              [this, what](const caf::error& why) {
                *told += what + (why == caf::sec::request_timeout ? " late; " : " failed; ");
              });
  }

  prompted_actor::pointer self;
  time_limits limits;
  gathered_mail mail;
  relay_actor relay;
  std::vector<std::vector<std::string>> letters; ///< for each message
  std::size_t next = 0;
  story told;
};

struct fixture : actor_fixture {
  story told = std::make_shared<std::string>();
  relay_actor relay = caf::actor_cast<relay_actor>(keep(sys.spawn<caf::stateful_actor<relay_that_tells_state>>(told)));

  fixture() { sched.run(); }

  /// A message for each of `letters`, all there before the first is read.
  void run(std::vector<std::vector<std::string>> letters, const relay_actor& to) {
    const auto messages = letters.size();
    const auto sender =
        keep(prompted_actor{sys.spawn<prompted_actor::stateful_impl<sender_state>>(to, std::move(letters), told)});
    for (std::size_t i = 0; i < messages; ++i)
      caf::anon_send(sender, relay_list{});
    sched.run();
  }

  /// What the relay got, in its order.
  [[nodiscard]] std::vector<std::string> got() const {
    constexpr std::string_view before = "got ";
    std::vector<std::string> result;
    for (auto at = told->find(before); at != std::string::npos; at = told->find(before, at + 1))
      result.push_back(told->substr(at + before.size(), told->find(';', at) - at - before.size()));
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(gathered_mail_tests, fixture)

CAF_TEST(what is sent leaves together and behind the mail that is there) {
  run({{"a"}, {"b", "c"}}, relay);
  CAF_CHECK_EQUAL(*told, "sent; sent; got a; got b; got c; a done; b done; c done; ");
}

CAF_TEST(what is sent later leaves too) {
  run({{"a"}}, relay);
  run({{"b"}}, relay);
  CAF_CHECK_EQUAL(*told, "sent; got a; a done; sent; got b; b done; ");
}

CAF_TEST(many letters wait for no mail and keep their order) {
  std::vector<std::string> many;
  for (std::size_t i = 0; i < gathered_mail::most; ++i)
    many.push_back(std::to_string(i));
  auto wanted = many;
  wanted.emplace_back("last");
  run({many, {"last"}}, relay);
  CAF_CHECK_EQUAL(got(), wanted);
  CAF_CHECK(told->starts_with("has it; "));
}

CAF_TEST(who is not answered in time is told so) {
  run({{"lost", "a"}}, relay);
  CAF_CHECK_EQUAL(*told, "sent; got lost; got a; a done; ");
  sched.advance_time(1s);
  sched.run();
  CAF_CHECK_EQUAL(*told, "sent; got lost; got a; a done; lost late; ");
}

CAF_TEST(who asks nobody is told so) {
  run({{"a"}}, {});
  CAF_CHECK_EQUAL(*told, "sent; a failed; ");
}

CAF_TEST_FIXTURE_SCOPE_END()
