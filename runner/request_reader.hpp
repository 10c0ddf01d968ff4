#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/ids.hpp"
#include "muster/store/json.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// Bounds of a request (docs/api.md).
struct request_limits {
  static constexpr std::size_t bytes = std::size_t{1024} * 1024;
  static constexpr std::size_t depth = 40;
  static constexpr std::size_t text = std::size_t{256} * 1024;
  static constexpr std::size_t path = 4096;
  static constexpr std::size_t name = 256;
  static constexpr std::size_t entries = 1000;
};

/// A version as somebody typed it: the beginning of an instance id, empty for
/// our own, and a seq.
struct typed_version {
  std::string instance;
  sequence seq = 0;
  friend bool operator==(const typed_version&, const typed_version&) = default;
};

/// Refused ("not-a-version").
[[nodiscard]] expected<typed_version> parse_version(std::string_view text);

/// Reads the members of a request's object, each once. The first thing that is
/// wrong sticks, and from there on what is read is empty; `finish` tells it.
class request_reader {
public:
  explicit request_reader(json::value object) noexcept : object_(object) {}

  /// Empty if the member is not there.
  [[nodiscard]] std::string text(std::string_view name, std::size_t limit = request_limits::text);
  [[nodiscard]] std::string required_text(std::string_view name, std::size_t limit = request_limits::text);
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view name,
                                                         std::size_t limit = request_limits::text);
  /// The bytes of a path.
  [[nodiscard]] std::string path(std::string_view name);
  [[nodiscard]] std::string required_path(std::string_view name);
  /// Of a list of paths; none of them is empty.
  [[nodiscard]] std::vector<std::string> paths(std::string_view name);
  /// What names an agent.
  [[nodiscard]] std::string selector(std::string_view name);
  [[nodiscard]] std::string required_selector(std::string_view name);
  [[nodiscard]] bool flag(std::string_view name);
  [[nodiscard]] std::size_t number(std::string_view name, std::size_t otherwise, std::size_t lowest,
                                   std::size_t highest);
  [[nodiscard]] std::vector<std::string> texts(std::string_view name);
  [[nodiscard]] std::optional<typed_version> version(std::string_view name);
  /// Any value; absent if the member is not there.
  [[nodiscard]] json::value any(std::string_view name);
  /// The elements of a list.
  [[nodiscard]] std::vector<json::value> list(std::string_view name);

  /// Records what is wrong, if nothing was so far.
  void fail(failure why);
  [[nodiscard]] bool good() const noexcept { return !problem_; }
  /// Refused with kind usage: what was wrong, or a member that nobody asked for.
  [[nodiscard]] expected<void> finish();

private:
  std::string checked_path(const std::string& spelled, std::string_view name);
  std::string read_text(const json::value& from, std::string_view name, std::size_t limit);
  json::value required(std::string_view name);
  void wrong_type(std::string_view name, std::string_view takes);

  json::value object_;
  std::vector<std::string_view> known_;
  std::optional<failure> problem_;
};

} // namespace muster
