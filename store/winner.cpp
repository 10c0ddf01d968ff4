#include "muster/store/winner.hpp"

#include "muster/store/sha256.hpp"

namespace muster {

std::string plain_meaning(std::string_view, const std::optional<std::string>& value) {
  return value.value_or(std::string{});
}

std::strong_ordering compare_contenders(const contender& a, const contender& b, const key_meaning& key) {
  if (auto order = a.restriction <=> b.restriction; order != 0)
    return order;
  if (auto order = b.adopted <=> a.adopted; order != 0)
    return order;
  if (auto order = a.at <=> b.at; order != 0)
    return order;
  if (*a.value != *b.value)
    if (auto order = sha256::of(key.of(*a.value)) <=> sha256::of(key.of(*b.value)); order != 0)
      return order;
  if (auto order = a.instance.compare(b.instance) <=> 0; order != 0)
    return order;
  return a.seq <=> b.seq;
}

} // namespace muster
