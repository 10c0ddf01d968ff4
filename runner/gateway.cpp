#include "muster/runner/gateway.hpp"

#include "muster/runner/failure_document.hpp"
#include "muster/runner/gateway_route.hpp"
#include "muster/runner/muster_socket.hpp"
#include "muster/store/disk_failure.hpp"
#include "muster/store/release.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <cerrno>
#include <set>
#include <thread>
#include <utility>

#include <sys/stat.h>

namespace muster {

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using local = net::local::stream_protocol;

constexpr int backlog = 128;
constexpr std::size_t most_farewell_bytes = std::size_t{16} * 1024 * 1024;
constexpr std::chrono::milliseconds when_out_of_descriptors{100};

class session;

// What the sessions share; all of it belongs to the io thread.
struct gateway_core {
  gateway_core(caf::actor_system& machine, api_host where, const gateway_options& bounds)
      : system(machine), host(std::move(where)), options(bounds) {}

  caf::actor_system& system;
  api_host host;
  gateway_options options;
  std::uint32_t user = 0;
  net::io_context io{1};
  local::acceptor acceptor{io};
  net::steady_timer timer{io};
  net::executor_work_guard<net::io_context::executor_type> work{io.get_executor()};
  std::set<std::shared_ptr<session>> sessions;
  std::size_t abandoned = 0; ///< operations under way whose client has gone
  bool stopping = false;
};

/// What is read is taken out of the buffer at once, but for what has no end yet.
constexpr std::size_t read_at_once = std::size_t{64} * 1024;

beast::string_view release_name() {
  return {release_header.data(), release_header.size()};
}

/// Of the API, without its length.
http::response<http::string_body> response_of(unsigned status, std::string body) {
  http::response<http::string_body> result;
  result.result(status);
  result.set(http::field::content_type, "application/json");
  result.set(http::field::cache_control, "no-store");
  result.set(release_name(), std::to_string(current_release));
  if (status == 405)
    result.set(http::field::allow, "GET, POST");
  result.body() = std::move(body);
  return result;
}

std::string come_back_later() {
  return failure_document(
      {failure_kind::busy, "too-many-connections", "the daemon has too many connections open; try again in a moment"},
      {});
}

// One connection. Reads a request, has it answered, writes the answer, and so on:
// what is pipelined waits in the buffer.
class session : public std::enable_shared_from_this<session> {
public:
  session(gateway_core& core, std::weak_ptr<gateway_core> weak, local::socket socket, bool turned_away)
      : core_(core),
        weak_core_(std::move(weak)),
        stream_(std::move(socket)),
        buffer_(core.options.header_bytes + read_at_once),
        turned_away_(turned_away) {}

  void read() {
    parser_.emplace();
    bodiless_ = false;
    parser_->header_limit(static_cast<std::uint32_t>(core_.options.header_bytes));
    parser_->body_limit(core_.options.body_bytes);
    stream_.expires_after(core_.options.patience);
    waiting_ = true;
    http::async_read(stream_, buffer_, *parser_, [me = shared_from_this()](error_code problem, std::size_t) {
      me->waiting_ = false;
      me->on_read(problem);
    });
  }

  // The runtime ends: a connection with nothing under way goes at once.
  void stop() {
    if (waiting_)
      end();
  }

private:
  void on_read(error_code problem) {
    // A header, or what stands around a piece of a body.
    if (problem == http::error::header_limit || problem == http::error::buffer_overflow)
      return refuse(431, "header-too-large", "the header of a request may have 8 KiB");
    if (problem == http::error::body_limit)
      return refuse(413, "body-too-large", "a request may have 1 MiB");
    const bool is_garbage = problem && problem.category() == http::make_error_code(http::error::bad_method).category();
    if (is_garbage && problem != http::error::end_of_stream && problem != http::error::partial_message)
      return refuse(400, "not-http", "this is no HTTP/1.1: " + problem.message());
    if (problem || core_.stopping)
      return end();
    keep_ = parser_->get().keep_alive();
    if (turned_away_)
      return turn_away();
    dispatch();
  }

