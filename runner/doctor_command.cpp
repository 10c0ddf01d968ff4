#include "muster/runner/data_session.hpp"
#include "muster/runner/database_copy.hpp"
#include "muster/runner/finding_text.hpp"
#include "muster/runner/index_examination.hpp"
#include "muster/runner/progress.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/config_file.hpp"
#include "muster/store/disk_failure.hpp"
#include "muster/store/feed_folder.hpp"
#include "muster/store/feed_verify.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/local_database.hpp"
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

  void run() {
    look_at_permissions();
    look_at_identity();
    look_at_config();
    look_at_local();
    const auto feeds = open_directory(env_.files, directory_.get(), "feeds");
    if (!feeds && feeds.error().code == ENOENT) {
      if (!is_any_damaged_)
        add(severity::note, "no-feeds", "feeds", "there are no feeds yet; 'muster init' begins one");
      return;
    }
    if (!feeds) {
      add(disk_failure("open the directory of the feeds", "feeds", feeds.error()), "feeds");
      return;
    }
    look_at_feeds(feeds->get());
    look_at_index(feeds->get());
  }

  [[nodiscard]] const std::vector<finding>& findings() const noexcept { return findings_; }
  [[nodiscard]] std::size_t feeds() const noexcept { return feeds_; }
  /// Nothing was kept from it by the disk.
  [[nodiscard]] bool saw_all() const noexcept { return saw_all_; }

private:
  void add(severity how, std::string code, std::string path, std::string message) {
    findings_.push_back({how, std::move(code), std::move(path), std::move(message)});
  }

  // What went wrong with a look at something, as a finding.
  void add(const failure& why, const std::string& path) {
    const auto how = why.kind == failure_kind::damaged ? severity::damage : severity::warning;
    saw_all_ = saw_all_ && why.kind != failure_kind::failed;
    add(how, std::string(why.code), why.path.empty() ? path : why.path, why.message);
  }

  void look_at_permissions() {
    check_mode(".", env_.files.status(directory_.get()));
    look_below(directory_.get(), "", 0);
  }

  // Modes and leftovers of everything, `feeds/<instance>/<file>` being the deepest.
  void look_below(handle directory, const std::string& prefix, int depth) {
    const auto names = list_names(env_.files, directory, most_names);
    if (!names) {
      add(disk_failure("list the directory", directory_.path() + "/" + prefix, names.error()), prefix);
      return;
    }
    for (const auto& name : *names) {
      const auto status = env_.files.status(directory, name, false);
      check_mode(prefix + name, status);
      if (name.find(".set-aside-") != std::string::npos || name.find(".replaced-") != std::string::npos)
        add(severity::note, "leftover", prefix + name, "was set aside; delete it when nothing in it is missed");
      if (name.ends_with(".new") || name == "release.stage")
        add(severity::note, "leftover", prefix + name,
            "something was interrupted; the next command goes on or removes it");
      if (status && status->type == file_type::directory && depth < 2)
        if (const auto below = open_directory(env_.files, directory, name))
          look_below(below->get(), prefix + name + "/", depth + 1);
    }
  }

  void check_mode(const std::string& name, const os_result<file_status>& status) {
    if (!status)
      add(severity::warning, "unreadable", name, "cannot be looked at; give this user access");
    else if (status->type != file_type::symlink && status->type != file_type::socket && (status->mode & others) != 0)
      add(severity::warning, "permissions", name, "can be reached by other users; run 'chmod go=' on it");
    else if (status->uid != env_.self.uid)
      add(severity::warning, "owner", name,
          "belongs to another user, who can change it; run 'chown " + std::to_string(env_.self.uid) +
              "' on it if what it holds is yours, else take it out");
  }

  void look_at_identity() {
    const auto traces = inspect_identity(env_, directory_.get(), current_release);
    if (!traces) {
      add(traces.error(), "instance.json");
      return;
    }
    if (!traces->record && env_.files.status(directory_.get(), "feeds", false)) {
      add(severity::damage, "release-unstamped", "instance.json",
          "there are feeds and no instance.json that says of which release; put its backup back");
      return;
    }
    switch (decide_identity(*traces)) {
      case identity_step::use:
        if (auto there = check_own_feed_is_there(env_, directory_.get(), *traces->record); !there) {
          is_any_damaged_ = true;
          add(there.error(), "feeds");
        }
        break;
      case identity_step::create:
        add(severity::note, "no-identity", "instance.json", "there is none yet; 'muster init' makes one");
        break;
      case identity_step::replace:
        add(severity::warning, "identity-copied", "identity.key",
            "this directory was copied, restored or lost its key; the next command takes a new identity");
        break;
    }
  }

  void look_at_config() {
    if (const auto read = read_config(env_, directory_.get()); !read)
      add(read.error(), std::string(config_file_name));
  }

  void look_at_local() {
    const auto status = env_.files.status(directory_.get(), "local.db", false);
    if (!status && status.error().code == ENOENT)
      return;
    const auto begins_anew = [this](const std::string& why) {
      add(severity::damage, "local-damaged", "local.db",
          why + "; the next command sets it aside and begins it anew, and what was noted of manifests and of agents "
                "that are gone goes with it: put a backup back first, if there is one");
    };
    if (!status)
      return add(disk_failure("look at the local database", "local.db", status.error()), "local.db");
    if (status->type != file_type::regular)
      return add(severity::damage, "local-damaged", "local.db", "it is no regular file; move it away");
    if (status->size == 0)
      return begins_anew("it is empty");
    const auto copy = database_copy::make(env_, directory_.get(), "local.db");
    if (!copy)
      return add(copy.error(), "local.db");
    const auto opened = local_database::open(env_, (*copy)->path());
    if (!opened)
      add(opened.error(), "local.db");
    else if (!opened->begun_anew().empty())
      begins_anew("it is damaged or not of muster");
  }

  void look_at_feeds(handle feeds) {
    const auto instances = list_feeds(env_, feeds);
    if (!instances) {
      add(instances.error(), "feeds");
      return;
    }
    for (const auto& instance : *instances) {
      ++feeds_;
      const auto found = verify_feed(env_, feeds, instance);
      if (!found) {
        if (found.error().kind != failure_kind::not_found) // begun and empty
          add(found.error(), "feeds/" + instance.text);
        continue;
      }
      const auto place = "feeds/" + instance.text;
      for (const auto& damage : found->damages)
        add(damaged_feed(damage, place), place);
      if (found->unmarked_bytes > 0)
        add(severity::note, "unmarked", place,
            std::to_string(found->unmarked_bytes) + " bytes follow the durable mark; the next command settles them");
      is_any_damaged_ = is_any_damaged_ || !found->damages.empty();
      for (const auto& name : found->leftovers)
        add(severity::note, "leftover", place + "/" + name, std::string(leftover_advice(*found)));
    }
  }

  void look_at_index(handle feeds) {
    feed_source source(env_, feeds);
    const auto found = examine_index(env_, directory_.get(), source);
    if (!found)
      add(found.error(), "index.db");
    else if (!found->there)
      add(severity::note, "no-index", "index.db", found->why);
    else if (!found->identical)
      add(severity::warning, "index-differs", "index.db",
          is_any_damaged_
              ? "the index is not what can be read of the feeds, and may hold what the damaged one has lost: "
                "keep a copy of it until that is whole again"
              : found->why);
  }

  environment env_;
  data_directory& directory_;
  std::vector<finding> findings_;
  std::size_t feeds_ = 0;
  bool saw_all_ = true;
  bool is_any_damaged_ = false;
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
  if (result.exit == 0 && !done.saw_all())
    result.exit = exit_code(failure_kind::failed);
  result.text += printable(path) + ": " + std::to_string(done.feeds()) + (done.feeds() == 1 ? " feed, " : " feeds, ") +
                 (ok ? "nothing is wrong\n" : "see above\n");
  result.json = std::string("{\"ok\":") + (ok ? "true" : "false") + "," + result.json + "]}\n";
  return result;
}

