#include "muster/runner/operation_call.hpp"

#include <future>

namespace muster {

namespace {

expected<json::document> read_request(std::string text) {
  const json::limits bounds{.bytes = request_limits::bytes, .depth = request_limits::depth};
  auto document = json::document::parse(std::move(text), bounds);
  if (!document)
    return failure{failure_kind::usage, "request-json", "the request is no JSON: " + document.error().message};
  if (!document->root().is(json::kind::object))
    return failure{failure_kind::usage, "request-json", "the request is no JSON object"};
  return document;
}

} // namespace

operation_call::operation_call(caf::actor_config& config, api_host host, const operation& what, std::string request,
                               answer_callback done)
    : caf::event_based_actor(config),
      host_(std::move(host)),
      what_(what),
      request_(std::move(request)),
      done_(std::move(done)) {}

caf::behavior operation_call::make_behavior() {
  ignore_stray_errors(this);
  if (const auto document = read_request(std::move(request_)))
    what_.begin(*this, document->root());
  else
    fail(document.error());
  // Without a behaviour it ends when nothing that it asked is open.
  return {};
}

void operation_call::on_exit() {
  if (what_.changes)
    return fail(
        {failure_kind::unknown_outcome, "operation-ended",
         "it ended before there was an answer; whether it happened is not known: repeat it with the same request id"});
  fail({failure_kind::failed, "operation-ended", "it ended before there was an answer; try again"});
}

void operation_call::answer(std::string document) {
  if (auto done = std::exchange(done_, nullptr))
    done(std::move(document));
}

void operation_call::fail(failure why) {
  if (auto done = std::exchange(done_, nullptr))
    done(std::move(why));
}

void call_operation(caf::actor_system& system, const api_host& host, const operation& what, std::string request,
                    answer_callback done) {
  const auto threads = what.on_disk ? host.threads : io_threads::shared;
  (void)spawn_io<operation_call>(system, threads, host, what, std::move(request), std::move(done));
}

expected<std::string> call_and_wait(caf::actor_system& system, const api_host& host, std::string_view name,
                                    std::string request) {
  const auto* what = find_operation(name);
  if (!what)
    return no_such_operation(name);
  const auto came = std::make_shared<std::promise<expected<std::string>>>();
  auto answer = came->get_future();
  call_operation(system, host, *what, std::move(request),
                 [came](expected<std::string> given) { came->set_value(std::move(given)); });
  return answer.get();
}

} // namespace muster
