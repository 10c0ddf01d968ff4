#define CAF_SUITE index_damage_test

#include "tests/support/index_fixture.hpp"

#include "muster/store/index_audit.hpp"
#include "muster/store/local_database.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace index_fixture;

namespace {

constexpr const char* local_path = "/data/local.db";
constexpr std::size_t page = 4096;

void flip(std::string& bytes, std::size_t at) {
  if (at < bytes.size())
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
}

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// Runs SQL on a database as another program would.
void as_another_program(machine& here, const char* path, const std::string& sql) {
  auto on = sqlite_connection::open(here.env(), path, sqlite_durability::full);
  CAF_REQUIRE(on.has_value());
  CAF_REQUIRE(on->execute(sql).has_value());
}

struct damage {
  const char* name;
  /// Changes the file's bytes, or if null runs `sql`.
  void (*change)(std::string& bytes);
  const char* sql;
};

constexpr std::array damages{
    damage{"zero bytes", [](std::string& bytes) { bytes.clear(); }, nullptr},
    damage{"garbage", [](std::string& bytes) { std::fill(bytes.begin(), bytes.end(), 'x'); }, nullptr},
    damage{"header only", [](std::string& bytes) { bytes.resize(100); }, nullptr},
    damage{"truncated by a page", [](std::string& bytes) { bytes.resize(bytes.size() - page); }, nullptr},
    damage{"bit flip in the header", [](std::string& bytes) { flip(bytes, 18); }, nullptr},
    damage{"bit flip in the schema", [](std::string& bytes) { flip(bytes, bytes.find("CREATE TABLE") + 8); }, nullptr},
    damage{"bit flip in a leaf", [](std::string& bytes) { flip(bytes, bytes.rfind("marker") + 2); }, nullptr},
    damage{"bit flip in the freelist", [](std::string& bytes) { flip(bytes, (number_at(bytes, 32) - 1) * page + 9); },
           nullptr},
    damage{"newer version", nullptr, "PRAGMA user_version = 4711"},
    damage{"extra table", nullptr, "CREATE TABLE extra (a)"},
    damage{"trigger", nullptr, "CREATE TRIGGER extra AFTER DELETE ON facts BEGIN DELETE FROM denials; END"},
    damage{"view on a known name", nullptr,
           "ALTER TABLE denials RENAME TO other; CREATE VIEW denials AS SELECT * FROM other"},
};

/// An index with free pages, so that each kind of page is there to be damaged.
list_source marked_history() {
  using namespace fold_fixture;
  auto source = small_history();
  source.add(make("a", 6, 800, {put("persona", '"' + std::string(20'000, 'p') + '"', saw({{"a", 1}}))}));
  source.add(make("a", 7, 900, {put("persona", "\"a marker\"", saw({{"a", 6}}))}));
  return source;
}

void make_index(machine& here, list_source& source) {
  list_source growing;
  index_database index(here.env(), index_path, growing, options());
  CAF_REQUIRE(index.open());
  for (const auto& [instance, feed] : source.feeds_)
    for (const auto& each : feed) {
      growing.add(each);
      CAF_REQUIRE(index.apply({&each, 1}));
    }
}

void inflict(machine& here, const damage& what, const char* path, const char* sql) {
  here.world.restart_process();
  if (!what.change)
    return as_another_program(here, path, sql);
  auto bytes = here.world.files.file_content(path);
  what.change(bytes);
  here.world.files.put_file(path, bytes);
}

std::size_t count_aside(machine& here, const std::string& prefix) {
  std::size_t count = 0;
  std::array<std::byte, 65536> buffer{};
  here.world.files.aside([&](simulated_disk& files) {
    const open_file listed(files, files.open(no_handle, directory, {.directory = true}).value());
    while (const auto size = files.read_entries(listed.get(), buffer).value()) {
      listing_reader reader(std::span(buffer.data(), size));
      for (directory_entry entry; reader.next(entry);)
        count += entry.name.starts_with(prefix) && !entry.name.ends_with("-wal") ? 1 : 0;
    }
  });
  return count;
}

} // namespace

CAF_TEST(an index that is damaged in any of the known ways is folded anew and told) {
  auto source = marked_history();
  const auto wanted = dump_of(source);
  for (const auto& what : damages) {
    machine here;
    make_index(here, source);
    inflict(here, what, index_path, what.sql);
    index_database index(here.env(), index_path, source, options());
    CAF_MESSAGE(what.name);
    CAF_REQUIRE(index.open());
    CAF_CHECK_EQUAL(index.dump().value(), wanted);
    CAF_CHECK(!index.in_memory());
    // A version that nothing reads makes no other index of it.
    const bool harmless = std::string_view(what.name) == "newer version";
    const auto notices = index.take_notices();
    CAF_CHECK_EQUAL(told(notices, "index-set-aside"), !harmless);
    CAF_CHECK_EQUAL(count_aside(here, "index.db.set-aside-"), harmless ? 0u : 1u);
  }
  std::printf("lane index_damage_test index: %zu kinds of damage\n", damages.size());
}

CAF_TEST(a local database that is damaged in any of the known ways is begun anew or refused) {
  for (const auto& what : damages) {
    machine here;
    {
      auto made = local_database::open(here.env(), local_path);
      CAF_REQUIRE(made.has_value());
      CAF_REQUIRE(made->connection().execute("INSERT INTO last_seen VALUES ('a marker', 1, 'x');"
                                             "INSERT INTO last_seen VALUES ('a" +
                                             std::string(20'000, 'z') +
                                             "', 1, 'x');"
                                             "DELETE FROM last_seen WHERE agent <> 'a marker';"));
    }
    std::string sql = what.sql ? what.sql : "";
    if (sql.find("TRIGGER") != std::string::npos)
      sql = "CREATE TRIGGER extra AFTER DELETE ON held BEGIN DELETE FROM observed; END";
    if (sql.find("VIEW") != std::string::npos)
      sql = "ALTER TABLE held RENAME TO other; CREATE VIEW held AS SELECT * FROM other";
    inflict(here, what, local_path, sql.c_str());
    const auto before = here.world.files.fingerprint();
    CAF_MESSAGE(what.name);
    auto opened = local_database::open(here.env(), local_path);
    if (std::string_view(what.name) == "newer version") {
      CAF_REQUIRE(opened.has_error());
      CAF_CHECK_EQUAL(exit_code(opened.error().kind), 6);
      CAF_CHECK_EQUAL(here.world.files.fingerprint(), before);
      continue;
    }
    CAF_REQUIRE(opened.has_value());
    // No sum is kept over its rows: a flip in a value is a value.
    const bool in_a_value = std::string_view(what.name) == "bit flip in a leaf";
    CAF_CHECK_EQUAL(opened->begun_anew().empty(), in_a_value);
    CAF_CHECK_EQUAL(count_aside(here, "local.db.set-aside-"), in_a_value ? 0u : 1u);
  }
  std::printf("lane index_damage_test local: %zu kinds of damage\n", damages.size());
}
