#include "muster/store/manifest_check.hpp"

#include "muster/store/json_reader.hpp"
#include "muster/store/manifest_wording.hpp"
#include "muster/store/utf16_length.hpp"

#include <algorithm>
#include <optional>

namespace muster {

namespace {

using json::kind;
using rules::shape;

/// From here on the nearest double is infinite: 2^1024 - 2^970.
bool has_finite_double(std::string_view number) {
  static const auto limit = *json::decimal::parse(
      "1797693134862315807937289714053034150799341327100378269361737789804449682927647509466490179775872070"
      "9633028641669288791094655554785194040263065748867150582068190890200070838367627385484581771153176447"
      "5730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880177904"
      "174497792");
  static const auto negative_limit = *json::decimal::parse("-" + limit.canonical());
  // Without an exponent it takes 309 digits to get there.
  if (number.size() < 309 && number.find_first_of("eE") == std::string_view::npos)
    return true;
  const auto exact = json::decimal::parse(number);
  return exact && *exact<limit&& * exact> negative_limit;
}

kind kind_of(shape form) noexcept {
  switch (form) {
    case shape::text:
    case shape::choice: return kind::string;
    case shape::flag: return kind::boolean;
    case shape::integer:
    case shape::number: return kind::number;
    case shape::list: return kind::array;
    case shape::text_map:
    case shape::object:
    case shape::tagged: return kind::object;
  }
  return kind::null;
}

/// A problem before line and column are worked out.
struct finding {
  std::size_t offset = 0;
  manifest_problem what;
};

/// Walks a value along its rule.
class checker {
public:
  enum class mode : std::uint8_t { count_only, list };
  explicit checker(mode wanted) noexcept : mode_(wanted) {}

  void value(json::value v, const rules::rule& rule, const place& at);
  /// Of the top level there is no place, and `values` are noted.
  void object(json::value v, rules::table<rules::field> members, const place* at, manifest_values* values = nullptr);

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] manifest_report report(const json::document& document) &&;

private:
  void text(json::value v, const rules::rule& rule, const place& at);
  void choice(json::value v, const rules::rule& rule, const place& at);
  void integer(json::value v, const rules::rule& rule, const place& at);
  void list(json::value v, const rules::rule& rule, const place& at);
  void text_map(json::value v, const place& at);
  void tagged(json::value v, const rules::rule& rule, const place& at);
  void problem(std::size_t offset, std::string_view code, const rules::rule& rule, const place& at,
               const std::string& found);

