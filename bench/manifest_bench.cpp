#include "muster/store/manifest_document.hpp"
#include "muster/store/manifest_meaning.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

// Reading, checking and hashing (both hashes) a manifest of 740 bytes, beside
// Boost.JSON merely parsing it. Rounds of the two alternate, so that what the
// machine does meanwhile falls on both; the medians are compared.

using namespace muster;

namespace {

constexpr std::string_view sample = R"json({
  "id": "01KDVERZK6S1GXBKBHX9BTNJ58",
  "name": "a001168",
  "displayName": "A001168",
  "description": "Gateway storage always never notes notes tests asssssss.",
  "runtime": "cursor",
  "capabilities": [
    "code",
    "docs"
  ],
  "behavior": {
    "responseMode": "always"
  },
  "namespace": "g0011",
  "registeredAt": "2026-01-01T00:19:28.998Z",
  "registeredBy": "mesh",
  "persona": "Never report release report report tests after notes team index writes tests schema after small index after client builds writes notes worker search checks service tests review pipeline team checks worker.",
  "personaEnabled": true,
  "isSystem": false,
  "color": "#22c55e",
  "icon": "🛠",
  "enabledToolGroups": {},
  "mcpServers": []
}
)json";
static_assert(sample.size() == 740);

constexpr int rounds = 41;
constexpr int repetitions = 2000;
constexpr double limit = 6.0;

template <class Work>
double nanoseconds(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < repetitions; ++i)
    work();
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
  return taken.count() / repetitions;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

} // namespace

int main() {
  std::vector<double> ours;
  std::vector<double> bare;
  std::size_t kept = 0;
  for (int round = 0; round < rounds; ++round) {
    ours.push_back(nanoseconds([&] {
      const auto read = manifest_document::read(std::string(sample));
      kept += std::to_integer<unsigned>(file_hash(read->bytes())[0]);
      kept += std::to_integer<unsigned>(content_hash(read->document())[0]);
    }));
    bare.push_back(nanoseconds([&] {
      const auto value = boost::json::parse(boost::json::string_view(sample.data(), sample.size()));
      kept += value.as_object().size();
    }));
  }
  const double ratio = median(ours) / median(bare);
  std::printf("read + check + hash a 740-byte manifest, %.0f ns, %.0f ns, %.2f, %.0f\n", median(ours), median(bare),
              ratio, limit);
  return kept != 0 && ratio <= limit ? 0 : 1;
}
