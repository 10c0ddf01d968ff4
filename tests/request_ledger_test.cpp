#define CAF_SUITE request_ledger_test

#include "muster/supervisor/request_ledger.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace std::chrono_literals;

namespace {

constexpr auto start = 1'790'000'000'000ms;
const request_id r1{"r1"};
const saga_id s1{"s1"};

std::string text(const request_decision& decision) {
  struct visitor {
    std::string operator()(const request_execute&) const { return "execute"; }
    std::string operator()(const request_repeat& what) const { return "repeat " + std::to_string(what.commit.seq); }
    std::string operator()(const request_join& what) const { return "join " + what.saga.text; }
    std::string operator()(const request_look_up& what) const { return "look up " + what.saga.text; }
    std::string operator()(const failure& why) const {
      return std::to_string(exit_code(why.kind)) + " " + std::string{why.code};
    }
  };
  return std::visit(visitor{}, decision);
}

saga_answer done_at(sequence seq) {
  return {saga_answer::outcome::done, {instance_id{"i"}, seq}, {}};
}
saga_answer ended_as(saga_answer::outcome what) {
  return {what, {}, failure{failure_kind::failed, "disk-full", "the disk is full"}};
}

} // namespace

CAF_TEST(a done answer is repeated for 24 hours) {
  request_ledger ledger;
  CAF_CHECK_EQUAL(text(ledger.ask(r1, "h", start)), "execute");
  ledger.begun(r1, "h", s1, start);
  ledger.ended(r1, done_at(7), start + 1s);
  CAF_CHECK_EQUAL(text(ledger.ask(r1, "h", start + 1s)), "repeat 7");
  CAF_CHECK_EQUAL(text(ledger.ask(r1, "h", start + 1s + 24h - 1ms)), "repeat 7");
  CAF_CHECK_EQUAL(text(ledger.ask(r1, "h", start + 1s + 24h)), "execute");
  CAF_CHECK_EQUAL(ledger.size(), 0u);
}

CAF_TEST(a request in flight is joined) {
  request_ledger ledger;
  ledger.begun(r1, "h", s1, start);
  CAF_CHECK_EQUAL(text(ledger.ask(r1, "h", start + 100h)), "join s1");
}

CAF_TEST(a failed request is executed again) {
  request_ledger ledger;
  for (int i = 0; i < 3; ++i) {
    CAF_CHECK_EQUAL(text(ledger.ask(r1, "h", start)), "execute");
    ledger.begun(r1, "h", s1, start);
    ledger.ended(r1, ended_as(saga_answer::outcome::not_done), start);
  }
  CAF_CHECK_EQUAL(ledger.size(), 1u);
}

CAF_TEST(the same id with another request is refused in every state) {
  const auto other = [](request_ledger& ledger) { return text(ledger.ask(r1, "other", start)); };
  request_ledger ledger;
  ledger.begun(r1, "h", s1, start);
  CAF_CHECK_EQUAL(other(ledger), "4 request-id-reused");
  ledger.ended(r1, ended_as(saga_answer::outcome::not_done), start);
  CAF_CHECK_EQUAL(other(ledger), "4 request-id-reused");
  ledger.begun(r1, "h", s1, start);
  ledger.ended(r1, ended_as(saga_answer::outcome::unknown), start);
  CAF_CHECK_EQUAL(other(ledger), "4 request-id-reused");
  ledger.found(r1, "h", {instance_id{"i"}, 3}, start);
  CAF_CHECK_EQUAL(other(ledger), "4 request-id-reused");
}

CAF_TEST(an unknown request that is repeated is looked up) {
  request_ledger ledger;
  ledger.begun(r1, "h", s1, start);
  ledger.ended(r1, ended_as(saga_answer::outcome::unknown), start);
  CAF_CHECK_EQUAL(text(ledger.ask(r1, "h", start + 1000h)), "look up s1");
  ledger.found(r1, "h", {instance_id{"i"}, 9}, start);
  CAF_CHECK_EQUAL(text(ledger.ask(r1, "h", start)), "repeat 9");

  const request_id r2{"r2"};
  ledger.begun(r2, "h", s1, start);
  ledger.ended(r2, ended_as(saga_answer::outcome::unknown), start);
  ledger.absent(r2);
  CAF_CHECK_EQUAL(text(ledger.ask(r2, "h", start)), "execute");
}

CAF_TEST(a commit of an earlier life is repeated) {
  request_ledger ledger;
  ledger.found(r1, "h", {instance_id{"i"}, 4}, start);
  CAF_CHECK_EQUAL(text(ledger.ask(r1, "h", start)), "repeat 4");
  ledger.found(r1, "h", {instance_id{"i"}, 5}, start);
  ledger.absent(r1);
  CAF_CHECK_EQUAL(text(ledger.ask(r1, "h", start)), "repeat 4");
}

CAF_TEST(what ended first is forgotten first when there is no room) {
  request_ledger ledger{{.requests = 3}};
  const auto id = [](int n) { return request_id{"q" + std::to_string(n)}; };
  ledger.begun(id(0), "h", s1, start); // stays in flight
  for (int n = 1; n <= 5; ++n) {
    CAF_CHECK_EQUAL(text(ledger.ask(id(n), "h", start)), "execute");
    ledger.begun(id(n), "h", s1, start);
    ledger.ended(id(n), done_at(static_cast<sequence>(n)), start + n * 1s);
    CAF_CHECK(ledger.size() <= 3);
  }
  CAF_CHECK_EQUAL(text(ledger.ask(id(0), "h", start)), "join s1");
  CAF_CHECK_EQUAL(text(ledger.ask(id(3), "h", start)), "execute");
  CAF_CHECK_EQUAL(text(ledger.ask(id(4), "h", start)), "repeat 4");
  CAF_CHECK_EQUAL(text(ledger.ask(id(5), "h", start)), "repeat 5");
}

CAF_TEST(requests in flight and unknown ones are never forgotten and fill the ledger) {
  request_ledger ledger{{.requests = 2}};
  ledger.begun(request_id{"a"}, "h", s1, start);
  ledger.ended(request_id{"a"}, ended_as(saga_answer::outcome::unknown), start);
  ledger.begun(request_id{"b"}, "h", s1, start);
  CAF_CHECK_EQUAL(text(ledger.ask(request_id{"c"}, "h", start + 1000h)), "8 requests-full");
  CAF_CHECK_EQUAL(text(ledger.ask(request_id{"a"}, "h", start)), "look up s1");
}

CAF_TEST(a request id is short and printable) {
  request_ledger ledger;
  for (const auto& bad :
       {std::string{}, std::string(129, 'x'), std::string{"a b"}, std::string{"a\n"}, std::string{"\xc3\xa4"}})
    CAF_CHECK_EQUAL(text(ledger.ask(request_id{bad}, "h", start)), "4 request-id-invalid");
  CAF_CHECK_EQUAL(text(ledger.ask(request_id{std::string(128, 'x')}, "h", start)), "execute");
}

CAF_TEST(a clock that was set back forgets nothing early) {
  request_ledger ledger;
  ledger.begun(r1, "h", s1, start);
  ledger.ended(r1, done_at(1), start);
  CAF_CHECK_EQUAL(text(ledger.ask(r1, "h", start - 1000h)), "repeat 1");
}
