#include "muster/store/schema_objects.hpp"

#include "muster/store/sha256.hpp"

#include <algorithm>
#include <vector>

namespace muster {

namespace {

constexpr std::string_view select_objects = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL";

/// The statements of a schema text as SQLite keeps them: without the comments
/// before them and the semicolon behind. Relies on no comment or text in it
/// having a semicolon at the end of a line.
std::vector<std::string_view> statements_of(std::string_view schema) {
  std::vector<std::string_view> result;
  while (true) {
    const auto begin = schema.find("CREATE ");
    const auto end = schema.find(";\n", begin);
    if (begin == std::string_view::npos || end == std::string_view::npos)
      break;
    result.push_back(schema.substr(begin, end - begin));
    schema.remove_prefix(end + 1);
  }
  std::sort(result.begin(), result.end());
  return result;
}

sqlite_result<std::vector<std::string>> objects_of(sqlite_connection& file) {
  std::vector<std::string> found;
  auto& rows = file.prepare(select_objects).bind({});
  const sqlite_reading until_the_end(rows);
  while (true) {
    auto row = rows.step();
    if (!row)
      return row.error();
    if (!*row)
      break;
    found.emplace_back(rows.text(0));
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string fingerprint_of(const std::vector<std::string>& objects) {
  sha256 digest;
  for (const auto& object : objects) {
    digest.update(std::to_string(object.size()) + ":");
    digest.update(object);
  }
  return to_hex(digest.finish());
}

} // namespace

sqlite_result<bool> has_schema(sqlite_connection& file, std::string_view schema) {
  auto found = objects_of(file);
  if (!found)
    return found.error();
  const auto wanted = statements_of(schema);
  return std::equal(found->begin(), found->end(), wanted.begin(), wanted.end());
}

sqlite_result<std::string> schema_fingerprint(sqlite_connection& file) {
  auto found = objects_of(file);
  if (!found)
    return found.error();
  return fingerprint_of(*found);
}

std::string fingerprint_of_nothing() {
  return fingerprint_of({});
}

} // namespace muster
