#define CAF_SUITE sim_determinism_sim

#include "tests/sim/simulation.hpp"
#include "tests/support/run_process.hpp"

#include <caf/test/unit_test.hpp>

#include <set>
#include <sstream>
#include <string>

using namespace muster::sim;

namespace {

constexpr std::uint64_t some = 12;

std::string hash_of(std::uint64_t seed) {
  std::ostringstream text;
  text << std::hex << simulate(scenario::draw(seed)).hash;
  return text.str();
}

} // namespace

CAF_TEST(a seed is the same run again and another seed is another) {
  std::set<std::string> hashes;
  std::size_t unlike = 0;
  for (std::uint64_t seed = 1; seed <= some; ++seed) {
    const auto hash = hash_of(seed);
    unlike += hash_of(seed) == hash ? 0 : 1;
    hashes.insert(hash);
  }
  CAF_CHECK_EQUAL(unlike, 0u);
  CAF_CHECK_EQUAL(hashes.size(), some);
}

CAF_TEST(another process sees the same run) {
  std::size_t unlike = 0;
  for (std::uint64_t seed = 1; seed <= some / 3; ++seed) {
    const auto told = muster::test::run_process({muster::test::program("muster-sim"), "--seed", std::to_string(seed)});
    unlike += told.out.find("trace " + hash_of(seed) + ",") == std::string::npos ? 1 : 0;
  }
  CAF_CHECK_EQUAL(unlike, 0u);
}