expected<answer> examine_alone(command_context& context) {
  auto directory = open_when_free(context, data_directory::presence::looked_at);
  if (!directory)
    return directory.error();
  if (const auto traces = inspect_identity(context.env, directory->get(), current_release);
      !traces && traces.error().kind == failure_kind::release_mismatch)
    return traces.error();
  const progress shown(context.style, "checking");
  examination all(context.env, *directory);
  all.run();
  return describe(all, directory->path());
}

// What a service found, which looks at the relay as well.
expected<answer> examine_there(command_context& context) {
  const auto said = call_service(context, {.operation = "doctor", .body = {}, .doing = "checking"});
  if (!said)
    return said.error();
  auto result = as_answer(context, *said, [](json::value found) {
    const auto lines = findings_text(found.find("findings"));
    return lines.empty() ? std::string("nothing is wrong\n") : lines + "see above\n";
  });
  for (const auto each : said->document.root().find("findings"))
    if (text_of(each, "severity") == to_string(severity::damage))
      result.exit = exit_code(failure_kind::damaged);
  return result;
}

expected<answer> examine(command_context& context) {
  return alone_or_service(
      context, [&] { return examine_alone(context); }, [&] { return examine_there(context); });
}

} // namespace

void add_doctor_command(command_line& line) {
  auto* command =
      line.add(line.root(), "doctor", "Checks every file, chain, seal and row, and changes nothing",
               "muster doctor\n"
               "Beside a daemon it is the daemon that checks: feeds, index and relay. Permissions, the identity and\n"
               "what lies about are looked at where none serves.");
  command_line::bind(line, command, examine);
}

} // namespace muster