  void dispatch() {
    auto request = parser_->release();
    bodiless_ = request.method() == http::verb::head;
    const auto view = [](auto text) { return std::string_view(text.data(), text.size()); };
    if (const auto coding = request[http::field::transfer_encoding];
        !coding.empty() && !beast::iequals(coding, "chunked"))
      return refuse(501, "coding-unknown", "a request may be chunked, and coded in no other way");
    const auto route =
        route_request({view(request.method_string()), view(request.target()), view(request[http::field::content_type]),
                       view(request[release_name()]), !request.body().empty()});
    if (!route.what)
      return write(route.status, failure_document(route.why, {}));
    // No timer: the operation has a limit of its own.
    stream_.expires_never();
    asking_ = true;
    watch_for_hang_up();
    auto body = request.body().empty() ? std::string("{}") : std::move(request.body());
    call_operation(core_.system, core_.host, *route.what, std::move(body),
                   [weak = weak_core_, me = weak_from_this()](expected<std::string> answer) {
                     if (const auto core = weak.lock())
                       net::post(core->io, [me, &all = *core, answer = std::move(answer)]() mutable {
                         if (const auto here = me.lock())
                           here->on_answer(std::move(answer));
                         else
                           --all.abandoned;
                       });
                   });
  }

  // A client that goes while it is asking gives its place to another.
  void watch_for_hang_up() {
    if (std::exchange(watching_, true))
      return;
    stream_.socket().async_wait(local::socket::wait_error, [me = weak_from_this()](error_code problem) {
      if (const auto here = me.lock(); here && !problem)
        here->on_hang_up();
    });
  }

  // What it asked for goes on, so there is a bound to those as well.
  void on_hang_up() {
    watching_ = false;
    if (!asking_ || core_.abandoned >= core_.options.connections)
      return;
    ++core_.abandoned;
    end();
  }

  void on_answer(expected<std::string> answer) {
    asking_ = false;
    if (answer)
      write(200, std::move(*answer));
    else
      write(http_status(answer.error().kind), failure_document(answer.error(), {}));
  }

  void turn_away() {
    keep_ = false;
    write(503, come_back_later());
  }

  // Nothing that follows can be understood, so the connection ends with it.
  void refuse(unsigned status, std::string_view code, std::string message) {
    keep_ = false;
    write(status, failure_document({failure_kind::usage, code, std::move(message)}, {}));
  }

  void write(unsigned status, std::string body) {
    const auto size = body.size();
    // Of a HEAD everything is told but the body.
    response_ = response_of(status, bodiless_ ? std::string() : std::move(body));
    response_.keep_alive(keep_ && !core_.stopping);
    response_.content_length(size);
    stream_.expires_after(core_.options.patience);
    http::async_write(stream_, response_, [me = shared_from_this()](error_code problem, std::size_t) {
      const bool goes_on = me->response_.keep_alive();
      me->response_ = {};
      if (problem)
        return me->end();
      if (goes_on)
        return me->read();
      me->core_.stopping ? me->end() : me->say_farewell();
    });
  }

  // Closing with bytes unread would take the answer away from the client.
  void say_farewell() {
    error_code ignored;
    stream_.socket().shutdown(local::socket::shutdown_send, ignored);
    stream_.expires_after(core_.options.farewell);
    waiting_ = true;
    drain();
  }

  void drain() {
    stream_.async_read_some(net::buffer(scratch_), [me = shared_from_this()](error_code problem, std::size_t got) {
      me->drained_ += got;
      if (problem || me->drained_ > most_farewell_bytes)
        return me->end();
      me->drain();
    });
  }

  void end() {
    error_code ignored;
    stream_.socket().close(ignored);
    core_.sessions.erase(shared_from_this());
    if (core_.stopping && core_.sessions.empty())
      core_.io.stop();
  }

