#include "muster/store/scan_walk.hpp"

#include "muster/store/namespace_rules.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace muster {

namespace {

/// Calls `take(index, parent, name)` for each directory of a batch.
template <class Take>
void each_directory(const std::vector<directory_group>& groups, Take take) {
  std::uint32_t index = 0;
  for (const auto& group : groups) {
    std::string_view names = group.names;
    for (std::uint32_t i = 0; i < group.count; ++i, ++index) {
      const auto end = std::min(names.find('\0'), names.size());
      take(index, group.parent, names.substr(0, end));
      names.remove_prefix(std::min(end + 1, names.size()));
    }
  }
}

/// Of an entry's bytes; what ends a name comes first.
int rank_of(char c) noexcept {
  return c == '/' ? 0 : 1 + static_cast<unsigned char>(c);
}

template <class Paths>
bool has_any_below(const Paths& paths, const std::string& directory) {
  const auto prefix = joined(directory, "") + (directory.ends_with('/') ? "" : "/");
  const auto first = paths.lower_bound(prefix);
  if constexpr (requires { first->first; })
    return first != paths.end() && first->first.starts_with(prefix);
  else
    return first != paths.end() && first->starts_with(prefix);
}

template <class T>
void put_in_order(std::vector<T>& all) {
  std::ranges::sort(all, [](const T& a, const T& b) { return is_walked_before(a.path, b.path); });
}

} // namespace

bool is_walked_before(std::string_view a, std::string_view b) noexcept {
  const auto depth = [](std::string_view path) { return std::ranges::count(path, '/'); };
  if (depth(a) != depth(b))
    return depth(a) < depth(b);
  return std::ranges::lexicographical_compare(a, b, {}, rank_of, rank_of);
}

scan_walk::scan_walk(std::shared_ptr<const scan_terms> terms, std::vector<scan_denial> denied,
                     const scan_walk_options& options)
    : terms_(std::move(terms)), options_(options) {
  for (auto& each : denied)
    denied_.emplace(each.path, std::move(each));
  for (std::uint32_t root = 0; root < terms_->roots().size(); ++root) {
    const auto& path = terms_->roots()[root];
    const auto above = std::ranges::find_if(
        denied_, [&](const auto& each) { return each.first == path || is_below(path, each.first); });
    if (above != denied_.end())
      report_.denied.push_back(above->second);
    else
      put_off({root, 0, {{}, std::string(1, '\0'), 1}});
  }
}

void scan_walk::put_off(waiting_group group) {
  if (waiting_ + group.group.count > options_.waiting ||
      waiting_bytes_ + group.group.names.size() > options_.waiting_bytes) {
    report_.truncated = true;
    return;
  }
  waiting_ += group.group.count;
  waiting_bytes_ += group.group.names.size();
  queue_.push_back(std::move(group));
}

std::optional<list_directories> scan_walk::next() {
  if (queue_.empty())
    return std::nullopt;
  const auto root = queue_.front().root;
  const auto depth = queue_.front().depth;
  auto groups = std::make_shared<std::vector<directory_group>>();
  std::size_t taken = 0;
  while (taken < options_.batch && !queue_.empty() && queue_.front().root == root && queue_.front().depth == depth) {
    auto& first = queue_.front().group;
    const auto room = options_.batch - taken;
    if (first.count <= room) {
      groups->push_back(std::move(first));
      queue_.pop_front();
    } else {
      std::size_t end = 0;
      for (std::size_t i = 0; i < room; ++i)
        end = first.names.find('\0', end) + 1;
      groups->push_back({first.parent, first.names.substr(0, end), static_cast<std::uint32_t>(room)});
      first.names.erase(0, end);
      first.count -= static_cast<std::uint32_t>(room);
    }
    taken += groups->back().count;
    waiting_bytes_ -= groups->back().names.size();
  }
  waiting_ -= taken;
  in_batches_ += taken;
  const auto number = ++batches_;
  under_way_.emplace(number, batch_under_way{root, depth, groups});
  return list_directories{terms_, {}, number, root, depth >= options_.depth, groups};
}

void scan_walk::take(directories_listed listed) {
  const auto found = under_way_.find(listed.batch);
  if (found == under_way_.end())
    return;
  const auto of = std::move(found->second);
  under_way_.erase(found);
  in_batches_ -= listed.each.size();
  mounts_.insert(std::make_move_iterator(listed.mounts.begin()), std::make_move_iterator(listed.mounts.end()));
  for (auto& problem : listed.problems) {
    report_.counts.invalid += problem.of_manifest ? 1 : 0;
    tell({problem.why.path, std::string(problem.why.code), std::move(problem.why.message)});
  }
  auto match = listed.matches.begin();
  each_directory(*of.groups, [&](std::uint32_t index, const std::string& parent, std::string_view name) {
    auto& each = listed.each.at(index);
    count(each, of.depth);
    const bool matched = match != listed.matches.end() && match->index == index;
    if (!matched && each.count == 0)
      return;
    auto path = joined(parent, name);
    if (expanded_.insert({each.device, each.inode}).second) {
      if (matched)
        take_match(of, path, *match);
      expand(of.root, of.depth + 1, std::move(path), each);
    } else {
      ++report_.counts.repeated;
    }
    match += matched ? 1 : 0;
  });
}

