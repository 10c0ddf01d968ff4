#include "muster/actors/feed_answers.hpp"

#include "muster/store/agent_history.hpp"
#include "muster/store/commit_log.hpp"
#include "muster/store/feed_folder.hpp"
#include "muster/store/feed_source.hpp"
#include "muster/store/feed_verify.hpp"
#include "muster/store/index_manifest.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace muster {

namespace {

failure no_such_version(const commit_id& id) {
  return {failure_kind::not_found, "no-such-version",
          "there is no commit " + std::to_string(id.seq) + " of instance " + id.instance.text +
              " here, or it is not about that agent; 'muster log' lists what there is"};
}

expected<commit> read_one(environment env, handle feeds, const commit_id& id) {
  auto feed = feed_reader::open(env, feeds, id.instance);
  if (!feed && feed.error().kind == failure_kind::not_found)
    return no_such_version(id);
  if (!feed)
    return feed.error();
  if (id.seq == 0 || id.seq > feed->last())
    return no_such_version(id);
  feed->seek(id.seq);
  auto entry = feed->next();
  if (!entry)
    return entry.error();
  return std::move((**entry).what);
}

finding finding_of(failure why, const std::string& place) {
  return {std::string(why.code), std::move(why.message), why.path.empty() ? place : std::move(why.path),
          why.kind == failure_kind::damaged};
}

void add_findings(const feed_findings& of, findings_told& to) {
  const auto place = "feeds/" + of.instance.text;
  for (const auto& damage : of.damages)
    to.findings.push_back(finding_of(damaged_feed(damage, place), place));
  if (of.unmarked_bytes > 0)
    to.findings.push_back({"unmarked",
                           std::to_string(of.unmarked_bytes) +
                               " bytes follow the durable mark; what is sealed is kept and the rest cut when the feed "
                               "is used next",
                           place, false});
  for (const auto& name : of.leftovers)
    to.findings.push_back({"leftover", std::string(leftover_advice(of)), place + "/" + name, false});
}

} // namespace

expected<commits_read> feed_pages::read(const read_commits& request) {
  const bool goes_on = open_ && open_->instance() == request.instance && request.after < open_->last();
  if (!goes_on) {
    open_.reset();
    auto feed = feed_reader::open(env_, feeds_, request.instance);
    if (!feed)
      return feed.error();
    open_.emplace(std::move(*feed));
  }
  commits_read answer;
  const auto limit = std::clamp<std::size_t>(request.limit, 1, limits_.page_commits);
  open_->seek(request.after + 1);
  for (std::size_t bytes = 0; answer.commits.size() < limit && bytes < limits_.page_bytes;) {
    auto entry = open_->next();
    if (!entry) {
      open_.reset();
      if (answer.commits.empty())
        return entry.error();
      break;
    }
    if (!*entry) {
      open_.reset();
      break;
    }
    bytes += (*entry)->line.size();
    answer.commits.push_back(std::move((*entry)->what));
  }
  return answer;
}

expected<log_read> read_log_of(environment env, handle feeds, const read_log& request,
                               const feed_answer_limits& limits) {
  commit_filter filter{request.agent, request.instance, {}};
  if (!request.since.instance.empty()) {
    const auto since = read_one(env, feeds, request.since);
    if (!since)
      return since.error();
    filter.since = order_of(*since);
  }
  commit_log log(std::move(filter), std::min(request.limit, limits.log_commits), limits.log_bytes);
  feed_source source(env, feeds);
  auto read = source.read({}, [&](const commit& next) -> expected<void> {
    log.take(next);
    return {};
  });
  if (!read)
    return read.error();
  // By its history it is told which values are edits, so half of it is none.
  if (const auto* why = source.withheld(); why && !request.agent.empty())
    return *why;
  log_read answer{std::move(log).newest_first()};
  for (const auto& [instance, why] : source.damaged())
    if (request.instance.empty() || request.instance == instance)
      answer.problems.push_back(finding_of(why, "feeds/" + instance.text));
  if (const auto* why = source.withheld())
    answer.problems.push_back(finding_of(*why, "feeds"));
  return answer;
}

expected<version_found> find_version_in(environment env, handle feeds, const find_version& request) {
  const auto version = read_one(env, feeds, request.version);
  if (!version)
    return version.error();
  if (!concerns(*version, request.agent))
    return no_such_version(request.version);
  feed_source source(env, feeds);
  auto fields = fields_as_of(source, request.agent, *version, meaning_of_manifests().field);
  if (!fields)
    return fields.error();
  if (const auto* why = source.withheld())
    return *why;
  // A feed damaged before the version would leave out what the version built on.
  const auto damaged = source.damaged().find(request.version.instance);
  const auto ends = damaged == source.damaged().end() ? expected<state_vector>(state_vector()) : source.ends();
  if (!ends)
    return ends.error();
  if (const auto end = ends->find(request.version.instance); end != ends->end() && end->second < request.version.seq)
    return damaged->second;
  return version_found{std::move(*fields)};
}

expected<findings_told> examine_feeds_in(environment env, handle feeds) {
  const auto instances = list_feeds(env, feeds);
  if (!instances)
    return instances.error();
  findings_told answer;
  for (const auto& instance : *instances) {
    const auto found = verify_feed(env, feeds, instance);
    if (found)
      add_findings(*found, answer);
    else if (const auto& why = found.error(); why.kind != failure_kind::not_found) // begun and empty
      answer.findings.push_back(finding_of(why, "feeds/" + instance.text));
  }
  return answer;
}

expected<feeds_described> describe_feeds_in(environment env, handle feeds, const instance_id& own) {
  feed_source source(env, feeds);
  const auto ends = source.ends();
  if (!ends)
    return ends.error();
  feeds_described answer;
  answer.own = own;
  for (const auto& [instance, seq] : *ends)
    answer.durable.push_back({instance, seq});
  for (const auto& [instance, why] : source.damaged())
    answer.problems.push_back(why.message);
  return answer;
}

} // namespace muster
