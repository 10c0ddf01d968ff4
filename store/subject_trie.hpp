#pragma once

#include "muster/store/relay_subject.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace muster {

/// Patterns of subjects, each with a number of its own while it is there. Which
/// of them a subject matches is found along its words, however many there are.
class subject_trie {
public:
  using number = std::uint32_t;
  static constexpr number none = 0;

  /// The pattern is valid. Added twice it has to be removed twice. Its number,
  /// which is never `none`.
  number add(std::string_view pattern);
  /// The pattern is there.
  void remove(std::string_view pattern);
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Calls `take(number)` for each pattern that the subject, which is valid,
  /// matches, until it returns false.
  template <class Take>
  void match(std::string_view subject, Take take) const {
    (void)walk(root_, subject_words{subject}, take);
  }

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  struct pattern_end {
    number id = none;
    std::size_t times = 0;
  };
  struct node {
    boost::unordered_flat_map<std::string, std::unique_ptr<node>, text_hash, std::equal_to<>> words;
    std::unique_ptr<node> star;
    pattern_end here; ///< of a pattern that ends in this node
    pattern_end rest; ///< of one that goes on with `>`
    [[nodiscard]] bool is_empty() const noexcept {
      return words.empty() && !star && here.times == 0 && rest.times == 0;
    }
  };

  template <class Take>
  static bool walk(const node& from, subject_words words, Take& take) {
    const auto word = words.next();
    if (!word)
      return from.here.times == 0 || take(from.here.id);
    if (from.rest.times > 0 && !take(from.rest.id))
      return false;
    if (const auto next = from.words.find(*word); next != from.words.end() && !walk(*next->second, words, take))
      return false;
    return !from.star || walk(*from.star, words, take);
  }
  void remove_below(node& from, subject_words words);

  node root_;
  std::size_t size_ = 0;
  number last_ = none;
};

} // namespace muster
