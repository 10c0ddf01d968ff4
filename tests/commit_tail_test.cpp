#define CAF_SUITE commit_tail_test

#include "muster/store/commit_tail.hpp"

#include "tests/support/index_fixture.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace index_fixture;
using fold_fixture::at_home;

namespace {

commit number(sequence seq, const char* instance = "own") {
  return fold_fixture::make(instance, seq, seq, {});
}

std::vector<sequence> read_all(commit_source& from, const state_vector& have = {}, const char* of = "own") {
  std::vector<sequence> result;
  from.read(have,
            [&](const commit& next) -> expected<void> {
              if (next.instance == at_home(of))
                result.push_back(next.seq);
              return {};
            })
      .value();
  return result;
}

} // namespace

CAF_TEST(what the disk does not show yet comes after what it shows) {
  list_source disk;
  disk.add(number(1));
  disk.add(number(1, "peer"));
  commit_tail tail(disk, at_home("own"));
  for (const sequence seq : {3, 2, 1, 2})
    tail.add(number(seq));
  CAF_CHECK((read_all(tail) == std::vector<sequence>{1, 2, 3}));
  CAF_CHECK((read_all(tail, {{at_home("own"), 2}}) == std::vector<sequence>{3}));
  CAF_CHECK((read_all(tail, {}, "peer") == std::vector<sequence>{1}));
  CAF_CHECK((tail.ends().value() == state_vector{{at_home("own"), 3}, {at_home("peer"), 1}}));
}

CAF_TEST(nothing is handed over beyond a gap until it is filled) {
  list_source disk;
  disk.add(number(1));
  commit_tail tail(disk, at_home("own"));
  tail.add(number(3));
  CAF_CHECK((read_all(tail) == std::vector<sequence>{1}));
  CAF_CHECK_EQUAL(tail.ends().value()[at_home("own")], 1u);
  disk.add(number(2));
  CAF_CHECK((read_all(tail) == std::vector<sequence>{1, 2, 3}));
  CAF_CHECK_EQUAL(tail.ends().value()[at_home("own")], 3u);
}

CAF_TEST(the tail keeps no more than its bound) {
  list_source disk;
  commit_tail tail(disk, at_home("own"), 4);
  for (sequence seq = 1; seq <= 20; ++seq) {
    tail.add(number(seq));
    if (seq != 20)
      disk.add(number(seq));
    CAF_CHECK(tail.size() <= 4);
  }
  CAF_CHECK_EQUAL(read_all(tail).size(), 20u);
  disk.failing = failure{failure_kind::failed, "disk", "the disk is ill"};
  for (sequence seq = 21; seq <= 40; ++seq)
    tail.add(number(seq));
  CAF_CHECK(tail.size() <= 4);
  CAF_CHECK(tail.read({}, [](const commit&) { return expected<void>(); }).has_error());
  CAF_CHECK(tail.ends().has_error());
}
