#define CAF_SUITE request_hash_test

#include "muster/supervisor/request_hash.hpp"

#include <caf/test/unit_test.hpp>

#include <set>
#include <string>

using namespace muster;

namespace {

template <class Request>
std::string with_id(Request asked, std::string id) {
  asked.request = request_id{std::move(id)};
  return hash_of(asked);
}

/// Counts requests whose hash another has.
struct different {
  std::set<std::string> hashes;
  std::size_t repeated = 0;
  template <class Request>
  void operator()(const Request& asked) {
    repeated += !hashes.insert(hash_of(asked)).second;
  }
};

} // namespace

CAF_TEST(does not depend on the request id) {
  std::size_t wrong = 0;
  const auto check = [&](const auto& asked) {
    wrong += with_id(asked, "a") != with_id(asked, "b");
    wrong += hash_of(asked).size() != 64;
  };
  check(register_agent{});
  check(update_agent{});
  check(revert_agent{});
  check(move_agent{});
  check(unregister_agent{});
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(differs with every member of a registration) {
  different enter;
  register_agent one;
  enter(one);
  one.path = "/a";
  enter(one);
  one.path = "/a0:";
  enter(one);
  one.name = "";
  enter(one);
  one.name = "n";
  enter(one);
  one.name.reset();
  one.display_name = "n";
  enter(one);
  one.display_name.reset();
  one.runtime = "n";
  enter(one);
  one.namespace_name = "n";
  enter(one);
  one.description = "n";
  enter(one);
  one.capabilities = {"ab"};
  enter(one);
  one.capabilities = {"a", "b"};
  enter(one);
  one.scan_root = "/r";
  enter(one);
  one.by = "me";
  enter(one);

  CAF_CHECK_EQUAL(enter.repeated, 0u);
}

CAF_TEST(differs with every member of an update) {
  different enter;
  update_agent two;
  enter(two);
  two.selector = "x";
  enter(two);
  two.assignments = {{{"a", "b"}, "1"}};
  enter(two);
  two.assignments = {{{"a"}, "1"}, {{"b"}, "1"}};
  enter(two);
  two.assignments = {{{"a"}, {}}};
  enter(two);
  two.add_capabilities = {"c"};
  enter(two);
  two.add_capabilities = {};
  two.remove_capabilities = {"c"};
  enter(two);
  two.if_hash = "h";
  enter(two);

  CAF_CHECK_EQUAL(enter.repeated, 0u);
}

CAF_TEST(differs with every member of the other requests) {
  different enter;
  enter(register_agent{});
  enter(update_agent{});
  enter(revert_agent{});
  enter(revert_agent{{}, "x", {instance_id{"i"}, 1}});
  enter(revert_agent{{}, "x", {instance_id{"i"}, 2}});
  enter(revert_agent{{}, "x", {instance_id{"j"}, 2}});
  enter(move_agent{});
  enter(move_agent{{}, "x", "/a"});
  enter(move_agent{{}, "x/", "a"});
  enter(unregister_agent{});
  enter(unregister_agent{{}, "x", true, false});
  enter(unregister_agent{{}, "x", false, true});
  CAF_CHECK_EQUAL(enter.repeated, 0u);
}

CAF_TEST(stays what it is from release to release) {
  CAF_CHECK_EQUAL(hash_of(move_agent{{}, "x", "/a"}),
                  "4fdaed74ad8ec0c325e93756870cdb972adc6e59c5369c4b303872ed4e685f0f");
}
