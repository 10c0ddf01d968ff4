#include "muster/store/subject_trie.hpp"

#include <cassert>

namespace muster {

subject_trie::number subject_trie::add(std::string_view pattern) {
  auto* at = &root_;
  subject_words words{pattern};
  pattern_end* end = nullptr;
  while (const auto word = words.next()) {
    if (*word == ">") {
      end = &at->rest;
      break;
    }
    auto& next = *word == "*" ? at->star : at->words.try_emplace(std::string{*word}).first->second;
    if (!next)
      next = std::make_unique<node>();
    at = next.get();
  }
  if (!end)
    end = &at->here;
  if (end->times++ == 0) {
    end->id = ++last_;
    ++size_;
  }
  assert(last_ != none && "four thousand million patterns were added");
  return end->id;
}

void subject_trie::remove(std::string_view pattern) {
  remove_below(root_, subject_words{pattern});
}

void subject_trie::remove_below(node& from, subject_words words) {
  const auto release = [this](pattern_end& end) {
    assert(end.times > 0 && "the pattern is there");
    if (--end.times == 0)
      --size_;
  };
  const auto word = words.next();
  if (!word)
    return release(from.here);
  if (*word == ">")
    return release(from.rest);
  if (*word == "*") {
    assert(from.star && "the pattern is there");
    remove_below(*from.star, words);
    if (from.star->is_empty())
      from.star.reset();
    return;
  }
  const auto next = from.words.find(*word);
  assert(next != from.words.end() && "the pattern is there");
  remove_below(*next->second, words);
  if (next->second->is_empty())
    from.words.erase(next);
}

} // namespace muster
