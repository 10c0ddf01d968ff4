#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace muster {

/// The last paths at which something ended, for somebody who comes by now and
/// then and asks what there was since.
class released_paths {
public:
  /// Numbers begin after `start`, which no other life of the process has told:
  /// who asks with a number of another life gets everything.
  released_paths(std::uint64_t start, std::size_t most) : end_(start), most_(most) {}

  void add(std::string path);
  /// Something has ended, and nobody knows where.
  void add_all();

  struct answer {
    std::vector<std::string> paths;
    bool all = false; ///< any path
  };
  [[nodiscard]] answer since(std::uint64_t number) const;
  [[nodiscard]] std::uint64_t now() const noexcept { return end_; }

private:
  std::uint64_t end_; ///< the number of the last one
  std::size_t most_;
  std::deque<std::string> paths_; ///< up to `end_`
};

} // namespace muster
