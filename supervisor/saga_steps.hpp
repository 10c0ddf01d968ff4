#pragma once

#include "muster/messages/saga.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>

/// Every saga as a list of steps, and the undo of every step. This is the whole
/// protocol; `registration_saga` only walks along it.
namespace muster {

enum class saga_actor : std::uint8_t { supervisor, file_store, index, relay_bridge, feed_store };

struct saga_step_rule {
  saga_step step;
  std::string_view name; ///< in failures, in the journal, in docs
  saga_actor by;
  std::string_view undo; ///< empty: there is none, or none is needed
};

/// What each step does stands in docs/registration.md. An undo compares before
/// it restores, and succeeds where there is nothing to undo.
// clang-format off
inline constexpr std::array<saga_step_rule, 12> saga_step_rules = {{
    // step                     name               by                        undo
    {saga_step::intend,          "intend",          saga_actor::supervisor,   ""},
    {saga_step::write_manifest,  "write-manifest",  saga_actor::file_store,   "restore-manifest"},
    {saga_step::upsert_row,      "upsert-row",      saga_actor::index,        "remove-pending-row"},
    {saga_step::set_endpoint,    "set-endpoint",    saga_actor::relay_bridge, "restore-endpoint"},
    {saga_step::move_endpoint,   "move-endpoint",   saga_actor::relay_bridge, "restore-endpoint"},
    {saga_step::close_endpoint,  "close-endpoint",  saga_actor::relay_bridge, "restore-endpoint"},
    {saga_step::commit,          "commit",          saga_actor::feed_store,   ""},
    {saga_step::fold_commit,     "fold-commit",     saga_actor::index,        ""},
    {saga_step::open_endpoint,   "open-endpoint",   saga_actor::relay_bridge, ""},
    {saga_step::retire_manifest, "retire-manifest", saga_actor::file_store,   ""},
    {saga_step::remove_endpoint, "remove-endpoint", saga_actor::relay_bridge, ""},
    {saga_step::record_held,     "record-held",     saga_actor::index,        ""},
}};
// clang-format on

/// How many steps of a saga there can be before, and after, the last one that
/// may fail it.
inline constexpr std::size_t max_saga_steps = 5;
inline constexpr std::size_t max_saga_duties = 3;

struct saga_plan {
  saga_kind kind;
  std::string_view name;
  /// In this order. When one fails, it and those before it are undone, last
  /// first. The last is the point of no return.
  std::array<saga_step, max_saga_steps> steps;
  /// Afterwards, in this order. Whatever fails here is owed, never undone.
  std::array<saga_step, max_saga_duties> duties;
};

namespace saga_table {

using enum saga_step;

// clang-format off
inline constexpr std::array<saga_plan, 18> plans = {{
    {saga_kind::register_agent, "register",
     {intend, write_manifest, upsert_row, set_endpoint, commit}, {fold_commit, open_endpoint}},
    {saga_kind::adopt, "adopt",
     {intend, write_manifest, upsert_row, set_endpoint, commit}, {fold_commit, open_endpoint}},
    {saga_kind::update, "update",
     {intend, write_manifest, upsert_row, set_endpoint, commit}, {fold_commit, open_endpoint}},
    {saga_kind::revert, "revert",
     {intend, write_manifest, upsert_row, set_endpoint, commit}, {fold_commit, open_endpoint}},
    {saga_kind::resolve, "resolve",
     {intend, write_manifest, upsert_row, set_endpoint, commit}, {fold_commit, open_endpoint}},
    {saga_kind::merge_draft, "merge-draft",
     {intend, write_manifest, upsert_row, set_endpoint, commit}, {fold_commit, open_endpoint}},
    {saga_kind::change_namespace, "change-namespace",
     {intend, write_manifest, upsert_row, move_endpoint, commit}, {fold_commit, open_endpoint}},
    {saga_kind::move, "move",
     {intend, upsert_row, commit}, {fold_commit}},
    {saga_kind::unregister, "unregister",
     {intend, close_endpoint, commit}, {fold_commit, retire_manifest, remove_endpoint}},
    {saga_kind::unregister_keeping, "unregister-keeping",
     {intend, close_endpoint, commit}, {fold_commit, remove_endpoint}},
    {saga_kind::unregister_everywhere, "unregister-everywhere",
     {intend, close_endpoint, commit}, {fold_commit, retire_manifest, remove_endpoint}},
    {saga_kind::write_through, "write-through",
     {intend, write_manifest}, {record_held}},
    {saga_kind::observe, "observe",
     {upsert_row, set_endpoint, commit}, {fold_commit, open_endpoint}},
    {saga_kind::change_remote, "change-remote", {commit}, {fold_commit}},
    {saga_kind::change_rule, "change-rule", {commit}, {fold_commit}},
    {saga_kind::change_denial, "change-denial", {commit}, {fold_commit}},
    {saga_kind::retire_peer, "retire-peer", {commit}, {fold_commit}},
    {saga_kind::admit, "admit", {commit}, {fold_commit, open_endpoint}},
}};
// clang-format on

} // namespace saga_table

[[nodiscard]] constexpr const auto& saga_plans() noexcept {
  return saga_table::plans;
}

[[nodiscard]] constexpr const saga_plan& plan_of(saga_kind kind) noexcept {
  return saga_table::plans[static_cast<std::size_t>(kind)];
}

/// Of any step but `none`.
[[nodiscard]] constexpr const saga_step_rule& rule_of(saga_step step) noexcept {
  return saga_step_rules[static_cast<std::size_t>(step) - 1];
}

static_assert(std::ranges::all_of(saga_step_rules, [](const auto& rule) { return &rule == &rule_of(rule.step); }),
              "the rules stand in the order of the steps");
static_assert(std::ranges::all_of(saga_table::plans, [](const auto& plan) { return &plan == &plan_of(plan.kind); }),
              "the plans stand in the order of the kinds");

[[nodiscard]] constexpr bool has_undo(saga_step step) noexcept {
  return step != saga_step::none && !rule_of(step).undo.empty();
}

/// The step with that name, if there is one.
[[nodiscard]] constexpr std::optional<saga_step> step_named(std::string_view name) noexcept {
  for (const auto& rule : saga_step_rules)
    if (rule.name == name)
      return rule.step;
  return std::nullopt;
}

/// Whether a crash in the middle is settled from the journal. The others change
/// nothing before their commit that a start does not make anew.
[[nodiscard]] constexpr bool is_journalled(saga_kind kind) noexcept {
  return plan_of(kind).steps.front() == saga_step::intend;
}

/// Before the point of no return, or as that.
[[nodiscard]] constexpr bool has_step(saga_kind kind, saga_step step) noexcept {
  return std::ranges::find(plan_of(kind).steps, step) != plan_of(kind).steps.end();
}

/// Whether the point of no return is a commit; of a write-through it is the
/// file, which then holds what has long been committed.
[[nodiscard]] constexpr bool has_commit(saga_kind kind) noexcept {
  return has_step(kind, saga_step::commit);
}

/// A duty that holds the claims until it is done: the file still tells what the
/// feed no longer says, and nobody may look at it as news meanwhile. The index
/// folds and the sweep asserts endpoints without a saga's help.
[[nodiscard]] constexpr bool is_held_duty(saga_step step) noexcept {
  return step == saga_step::retire_manifest || step == saga_step::record_held;
}

[[nodiscard]] constexpr bool is_endpoint_step(saga_step step) noexcept {
  return step != saga_step::none && rule_of(step).by == saga_actor::relay_bridge;
}

} // namespace muster
