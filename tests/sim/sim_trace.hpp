#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace muster::sim {

/// What happened in a run, line by line. The hash over all lines names the run:
/// equal hashes, equal runs. A line holds no address, no real time and nothing
/// else that another run of the same seed would say differently.
class sim_trace {
public:
  /// Takes each line; none: only the hash is kept.
  using reader = std::function<void(std::string_view line)>;
  explicit sim_trace(reader into = {}) : into_(std::move(into)) {}

  /// A line of words.
  template <class... Words>
  void line(const Words&... words) {
    text_.clear();
    (add(words), ...);
    end_line();
  }

  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
  [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }
  [[nodiscard]] bool is_read() const noexcept { return static_cast<bool>(into_); }

private:
  void add(std::string_view word) {
    if (!text_.empty())
      text_ += ' ';
    text_ += word;
  }
  void add(std::uint64_t number) { add(std::string_view{std::to_string(number)}); }
  void end_line() {
    for (const char each : text_)
      hash_ = (hash_ ^ static_cast<unsigned char>(each)) * 0x100000001b3U;
    hash_ = (hash_ ^ '\n') * 0x100000001b3U;
    ++lines_;
    if (into_)
      into_(text_);
  }

  reader into_;
  std::string text_;
  std::uint64_t hash_ = 0xcbf29ce484222325U;
  std::uint64_t lines_ = 0;
};

} // namespace muster::sim
