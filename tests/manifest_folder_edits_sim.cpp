#define CAF_SUITE manifest_folder_edits_sim

#include "tests/support/manifest_lab.hpp"

#include "muster/store/manifest_folder.hpp"
#include "muster/store/splitmix.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <set>
#include <thread>

using namespace muster;
using namespace muster::test;

namespace {

constexpr std::string_view manifest = "p/.dork/agent.json";
constexpr std::size_t our_edits = 1000;

// Adds a token to whatever the file holds, at random calls of ours.
class adding_editor final : public disk_spectator {
public:
  adding_editor(const manifest_lab& lab, std::uint64_t seed) : lab_(lab), chance_(seed) {}

  void before(simulated_disk& files, const disk_call&) override {
    if (chance_.below(100) >= 4)
      return;
    files.aside([&](simulated_disk&) {
      const auto found = lab_.get(manifest);
      const auto token = "e" + std::to_string(tokens.size()) + "\n";
      tokens.push_back(token);
      if (chance_.below(2) == 0)
        lab_.save(manifest, found.value_or("") + token);
      else
        lab_.put(manifest, found.value_or("") + token);
    });
  }

  std::vector<std::string> tokens;

private:
  const manifest_lab& lab_;
  splitmix chance_;
};

bool has_line(const std::string& text, const std::string& line) {
  return text.starts_with(line) || text.find("\n" + line) != std::string::npos;
}

bool is_kept(const std::string& token, const std::string& file, const std::vector<std::string>& records) {
  return has_line(file, token) ||
         std::any_of(records.begin(), records.end(), [&](const auto& one) { return has_line(one, token); });
}

void record(const manifest_outcome& outcome, std::vector<std::string>& records) {
  for (const auto& one : outcome.witnessed)
    if (const auto* present = std::get_if<manifest_present>(&one.content))
      records.push_back(present->bytes);
}

// A file with a number that nobody else's has, exchanged with the manifest, so
// that whoever does it knows what was overwritten.
std::optional<std::string> exchange_in(const manifest_lab& lab, const std::string& content) {
  lab.put("p/.dork/other", content);
  const auto exchanged =
      lab.env.files.rename(no_handle, lab.path("p/.dork/other"), no_handle, lab.path(manifest), rename_mode::exchange);
  const auto displaced = lab.get("p/.dork/other");
  lab.remove("p/.dork/other");
  return exchanged ? displaced : std::nullopt;
}

} // namespace

CAF_TEST(loses nothing in a thousand changes while an editor adds too) {
  std::size_t refused = 0;
  std::size_t edits = 0;
  std::size_t only_recorded = 0;
  std::size_t lost = 0;
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    simulated_environment machine{seed};
    machine.files.put_directory("/lab");
    const manifest_lab lab{machine.view(), "/lab", "simulated"};
    lab.make_project("p", "start\n");
    adding_editor editor{lab, seed};
    machine.files.set_spectator(&editor);
    manifest_folder folder{lab.env, lab.path("p")};
    std::vector<std::string> records;
    std::vector<std::string> acknowledged;
    for (std::size_t made = 0; made < our_edits;) {
      const auto found = folder.probe();
      const auto* present = std::get_if<manifest_present>(&found);
      if (!present)
        continue;
      const auto token = "u" + std::to_string(made) + "\n";
      const auto outcome = folder.replace(present->hash, present->bytes + token);
      record(outcome, records);
      refused += outcome.done() ? 0 : 1;
      made += outcome.done() ? 1 : 0;
      if (outcome.done())
        acknowledged.push_back(token);
    }
    machine.files.set_spectator(nullptr);
    if (const auto leftovers = folder.leftovers())
      for (const auto& one : leftovers->found)
        if (const auto* present = std::get_if<manifest_present>(&one.content))
          records.push_back(present->bytes);
    const auto file = lab.get(manifest).value_or("");
    for (const auto& token : acknowledged)
      lost += has_line(file, token) ? 0 : 1;
    for (const auto& token : editor.tokens) {
      lost += is_kept(token, file, records) ? 0 : 1;
      only_recorded += has_line(file, token) ? 0 : 1;
    }
    edits += editor.tokens.size();
  }
  std::printf("lane manifest_folder_edits_sim: 3 seeds, %zu changes, %zu hand edits, %zu refused and made again, "
              "%zu only recorded, %zu lost\n",
              3 * our_edits, edits, refused, only_recorded, lost);
  CAF_CHECK_EQUAL(lost, 0u);
  CAF_CHECK(refused > 100);
}

CAF_TEST(loses nothing while another thread saves the same file on the real disk) {
  const scratch_folder scratch;
  real_environment machine;
  const manifest_lab lab{machine.view(), scratch.path(), "real"};
  lab.make_project("p", "start\n");
  std::atomic<bool> over{false};
  // One edit a change, at a moment that the scheduler and chance choose.
  std::atomic<std::size_t> round{0};
  std::set<std::string> saved;
  std::set<std::string> overwritten_by_editor;
  std::thread editor{[&] {
    splitmix chance{5};
    for (std::size_t i = 0; !over; ++i) {
      while (!over && round < i)
        std::this_thread::yield();
      for (auto turns = chance.below(2000); turns > 0; --turns)
        std::this_thread::yield();
      const auto content = "e" + std::to_string(i) + "\n";
      if (const auto displaced = exchange_in(lab, content)) {
        saved.insert(content);
        overwritten_by_editor.insert(*displaced);
      }
    }
  }};
  manifest_folder folder{lab.env, lab.path("p")};
  std::vector<std::string> records;
  std::set<std::string> acknowledged;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < our_edits; ++i) {
    round = i;
    const auto found = folder.probe();
    const auto* present = std::get_if<manifest_present>(&found);
    if (!present)
      continue;
    const auto content = "u" + std::to_string(i) + "\n";
    const auto outcome = folder.replace(present->hash, content);
    record(outcome, records);
    refused += outcome.done() ? 0 : 1;
    // What we replace knowingly is kept by the caller.
    if (outcome.done()) {
      records.push_back(present->bytes);
      acknowledged.insert(content);
    }
  }
  over = true;
  editor.join();
  const auto file = lab.get(manifest).value_or("");
  std::size_t lost = 0;
  for (const auto* all : {&saved, &acknowledged})
    for (const auto& content : *all)
      if (content != file && !overwritten_by_editor.contains(content) &&
          std::find(records.begin(), records.end(), content) == records.end())
        ++lost;
  std::printf("lane manifest_folder_edits_sim: real disk: %zu changes, %zu refused, %zu hand edits, %zu lost\n",
              our_edits, refused, saved.size(), lost);
  CAF_CHECK_EQUAL(lost, 0u);
  CAF_CHECK(!saved.empty());
}
