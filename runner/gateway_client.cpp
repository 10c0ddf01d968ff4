#include "muster/runner/gateway_client.hpp"

#include "muster/runner/api.hpp"
#include "muster/runner/failure_document.hpp"
#include "muster/runner/muster_socket.hpp"
#include "muster/store/disk_failure.hpp"
#include "muster/store/release.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <cerrno>
#include <chrono>

namespace muster {

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using local = net::local::stream_protocol;

constexpr std::size_t largest_header = std::size_t{8} * 1024;
constexpr std::uint64_t largest_answer = 512ull * 1024 * 1024;
constexpr std::chrono::seconds connect_limit{5};
// Beyond the daemon's own limit on an operation, so that its answer comes first.
constexpr std::chrono::seconds transfer_limit{30};

beast::string_view as_view(std::string_view text) {
  return {text.data(), text.size()};
}

// One question and its answer, or the first problem on the way.
class exchange {
public:
  explicit exchange(handle data, int gives_up = -1) : endpoint_(socket_address(data)) {
    if (gives_up >= 0)
      ending_.assign(gives_up);
  }
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;
  // The descriptor stays its owner's.
  ~exchange() {
    if (ending_.is_open())
      ending_.release();
  }

  [[nodiscard]] error_code connect() {
    error_code result;
    stream_.expires_after(connect_limit);
    stream_.async_connect(endpoint_, [&result](error_code problem) { result = problem; });
    run();
    return result;
  }

  [[nodiscard]] int socket() { return stream_.socket().native_handle(); }

  [[nodiscard]] error_code ask(std::string_view operation, std::string_view body, std::chrono::seconds limit) {
    request_.method(http::verb::post);
    request_.target("/v1/" + std::string(operation));
    request_.version(11);
    request_.set(http::field::host, "muster");
    request_.set(http::field::content_type, "application/json");
    request_.set(as_view(release_header), std::to_string(current_release));
    request_.keep_alive(false);
    request_.body() = body;
    request_.prepare_payload();
    parser_.header_limit(largest_header);
    parser_.body_limit(largest_answer);
    stream_.expires_after(limit);
    error_code result;
    http::async_write(stream_, request_, [](error_code, std::size_t) {});
    run();
    // Also after a failed write: a refusal may have come before all was taken.
    http::async_read(stream_, buffer_, parser_, [&](error_code problem, std::size_t) {
      result = problem;
      error_code ignored;
      ending_.cancel(ignored);
    });
    if (ending_.is_open())
      ending_.async_wait(net::posix::stream_descriptor::wait_read, [this](error_code problem) {
        if (!problem)
          stream_.cancel();
      });
    run();
    return result;
  }

  [[nodiscard]] const http::response<http::string_body>& answer() const { return parser_.get(); }
  [[nodiscard]] std::string take_body() { return std::move(parser_.get().body()); }

private:
  void run() {
    io_.restart();
    io_.run();
  }

  net::io_context io_{1};
  local::endpoint endpoint_;
  beast::basic_stream<local> stream_{io_};
  net::posix::stream_descriptor ending_{io_};
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> parser_;
};

bool is_nobody(const error_code& why) {
  return why.value() == ENOENT || why.value() == ECONNREFUSED || why.value() == ENOTDIR;
}

class gateway_client final : public service {
public:
  gateway_client(const environment& env, std::string path, open_file data, int gives_up)
      : env_(env), path_(std::move(path)), data_(std::move(data)), gives_up_(gives_up) {}

  expected<void> connect(exchange& with) {
    if (const auto problem = with.connect())
      return is_nobody(problem) ? failure{failure_kind::unreachable, "no-daemon", "no daemon serves " + path_, path_}
                                : failure{failure_kind::unreachable,
                                          "daemon-unreachable",
                                          "the daemon of " + path_ + " cannot be reached: " + problem.message(),
                                          path_,
                                          "connect",
                                          {},
                                          problem.value()};
    const auto user = peer_user(with.socket());
    if (!user || (*user != env_.self.uid && env_.self.uid != 0))
      return failure{failure_kind::refused, "daemon-not-ours",
                     "somebody else answers at " + path_ + "/" + std::string(socket_name) + "; remove that socket",
                     path_};
    return {};
  }

  expected<std::string> call(std::string_view name, std::string_view request) override {
    const auto* what = find_operation(name);
    if (!what)
      return no_such_operation(name);
    exchange with(data_.get(), gives_up_);
    if (auto connected = connect(with); !connected)
      return connected.error();
    if (const auto problem = with.ask(name, request, what->limit + transfer_limit))
      return lost(*what, problem);
    const auto& answer = with.answer();
    const auto release = answer[as_view(release_header)];
    if (answer.result_int() == 200 && release == std::to_string(current_release))
      return with.take_body();
    if (auto why = read_failure_document(answer.body()))
      return std::move(*why);
    return strange(*what);
  }

  [[nodiscard]] std::vector<std::string> notes() const override { return {}; }

private:
  [[nodiscard]] failure lost(const operation& what, const error_code& why) const {
    const bool silent = why == beast::error::timeout;
    const auto happened = silent ? "the daemon of " + path_ + " did not answer in time"
                                 : "the daemon of " + path_ + " went away before it answered (" + why.message() + ")";
    const auto* const code = silent ? "daemon-silent" : "daemon-lost";
    if (what.changes)
      return {failure_kind::unknown_outcome, code,
              happened + "; whether it happened is not known: repeat it with the same --request-id", path_};
    return {failure_kind::unreachable, code, happened + "; try again", path_};
  }

  [[nodiscard]] failure strange(const operation& what) const {
    return {what.changes ? failure_kind::unknown_outcome : failure_kind::unreachable, "daemon-answer",
            "what answers at " + path_ + "/" + std::string(socket_name) +
                " is no muster of this release; stop it, and start the daemon again",
            path_};
  }

  environment env_;
  std::string path_;
  open_file data_;
  int gives_up_;
};

} // namespace

expected<std::unique_ptr<service>> dial_daemon(const environment& env, const std::string& data_directory,
                                               int gives_up) {
  auto opened = env.files.open(no_handle, data_directory, {.directory = true});
  if (!opened && (opened.error().code == ENOENT || opened.error().code == ENOTDIR))
    return failure{failure_kind::unreachable, "no-daemon", "no daemon serves " + data_directory, data_directory};
  if (!opened)
    return disk_failure("open the data directory", data_directory, opened.error());
  auto client = std::make_unique<gateway_client>(env, data_directory, open_file(env.files, *opened), gives_up);
  exchange probe(static_cast<handle>(*opened));
  if (auto connected = client->connect(probe); !connected)
    return connected.error();
  return std::unique_ptr<service>(std::move(client));
}

} // namespace muster
