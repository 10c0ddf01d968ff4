#pragma once

#include <string>
#include <string_view>

namespace muster::test {

/// A client of a unix socket that says whatever bytes it likes. Nothing waits for
/// longer than ten seconds.
class raw_client {
public:
  /// Connects to a socket by a path of any length.
  explicit raw_client(const std::string& directory, const std::string& name = "muster.sock");
  raw_client(raw_client&& other) noexcept;
  raw_client& operator=(raw_client&&) = delete;
  ~raw_client();

  [[nodiscard]] bool connected() const noexcept { return socket_ >= 0; }
  /// Whether all of it was taken.
  bool send(std::string_view bytes);
  /// Nothing more will be sent.
  void finish();
  void hang_up();
  /// One answer, header and body; empty if the connection ended first.
  std::string answer();
  /// All that comes until the connection ends; `ended` says whether it did.
  std::string rest();
  [[nodiscard]] bool ended() const noexcept { return ended_; }

private:
  bool read_more();

  int socket_ = -1;
  bool ended_ = false;
  std::string buffer_;
};

/// The status of an answer, or 0.
[[nodiscard]] int status_of(std::string_view answer);
[[nodiscard]] std::string body_of(std::string_view answer);

/// A POST with a body.
[[nodiscard]] std::string post(std::string_view operation, std::string_view body, std::string_view more_headers = "");

} // namespace muster::test
