#pragma once

#include "muster/messages/file_messages.hpp"

#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <utility>

namespace muster {

/// The writes that gather behind a tail marker until one sync makes all of them
/// durable. Decides when they must be made earlier. `Promise` is what is
/// answered; nothing here calls it.
template <class Promise>
class write_batch {
public:
  struct entry {
    write_manifest request;
    Promise promise;
  };

  write_batch(std::size_t max_writes, std::size_t max_bytes) : max_writes_(max_writes), max_bytes_(max_bytes) {}

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

  /// A write of that project waits here: what is asked of it next must come
  /// after it.
  [[nodiscard]] bool holds(const std::string& project) const { return projects_.contains(project); }

  /// The project is not held. The request stays where it is put until its entry,
  /// taken by then, ends.
  const write_manifest& add(write_manifest request, Promise promise) {
    bytes_ += request.bytes.size();
    projects_.insert(request.project);
    return entries_.emplace_back(entry{std::move(request), std::move(promise)}).request;
  }

  [[nodiscard]] bool full() const noexcept { return entries_.size() >= max_writes_ || bytes_ >= max_bytes_; }

  /// Everything gathered, in order; the batch is empty then.
  [[nodiscard]] std::deque<entry> take() {
    bytes_ = 0;
    projects_.clear();
    return std::exchange(entries_, {});
  }

private:
  std::size_t max_writes_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::deque<entry> entries_;
  std::set<std::string> projects_;
};

} // namespace muster
