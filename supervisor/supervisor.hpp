#pragma once

#include "muster/supervisor/access_desk.hpp"
#include "muster/supervisor/admission_desk.hpp"
#include "muster/supervisor/change_desk.hpp"
#include "muster/supervisor/children.hpp"
#include "muster/supervisor/denial_desk.hpp"
#include "muster/supervisor/found_desk.hpp"
#include "muster/supervisor/mail_desk.hpp"
#include "muster/supervisor/observation_desk.hpp"
#include "muster/supervisor/read_desk.hpp"
#include "muster/supervisor/recovery_run.hpp"
#include "muster/supervisor/relay_assertion.hpp"
#include "muster/supervisor/scan_gate.hpp"
#include "muster/supervisor/supervisor_core.hpp"
#include "muster/supervisor/sweep_timer.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace muster {

/// One life of a muster: takes requests, runs their sagas, keeps the workers
/// alive. It never blocks.
///
/// 1. It takes up what the journal holds before it takes a request that changes
///    something; reads are answered at once.
/// 2. It ends with the failure "restarted-too-often" when its workers keep dying.
/// 3. When it ends, its workers do.
class supervisor_state : private saga_listener {
public:
  static inline const char* name = "muster.supervisor";

  supervisor_state(supervisor_actor::pointer self, const environment& env, epoch life, const instance_id& own,
                   worker_sources sources, const supervisor_options& options);

  supervisor_actor::behavior_type make_behavior();

private:
  /// Changes wait here until the start is over.
  using admitted = std::function<void(const expected<void>&)>;

  template <class Answer, class Request>
  caf::result<Answer> change(Request& asked);
  template <class Answer, class Request, class Take>
  caf::result<Answer> change_by(Request& asked, Take take);
  template <class Answer, class Handle, class Request>
  caf::result<Answer> pass_on(const Handle& to, Request& asked, std::chrono::nanoseconds limit);
  template <class Answer, class Ask>
  caf::result<Answer> once_admitted(Ask ask);
  template <class Answer, class Ask>
  caf::result<Answer> answer_later(Ask ask);
  caf::result<settings_applied> apply(const apply_settings& asked);
  template <class Worker>
  void tell_settings(const Worker& worker, const std::function<void(const expected<settings_applied>&)>& then);
  template <class Answer, class Request>
  caf::result<Answer> with_mail(void (mail_desk::*work)(const Request&, const mail_desk::told<Answer>&),
                                const Request& asked);
  caf::result<found_taken> take(const take_found& what);
  caf::result<place_observed> observe(const observe_place& what);
  caf::result<owed_settled> settle(const settle_owed& asked);
  caf::result<runtime_stopped> stop(const stop_runtime& asked);

  void start();
  void open_gate();
  void tell_started();
  void admit(admitted then);
  void refuse_held(const failure& why);
  void worker_returned(std::string_view which);
  void saga_rests(const saga_id& saga);
  void check_settled();
  void check_stopped();
  void finish();
  [[nodiscard]] runtime_described describe_self() const;
  [[nodiscard]] std::vector<finding> own_findings() const;

  // From the sagas.
  void saga_answered(const saga_intent& intent, const saga_answer& what) override;
  void saga_owes(const saga_id& saga, const failure& why) override;
  void saga_over(const saga_intent& intent) override;
  void saga_leaves_endpoint(const saga_intent& intent, const failure& why) override;
  void saga_saw(const saga_intent& intent, const manifest_changed& what) override;
  void observe_for(const saga_intent& intent, std::function<void(expected<void>)> then) override;

  supervisor_actor::pointer self_;
  children children_;
  supervisor_core core_;
  namespace_entries entries_;
  observation_desk observations_;
  change_desk changes_;
  scan_gate gate_;
  found_desk found_;
  denial_desk denials_;
  admission_desk admissions_;
  read_desk reads_;
  relay_assertion relay_;
  access_desk access_;
  mail_desk mail_;
  recovery_run recovery_;
  sweep_timer sweeps_;

  bool open_ = false; ///< for changes
  std::vector<admitted> held_;
  /// What is being settled for a sweep, and who wants to know.
  std::set<saga_id> settling_;
  std::size_t settling_from_ = 0;
  std::vector<caf::typed_response_promise<owed_settled>> settlers_;
  bool stopping_ = false;
  bool finished_ = false;
  std::vector<caf::typed_response_promise<runtime_stopped>> stoppers_;
};

using supervisor = supervisor_actor::stateful_impl<supervisor_state>;

} // namespace muster
