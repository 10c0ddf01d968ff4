#include "muster/supervisor/journal_keeper.hpp"

#include "muster/actors/await_company.hpp"
#include "muster/messages/actor_failure.hpp"
#include "muster/supervisor/intent_codec.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

const saga_id& saga_of(const journal_record& record) {
  return std::visit([](const auto& what) -> const saga_id& { return what.saga; }, record);
}

} // namespace

journal_keeper_actor::behavior_type journal_keeper_state::make_behavior() {
  ignore_stray_errors(self_);
  return {
      [this](const read_journal&) {
        return perform<journal_read>([](journal& open) -> expected<journal_read> {
          return journal_read{open.sagas(), open.damage(), open.unwritable()};
        });
      },
      [this](write_journal& m) { return gather(std::move(m.record), false); },
      [this](const write_intent& m) { return gather(m); },
      [this](const close_later& m) {
        // It comes after every record of its saga, and holds up no other.
        if (std::ranges::any_of(batch_, [&](const auto& each) { return saga_of(each.record) == m.saga; }))
          write_gathered();
        // What goes wrong here goes wrong with the next record, too.
        (void)attempt<journal_written>([&](journal& open) -> expected<journal_written> {
          open.close_later(m.saga);
          return journal_written{};
        });
      },
      [this](const finish_journal&) {
        return perform<journal_finished>([](journal& open) -> expected<journal_finished> {
          if (auto finished = open.finish(); !finished)
            return finished.error();
          return journal_finished{};
        });
      },
      [this](const journal_batch_tick&) {
        if (!company_.waits_for_others())
          write_gathered();
      },
  };
}

template <class Answer, class Work>
std::optional<expected<Answer>> journal_keeper_state::attempt(Work work) {
  std::optional<expected<Answer>> answer;
  if (guard_.stuck())
    return answer;
  if (auto cut_short = guard_.attempt([&] { answer.emplace(with_journal<Answer>(work)); })) {
    // What is on the disk is read anew before anything is added to it.
    journal_.reset();
    answer.emplace(boost::system::in_place_error, std::move(*cut_short));
  }
  return answer;
}

template <class Answer, class Work>
expected<Answer> journal_keeper_state::with_journal(Work work) {
  if (!journal_) {
    auto opened = journal::open(env_, data_directory_, options_.journal);
    if (!opened)
      return {boost::system::in_place_error, opened.error()};
    journal_.emplace(std::move(*opened));
  }
  return work(*journal_);
}

template <class Answer, class Work>
caf::result<Answer> journal_keeper_state::perform(Work work) {
  write_gathered();
  auto answer = attempt<Answer>(work);
  if (!answer) {
    unanswered_.push_back(self_->make_response_promise());
    return unanswered_.back();
  }
  if (!*answer)
    return to_error(answer->error());
  return std::move(**answer);
}

caf::result<journal_written> journal_keeper_state::gather(const write_intent& request) {
  expected<std::string> text;
  if (auto why = guard_.attempt([&] { text = encode_intent(*request.what, own_); }))
    return to_error(std::move(*why));
  if (!text)
    return to_error(std::move(text).error());
  return gather(journal_intend{request.what->saga, std::move(*text)}, request.others_follow);
}

caf::result<journal_written> journal_keeper_state::gather(journal_record record, bool others_follow) {
  auto promise = self_->make_response_promise<journal_written>();
  batch_.push_back({std::move(record), promise});
  if (batch_.size() >= options_.batch_records)
    write_gathered();
  else
    // The marker queues behind the mail that is there already, so it comes when
    // that backlog has gathered here.
    await_company(
        self_, company_, batch_.size() == 1, others_follow,
        [this] { tell(self_, journal_keeper_actor{self_}, journal_batch_tick{}); }, [this] { write_gathered(); });
  return promise;
}

void journal_keeper_state::write_gathered() {
  auto gathered = std::exchange(batch_, {});
  if (gathered.empty())
    return;
  const auto began = env_.clock.boot();
  std::vector<journal_record> records;
  records.reserve(gathered.size());
  for (auto& each : gathered)
    records.push_back(std::move(each.record));
  const auto together = write(records);
  company_.parted(env_.clock.boot() - began);
  // The disk refuses all alike; the journal may refuse what is too large.
  const auto each_alone =
      together && !*together && records.size() > 1 &&
      (together->error().kind == failure_kind::busy || together->error().kind == failure_kind::refused);
  for (std::size_t i = 0; i < gathered.size(); ++i) {
    const auto written = each_alone ? write(std::span{records}.subspan(i, 1)) : together;
    if (!written)
      unanswered_records_.push_back(std::move(gathered[i]));
    else if (*written)
      gathered[i].promise.deliver(journal_written{});
    else
      gathered[i].promise.deliver(to_error(written->error()));
  }
}

std::optional<expected<journal_written>> journal_keeper_state::write(std::span<const journal_record> records) {
  return attempt<journal_written>([&](journal& open) -> expected<journal_written> {
    if (auto written = open.write(records); !written)
      return written.error();
    return journal_written{};
  });
}

} // namespace muster
