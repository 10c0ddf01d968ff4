#include "muster/actors/index_keeper.hpp"

#include "muster/store/fold_dump.hpp"
#include "muster/store/index_audit.hpp"
#include "muster/store/index_manifest.hpp"
#include "muster/store/sha256.hpp"

#include <utility>

namespace muster {

namespace {

constexpr std::string_view index_name = "index.db";
constexpr std::string_view local_name = "local.db";

std::string local_mark() {
  return std::to_string(shipped_local_steps().back().version);
}

} // namespace

index_keeper::index_keeper(const environment& env, const std::string& directory, handle feeds, instance_id own,
                           index_keeper_options options)
    : env_(env),
      directory_(directory),
      own_(std::move(own)),
      options_(std::move(options)),
      closed_(env, directory),
      disk_(env, feeds),
      source_(disk_, own_),
      index_(env, directory + "/" + std::string(index_name), source_,
             {.meaning = meaning_of_manifests(), .limits = options_.limits}),
      local_(env, directory + "/" + std::string(local_name)),
      released_(static_cast<std::uint64_t>(env.clock.boot().count()), options_.released) {}

expected<void> index_keeper::open() {
  if (!local_tried_) {
    local_tried_ = true;
    local_.open(closed_.holds(local_name, local_mark()) ? local_database::audit::none : local_database::audit::whole);
  }
  if (!open_) {
    const bool as_closed = closed_.holds(index_name, index_schema_hash());
    if (auto opened = index_.open(as_closed ? index_file::audit::none : index_file::audit::whole); !opened)
      return opened;
    open_ = true;
    is_complete_ = false;
    tried_to_heal_ = env_.clock.boot();
  }
  if (index_.in_memory() && env_.clock.boot() - tried_to_heal_ >= options_.heal_pause) {
    tried_to_heal_ = env_.clock.boot();
    is_complete_ = false;
    // What fails here fails again in the answer.
    (void)index_.heal();
  }
  take_notices();
  return catch_up();
}

void index_keeper::close() {
  if (!local_tried_)
    return;
  // Best effort: who closes cannot be told.
  (void)write_heartbeats();
  write_absences();
  if (const auto* last = sweeps_.last(); last && sweeps_.is_owed())
    (void)local_.put_sweep(*last);
  (void)local_.commit();
  std::vector<closed_files::closed_file> closed;
  const auto mark = local_mark();
  if (local_.close())
    closed.push_back({local_name, mark});
  if (open_ && !index_.in_memory() && index_.close())
    closed.push_back({index_name, index_schema_hash()});
  closed_.remember(closed);
  open_ = false;
  local_tried_ = false;
  has_roster_ = false;
}

void index_keeper::take_notices() {
  for (auto& notice : index_.take_notices()) {
    if (notice.code == "index-missing")
      continue;
    if (notices_.size() == options_.notices)
      notices_.erase(notices_.begin());
    notices_.push_back({std::string(notice.code), std::move(notice.message), directory_ + "/index.db", false});
  }
}

std::vector<finding> index_keeper::problems() {
  take_notices();
  auto result = notices_;
  if (open_ && index_.in_memory())
    result.push_back({"index-in-memory",
                      "the index has no file and is answered from memory; see whether the data directory can be "
                      "written to and has room",
                      directory_ + "/index.db", false});
  if (const auto& why = local_.problem())
    result.push_back({std::string(why->code), "what is seen on this machine is not recorded: " + why->message,
                      directory_ + "/local.db", why->kind == failure_kind::damaged});
  if (!local_.begun_anew().empty())
    result.push_back({"local-begun-anew", local_.begun_anew(), directory_ + "/local.db", false});
  return result;
}

expected<settings_applied> index_keeper::answer(const apply_settings& m) {
  options_.now_holds = m.now;
  return settings_applied{};
}

expected<index_dumped> index_keeper::answer(const dump_index&) {
  auto text = index_.dump();
  if (!text)
    return text.error();
  return index_dumped{std::move(*text)};
}

expected<std::string> index_keeper::dump_aside(std::uint64_t& ops) {
  const auto& options = index_.options();
  index_memory aside(options.fold());
  auto read = source_.read({}, [&](const commit& next) {
    ops += next.ops.size();
    return aside.take(next);
  });
  if (!read)
    return read.error();
  if (const auto* why = disk_.withheld())
    return *why;
  return dump(aside.records(), options.meaning.field);
}

expected<index_rebuilt> index_keeper::answer(const rebuild_index& m) {
  const auto begin = env_.clock.boot();
  index_rebuilt result;
  if (!m.verify) {
    is_complete_ = false;
    if (auto rebuilt = index_.rebuild(); !rebuilt)
      return rebuilt.error();
  }
  auto wanted = dump_aside(result.ops);
  if (!wanted)
    return wanted.error();
  auto there = index_.dump();
  if (!there)
    return there.error();
  if (!m.verify && index_.in_memory()) {
    const auto why = problems();
    return failure{failure_kind::failed, "index-in-memory", why.empty() ? "the index has no file" : why.back().message,
                   directory_ + "/index.db", "rebuild"};
  }
  if (m.verify)
    result.identical = *there == *wanted;
  result.dump_hash = to_hex(sha256::of(*wanted));
  result.took = std::chrono::duration_cast<std::chrono::milliseconds>(env_.clock.boot() - begin);
  return result;
}

expected<findings_told> index_keeper::answer(const examine_index&) {
  findings_told result;
  const auto path = directory_ + "/index.db";
  if (auto sound = index_.audit(); !sound)
    result.findings.push_back({std::string(sound.error().code), sound.error().message, path, true});
  std::uint64_t ops = 0;
  auto wanted = dump_aside(ops);
  const auto whole = disk_.is_whole();
  const auto there = wanted ? index_.dump() : wanted;
  if (!there)
    result.findings.push_back({std::string(there.error().code), there.error().message, path, false});
  else if (*there != *wanted)
    result.findings.push_back({"index-differs", std::string(index_difference(whole)), path, true});
  if (auto sound = local_.audit(); !sound)
    result.findings.push_back({std::string(sound.error().code), sound.error().message, directory_ + "/local.db", true});
  for (auto& each : problems())
    result.findings.push_back(std::move(each));
  return result;
}

} // namespace muster
