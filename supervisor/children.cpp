#include "muster/supervisor/children.hpp"

#include "muster/supervisor/random_draw.hpp"

#include <utility>

namespace muster {

namespace {

template <class Handle>
void end_one(const Handle& which) {
  if (which)
    ask_to_end(which);
}

void end_all(const workers& all) {
  end_one(all.scanner);
  end_one(all.reconciler);
  end_one(all.bridge);
  end_one(all.index);
  end_one(all.feed);
  end_one(all.files);
  end_one(all.journal);
}

} // namespace

children::children(supervisor_actor::pointer self, worker_sources sources, entropy& random,
                   const restart_options& restart, events tell)
    : self_(self), sources_(std::move(sources)), random_(random), policy_(restart), tell_(std::move(tell)) {
  // Not links: the death of a child would be the supervisor's.
  self_->attach_functor([handles = handles_](const caf::error&) { end_all(*handles); });
}

void children::start() {
  start_one<journal_keeper_actor>("the journal keeper", &workers::journal, sources_.journal);
  start_one<file_store_actor>("the file store", &workers::files, sources_.files);
  start_one<feed_store_actor>(feed_name, &workers::feed, sources_.feed);
  start_one<index_actor>(index_name, &workers::index, sources_.index);
  start_one<relay_bridge_actor>(bridge_name, &workers::bridge, sources_.bridge);
  start_user<reconciler_actor>("the reconciler", &workers::reconciler, sources_.reconciler);
  start_user<scanner_actor>("the scanner", &workers::scanner, sources_.scanner);
  handles_->relay = sources_.relay;
  handles_->events = sources_.events;
  all_started_ = true;
}

void children::end() {
  ending_ = true;
  end_all(*handles_);
}

template <class Handle>
void children::start_one(std::string_view name, Handle workers::*which, const std::function<Handle()>& source) {
  auto& handle = (*handles_).*which;
  handle = source();
  watch(self_, handle, [this, name, which, &source](const caf::error& why) {
    (*handles_).*which = Handle{};
    died(name, why, [this, name, which, &source] { start_one(name, which, source); });
  });
  // These know the others by their handles.
  if (all_started_) {
    end_one(handles_->reconciler);
    end_one(handles_->scanner);
  }
  started(name);
}

template <class Handle>
void children::start_user(std::string_view name, Handle workers::*which,
                          const std::function<Handle(const supervisor_actor&, const workers&)>& source) {
  if (!source)
    return;
  auto& handle = (*handles_).*which;
  handle = source(supervisor_actor{self_}, *handles_);
  watch(self_, handle, [this, name, which, &source](const caf::error& why) {
    (*handles_).*which = Handle{};
    const auto again = [this, name, which, &source] { start_user(name, which, source); };
    if (why == caf::exit_reason::user_shutdown && !ending_)
      return again();
    died(name, why, again);
  });
  started(name);
}

void children::started(std::string_view name) {
  if (all_started_)
    tell_.returned(name);
}

void children::died(std::string_view name, const caf::error& why, const std::function<void()>& start_again) {
  if (ending_)
    return;
  const auto now = self_->clock().now().time_since_epoch();
  const auto what = policy_.died(name, to_failure(why, {}).message, now, draw_number(random_));
  if (const auto* over = std::get_if<give_up>(&what))
    return tell_.gave_up(over->why);
  self_->run_delayed(std::get<restart_after>(what).wait, [this, start_again] {
    if (!ending_)
      start_again();
  });
}

} // namespace muster
