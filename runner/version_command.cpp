#include "muster/runner/command_line.hpp"
#include "muster/runner/terminal_text.hpp"

#include <boost/version.hpp>
#include <openssl/crypto.h>
#include <sqlite3.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace muster {

namespace {

std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

// What was linked, as each library tells it at run time where it can.
std::vector<std::pair<std::string, std::string>> dependencies() {
  return {{"Boost", dotted(BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100)},
          {"CAF", MUSTER_CAF_VERSION},
          {"CLI11", CLI11_VERSION},
          {"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
          {"SQLite", sqlite3_libversion()}};
}

} // namespace

answer tell_version(bool deps) {
  answer result{"muster " MUSTER_VERSION "\n", "{\"version\":\"" MUSTER_VERSION "\""};
  if (deps) {
    result.json += ",\"deps\":{";
    for (const auto& [name, number] : dependencies()) {
      result.text += "  " + name + " " + number + "\n";
      result.json += json_text(name) + ":" + json_text(number) + ",";
    }
    result.json.back() = '}';
  }
  result.json += "}\n";
  return result;
}

void add_version_commands(command_line& line) {
  auto* version = line.add(line.root(), "version", "Tells the version", "muster version --deps");
  auto deps = std::make_shared<bool>(false);
  version->add_flag("--deps", *deps, "Also those of the libraries");
  command_line::bind(line, version, [deps](command_context&) -> expected<answer> { return tell_version(*deps); });
}

} // namespace muster
