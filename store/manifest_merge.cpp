#include "muster/store/manifest_merge.hpp"

#include "muster/store/json_splice.hpp"
#include "muster/store/json_write.hpp"
#include "muster/store/manifest_meaning.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace muster {

namespace {

/// A change with its text read and its field found.
struct read_change {
  const field_change* asked = nullptr;
  const rules::field* field = nullptr;
  std::optional<json::document> now;
};

/// Reads changes and collects what is wrong with them.
class change_reader {
public:
  change_reader(const manifest_document& base, std::span<const field_change> changes) : base_(base) {
    changes_.reserve(changes.size());
    for (const auto& change : changes)
      read(change);
    refuse_repetitions(changes);
    keep_id();
  }

  std::vector<read_change>& changes() noexcept { return changes_; }
  manifest_report& report() noexcept { return report_; }

private:
  void add(manifest_problem problem) {
    ++report_.count;
    if (report_.problems.size() < max_listed_problems)
      report_.problems.push_back(std::move(problem));
  }

  void read(const field_change& change) {
    auto& next = changes_.emplace_back(read_change{&change, rules::find_field(change.name), std::nullopt});
    if (!change.text)
      return;
    auto parsed = json::document::parse(*change.text, base_.document().bounds());
    if (!parsed) {
      auto syntax = syntax_report(*change.text, parsed.error());
      syntax.problems.front().path = change.name;
      return add(std::move(syntax.problems.front()));
    }
    next.now = std::move(*parsed);
    if (!next.field)
      return;
    auto found = check_manifest_field(*next.now, next.now->root(), *next.field);
    report_.count += found.count - found.problems.size();
    for (auto& problem : found.problems)
      add(std::move(problem));
  }

  void refuse_repetitions(std::span<const field_change> changes) {
    std::vector<std::string_view> names;
    for (const auto& change : changes)
      names.push_back(change.name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end())
      add({std::string(*twice),
           {},
           "manifest-change-twice",
           std::string(*twice) +
               " is changed twice at once; each member can be changed once; keep one of the changes"});
  }

  void keep_id() {
    for (const auto& change : changes_) {
      const bool stays = change.now && change.now->root().is(json::kind::string) &&
                         change.now->root().as_string() == base_.fields().id;
      if (change.asked->name == "id" && !stays)
        add({"id",
             {},
             "manifest-id-changed",
             "id would change; it must stay " + json::quote(base_.fields().id) +
                 ", as it is what the agent is known by; for another agent register another directory"});
    }
  }

  const manifest_document& base_;
  std::vector<read_change> changes_;
  manifest_report report_;
};

/// What to splice. Lists are brought into their new order first, so that each
/// entry that changes is compared with itself and keeps the bytes that it can.
struct splice_plan {
  std::vector<json::member_change> order;
  std::vector<json::member_change> values;
};

void plan_removal(const manifest_document& base, const std::string& name, json::value old, splice_plan& plan) {
  const bool degraded = std::any_of(base.degraded().begin(), base.degraded().end(),
                                    [&](const manifest_problem& problem) { return problem.path == name; });
  if (old && (degraded || field_meaning(name, old) != default_meaning(name)))
    plan.values.push_back({name, std::nullopt});
}

void plan_change(const manifest_document& base, const read_change& change, splice_plan& plan) {
  const auto& name = change.asked->name;
  const auto old = base.document().root().find(name);
  if (!change.now)
    return plan_removal(base, name, old, plan);
  const auto fresh = change.now->root();
  if (field_meaning(name, old) == field_meaning(name, fresh))
    return;
  if (!old || !change.field) {
    plan.values.push_back({name, std::string(fresh.text())});
    return;
  }
  const auto& rule = change.field->value;
  if (auto order = reordered_value(old, fresh, rule))
    plan.order.push_back({name, std::move(*order)});
  plan.values.push_back({name, merged_value(old, fresh, rule, change.asked->inside)});
}

expected<std::string> splice(const json::document& base, const splice_plan& plan) {
  if (!plan.order.empty())
    if (auto ordered = json::splice(base, plan.order))
      if (const auto document = json::document::parse(std::move(*ordered), base.bounds()))
        return json::splice(*document, plan.values);
  return json::splice(base, plan.values);
}

} // namespace

manifest_result<std::string> apply_changes(const manifest_document& base, std::span<const field_change> changes) {
  change_reader reader(base, changes);
  if (reader.report().count > 0)
    return refusal_of(std::move(reader.report()), "the change");
  splice_plan plan;
  for (const auto& change : reader.changes())
    plan_change(base, change, plan);
  if (plan.values.empty())
    return std::string(base.bytes());
  auto bytes = splice(base.document(), plan);
  if (!bytes)
    return manifest_refusal{bytes.error(), {{"", {}, bytes.error().code, bytes.error().message}}, 1};
  auto report = check_manifest(*bytes);
  if (report.count > 0)
    return refusal_of(std::move(report), "the changed manifest");
  return std::move(*bytes);
}

} // namespace muster
