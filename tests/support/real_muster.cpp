#include "tests/support/real_muster.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace muster::test {

namespace fs = std::filesystem;

namespace {

void copy_tree(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::create_directory(to, from);
  for (const auto& entry : fs::directory_iterator(from)) {
    const auto target = to / entry.path().filename();
    if (entry.is_directory() && !entry.is_symlink())
      copy_tree(entry.path(), target);
    else if (entry.path().filename() == "identity.key")
      fs::create_hard_link(entry.path(), target);
    else
      fs::copy(entry.path(), target, fs::copy_options::copy_symlinks);
  }
}

} // namespace

real_muster::real_muster(scratch_folder::medium medium)
    : scratch_(medium), root_(scratch_.path() + "/below"), data_(root_ + "/data") {
  fs::create_directory(root_);
}

std::vector<std::string> real_muster::line(const std::vector<std::string>& arguments) const {
  std::vector<std::string> result = {program("muster"), "--data", data_, "--json"};
  result.insert(result.end(), arguments.begin(), arguments.end());
  return result;
}

real_answer real_muster::run(const std::vector<std::string>& arguments,
                             const std::vector<std::string>& environment) const {
  auto all = environment;
  // What is folded aside is not on trial, and need not wait for a disk.
  all.push_back("TMPDIR=" + scratch_.path());
  const auto result = run_process(line(arguments), {.environment = std::move(all)});
  boost::system::error_code wrong;
  auto document = boost::json::parse(result.out, wrong);
  return {result.exit, result.signal, wrong ? nullptr : std::move(document), result.out + result.err};
}

boost::json::value real_muster::must(const std::vector<std::string>& arguments) const {
  auto answer = run(arguments);
  if (answer.exit == 0)
    return std::move(answer.document);
  std::fprintf(stderr, "muster %s ended with %d: %s\n", arguments.front().c_str(), answer.exit, answer.text.c_str());
  std::abort();
}

void real_muster::make_project(std::string_view name) const {
  fs::create_directories(project(name));
}

void real_muster::make_manifest(std::string_view name, std::string_view bytes) const {
  fs::create_directories(project(name) + "/.dork");
  put_bytes(manifest(name), bytes);
}

void real_muster::save() const {
  copy_tree(root_, scratch_.path() + "/saved");
}

void real_muster::restore() const {
  copy_tree(scratch_.path() + "/saved", root_);
}

std::string hand_written_manifest(std::string_view id, std::string_view name, std::string_view description) {
  std::string text = "{\n  \"id\": \"" + std::string{id} + "\",\n  \"name\": \"" + std::string{name};
  text += "\",\n  \"description\": \"" + std::string{description} + "\",\n  \"runtime\": \"claude-code\",\n";
  text += "  \"registeredAt\": \"2026-01-15T09:30:00.000Z\",\n  \"registeredBy\": \"hand\",\n";
  return text + "  \"fromTheFuture\": {\"precise\": 1.10}\n}\n";
}

std::optional<std::string> bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

void put_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

const boost::json::value& member(const boost::json::value& object, std::string_view name) {
  static const boost::json::value none;
  const auto* members = object.if_object();
  const auto* found = members ? members->if_contains(name) : nullptr;
  return found ? *found : none;
}

std::string text_of(const boost::json::value& object, std::string_view name) {
  const auto* text = member(object, name).if_string();
  return text ? std::string{*text} : std::string{};
}

const boost::json::value& row_at(const boost::json::value& list, std::string_view path) {
  static const boost::json::value none;
  if (const auto* rows = member(list, "agents").if_array())
    for (const auto& row : *rows)
      if (text_of(row, "path") == path)
        return row;
  return none;
}

std::vector<std::string> leftovers_below(const std::string& root) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(".agent-") || name.starts_with("agent.json.set-aside-"))
      found.push_back(entry.path());
  }
  return found;
}

} // namespace muster::test
