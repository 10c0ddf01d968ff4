#pragma once

#include "muster/actors/sync_company.hpp"
#include "muster/messages/caf.hpp"

namespace muster {

/// One more has come to be synced in `self`, the first of a group or not: has `mark()` sent behind the mail
/// that is there, or `end()` run when nobody else is waited for any more.
template <class Self, class Mark, class End>
void await_company(Self* self, sync_company& company, bool first, bool others_follow, Mark mark, End end) {
  switch (company.joined(first, others_follow)) {
    case sync_company::wait::as_before: break;
    case sync_company::wait::for_mail: mark(); break;
    case sync_company::wait::for_others:
      self->run_delayed(company.patience(), [&company, group = company.group(), end] {
        if (group == company.group())
          end();
      });
      break;
  }
}

} // namespace muster
