#include "muster/runner/data_session.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/feed_folder.hpp"
#include "muster/store/feed_verify.hpp"
#include "muster/store/fold_dump.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/index_manifest.hpp"
#include "muster/store/index_memory.hpp"
#include "muster/store/release.hpp"

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

namespace muster {

namespace {

constexpr std::uint32_t others = 0077;
constexpr std::size_t most_names = 100000;

enum class severity : std::uint8_t {
  note,    ///< worth knowing; nothing has to be done
  warning, ///< should be mended; nothing is lost
  damage,  ///< stored data are not what was written
};

std::string_view to_string(severity how) noexcept {
  switch (how) {
    case severity::note: return "note";
    case severity::warning: return "warning";
    case severity::damage: return "damage";
  }
  return "";
}

struct finding {
  severity how = severity::note;
  std::string code;
  std::string path;
  std::string message;
};

// Looks at everything and changes nothing.
class examination {
public:
  examination(environment env, data_directory& directory) : env_(env), directory_(directory) {}

  expected<void> run() {
    if (auto looked = look_at_permissions(); !looked)
      return looked;
    look_at_identity();
    const auto feeds = open_directory(env_.files, directory_.get(), "feeds");
    if (!feeds && feeds.error().code == ENOENT) {
      add(severity::note, "no-feeds", "feeds", "there are no feeds yet; 'muster init' begins one");
      return {};
    }
    if (!feeds)
      return failure{
          failure_kind::failed, "feeds-unreadable", "the directory of the feeds cannot be opened", "feeds", {}, {},
          feeds.error().code};
    if (auto looked = look_at_feeds(feeds->get()); !looked)
      return looked;
    return look_at_index(feeds->get());
  }

  [[nodiscard]] const std::vector<finding>& findings() const noexcept { return findings_; }
  [[nodiscard]] std::size_t feeds() const noexcept { return feeds_; }

private:
  void add(severity how, std::string code, std::string path, std::string message) {
    findings_.push_back({how, std::move(code), std::move(path), std::move(message)});
  }

  expected<void> look_at_permissions() {
    check_mode(".", env_.files.status(directory_.get()));
    const auto names = list_names(env_.files, directory_.get(), most_names);
    if (!names)
      return failure{
          failure_kind::failed, "data-unreadable", "the data directory cannot be listed", directory_.path(), {}, {},
          names.error().code};
    for (const auto& name : *names) {
      check_mode(name, env_.files.status(directory_.get(), name, false));
      if (name.find(".set-aside-") != std::string::npos || name.find(".replaced-") != std::string::npos)
        add(severity::note, "leftover", name, "was set aside; delete it when nothing in it is missed");
    }
    return {};
  }

  void check_mode(const std::string& name, const os_result<file_status>& status) {
    if (!status)
      add(severity::warning, "unreadable", name, "cannot be looked at; give this user access");
    else if (status->type != file_type::symlink && status->type != file_type::socket && (status->mode & others) != 0)
      add(severity::warning, "permissions", name, "can be reached by other users; run 'chmod go= ' on it");
    else if (status->uid != env_.self.uid)
      add(severity::warning, "owner", name, "belongs to another user");
  }

  void look_at_identity() {
    const auto traces = inspect_identity(env_, directory_.get(), current_release);
    if (!traces) {
      add(severity::damage, std::string(traces.error().code), "instance.json", traces.error().message);
      return;
    }
    switch (decide_identity(*traces)) {
      case identity_step::use: break;
      case identity_step::create:
        add(severity::note, "no-identity", "instance.json", "there is none yet; 'muster init' makes one");
        break;
      case identity_step::replace:
        add(severity::warning, "identity-copied", "identity.key",
            "this directory was copied, restored or lost its key; the next command takes a new identity");
        break;
    }
  }

