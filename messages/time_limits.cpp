#include "muster/messages/time_limits.hpp"

#include <algorithm>

namespace muster {

/// Handed out as a disposable, which may outlive the limits.
class time_limits::entry final : public caf::ref_counted, public caf::disposable::impl {
public:
  entry(time_limits& in, std::size_t at, std::uint64_t number, time_point due, caf::message_id response,
        std::function<void()> what)
      : at_(at), in_(&in), number_(number), due_(due), response_(response), what_(std::move(what)) {}

  void dispose() override {
    if (auto* in = std::exchange(in_, nullptr))
      in->remove(*this);
  }
  [[nodiscard]] bool disposed() const noexcept override { return in_ == nullptr; }
  void ref_disposable() const noexcept override { ref(); }
  void deref_disposable() const noexcept override { deref(); }
  friend void intrusive_ptr_add_ref(const entry* which) noexcept { which->ref(); }
  friend void intrusive_ptr_release(const entry* which) noexcept { which->deref(); }

  void leave() noexcept { in_ = nullptr; }
  [[nodiscard]] time_point due() const noexcept { return due_; }
  [[nodiscard]] bool before(const entry& other) const noexcept {
    return due_ != other.due_ ? due_ < other.due_ : number_ < other.number_;
  }
  void pass(caf::scheduled_actor& self) {
    if (what_)
      return std::exchange(what_, {})();
    self.enqueue(nullptr, response_, caf::make_message(caf::make_error(caf::sec::request_timeout)), self.context());
  }

  std::size_t at_; ///< in the list

private:
  time_limits* in_;
  std::uint64_t number_;
  time_point due_;
  caf::message_id response_;
  std::function<void()> what_;
};

time_limits::time_limits(caf::scheduled_actor* self) : self_(self) {}

time_limits::~time_limits() {
  timer_.dispose();
  for (const auto& each : entries_)
    each->leave();
}

caf::disposable time_limits::after(caf::timespan limit, std::function<void()> what) {
  return add(limit, {}, std::move(what));
}

caf::disposable time_limits::on_answer(caf::timespan limit, caf::message_id response) {
  return add(limit, response, {});
}

caf::disposable time_limits::add(caf::timespan limit, caf::message_id response, std::function<void()> what) {
  const auto due = self_->clock().now() + limit;
  auto added = caf::make_counted<entry>(*this, entries_.size(), ++last_, due, response, std::move(what));
  entries_.push_back(added);
  if (!armed_ || due < *armed_)
    arm(due);
  return added->as_disposable();
}

void time_limits::remove(entry& which) {
  const auto at = which.at_;
  std::swap(entries_[at], entries_.back());
  entries_[at]->at_ = at;
  entries_.pop_back();
}

// A timer that finds nothing is left to run: to take it back and set it again
// for each message is what it saves.
void time_limits::arm(time_point when) {
  timer_.dispose();
  armed_ = when;
  timer_ = self_->run_scheduled(when, [this] { expire(); });
}

void time_limits::expire() {
  armed_.reset();
  const auto now = self_->clock().now();
  std::vector<caf::intrusive_ptr<entry>> over;
  for (const auto& each : entries_)
    if (each->due() <= now)
      over.push_back(each);
  std::sort(over.begin(), over.end(), [](const auto& a, const auto& b) { return a->before(*b); });
  for (const auto& each : over)
    if (!each->disposed()) {
      each->dispose();
      each->pass(*self_);
    }
  if (entries_.empty())
    return;
  const auto next = std::min_element(entries_.begin(), entries_.end(),
                                     [](const auto& a, const auto& b) { return a->due() < b->due(); });
  if (!armed_ || (*next)->due() < *armed_)
    arm((*next)->due());
}

} // namespace muster