  gateway_core& core_;
  std::weak_ptr<gateway_core> weak_core_;
  beast::basic_stream<local> stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  std::array<char, 4096> scratch_{};
  std::size_t drained_ = 0;
  bool turned_away_;
  bool keep_ = false;
  bool bodiless_ = false; ///< the answer to what is asked now
  bool waiting_ = false;
  bool asking_ = false;   ///< an operation is under way
  bool watching_ = false; ///< for a client that goes
};

void accept_next(const std::shared_ptr<gateway_core>& core);

/// What it asks is not read, so it is told that nothing came of it.
void turn_away_unread(local::socket socket) {
  auto response = response_of(503, come_back_later());
  response.keep_alive(false);
  response.prepare_payload();
  error_code ignored;
  socket.non_blocking(true, ignored);
  http::write(socket, response, ignored);
}

void take(const std::shared_ptr<gateway_core>& core, local::socket socket) {
  const auto user = peer_user(socket.native_handle());
  const bool known = user && (*user == core->user || *user == 0);
  if (!known)
    return;
  // Reading what is turned away costs a connection too, so that is bounded likewise.
  if (core->sessions.size() >= 2 * core->options.connections)
    return turn_away_unread(std::move(socket));
  const bool turned_away = core->sessions.size() >= core->options.connections;
  const auto next = std::make_shared<session>(*core, core, std::move(socket), turned_away);
  core->sessions.insert(next);
  next->read();
}

void accept_next(const std::shared_ptr<gateway_core>& core) {
  auto* shared = core.get();
  core->acceptor.async_accept([shared, weak = std::weak_ptr(core)](error_code problem, local::socket socket) {
    const auto here = weak.lock();
    if (!here || shared->stopping)
      return;
    if (!problem) {
      take(here, std::move(socket));
      return accept_next(here);
    }
    // Without descriptors to spare an accept fails at once, again and again.
    shared->timer.expires_after(when_out_of_descriptors);
    shared->timer.async_wait([weak](error_code cancelled) {
      if (const auto again = weak.lock(); again && !cancelled && !again->stopping)
        accept_next(again);
    });
  });
}

expected<void> listen(gateway_core& core, handle data, const std::string& shown) {
  const auto refused = [&shown](std::string_view step, const error_code& why) {
    return disk_failure(step, shown, os_error{why.value()});
  };
  error_code problem;
  core.acceptor.open(local(), problem);
  if (problem)
    return refused("open a socket for", problem);
  // Before it has a name, so that nobody else ever reaches it.
  if (::fchmod(core.acceptor.native_handle(), S_IRUSR | S_IWUSR) != 0)
    return refused("keep others away from", error_code(errno, boost::system::system_category()));
  core.acceptor.bind(local::endpoint(socket_address(data)), problem);
  if (problem)
    return refused("make the socket", problem);
  core.acceptor.listen(backlog, problem);
  if (problem)
    return refused("listen on", problem);
  return {};
}

} // namespace

struct gateway::inside {
  inside(caf::actor_system& system, const environment& env, api_host host, const gateway_options& options)
      : env(env), core(std::make_shared<gateway_core>(system, std::move(host), options)) {
    core->user = env.self.uid;
  }

  environment env;
  open_file data;
  std::shared_ptr<gateway_core> core;
  std::thread thread;
  bool refusing = false;
};

gateway::gateway(std::unique_ptr<inside> what) : inside_(std::move(what)) {}
gateway::gateway(gateway&&) noexcept = default;

gateway::~gateway() {
  if (inside_)
    close(std::chrono::milliseconds{0});
}

expected<gateway> gateway::open(caf::actor_system& system, const environment& env, api_host host,
                                const gateway_options& options) {
  const auto shown = host.data_directory + "/" + std::string(socket_name);
  auto opened = env.files.open(no_handle, host.data_directory, {.directory = true});
  if (!opened)
    return disk_failure("open the data directory", host.data_directory, opened.error());
  auto made = std::make_unique<inside>(system, env, std::move(host), options);
  made->data = open_file(env.files, *opened);
  auto removed = env.files.unlink(made->data.get(), socket_name, unlink_kind::file);
  if (!removed && removed.error().code != ENOENT)
    return disk_failure("remove the stale socket", shown, removed.error());
  if (auto listening = listen(*made->core, made->data.get(), shown); !listening)
    return listening.error();
  accept_next(made->core);
  made->thread = std::thread([core = made->core] { core->io.run(); });
  return gateway(std::move(made));
}

void gateway::refuse_new() {
  // Once: the lock may have gone to somebody who serves here by now.
  if (std::exchange(inside_->refusing, true))
    return;
  net::post(inside_->core->io, [core = inside_->core.get()] {
    error_code ignored;
    core->stopping = true;
    core->acceptor.close(ignored);
    core->timer.cancel();
    // Ending takes a session out of the set.
    for (const auto& each : std::set(core->sessions))
      each->stop();
  });
  (void)inside_->env.files.unlink(inside_->data.get(), socket_name, unlink_kind::file);
}

void gateway::close(std::chrono::milliseconds deadline) {
  if (!inside_->thread.joinable())
    return;
  refuse_new();
  net::post(inside_->core->io, [core = inside_->core.get(), deadline] {
    if (core->sessions.empty())
      return core->io.stop();
    core->timer.expires_after(deadline);
    core->timer.async_wait([core](error_code) { core->io.stop(); });
  });
  inside_->thread.join();
}

} // namespace muster
