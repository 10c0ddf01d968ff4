#include "tests/sim/shrink.hpp"
#include "tests/sim/sim_lane.hpp"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include <unistd.h>

// The simulator as a command; docs/simulator.md tells how it is used.

namespace {

using namespace muster::sim;

struct arguments {
  std::uint64_t seeds = 0;
  std::uint64_t from = 1;
  std::optional<std::uint64_t> seed;
  std::string file;
  std::string resume;
  std::string regressions = MUSTER_SIM_SOURCE "/regressions";
  std::uint64_t plant = 0;
  std::size_t budget = 2000;
  bool trace = false;
  bool shrink = false;
};

// What an assertion that ends the process leaves behind.
char running[64] = "";

void tell_seed(int) {
  (void)!::write(STDERR_FILENO, running, sizeof running);
  std::_Exit(1);
}

void note_seed(std::uint64_t seed) {
  std::snprintf(running, sizeof running, "\nmuster-sim: ended in seed %llu\n", static_cast<unsigned long long>(seed));
}

std::string commit_at_hand() {
  std::string text;
  if (auto* out = ::popen("git -C '" MUSTER_SIM_SOURCE "' describe --always --abbrev=40 --dirty --exclude='*'", "r")) {
    char part[128];
    while (std::fgets(part, sizeof part, out))
      text += part;
    ::pclose(out);
  }
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text.empty() ? "unknown" : text;
}

/// How many seeds a commit has behind it.
struct kept_count {
  std::string path;
  std::uint64_t seeds = 0;
  std::uint64_t next = 1;
  std::uint64_t violations = 0;

  explicit kept_count(const std::string& directory) : path(directory + "/" + commit_at_hand() + ".txt") {
    std::ifstream in(path);
    std::string word;
    while (in >> word)
      in >> (word == "seeds" ? seeds : word == "next" ? next : violations);
  }
  void add(const lane_result& more) {
    seeds += more.seeds;
    next += more.seeds;
    violations += more.failed.size() + more.unlike.size();
    std::ofstream(path) << "seeds " << seeds << "\nnext " << next << "\nviolations " << violations << "\n";
  }
};

void print_violations(const simulation_result& result) {
  for (const auto& each : result.violations)
    std::cout << "  " << each << "\n";
}

int cannot_write(const std::string& path) {
  std::cerr << "muster-sim: " << path << " cannot be written: " << std::strerror(errno) << "\n";
  return 2;
}

// It takes long, so what is in the way is said before.
int run_shrinker(const scenario& world, const arguments& given) {
  if (::access(given.regressions.c_str(), W_OK | X_OK) != 0)
    return cannot_write(given.regressions);
  const auto least = shrink(world, static_cast<planted_bug>(given.plant), given.budget);
  std::cout << "seed " << world.seed << ": " << least.smallest.steps.size() << " of " << world.steps.size()
            << " steps left after " << least.runs << " runs\n";
  print_violations(least.result);
  if (least.result.violations.empty())
    return 0;
  const auto path = given.regressions + "/seed-" + std::to_string(world.seed) + ".txt";
  std::ofstream out(path);
  if (!(out << regression_text(least) << std::flush))
    return cannot_write(path);
  std::cout << "  written to " << path << "\n";
  return 1;
}

int run_one(const scenario& world, const arguments& given) {
  const auto bug = static_cast<planted_bug>(given.plant);
  note_seed(world.seed);
  if (given.shrink)
    return run_shrinker(world, given);
  sim_trace::reader reader;
  if (given.trace)
    reader = [](std::string_view line) { std::cout << line << std::endl; };
  const auto result = simulate(world, bug, reader);
  std::cout << "seed " << world.seed << ": trace " << std::hex << result.hash << std::dec << ", " << result.events
            << " events, " << result.done << " done, " << result.refused << " refused, " << result.unknown
            << " unknown, " << result.violations.size() << " violations\n";
  print_violations(result);
  return result.violations.empty() ? 0 : 1;
}

int run_many(const arguments& given) {
  std::optional<kept_count> kept;
  lane_options options{.from = given.from, .seeds = given.seeds, .bug = static_cast<planted_bug>(given.plant)};
  options.begins = note_seed;
  if (!given.resume.empty()) {
    kept.emplace(given.resume);
    options.from = kept->next;
  }
  const auto began = std::chrono::steady_clock::now();
  const auto result = run_lane(options);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  for (const auto& each : result.failed)
    std::cout << "seed " << each.seed << ": " << each.violation << "\n";
  for (const auto seed : result.unlike)
    std::cout << "seed " << seed << ": run twice, it is not the same run\n";
  std::cout << result.line() << ", " << static_cast<std::uint64_t>(static_cast<double>(result.seeds) / took.count())
            << " seeds/s\n";
  if (kept) {
    kept->add(result);
    std::cout << "in all " << kept->seeds << " seeds of " << commit_at_hand() << ", " << kept->violations
              << " violations\n";
  }
  return result.good() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  arguments given;
  CLI::App app("Runs muster in one thread on a simulated machine, with everything going wrong that can.");
  app.add_option("--seeds", given.seeds, "how many seeds to run");
  app.add_option("--from", given.from, "the first of them");
  app.add_option("--seed", given.seed, "run this seed alone");
  app.add_option("--file", given.file, "run a scenario from a file, such as a regression");
  app.add_flag("--trace", given.trace, "with --seed or --file: print what happens");
  app.add_flag("--shrink", given.shrink, "with --seed or --file: look for the smallest failing scenario");
  app.add_option("--budget", given.budget, "with --shrink: how many runs it may take");
  app.add_option("--into", given.regressions, "with --shrink: where the scenario is written");
  app.add_option("--resume", given.resume, "go on after the seeds this commit has run, and count there");
  app.add_option("--plant", given.plant, "with a planted bug, by its number")
      ->check(CLI::Range(std::size_t{0}, planted_bugs));
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGABRT, tell_seed);
  std::signal(SIGSEGV, tell_seed);
  if (!given.file.empty()) {
    std::ifstream in(given.file, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto world = scenario::read(text);
    if (!in || !world) {
      std::cerr << "muster-sim: " << given.file << " is no scenario\n";
      return 2;
    }
    return run_one(*world, given);
  }
  if (given.seed)
    return run_one(scenario::draw(*given.seed), given);
  if (given.seeds > 0)
    return run_many(given);
  std::cout << app.help();
  return 2;
}
