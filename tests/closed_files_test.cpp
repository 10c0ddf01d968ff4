#define CAF_SUITE closed_files_test

#include "muster/store/closed_files.hpp"

#include "tests/support/index_fixture.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace index_fixture;
using namespace std::chrono_literals;

namespace {

struct world {
  machine here;
  closed_files closed{here.env(), directory};

  world() { change("a database"); }
  void change(const std::string& content) { here.world.files.put_file(index_path, content); }
  void wait(std::chrono::nanoseconds time) { here.world.clock.advance(time); }
  void remember() { closed.remember({{"index.db", "ours"}}); }
  [[nodiscard]] bool holds() const { return closed.holds("index.db", "ours"); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(closed_files_tests, world)

CAF_TEST(a file that nobody touched is the one that was closed) {
  CAF_CHECK(!holds());
  wait(1h);
  remember();
  CAF_CHECK(holds());
  CAF_CHECK(!closed.holds("index.db", "other"));
  CAF_CHECK(!closed.holds("local.db", "ours"));
}

CAF_TEST(a file that was changed or replaced is not) {
  wait(1h);
  remember();
  change("a datab_se");
  CAF_CHECK(!holds());
  wait(1h);
  remember();
  CAF_REQUIRE(holds());
  CAF_REQUIRE(here.world.files.unlink(no_handle, index_path, unlink_kind::file));
  CAF_CHECK(!holds());
}

CAF_TEST(a file changed in the instant before it was closed is read again) {
  wait(1h);
  change("a database, new");
  remember();
  CAF_CHECK(!holds());
  wait(5s);
  remember();
  CAF_CHECK(holds());
}

CAF_TEST(a file with a log beside it is not as it was closed) {
  wait(1h);
  remember();
  here.world.files.put_file("/data/index.db-wal", "");
  CAF_CHECK(holds());
  here.world.files.put_file("/data/index.db-wal", "a log");
  CAF_CHECK(!holds());
  remember();
  CAF_CHECK(!holds());
}

CAF_TEST(a record that is cut or is none says nothing) {
  wait(1h);
  remember();
  const auto whole = here.world.files.file_content("/data/closed");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    here.world.files.put_file("/data/closed", whole.substr(0, size));
    CAF_CHECK(!holds());
  }
  here.world.files.put_file("/data/closed", "nothing of ours\n" + whole.substr(whole.find('\n') + 1));
  CAF_CHECK(!holds());
}

CAF_TEST(what is said already is not written again) {
  wait(1h);
  remember();
  const auto before = here.world.files.fingerprint();
  wait(1h);
  remember();
  CAF_CHECK_EQUAL(here.world.files.fingerprint(), before);
}

CAF_TEST_FIXTURE_SCOPE_END()
