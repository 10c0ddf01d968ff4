// make_index_fixture <path>: an index of today's schema at a new path, to be
// kept as tests/fixtures/index/release-<number>.db when the schema changes.

#include "tests/support/index_fixture.hpp"

#include "muster/store/real_environment.hpp"

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_index_fixture <absolute path of a new file>\n", stderr);
    return 2;
  }
  muster::real_environment here;
  auto source = index_fixture::small_history();
  muster::index_database index(here.view(), argv[1], source, index_fixture::options());
  const bool done = index.open().has_value() && !index.in_memory();
  std::fputs(done ? "" : "make_index_fixture: it cannot be written\n", stderr);
  return done ? 0 : 1;
}
