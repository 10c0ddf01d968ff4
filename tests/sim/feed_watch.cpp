#include "tests/sim/feed_watch.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace muster::sim {

namespace {

std::string text_of(const boost::json::object& object, std::string_view member) {
  const auto* found = object.if_contains(member);
  return found && found->is_string() ? std::string(found->get_string()) : std::string{};
}

std::optional<std::pair<sequence, watched_commit>> read_commit(const boost::json::object& line, std::string_view text) {
  const auto* seq = line.if_contains("seq");
  const auto* ops = line.if_contains("ops");
  if (!seq || !ops || !ops->is_array())
    return {};
  watched_commit made{std::string(text), text_of(line, "request"), {}, {}, {}};
  for (const auto& each : ops->get_array())
    for (const auto& [kind, content] : each.get_object()) {
      const auto& op = content.get_object();
      if (kind == "place.put")
        made.places.push_back({text_of(op, "agent"), text_of(op, "path")});
      if (kind == "place.drop" || kind == "agent.drop")
        made.places.push_back({text_of(op, "agent"), {}});
      if (kind == "deny.put")
        made.denied.push_back(text_of(op, "path"));
      if (kind == "deny.drop")
        made.lifted.push_back(text_of(op, "path"));
    }
  return std::pair{static_cast<sequence>(seq->to_number<std::uint64_t>()), std::move(made)};
}

} // namespace

std::vector<std::string> feed_watch::segment_paths() {
  constexpr std::string_view ending = ".feed";
  std::vector<std::string> found;
  std::string feeds{data_directory_path};
  feeds += "/feeds";
  for (const auto& instance : machine_.names_in(feeds))
    for (const auto& name : machine_.names_in(feeds + "/" + instance))
      if (name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending)
        found.push_back(feeds + "/" + instance + "/" + name);
  return found;
}

void feed_watch::look(std::vector<std::string>& violations) {
  if (machine_.is_broken())
    return;
  const auto paths = segment_paths();
  for (auto each = segments_.begin(); each != segments_.end();)
    each = std::find(paths.begin(), paths.end(), each->first) == paths.end() ? segments_.erase(each) : std::next(each);
  for (const auto& path : paths)
    take(path, violations);
  refold(violations);
}

void feed_watch::take(const std::string& path, std::vector<std::string>& violations) {
  auto& known = segments_[path];
  auto content = machine_.machine.files.file_content(path);
  if (content == known.content)
    return;
  if (content.compare(0, known.parsed, known.content, 0, known.parsed) != 0)
    known.parsed = known.sealed = 0;
  known.content = std::move(content);
  std::map<sequence, watched_commit> run;
  auto at = known.parsed;
  for (auto end = known.content.find('\n', at); end != std::string::npos; end = known.content.find('\n', at)) {
    const std::string_view line(known.content.data() + at, end - at);
    at = end + 1;
    boost::json::error_code failed;
    const auto value = boost::json::parse(boost::json::string_view{line.data(), line.size()}, failed);
    if (failed || !value.is_object())
      return;
    if (auto commit = read_commit(value.get_object(), line)) {
      run.insert(std::move(*commit));
    } else if (const auto* sealed = value.get_object().if_contains("seal")) {
      take_run(run, violations);
      run.clear();
      known.sealed = sealed->to_number<std::uint64_t>();
      known.parsed = at;
    }
  }
}

void feed_watch::take_run(std::map<sequence, watched_commit>& run, std::vector<std::string>& violations) {
  for (auto& [seq, commit] : run) {
    const auto promised = promised_.find(seq);
    if (promised != promised_.end() && promised->second != commit.line)
      violations.push_back("I10: commit " + std::to_string(seq) + " was acknowledged and reads otherwise now");
    auto& known = commits_[seq];
    rewritten_ = rewritten_ || (seq <= folded_ && known.line != commit.line);
    known = std::move(commit);
  }
}

// What is not in the files any more was not acknowledged, or it is a violation.
void feed_watch::refold(std::vector<std::string>& violations) {
  sequence last = 0;
  for (const auto& [path, segment] : segments_)
    last = std::max(last, segment.sealed);
  if (last < acknowledged_) {
    violations.push_back("I10: commit " + std::to_string(acknowledged_) + " was acknowledged and the feed ends at " +
                         std::to_string(last));
    acknowledged_ = last;
  }
  commits_.erase(commits_.upper_bound(last), commits_.end());
  if (std::exchange(rewritten_, false) || last < folded_) {
    places_.clear();
    dropped_.clear();
    denied_.clear();
    folded_ = 0;
  }
  for (auto next = commits_.upper_bound(folded_); next != commits_.end(); ++next) {
    if (next->first != folded_ + 1)
      violations.push_back("I10: there is a hole between the commits " + std::to_string(folded_) + " and " +
                           std::to_string(next->first));
    trace_.line("commit", next->second.line);
    fold(next->first, next->second, violations);
    folded_ = next->first;
  }
}

void feed_watch::fold(sequence seq, const watched_commit& what, std::vector<std::string>& violations) {
  for (const auto& path : what.lifted)
    denied_.erase(path);
  for (const auto& each : what.places) {
    const auto before = places_.find(each.agent);
    if (each.path.empty()) {
      if (before != places_.end() && judged_.insert(seq).second && !may_drop_(each.agent, before->second))
        violations.push_back("I15: commit " + std::to_string(seq) + " drops " + each.agent + " at " + before->second +
                             " without a reason");
      if (before != places_.end()) {
        dropped_[each.agent] = before->second;
        places_.erase(before);
      }
    } else {
      if ((before == places_.end() || before->second != each.path) && denied_.contains(each.path))
        violations.push_back("I25: commit " + std::to_string(seq) + " places " + each.agent + " at " + each.path +
                             ", which is denied");
      places_[each.agent] = each.path;
    }
  }
  denied_.insert(what.denied.begin(), what.denied.end());
  std::set<std::string> paths;
  for (const auto& [agent, path] : places_)
    if (!paths.insert(path).second)
      violations.push_back("I14: after commit " + std::to_string(seq) + " two agents live at " + path);
  for (const auto& path : what.denied)
    if (paths.contains(path))
      violations.push_back("I25: commit " + std::to_string(seq) + " denies " + path + ", where an agent lives");
}

void feed_watch::acknowledged(sequence seq, std::vector<std::string>& violations) {
  if (seq == 0 || machine_.is_broken())
    return;
  look(violations);
  const auto found = commits_.find(seq);
  if (found == commits_.end()) {
    violations.push_back("I1: commit " + std::to_string(seq) + " was acknowledged and is not sealed in the feed");
    return;
  }
  promised_.emplace(seq, found->second.line);
  acknowledged_ = std::max(acknowledged_, seq);
}

const watched_commit* feed_watch::find_request(const std::string& request) const {
  for (const auto& [seq, commit] : commits_)
    if (commit.request == request)
      return &commit;
  return nullptr;
}

std::string feed_watch::dropped_at(const std::string& agent) const {
  const auto found = dropped_.find(agent);
  return found == dropped_.end() ? std::string{} : found->second;
}

bool feed_watch::mentions(const std::string& word) const {
  return std::any_of(commits_.begin(), commits_.end(),
                     [&](const auto& each) { return each.second.line.find(word) != std::string::npos; });
}

} // namespace muster::sim
