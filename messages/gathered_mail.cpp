#include "muster/messages/gathered_mail.hpp"

namespace muster {

void gathered_mail::put(caf::strong_actor_ptr to, caf::mailbox_element_ptr what) {
  letters_.push_back({std::move(to), std::move(what)});
  if (letters_.size() >= most)
    return send();
  if (std::exchange(marked_, true))
    return;
  run_behind_mail(self_, [this] {
    marked_ = false;
    send();
  });
}

void gathered_mail::send() {
  for (auto& each : letters_)
    each.to->enqueue(std::move(each.what), self_->context());
  letters_.clear();
}

} // namespace muster
