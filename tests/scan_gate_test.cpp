#define CAF_SUITE scan_gate_test

#include "muster/supervisor/scan_gate.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;

using paths = std::vector<std::string>;

CAF_TEST(who denies a directory learns what a scan is at work on there and below) {
  scan_gate gate;
  gate.enter("/p/a");
  gate.enter("/p/a/b");
  gate.enter("/p/ab");
  gate.enter("/p/a/b");
  CAF_CHECK((gate.inside("/p/a") == paths{"/p/a", "/p/a/b"}));
  CAF_CHECK((gate.inside("/p/a/b/c") == paths{}));
  gate.leave("/p/a/b");
  CAF_CHECK_EQUAL(gate.inside("/p").size(), 3u);
  gate.leave("/p/a/b");
  CAF_CHECK_EQUAL(gate.inside("/p").size(), 2u);
}

CAF_TEST(what is planned while a directory above is being denied does not come about) {
  scan_gate gate;
  gate.enter("/p/a/b");
  const auto before = gate.moment();
  CAF_CHECK(!gate.was_closed("/p/a/b", before));
  gate.close("/p/a");
  CAF_CHECK(gate.was_closed("/p/a", gate.moment()));
  CAF_CHECK(gate.was_closed("/p/a/b", gate.moment()));
  CAF_CHECK(!gate.was_closed("/p/ab", gate.moment()));
  gate.reopen("/p/a");
  CAF_CHECK(gate.was_closed("/p/a/b", before));
  CAF_CHECK(!gate.was_closed("/p/a/b", gate.moment()));
}

CAF_TEST(a directory that two deny stays closed until both are done) {
  scan_gate gate;
  gate.close("/p");
  gate.close("/p");
  gate.reopen("/p");
  CAF_CHECK(gate.was_closed("/p", gate.moment()));
  gate.reopen("/p");
  CAF_CHECK(!gate.was_closed("/p", gate.moment()));
}

CAF_TEST(the past is forgotten when nobody is inside) {
  scan_gate gate;
  gate.enter("/p/a");
  const auto before = gate.moment();
  gate.close("/p");
  gate.reopen("/p");
  CAF_CHECK(gate.was_closed("/p/a", before));
  gate.leave("/p/a");
  CAF_CHECK(!gate.was_closed("/p/a", before));
}