  mode mode_;
  bool degrading_ = false;
  std::size_t count_ = 0;
  std::vector<finding> problems_;
  std::vector<finding> degraded_;
};

void checker::problem(std::size_t offset, std::string_view code, const rules::rule& rule, const place& at,
                      const std::string& found) {
  count_ += degrading_ ? 0 : 1;
  auto& list = degrading_ ? degraded_ : problems_;
  if (mode_ == mode::list && list.size() < max_listed_problems)
    list.push_back({offset, {path_of(at), {}, code, sentence(at, found, rule)}});
}

void checker::value(json::value v, const rules::rule& rule, const place& at) {
  if (!v.is(kind_of(rule.form)))
    return problem(v.offset(), v.is(kind::null) ? "manifest-null" : "manifest-type", rule, at,
                   "is " + name_of(v.type()));
  switch (rule.form) {
    case shape::text: return text(v, rule, at);
    case shape::choice: return choice(v, rule, at);
    case shape::flag: return;
    case shape::integer: return integer(v, rule, at);
    case shape::number:
      if (!has_finite_double(v.text()))
        problem(v.offset(), "manifest-not-finite", rule, at, "is " + excerpt(v.text()));
      return;
    case shape::list: return list(v, rule, at);
    case shape::text_map: return text_map(v, at);
    case shape::object: return object(v, rule.members, &at);
    case shape::tagged: return tagged(v, rule, at);
  }
}

void checker::text(json::value v, const rules::rule& rule, const place& at) {
  const bool anything = rule.least == 0 && rule.most == rules::unlimited && !rule.fits;
  if (anything)
    return;
  std::string decoded;
  auto written = v.plain_string();
  if (!written)
    written = decoded = v.as_string();
  // No text has more UTF-16 units than bytes.
  const auto units = written->size() <= rule.most ? written->size() : utf16_length(*written);
  if (units < rule.least)
    problem(v.offset(), "manifest-too-short", rule, at, "is empty");
  else if (units > rule.most)
    problem(v.offset(), "manifest-too-long", rule, at, "has " + std::to_string(units) + " characters (UTF-16 units)");
  else if (rule.fits && !rule.fits(*written))
    problem(v.offset(), rule.code, rule, at, "is " + excerpt(v.text()));
}

void checker::choice(json::value v, const rules::rule& rule, const place& at) {
  std::string decoded;
  auto written = v.plain_string();
  if (!written)
    written = decoded = v.as_string();
  if (std::find(rule.choices.begin(), rule.choices.end(), *written) == rule.choices.end())
    problem(v.offset(), "manifest-choice", rule, at, "is " + excerpt(v.text()));
}

void checker::integer(json::value v, const rules::rule& rule, const place& at) {
  const auto exact = json::decimal::parse(v.text());
  std::string_view code;
  if (!exact || !exact->is_integer())
    code = "manifest-not-integer";
  else if (const auto whole = exact->to_int64();
           exact->is_negative() || (whole && *whole < static_cast<std::int64_t>(rule.least)))
    code = "manifest-too-small";
  else if (!whole || *whole > static_cast<std::int64_t>(rule.most))
    code = "manifest-too-great";
  if (!code.empty())
    problem(v.offset(), code, rule, at, "is " + excerpt(v.text()));
}

void checker::list(json::value v, const rules::rule& rule, const place& at) {
  std::size_t index = 0;
  for (const auto element : v)
    value(element, *rule.element, {.parent = &at, .index = index++, .advice = at.advice});
}

void checker::text_map(json::value v, const place& at) {
  static constexpr rules::rule any_text{};
  for (const auto member : v)
    value(member, any_text, {.parent = &at, .key_text = member.key_text(), .advice = at.advice});
}

void checker::tagged(json::value v, const rules::rule& rule, const place& at) {
  const auto tag = v.find(rule.tag);
  const auto members = tag.is(kind::string) ? rules::members_for(rule, tag.as_string()) : rules::table<rules::field>{};
  if (members.count > 0)
    return object(v, members, &at);
  // What else should be there depends on the tag: only the tag can be judged.
  const auto& any = rule.variants.begin()->members;
  const auto* field = rules::find_field(any, rule.tag);
  const place inside{.parent = &at, .name = field->name, .advice = field->advice};
  if (tag)
    value(tag, field->value, inside);
  else
    problem(v.offset(), "manifest-missing", field->value, inside, "is missing");
}

void checker::object(json::value v, rules::table<rules::field> members, const place* at, manifest_values* values) {
  std::uint64_t seen = 0;
  const rules::field* last = nullptr;
  for (const auto member : v) {
    const auto* known = rules::find_member(members, member, last);
    if (!known)
      continue;
    last = known;
    const auto index = static_cast<std::size_t>(known - members.begin());
    seen |= std::uint64_t{1} << index;
    const auto degraded = degraded_.size();
    degrading_ = known->when_bad == rules::tolerance::degrade;
    value(member, known->value, {.parent = at, .name = known->name, .advice = known->advice});
    degrading_ = false;
    if (values && degraded_.size() == degraded)
      (*values)[index] = member;
  }
  for (std::size_t index = 0; index < members.count; ++index) {
    const auto& field = members.first[index];
    if (!field.absent.allowed && !(seen >> index & 1))
      problem(v.offset(), "manifest-missing", field.value, {.parent = at, .name = field.name, .advice = field.advice},
              "is missing");
  }
}

/// Puts findings in the order of the text, with line and column.
std::vector<manifest_problem> located(const json::document& document, std::vector<finding> findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const finding& a, const finding& b) { return a.offset < b.offset; });
  std::vector<manifest_problem> problems;
  std::size_t done = 0;
  json::position reached;
  for (auto& [offset, problem] : findings) {
    const auto further = json::position_in(document.text().substr(done), offset - done);
    reached.column = further.line == 1 ? reached.column + further.column - 1 : further.column;
    reached.line += further.line - 1;
    done = offset;
    problem.where = reached;
    problems.push_back(std::move(problem));
  }
  return problems;
}

manifest_report checker::report(const json::document& document) && {
  return {located(document, std::move(problems_)), count_, located(document, std::move(degraded_))};
}

} // namespace

manifest_report check_manifest(const json::document& document, manifest_values& values) {
  values = {};
  const auto top = document.root();
  if (!top.is(kind::object))
    return {{{"", top.where(), "manifest-top-level", top_level_sentence(top.type())}}, 1, {}};
  checker check(checker::mode::list);
  check.object(top, rules::manifest_fields(), nullptr, &values);
  return std::move(check).report(document);
}

manifest_report syntax_report(const std::string& text, const failure& why) {
  // The failure spells line and column out; reading once more tells them.
  json::detail::tape ignored;
  json::limits bounds;
  json::reader again(text, bounds, ignored);
  const bool readable = again.read();
  const auto where = readable ? json::position{} : json::position_in(text, again.found().offset);
  return {{{"", where, why.code, why.message}}, 1, {}};
}

manifest_report check_manifest(const std::string& bytes) {
  const auto document = json::document::parse(bytes);
  if (!document)
    return syntax_report(bytes, document.error());
  manifest_values ignored;
  return check_manifest(*document, ignored);
}

manifest_report check_manifest_field(const json::document& document, json::value value, const rules::field& field) {
  checker check(checker::mode::list);
  check.value(value, field.value, {.name = field.name, .advice = field.advice});
  return std::move(check).report(document);
}

bool obeys(json::value value, const rules::rule& rule) {
  checker check(checker::mode::count_only);
  check.value(value, rule, {});
  return check.count() == 0;
}

} // namespace muster
