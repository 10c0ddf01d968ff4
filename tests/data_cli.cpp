#define CAF_SUITE data_cli

#include "tests/support/muster_command.hpp"

#include "muster/store/instance_text.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace muster::test;

namespace {

struct fixture : muster_command {
  process_result fill(const std::string& agents = "12", const std::string& ops = "60") const {
    return run_process({program("make_history"), data, agents, ops});
  }
  /// The one file of our feed.
  [[nodiscard]] std::string segment() const {
    const auto found = run_process({"/usr/bin/find", data + "/feeds", "-name", "*.feed"});
    return found.out.substr(0, found.out.find('\n'));
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void put(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(data_commands, fixture)

CAF_TEST(init makes a directory that nobody else can enter and is repeatable) {
  const auto first = muster({"init"});
  CAF_CHECK_EQUAL(first.exit, 0);
  struct stat status {};
  CAF_REQUIRE(::stat(data.c_str(), &status) == 0);
  CAF_CHECK_EQUAL(status.st_mode & 0777u, 0700u);
  CAF_CHECK_EQUAL(muster({"init"}).out, first.out);
}

CAF_TEST(a relative data directory is one below where we are) {
  const auto answer = run_process({program("muster"), "--data", "data", "init"}, {.directory = place.path()});
  CAF_CHECK_EQUAL(answer.exit, 0);
  CAF_CHECK_EQUAL(muster({"doctor"}).exit, 0);
}

CAF_TEST(a link to nothing is named and not taken for a directory that init makes) {
  std::filesystem::create_symlink(place.path() + "/gone", data);
  for (const std::string each : {"init", "doctor", "dump"}) {
    const auto answer = muster({each});
    CAF_CHECK_EQUAL(answer.exit, 4);
    CAF_CHECK(contains(answer.err, "symbolic link"));
    CAF_CHECK(!contains(answer.err, "muster init"));
  }
  const auto below = run_process({program("muster"), "--data", data + "/deeper", "init"});
  CAF_CHECK_EQUAL(below.exit, 4);
  CAF_CHECK(contains(below.err, "symbolic link"));
}

CAF_TEST(no data directory and no home is a usage error) {
  const auto answer =
      run_process({program("muster"), "doctor"}, {.environment = {"HOME=", "XDG_STATE_HOME=", "MUSTER_DATA="}});
  CAF_CHECK_EQUAL(answer.exit, 2);
  CAF_CHECK(contains(answer.err, "--data"));
}

CAF_TEST(a directory that another process holds is waited for and then busy) {
  CAF_REQUIRE(muster({"init"}).exit == 0);
  const int lock = ::open((data + "/lock").c_str(), O_RDONLY | O_CLOEXEC);
  CAF_REQUIRE(lock >= 0);
  CAF_REQUIRE(::flock(lock, LOCK_EX) == 0);
  const auto answer = muster({"doctor"});
  CAF_CHECK_EQUAL(answer.exit, 8);
  CAF_CHECK(contains(answer.err, "another muster process"));
  ::close(lock);
  CAF_CHECK_EQUAL(muster({"doctor"}).exit, 0);
}

CAF_TEST(init refuses a directory with other things in it) {
  CAF_REQUIRE(::mkdir(data.c_str(), 0700) == 0);
  put(data + "/letter.txt", "mine");
  const auto answer = muster({"init"});
  CAF_CHECK_EQUAL(answer.exit, 4);
  CAF_CHECK(contains(answer.err, "[data-foreign]"));
  CAF_CHECK_EQUAL(run_process({"/bin/ls", data}).out, "letter.txt\n");
}

CAF_TEST(commands that need a data directory say so) {
  for (const char* command : {"dump", "log", "rebuild", "doctor"}) {
    const auto answer = muster({command});
    CAF_CHECK_EQUAL(answer.exit, 3);
    CAF_CHECK(contains(answer.err, "muster init"));
  }
}

CAF_TEST([PR-01] a rebuild leaves every feed as it was and gives the same dump) {
  CAF_REQUIRE(fill().exit == 0);
  const auto before = muster({"dump"});
  CAF_CHECK_EQUAL(before.exit, 0);
  const auto feed = content_of(segment());
  CAF_REQUIRE(::unlink((data + "/index.db").c_str()) == 0);
  CAF_CHECK_EQUAL(muster({"dump"}).out, before.out);
  const auto rebuilt = muster({"--json", "rebuild"});
  CAF_CHECK_EQUAL(rebuilt.exit, 0);
  CAF_CHECK(contains(rebuilt.out, "\"identical\":true"));
  CAF_CHECK_EQUAL(muster({"dump"}).out, before.out);
  CAF_CHECK(content_of(segment()) == feed);
}

CAF_TEST([OL-08] the log shows the newest first and narrows by agent and version) {
  CAF_REQUIRE(fill().exit == 0);
  const auto newest = muster({"log", "--limit", "2"});
  CAF_CHECK_EQUAL(newest.exit, 0);
  CAF_CHECK(contains(newest.out.substr(0, newest.out.find('\n')), "@60"));
  const auto one = muster({"log", "agent-3", "--limit", "100"});
  CAF_CHECK(contains(one.out, "place.put agent-3"));
  CAF_CHECK(!contains(one.out, "agent-4"));
  const auto version = newest.out.substr(newest.out.find("  ") + 2, newest.out.find("@60") + 1 - newest.out.find("  "));
  const auto since = muster({"log", "--since", version.substr(0, version.find('@')) + "@57"});
  CAF_CHECK_EQUAL(std::count(since.out.begin(), since.out.end(), '\n'), 3);
  CAF_CHECK_EQUAL(muster({"log", "agent-1"}).exit, 0);
  CAF_CHECK_EQUAL(muster({"log", "agent"}).exit, 4);
  CAF_CHECK_EQUAL(muster({"log", "--limit", "0"}).exit, 2);
  CAF_CHECK_EQUAL(muster({"log", "--since", "@57"}).out, since.out);
  CAF_CHECK_EQUAL(muster({"log", "--since", "57"}).exit, 4);
  for (const std::vector<std::string>& empty :
       {std::vector<std::string>{"log", ""}, {"log", "--since", ""}, {"log", "--instance", ""}})
    CAF_CHECK(contains(muster(empty).err, "[empty-value]"));
}

CAF_TEST(the log is of the agent that has the name now) {
  const auto project = place.path() + "/project";
  CAF_REQUIRE(::mkdir(project.c_str(), 0700) == 0);
  for (int round = 0; round < 2; ++round) {
    CAF_REQUIRE_EQUAL(muster({"register", project, "--name", "atlas"}).exit, 0);
    CAF_CHECK_EQUAL(muster({"log", "atlas"}).exit, 0);
    CAF_CHECK_EQUAL(muster({"log", project}).exit, 0);
    CAF_REQUIRE_EQUAL(muster({"unregister", "atlas"}).exit, 0);
  }
  const auto nobody = muster({"log", "atlas"});
  CAF_CHECK_EQUAL(nobody.exit, 4);
  CAF_CHECK(contains(nobody.err, "give the id"));
}

CAF_TEST(the log takes an instance as people copy it and tells of a mistyped one) {
  CAF_REQUIRE(fill().exit == 0);
  const auto json = muster({"--json", "log", "--limit", "1"}).out;
  const auto id = json.substr(json.find("\"instance\":\"") + 12, 52);
  auto shown = muster::shown_instance(muster::instance_id(id));
  const auto lines_of = [&](const std::string& text) {
    const auto out = muster({"log", "--limit", "3", "--instance", text}).out;
    return std::count(out.begin(), out.end(), '\n');
  };
  CAF_CHECK_EQUAL(lines_of(shown), 3);
  CAF_CHECK_EQUAL(lines_of(id), 3);
  std::ranges::transform(shown, shown.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  CAF_CHECK_EQUAL(lines_of(shown), 3);
  CAF_CHECK_EQUAL(lines_of(shown.substr(0, 8)), 3);
  CAF_CHECK_EQUAL(muster({"log", "--since", shown.substr(0, 8) + "@59"}).exit, 0);
  shown.back() = shown.back() == 'A' ? 'B' : 'A';
  const auto mistyped = muster({"log", "--instance", shown});
  CAF_CHECK_EQUAL(mistyped.exit, 4);
  CAF_CHECK(contains(mistyped.err, "[instance-mistyped]"));
  CAF_CHECK_EQUAL(muster({"log", "--instance", "0nobody"}).exit, 3);
}

CAF_TEST(a changed byte in a feed is damage that is named and never shortens in silence) {
  CAF_REQUIRE(fill().exit == 0);
  CAF_CHECK_EQUAL(muster({"doctor"}).exit, 0);
  const auto path = segment();
  auto bytes = content_of(path);
  bytes[bytes.size() / 2] ^= 1;
  put(path, bytes);
  const auto examined = muster({"--json", "doctor"});
  CAF_CHECK_EQUAL(examined.exit, 7);
  CAF_CHECK(contains(examined.out, "\"severity\":\"damage\""));
  CAF_CHECK(content_of(path) == bytes);
  const auto dumped = muster({"dump"});
  CAF_CHECK_EQUAL(dumped.exit, 7);
  CAF_CHECK(contains(dumped.err, "feeds/"));
}

CAF_TEST(damage is told once and a rebuild keeps the index that may hold what is lost) {
  CAF_REQUIRE(fill().exit == 0);
  const auto before = muster({"dump"}).out;
  const auto path = segment();
  CAF_REQUIRE(::truncate(path.c_str(), static_cast<off_t>(content_of(path).size() - 100)) == 0);
  const auto verified = muster({"rebuild", "--verify"});
  CAF_CHECK_EQUAL(verified.exit, 7);
  CAF_CHECK(contains(verified.out, "may be all that is left") && !contains(verified.out, "'muster rebuild'"));
  const auto rebuilt = muster({"rebuild"});
  CAF_CHECK_EQUAL(rebuilt.exit, 7);
  CAF_CHECK_EQUAL(count_of(rebuilt.err, "cannot be trusted"), 1u);
  CAF_CHECK(contains(rebuilt.err, "from a backup"));
  CAF_CHECK(contains(rebuilt.err, "it was set aside"));
  const auto aside = run_process({"/usr/bin/find", data, "-name", "index.db.set-aside-*"}).out;
  CAF_CHECK_EQUAL(std::count(aside.begin(), aside.end(), '\n'), 1);
  // The next one has nothing that the feed has not.
  CAF_CHECK_EQUAL(muster({"rebuild"}).exit, 7);
  CAF_CHECK_EQUAL(run_process({"/usr/bin/find", data, "-name", "index.db.set-aside-*"}).out, aside);
  const auto examined = muster({"doctor"});
  CAF_CHECK_EQUAL(examined.exit, 7);
  CAF_CHECK(contains(examined.out, "keep it until the feed is whole again"));
  CAF_CHECK(!contains(examined.out, "feeds//") && !contains(examined.out, "/: "));
  const auto project = place.path() + "/project";
  CAF_REQUIRE(::mkdir(project.c_str(), 0700) == 0);
  CAF_CHECK_EQUAL(muster({"register", project}).exit, 7);
  CAF_CHECK_EQUAL(::access((project + "/.dork").c_str(), F_OK), -1);
}

CAF_TEST(a feed that is gone is not begun anew) {
  CAF_REQUIRE(fill().exit == 0);
  CAF_REQUIRE(muster({"dump"}).exit == 0);
  const auto feeds = data + "/feeds";
  const auto away = place.path() + "/away";
  CAF_REQUIRE(::rename(feeds.c_str(), away.c_str()) == 0);
  for (const std::string each : {"init", "dump", "rebuild", "log", "doctor"}) {
    const auto answer = muster({each});
    CAF_CHECK_EQUAL(answer.exit, 7);
    CAF_CHECK(contains(answer.out + answer.err, "[feed-missing]"));
    CAF_CHECK(!std::filesystem::exists(feeds));
  }
  CAF_REQUIRE(::rename(away.c_str(), feeds.c_str()) == 0);
  CAF_CHECK_EQUAL(muster({"doctor"}).exit, 0);
  // Nor one that was emptied.
  const auto own = std::filesystem::directory_iterator(feeds)->path();
  std::filesystem::rename(own, place.path() + "/own");
  std::filesystem::create_directory(own);
  CAF_CHECK_EQUAL(muster({"list"}).exit, 7);
  std::filesystem::remove(own);
  std::filesystem::rename(place.path() + "/own", own);
  CAF_CHECK_EQUAL(muster({"list"}).exit, 0);
  // What the sentence says helps.
  CAF_REQUIRE(::rename(feeds.c_str(), away.c_str()) == 0);
  CAF_REQUIRE(::rename((data + "/identity.key").c_str(), (data + "/identity.key.old").c_str()) == 0);
  CAF_CHECK_EQUAL(muster({"init"}).exit, 0);
  CAF_CHECK_EQUAL(muster({"doctor"}).exit, 0);
}

CAF_TEST(doctor fails where the disk keeps something from it) {
  CAF_REQUIRE(fill().exit == 0);
  const auto path = segment();
  CAF_REQUIRE(::rename(path.c_str(), (place.path() + "/elsewhere").c_str()) == 0);
  std::filesystem::create_symlink(place.path() + "/elsewhere", path);
  const auto answer = muster({"doctor"});
  CAF_CHECK_EQUAL(answer.exit, 1);
  CAF_CHECK(contains(answer.out, "[feed-disk]"));
}

CAF_TEST(an index of garbage is set aside and folded anew and told) {
  CAF_REQUIRE(fill().exit == 0);
  const auto before = muster({"dump"});
  put(data + "/index.db", std::string(5000, 'x'));
  CAF_CHECK(contains(muster({"doctor"}).out, "index.db"));
  const auto after = muster({"dump"});
  CAF_CHECK_EQUAL(after.exit, 0);
  CAF_CHECK_EQUAL(after.out, before.out);
  CAF_CHECK(contains(after.err, "note"));
}

CAF_TEST(a store of a newer release is refused and not touched) {
  CAF_REQUIRE(muster({"init"}).exit == 0);
  auto record = content_of(data + "/instance.json");
  record.replace(record.find("\"release\":1"), 11, "\"release\":9");
  put(data + "/instance.json", record);
  const auto answer = muster({"dump"});
  CAF_CHECK_EQUAL(answer.exit, 6);
  CAF_CHECK(contains(answer.err, "9"));
  CAF_CHECK_EQUAL(content_of(data + "/instance.json"), record);
}

CAF_TEST(a copied directory becomes another instance and keeps the history) {
  CAF_REQUIRE(fill().exit == 0);
  const auto original = muster({"init"}).out;
  const auto copy = place.path() + "/copy";
  CAF_REQUIRE(run_process({"/bin/cp", "-a", data, copy}).exit == 0);
  data = copy;
  const auto answer = muster({"init"});
  CAF_CHECK_EQUAL(answer.exit, 0);
  CAF_CHECK(answer.out != original);
  CAF_CHECK(contains(answer.err, "another instance"));
  CAF_CHECK(contains(muster({"log", "agent-3"}).out, "place.put agent-3"));
}

CAF_TEST(a renamed directory keeps its identity) {
  const auto original = muster({"--json", "init"}).out;
  const auto moved = place.path() + "/moved";
  CAF_REQUIRE(::rename(data.c_str(), moved.c_str()) == 0);
  data = moved;
  const auto id = original.substr(0, original.find("\"shown\""));
  CAF_CHECK(contains(muster({"--json", "init"}).out, id));
}

CAF_TEST(a directory that others may write to is refused) {
  CAF_REQUIRE(muster({"init"}).exit == 0);
  CAF_REQUIRE(::chmod(data.c_str(), 0777) == 0);
  const auto answer = muster({"dump"});
  CAF_CHECK_EQUAL(answer.exit, 4);
  CAF_CHECK(contains(answer.err, "chmod 700"));
}

CAF_TEST(doctor tells of settings that cannot be read and nothing else is hurt) {
  CAF_REQUIRE(muster({"init"}).exit == 0);
  put(data + "/config.json", "{\n  \"sweep.intervall\": \"5min\"\n}\n");
  CAF_REQUIRE(::chmod((data + "/config.json").c_str(), 0600) == 0);
  const auto answer = muster({"doctor"});
  CAF_CHECK(contains(answer.out, "config.json, line 2: there is no setting 'sweep.intervall'"));
  CAF_CHECK_EQUAL(muster({"dump"}).exit, 0);
}

CAF_TEST(doctor tells of a local database that the next command would begin anew) {
  CAF_REQUIRE(fill().exit == 0);
  CAF_REQUIRE(muster({"list"}).exit == 0);
  CAF_CHECK_EQUAL(muster({"doctor"}).exit, 0);
  const auto whole = content_of(data + "/local.db");
  for (const auto& bytes : {std::string(30000, 'x'), std::string()}) {
    put(data + "/local.db", bytes);
    CAF_REQUIRE(::chmod((data + "/local.db").c_str(), 0600) == 0);
    const auto answer = muster({"doctor"});
    CAF_CHECK_EQUAL(answer.exit, 7);
    CAF_CHECK(contains(answer.out, "[local-damaged]"));
    CAF_CHECK(content_of(data + "/local.db") == bytes);
  }
  put(data + "/local.db", whole);
  CAF_CHECK_EQUAL(muster({"doctor"}).exit, 0);
}

CAF_TEST(doctor tells who can read what it should not) {
  CAF_REQUIRE(muster({"init"}).exit == 0);
  CAF_REQUIRE(::chmod((data + "/identity.key").c_str(), 0644) == 0);
  const auto answer = muster({"doctor"});
  CAF_CHECK(contains(answer.out, "identity.key"));
  CAF_CHECK(contains(answer.out, "permissions"));
}

CAF_TEST(commands leave a directory alone in which no muster has been) {
  CAF_REQUIRE(::mkdir(data.c_str(), 0700) == 0);
  put(data + "/index.db-wal", "precious");
  for (const char* command : {"dump", "log", "rebuild", "doctor"})
    CAF_CHECK_EQUAL(muster({command}).exit, 3);
  CAF_CHECK_EQUAL(run_process({"/bin/ls", data}).out, "index.db-wal\n");
}

CAF_TEST(an interrupted first init can be made again) {
  CAF_REQUIRE(::mkdir(data.c_str(), 0700) == 0);
  put(data + "/identity.key.new", "half a k");
  put(data + "/lock", "");
  CAF_CHECK_EQUAL(muster({"init"}).exit, 0);
}

CAF_TEST(a feed that was begun and is empty stops nothing) {
  CAF_REQUIRE(fill().exit == 0);
  const auto before = muster({"dump"}).out;
  CAF_REQUIRE(::mkdir((data + "/feeds/" + std::string(52, 'a')).c_str(), 0700) == 0);
  CAF_CHECK_EQUAL(muster({"dump"}).out, before);
  CAF_CHECK_EQUAL(muster({"doctor"}).exit, 0);
}

CAF_TEST(doctor and verify change nothing and tell an index that was tampered with) {
  CAF_REQUIRE(fill().exit == 0);
  CAF_REQUIRE(muster({"dump"}).exit == 0);
  auto bytes = content_of(data + "/index.db");
  const auto at = bytes.find("edit ");
  CAF_REQUIRE(at != std::string::npos);
  bytes.replace(at, 5, "evil ");
  put(data + "/index.db", bytes);
  CAF_CHECK_EQUAL(muster({"rebuild", "--verify"}).exit, 7);
  CAF_CHECK(contains(muster({"doctor"}).out, "[index-differs]"));
  CAF_CHECK(content_of(data + "/index.db") == bytes);
  CAF_CHECK_EQUAL(muster({"rebuild"}).exit, 0);
  CAF_CHECK_EQUAL(muster({"rebuild", "--verify"}).exit, 0);
}

CAF_TEST(a lost mark is damage and is restored only when asked for) {
  CAF_REQUIRE(fill().exit == 0);
  const auto before = muster({"dump"}).out;
  const auto mark = segment().substr(0, segment().rfind('/')) + "/durable";
  CAF_REQUIRE(::unlink(mark.c_str()) == 0);
  const auto damaged = muster({"dump"});
  CAF_CHECK_EQUAL(damaged.exit, 7);
  CAF_CHECK(contains(damaged.err, "--restore-marks"));
  // Who cannot be found in what is left may well be there.
  for (const std::vector<std::string>& asked : {std::vector<std::string>{"show", "atlas"},
                                                {"show", "/nowhere"},
                                                {"heartbeat", "atlas"},
                                                {"relay", "inbox", "atlas"},
                                                {"update", "atlas", "--set", "icon=x"}}) {
    const auto answer = muster(asked);
    CAF_CHECK_EQUAL(answer.exit, 7);
    CAF_CHECK(contains(answer.err, "[feed-"));
  }
  CAF_CHECK_EQUAL(muster({"rebuild", "--restore-marks"}).exit, 0);
  CAF_CHECK_EQUAL(muster({"dump"}).out, before);
}

CAF_TEST_FIXTURE_SCOPE_END()
