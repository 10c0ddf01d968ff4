#pragma once

#include "muster/messages/saga.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace muster {

/// What became of a statement.
enum class statement_fate : std::uint8_t {
  taken,   ///< it holds
  late,    ///< it holds already, or something newer does
  too_old, ///< it is not known any more whether something newer was said
  full,    ///< there is no room for another
};

/// Values by key, each as of the newest statement about it, in whatever order
/// the statements arrive. What was dropped is remembered, so that a late put
/// does not bring it back; the oldest of these memories are given up beyond a
/// bound, and what is as old as those is not taken any more.
template <class Key, class Value>
class statement_map {
public:
  struct entry {
    statement_version version;
    Value value;
  };

  statement_map(std::size_t max_entries, std::size_t max_dropped)
      : max_entries_(max_entries), max_dropped_(max_dropped) {}

  [[nodiscard]] const std::map<Key, entry>& entries() const noexcept { return entries_; }
  [[nodiscard]] std::size_t dropped() const noexcept { return dropped_.size(); }

  statement_fate put(const Key& key, statement_version version, Value value) {
    if (const auto here = entries_.find(key); here != entries_.end()) {
      if (version <= here->second.version)
        return statement_fate::late;
      here->second = {version, std::move(value)};
      return statement_fate::taken;
    }
    const auto gone = dropped_.find(key);
    if (gone != dropped_.end() && version <= gone->second)
      return statement_fate::late;
    if (gone == dropped_.end() && version <= given_up_)
      return statement_fate::too_old;
    if (entries_.size() >= max_entries_)
      return statement_fate::full;
    if (gone != dropped_.end()) {
      by_age_.erase({gone->second, key});
      dropped_.erase(gone);
    }
    entries_.emplace(key, entry{version, std::move(value)});
    return statement_fate::taken;
  }

  /// What a statement has to be newer than to be taken.
  [[nodiscard]] statement_version newest(const Key& key) const {
    if (const auto here = entries_.find(key); here != entries_.end())
      return here->second.version;
    const auto gone = dropped_.find(key);
    return gone != dropped_.end() ? gone->second : given_up_;
  }

  statement_fate drop(const Key& key, statement_version version) {
    const auto here = entries_.find(key);
    if (here != entries_.end() && version <= here->second.version)
      return statement_fate::late;
    if (here != entries_.end())
      entries_.erase(here);
    else if (const auto gone = dropped_.find(key); gone != dropped_.end()) {
      if (version <= gone->second)
        return statement_fate::late;
      by_age_.erase({gone->second, key});
    } else if (version <= given_up_)
      return statement_fate::late;
    dropped_[key] = version;
    by_age_.emplace(version, key);
    while (dropped_.size() > max_dropped_)
      give_up_oldest();
    return statement_fate::taken;
  }

private:
  void give_up_oldest() {
    const auto oldest = by_age_.begin();
    given_up_ = std::max(given_up_, oldest->first);
    dropped_.erase(oldest->second);
    by_age_.erase(oldest);
  }

  std::size_t max_entries_;
  std::size_t max_dropped_;
  std::map<Key, entry> entries_;
  std::map<Key, statement_version> dropped_;
  std::set<std::pair<statement_version, Key>> by_age_;
  /// Of what is not remembered, nothing newer than this was ever dropped.
  statement_version given_up_;
};

} // namespace muster
