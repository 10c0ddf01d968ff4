#include "muster/supervisor/request_ledger.hpp"

#include <algorithm>
#include <cassert>

namespace muster {

namespace {

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

} // namespace

request_decision request_ledger::ask(const request_id& request, std::string_view hash, std::chrono::milliseconds now) {
  assert(!hash.empty());
  if (request.empty() || request.text.size() > options_.id_bytes || !is_printable(request.text))
    return failure{failure_kind::refused,
                   "request-id-invalid",
                   "a request id is 1 to " + std::to_string(options_.id_bytes) +
                       " printable ASCII characters without blanks; choose another",
                   {},
                   "request-id"};
  forget_old(now);
  const auto known = requests_.find(request);
  if (known == requests_.end()) {
    if (requests_.size() >= options_.requests && settled_.empty())
      return failure{failure_kind::busy,
                     "requests-full",
                     "too many requests wait for their outcome; try again later",
                     {},
                     "request-id"};
    return request_execute{};
  }
  const auto& entry = known->second;
  if (entry.hash != hash)
    return failure{failure_kind::refused,
                   "request-id-reused",
                   "request id " + request.text + " belongs to another request; use a new one",
                   {},
                   "request-id"};
  switch (entry.now) {
    case state::running: return request_join{entry.saga};
    case state::unknown: return request_look_up{entry.saga};
    case state::done: return request_repeat{entry.commit};
    case state::failed: return request_execute{};
  }
  std::abort();
}

void request_ledger::begun(const request_id& request, std::string_view hash, const saga_id& saga,
                           std::chrono::milliseconds now) {
  forget_old(now);
  if (const auto failed = requests_.find(request); failed != requests_.end())
    drop(failed);
  make_room();
  requests_.emplace(request, entry{std::string{hash}, state::running, saga});
}

void request_ledger::ended(const request_id& request, const saga_answer& answer, std::chrono::milliseconds now) {
  const auto known = requests_.find(request);
  assert(known != requests_.end() && known->second.now == state::running);
  switch (answer.what) {
    case saga_answer::outcome::done:
      known->second.commit = answer.commit;
      return settle(request, known->second, state::done, now);
    case saga_answer::outcome::not_done: return settle(request, known->second, state::failed, now);
    case saga_answer::outcome::unknown: known->second.now = state::unknown; return;
  }
}

void request_ledger::found(const request_id& request, std::string_view hash, const commit_id& where,
                           std::chrono::milliseconds now) {
  auto known = requests_.find(request);
  if (known != requests_.end() && known->second.now != state::unknown)
    return;
  if (known == requests_.end()) {
    make_room();
    known = requests_.emplace(request, entry{std::string{hash}}).first;
  }
  known->second.commit = where;
  settle(request, known->second, state::done, now);
}

void request_ledger::absent(const request_id& request) {
  const auto known = requests_.find(request);
  if (known != requests_.end() && known->second.now == state::unknown)
    requests_.erase(known);
}

void request_ledger::forget_old(std::chrono::milliseconds now) {
  // A clock that was set back keeps answers longer, never shorter.
  while (!settled_.empty() && now - settled_.begin()->first >= options_.keep)
    drop(requests_.find(settled_.begin()->second));
}

void request_ledger::make_room() {
  if (requests_.size() >= options_.requests && !settled_.empty())
    drop(requests_.find(settled_.begin()->second));
}

void request_ledger::settle(const request_id& request, entry& what, state how, std::chrono::milliseconds at) {
  what.now = how;
  what.since = at;
  settled_.emplace(at, request);
}

void request_ledger::drop(requests::iterator which) {
  assert(which != requests_.end() && which->second.now != state::running && which->second.now != state::unknown);
  const auto [first, last] = settled_.equal_range(which->second.since);
  settled_.erase(std::find_if(first, last, [&](const auto& one) { return one.second == which->first; }));
  requests_.erase(which);
}

} // namespace muster
