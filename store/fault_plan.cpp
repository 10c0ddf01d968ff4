#include "muster/store/fault_plan.hpp"

namespace muster {

namespace {

bool fires(const fault_rule& rule, std::uint64_t seen, splitmix& chance) noexcept {
  if (rule.per_million > 0)
    return seen >= rule.nth && chance.below(1'000'000) < rule.per_million;
  return rule.persistent ? seen >= rule.nth : seen == rule.nth;
}

} // namespace

std::string_view to_string(disk_operation operation) noexcept {
  switch (operation) {
    case disk_operation::open: return "open";
    case disk_operation::create: return "create";
    case disk_operation::close: return "close";
    case disk_operation::status: return "status";
    case disk_operation::filesystem: return "filesystem";
    case disk_operation::read_link: return "read_link";
    case disk_operation::read: return "read";
    case disk_operation::write: return "write";
    case disk_operation::append: return "append";
    case disk_operation::truncate: return "truncate";
    case disk_operation::change_mode: return "change_mode";
    case disk_operation::sync: return "sync";
    case disk_operation::sync_filesystem: return "sync_filesystem";
    case disk_operation::rename: return "rename";
    case disk_operation::unlink: return "unlink";
    case disk_operation::make_directory: return "make_directory";
    case disk_operation::read_entries: return "read_entries";
    case disk_operation::try_lock: return "try_lock";
    case disk_operation::has_writers: return "has_writers";
  }
  return "unknown";
}

std::optional<fault> fault_plan::decide(disk_operation operation) noexcept {
  std::optional<fault> decided;
  for (auto& [rule, seen] : rules_)
    if (rule.operations.contains(operation) && fires(rule, ++seen, chance_) && !decided)
      decided = rule.what;
  fired_ += decided ? 1 : 0;
  return decided;
}

} // namespace muster