  expected<void> look_at_feeds(handle feeds) {
    const auto instances = list_feeds(env_, feeds);
    if (!instances)
      return instances.error();
    for (const auto& instance : *instances) {
      ++feeds_;
      const auto found = verify_feed(env_, feeds, instance);
      if (!found) {
        add(severity::damage, std::string(found.error().code), "feeds/" + instance.text, found.error().message);
        continue;
      }
      const auto place = "feeds/" + instance.text;
      for (const auto& damage : found->damages)
        add(severity::damage, std::string(muster::to_string(damage.kind)), place + "/" + damage.segment,
            damaged_feed(damage, place).message);
      if (found->unmarked_bytes > 0)
        add(severity::note, "unmarked", place,
            std::to_string(found->unmarked_bytes) + " bytes follow the durable mark; the next command settles them");
      for (const auto& name : found->leftovers)
        add(severity::note, "leftover", place + "/" + name,
            "was cut or set aside; delete it when nothing in it is missed");
    }
    return {};
  }

  expected<void> look_at_index(handle feeds) {
    const auto meaning = meaning_of_manifests();
    const auto there = env_.files.status(directory_.get(), "index.db", false);
    if (!there) {
      add(severity::note, "no-index", "index.db", "there is none; the next command folds it from the feeds");
      return {};
    }
    feed_source source(env_, feeds);
    index_memory aside({.meaning = meaning.field, .limits = {}});
    if (auto read = source.read({}, [&](const commit& next) { return aside.take(next); }); !read)
      return read;
    auto index = index_file::open(env_, directory_.path() + "/index.db", {.meaning = meaning, .limits = {}},
                                  index_file::audit::whole);
    if (!index) {
      add(severity::warning, std::string(index.error().code), "index.db",
          index.error().message + "; the next command sets it aside and folds it anew");
      return {};
    }
    compare(**index, aside, meaning);
    return {};
  }

  void compare(index_file& index, const index_memory& aside, const index_meaning& meaning) {
    fold_dump in_file(index.instances(), meaning.field);
    const auto agents =
        index.each_agent([&](const agent_id& id, const agent_record& record) { in_file.enter(id, record); });
    const auto rules =
        index.each_rule([&](const rule_key& key, const shared_register& record) { in_file.enter(key, record); });
    const auto denials =
        index.each_denial([&](const denial_key& key, const denial_record& record) { in_file.enter(key, record); });
    if (!agents || !rules || !denials)
      add(severity::warning, "index-unreadable", "index.db", "cannot be read whole; 'muster rebuild' folds it anew");
    else if (in_file.finish() != dump(aside.records(), meaning.field))
      add(severity::warning, "index-differs", "index.db",
          "is not what the feeds say, or behind them; 'muster rebuild' folds it anew");
  }

  environment env_;
  data_directory& directory_;
  std::vector<finding> findings_;
  std::size_t feeds_ = 0;
};

answer describe(const examination& done, const std::string& path) {
  answer result;
  bool ok = true;
  result.json = "\"findings\":[";
  for (const auto& each : done.findings()) {
    ok = ok && each.how == severity::note;
    if (each.how == severity::damage)
      result.exit = exit_code(failure_kind::damaged);
    result.text += std::string(to_string(each.how)) + ": " + printable(each.path) + ": " +
                   printable(each.message, 4096) + " [" + printable(each.code) + "]\n";
    result.json += (result.json.back() == '[' ? "" : ",") + std::string("{\"severity\":") +
                   json_text(to_string(each.how)) + ",\"code\":" + json_text(each.code) +
                   ",\"path\":" + json_text(each.path) + ",\"message\":" + json_text(each.message) + "}";
  }
  result.text += printable(path) + ": " + std::to_string(done.feeds()) + (done.feeds() == 1 ? " feed, " : " feeds, ") +
                 (ok ? "nothing is wrong\n" : "see above\n");
  result.json = std::string("{\"ok\":") + (ok ? "true" : "false") + "," + result.json + "]}\n";
  return result;
}

expected<answer> examine(command_context& context) {
  const auto path = named_data_directory(context);
  if (!path)
    return path.error();
  auto directory = data_directory::open(context.env, *path, data_directory::presence::required);
  if (!directory)
    return directory.error();
  examination all(context.env, *directory);
  if (auto done = all.run(); !done)
    return done.error();
  return describe(all, directory->path());
}

} // namespace

void add_doctor_command(command_line& line) {
  auto* command =
      line.add(line.root(), "doctor", "Checks every file, chain, seal and row, and changes nothing", "muster doctor");
  command_line::bind(line, command, examine);
}

} // namespace muster
