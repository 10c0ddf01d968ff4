#define CAF_SUITE sim_regressions_sim

#include "tests/sim/simulation.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

using namespace muster::sim;

CAF_TEST(what was found once stays mended) {
  std::vector<std::filesystem::path> files;
  for (const auto& each : std::filesystem::directory_iterator(MUSTER_SIM_REGRESSIONS))
    if (each.path().extension() == ".txt")
      files.push_back(each.path());
  std::sort(files.begin(), files.end());
  std::size_t failed = 0;
  for (const auto& path : files) {
    std::ifstream in(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto world = scenario::read(text);
    const auto violations = world ? simulate(*world).violations : std::vector<std::string>{"it is no scenario"};
    failed += violations.empty() ? 0 : 1;
    for (const auto& each : violations)
      std::cout << path.filename().string() << ": " << each << std::endl;
  }
  std::cout << "lane sim_regressions_sim: " << files.size() << " scenarios, " << failed << " fail" << std::endl;
  CAF_CHECK_EQUAL(failed, 0u);
}
