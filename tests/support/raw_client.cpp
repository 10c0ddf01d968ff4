#include "tests/support/raw_client.hpp"

#include <array>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace muster::test {

namespace {

constexpr int longest_wait_ms = 10000;

bool wait_for(int socket, short what) {
  pollfd one{socket, what, 0};
  return ::poll(&one, 1, longest_wait_ms) == 1;
}

} // namespace

raw_client::raw_client(const std::string& directory, const std::string& name) {
  const int place = ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ("/proc/self/fd/" + std::to_string(place) + "/" + name).copy(address.sun_path, sizeof address.sun_path - 1);
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    socket_ = made;
  else
    ::close(made);
  ::close(place);
}

raw_client::raw_client(raw_client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), ended_(other.ended_), buffer_(std::move(other.buffer_)) {}

raw_client::~raw_client() {
  hang_up();
}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    else if ((errno != EAGAIN && errno != EINTR) || !wait_for(socket_, POLLOUT))
      return false;
  }
  return true;
}

void raw_client::finish() {
  ::shutdown(socket_, SHUT_WR);
}

void raw_client::hang_up() {
  if (socket_ >= 0)
    ::close(std::exchange(socket_, -1));
}

bool raw_client::read_more() {
  std::array<char, 65536> chunk;
  if (!wait_for(socket_, POLLIN))
    return false;
  const auto got = ::recv(socket_, chunk.data(), chunk.size(), 0);
  ended_ = got <= 0;
  if (!ended_)
    buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  return !ended_;
}

std::string raw_client::answer() {
  for (;;) {
    const auto head = buffer_.find("\r\n\r\n");
    const auto length = buffer_.find("Content-Length: ");
    if (head != std::string::npos && length < head) {
      const auto size = head + 4 + std::strtoul(buffer_.c_str() + length + 16, nullptr, 10);
      if (buffer_.size() >= size) {
        auto one = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return one;
      }
    }
    if (!read_more())
      return {};
  }
}

std::string raw_client::rest() {
  while (read_more()) {
  }
  return std::exchange(buffer_, {});
}

int status_of(std::string_view answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::atoi(std::string(answer.substr(9, 3)).c_str()) : 0;
}

std::string body_of(std::string_view answer) {
  const auto head = answer.find("\r\n\r\n");
  return head == std::string_view::npos ? std::string() : std::string(answer.substr(head + 4));
}

std::string post(std::string_view operation, std::string_view body, std::string_view more_headers) {
  return "POST /v1/" + std::string(operation) +
         " HTTP/1.1\r\nHost: muster\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(more_headers) + "\r\n" + std::string(body);
}

} // namespace muster::test