void scan_walk::count(const listed_directory& each, unsigned depth) noexcept {
  lost_roots_ += depth == 0 && each.how == listing_outcome::unreadable ? 1 : 0;
  switch (each.how) {
    case listing_outcome::listed: ++report_.scanned; break;
    case listing_outcome::partly:
    case listing_outcome::unreadable: ++report_.counts.unreadable; break;
    case listing_outcome::vanished: ++report_.counts.vanished; break;
    case listing_outcome::mount: ++report_.counts.mounts; break;
  }
}

void scan_walk::expand(std::uint32_t root, unsigned depth, std::string path, listed_directory& from) {
  if (from.count == 0)
    return;
  waiting_group below{root, depth, {std::move(path), std::move(from.names), from.count}};
  if (!denied_.empty() || !mounts_.empty())
    leave_out(root, below.group);
  if (below.group.count > 0)
    put_off(std::move(below));
}

void scan_walk::leave_out(std::uint32_t root, directory_group& group) {
  const auto directory = joined(terms_->roots()[root], group.parent);
  if (!has_any_below(denied_, directory) && !has_any_below(mounts_, directory))
    return;
  directory_group kept{group.parent, {}, 0};
  each_directory({group}, [&](std::uint32_t, const std::string&, std::string_view name) {
    const auto path = joined(directory, name);
    if (const auto denied = denied_.find(path); denied != denied_.end())
      return add(report_.denied, denied->second);
    if (mounts_.contains(path)) {
      ++report_.counts.mounts;
      return;
    }
    kept.names += name;
    kept.names += '\0';
    ++kept.count;
  });
  group = std::move(kept);
}

void scan_walk::take_match(const batch_under_way& of, const std::string& path, directory_match& match) {
  if (match.known)
    return add(report_.existing, terms_->placed()[*match.known]);
  const auto& root = terms_->roots()[of.root];
  auto whole = joined(root, path);
  if (!match.agent.empty())
    return add(manifests_, manifest_met{{std::move(match.agent), std::move(match.name), std::move(whole), {}, false},
                                        root,
                                        match.modified,
                                        match.git});
  const auto& strategy = terms_->strategies()[*match.strategy];
  auto name = whole.substr(whole.rfind('/') + 1);
  add(report_.candidates, scan_candidate{std::move(whole), root, strategy.name, strategy.runtime, std::move(name),
                                         std::move(match.description), strategy.capabilities, false});
}

template <class T>
void scan_walk::add(std::vector<T>& to, T what) {
  if (to.size() < options_.listed)
    to.push_back(std::move(what));
  else
    report_.truncated = true;
}

void scan_walk::abandon(std::uint64_t batch, std::optional<std::uint32_t> hung) {
  const auto found = under_way_.find(batch);
  if (found == under_way_.end())
    return;
  const auto of = std::move(found->second);
  under_way_.erase(found);
  std::vector<waiting_group> again;
  each_directory(*of.groups, [&](std::uint32_t index, const std::string& parent, std::string_view name) {
    --in_batches_;
    if (hung && index == *hung) {
      ++report_.counts.hung;
      return tell({joined(terms_->roots()[of.root], joined(parent, name)), "directory-hung",
                   "the directory does not answer and was given up on; its disk or its server may be away"});
    }
    if (again.empty() || again.back().group.parent != parent)
      again.push_back({of.root, of.depth, {parent, {}, 0}});
    auto& group = again.back().group;
    group.names += name;
    group.names += '\0';
    ++group.count;
    ++waiting_;
    waiting_bytes_ += name.size() + 1;
  });
  queue_.insert(queue_.begin(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
}

scan_progress scan_walk::progress() const noexcept {
  return {report_.scanned, waiting_ + in_batches_, report_.candidates.size(),
          manifests_.size() + report_.existing.size(), 0};
}

void scan_walk::tell(scan_problem problem) {
  if (report_.problems.size() < options_.problems)
    report_.problems.push_back(std::move(problem));
  else
    ++report_.more_problems;
}

std::vector<manifest_met> scan_walk::take_manifests() {
  std::ranges::sort(manifests_, [](const manifest_met& a, const manifest_met& b) {
    return is_walked_before(a.agent.path, b.agent.path);
  });
  return std::exchange(manifests_, {});
}

scan_report scan_walk::take_report() {
  auto result = std::exchange(report_, {});
  result.truncated = result.truncated || !is_over();
  result.roots = terms_->roots();
  put_in_order(result.candidates);
  put_in_order(result.existing);
  put_in_order(result.denied);
  std::ranges::sort(result.problems, {}, &scan_problem::path);
  return result;
}

} // namespace muster
