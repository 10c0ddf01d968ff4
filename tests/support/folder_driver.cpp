// Does one thing to the manifests below a directory and prints each outcome
// once it is final: the program that a test kills from outside.
//
//   folder_driver ROOT OPERATION COUNT
//
// Projects are ROOT/p0, ROOT/p1, ...; they hold "old-N" and get "new-N".

#include "muster/store/manifest_batch.hpp"
#include "muster/store/manifest_folder.hpp"
#include "muster/store/real_environment.hpp"
#include "muster/store/sha256.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <vector>

using namespace muster;

namespace {

std::string content(const char* which, std::size_t index) {
  return which + std::to_string(index);
}

manifest_outcome clean_up(manifest_folder& folder) {
  auto found = folder.leftovers();
  if (!found)
    return {std::move(found.error())};
  for (const auto& one : found->found) {
    if (const auto* present = std::get_if<manifest_present>(&one.content))
      std::printf("recorded %s\n", present->bytes.c_str());
    std::fflush(stdout);
    if (auto forgotten = folder.forget(one); !forgotten)
      return {std::move(forgotten.error())};
  }
  return {};
}

std::vector<manifest_outcome> run_batch(const environment& env, const std::string& root, std::size_t count) {
  std::vector<std::string> projects;
  std::vector<std::string> bytes;
  for (std::size_t index = 0; index < count; ++index) {
    projects.push_back(root + "/p" + std::to_string(index));
    bytes.push_back(content("new-", index));
  }
  std::vector<manifest_batch_item> items;
  for (std::size_t index = 0; index < count; ++index)
    items.push_back({projects[index], sha256::of(content("old-", index)), bytes[index]});
  return replace_batch(env, {}, items);
}

void print(const manifest_outcome& outcome) {
  for (const auto& one : outcome.witnessed)
    if (const auto* present = std::get_if<manifest_present>(&one.content))
      std::printf("recorded %s\n", present->bytes.c_str());
  if (outcome.done())
    std::puts("done");
  else
    std::printf("%s %s\n", outcome.error->kind == failure_kind::unknown_outcome ? "unknown" : "nothing",
                std::string{outcome.error->code}.c_str());
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 4)
    return 2;
  const std::string root = argv[1];
  const std::string operation = argv[2];
  const auto count = std::strtoul(argv[3], nullptr, 10);
  real_environment machine;
  manifest_folder folder{machine.view(), root + "/p0"};
  const auto old_hash = sha256::of("old-0");
  const auto new_hash = sha256::of("new-0");
  const std::map<std::string, std::function<manifest_outcome()>> single{
      {"replace", [&] { return folder.replace(old_hash, "new-0"); }},
      {"first", [&] { return folder.replace({}, "new-0"); }},
      {"remove", [&] { return folder.remove(old_hash); }},
      {"set-aside", [&] { return folder.set_aside(old_hash); }},
      {"undo", [&] { return folder.restore(new_hash, "old-0"); }},
      {"clean-up", [&] { return clean_up(folder); }}};
  if (operation == "batch") {
    for (const auto& outcome : run_batch(machine.view(), root, count))
      print(outcome);
    return 0;
  }
  const auto found = single.find(operation);
  if (found == single.end())
    return 2;
  print(found->second());
  return 0;
}
