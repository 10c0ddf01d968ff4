#include "muster/store/manifest_wording.hpp"

#include <cstdlib>

namespace muster {

namespace {

constexpr std::size_t longest_excerpt = 60;

std::string text_of_length(const rules::rule& rule) {
  if (rule.most == rules::unlimited)
    return rule.least == 0 ? "a string" : "a string that is not empty";
  return "a string of at most " + std::to_string(rule.most) + " characters";
}

std::string choice_of(rules::table<std::string_view> choices) {
  if (choices.count == 1)
    return "the string " + std::string(*choices.begin());
  std::string words = "one of ";
  for (const auto& choice : choices) {
    words += choice;
    if (&choice + 1 != choices.end())
      words += ", ";
  }
  return words;
}

} // namespace

std::string path_of(const place& at) {
  auto path = at.parent ? path_of(*at.parent) : std::string();
  if (!at.name.empty()) {
    if (!path.empty())
      path += '.';
    path += at.name;
  } else if (!at.key_text.empty()) {
    path += '[' + excerpt(at.key_text) + ']';
  } else {
    path += '[' + std::to_string(at.index) + ']';
  }
  return path;
}

std::string allowed_by(const rules::rule& rule) {
  if (!rule.looks.empty())
    return std::string(rule.looks);
  switch (rule.form) {
    case rules::shape::text: return text_of_length(rule);
    case rules::shape::choice: return choice_of(rule.choices);
    case rules::shape::flag: return "true or false";
    case rules::shape::integer:
      return "a whole number from " + std::to_string(rule.least) + " to " + std::to_string(rule.most);
    case rules::shape::number: return "a number below 1.8e308 in size";
    case rules::shape::list: return "an array, each element " + allowed_by(*rule.element);
    case rules::shape::text_map: return "an object whose values are strings";
    case rules::shape::object: return "an object";
    case rules::shape::tagged: return "an object with a " + std::string(rule.tag);
  }
  std::abort();
}

std::string sentence(const place& at, std::string_view found, const rules::rule& rule) {
  std::string words = path_of(at);
  words += ' ';
  words += found;
  words += "; it must be ";
  words += allowed_by(rule);
  words += "; ";
  words += at.advice;
  return words;
}

std::string top_level_sentence(json::kind found) {
  return "the top level is " + name_of(found) +
         "; it must be an object; put the fields of the manifest between { and }";
}

std::string name_of(json::kind kind) {
  switch (kind) {
    case json::kind::null: return "null";
    case json::kind::boolean: return "true or false";
    case json::kind::number: return "a number";
    case json::kind::string: return "a string";
    case json::kind::array: return "an array";
    case json::kind::object: return "an object";
  }
  std::abort();
}

std::string excerpt(std::string_view text) {
  if (text.size() <= longest_excerpt)
    return std::string(text);
  auto end = longest_excerpt;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return std::string(text.substr(0, end)) + "…";
}

} // namespace muster
