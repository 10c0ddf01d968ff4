#include "muster/supervisor/journal_keeper.hpp"

#include "muster/messages/actor_failure.hpp"

#include <span>
#include <utility>

namespace muster {

journal_keeper_actor::behavior_type journal_keeper_state::make_behavior() {
  ignore_stray_errors(self_);
  return {
      [this](const read_journal&) { return read(); },
      [this](write_journal& m) { return gather(m); },
      [this](const close_later& m) {
        if (journal_)
          journal_->close_later(m.saga);
      },
      [this](const finish_journal&) { return finish(); },
      [this](const journal_batch_tick&) { write_gathered(); },
  };
}

expected<void> journal_keeper_state::open() {
  if (journal_)
    return {};
  auto opened = journal::open(env_, data_directory_, options_.journal);
  if (!opened)
    return opened.error();
  journal_.emplace(std::move(*opened));
  return {};
}

caf::result<journal_read> journal_keeper_state::read() {
  write_gathered();
  if (auto opened = open(); !opened)
    return to_error(opened.error());
  return journal_read{journal_->sagas(), journal_->damage(), journal_->unwritable()};
}

caf::result<journal_written> journal_keeper_state::gather(write_journal& request) {
  if (auto opened = open(); !opened)
    return to_error(opened.error());
  auto promise = self_->make_response_promise<journal_written>();
  // The marker queues behind the mail that is there already, so it comes when
  // that backlog has gathered here.
  if (batch_.empty())
    tell(self_, journal_keeper_actor{self_}, journal_batch_tick{});
  batch_.push_back({std::move(request.record), promise});
  if (batch_.size() >= options_.batch_records)
    write_gathered();
  return promise;
}

void journal_keeper_state::write_gathered() {
  auto gathered = std::exchange(batch_, {});
  if (gathered.empty())
    return;
  std::vector<journal_record> records;
  records.reserve(gathered.size());
  for (auto& each : gathered)
    records.push_back(std::move(each.record));
  const auto together = journal_->write(records);
  for (std::size_t i = 0; i < gathered.size(); ++i) {
    // The disk refuses all alike; the journal may refuse what is too large.
    const auto alone = !together && records.size() > 1 && together.error().kind != failure_kind::failed;
    const auto written = alone ? journal_->write(std::span{records}.subspan(i, 1)) : together;
    if (written)
      gathered[i].promise.deliver(journal_written{});
    else
      gathered[i].promise.deliver(to_error(written.error()));
  }
}

caf::result<journal_finished> journal_keeper_state::finish() {
  write_gathered();
  if (!journal_)
    return journal_finished{};
  if (auto finished = journal_->finish(); !finished)
    return to_error(finished.error());
  return journal_finished{};
}

} // namespace muster
