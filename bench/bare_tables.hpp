#pragma once

#include "bench/figure.hpp"

#include "muster/store/local_database.hpp"
#include "muster/store/real_environment.hpp"
#include "muster/store/schema_texts.hpp"
#include "muster/store/sqlite_connection.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::bench {

template <class Result>
auto opened_or_stop(Result result) {
  must(result.has_value(), "open a database");
  return std::move(*result);
}

/// The rows that registrations leave in the two databases, inserted as anybody
/// would: into the same tables with the same settings, by prepared statements,
/// all that take effect together in one transaction of each. Nothing is read,
/// nothing is compared or hashed, and no row is written twice.
class bare_tables {
public:
  explicit bare_tables(const std::string& root)
      : index_(
            opened_or_stop(sqlite_connection::open(machine_.view(), root + "/bare-index", sqlite_durability::normal))),
        local_(opened_or_stop(local_database::open(machine_.view(), root + "/bare-local"))) {
    must(index_.execute(index_schema_text).has_value(), "make the tables");
  }

  /// Durable when it is done, as `local.db` is; the index follows the feed.
  void insert(const std::vector<std::string>& projects) {
    insert_into(index_, projects, &bare_tables::insert_agent);
    insert_into(local_.connection(), projects, &bare_tables::insert_seen);
  }

private:
  void insert_into(sqlite_connection& to, const std::vector<std::string>& projects,
                   void (bare_tables::*one)(std::int64_t, const std::string&)) {
    run(to, "BEGIN IMMEDIATE");
    for (std::size_t i = 0; i < projects.size(); ++i)
      (this->*one)(agents_ + static_cast<std::int64_t>(i), projects[i]);
    if (&to == &index_)
      run(to,
          "INSERT INTO facts (name, value) VALUES ('checksum', ?) ON CONFLICT (name) DO UPDATE SET value = "
          "excluded.value",
          {agents_});
    else
      agents_ += static_cast<std::int64_t>(projects.size());
    run(to, "COMMIT");
  }

  void insert_agent(std::int64_t number, const std::string& project) {
    const auto agent = agent_of(number);
    const std::string_view name = std::string_view{project}.substr(project.rfind('/') + 1);
    run(index_,
        "INSERT INTO agents (number, id, live, name, description, runtime, capabilities_json, namespace, "
        "registered_at, registered_by, extras, content_hash) VALUES (?, ?, 1, ?, ?, 'claude-code', '[]', ?, ?, "
        "'bench', '{}', ?)",
        {number, agent, name, description, "team-3", when, hash});
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> fields{{{"description", description},
                                                                                   {"name", "\"p12345\""},
                                                                                   {"namespace", "\"team-3\""},
                                                                                   {"registeredAt", when},
                                                                                   {"registeredBy", "\"bench\""},
                                                                                   {"runtime", "\"claude-code\""}}};
    for (const auto& [field, value] : fields)
      run(index_,
          "INSERT INTO heads (subject, key, rank, author, seq, at, origin, value, made_by) VALUES (?, ?, 0, 0, ?, ?, "
          "0, ?, 'bench')",
          {number, field, number, at, value});
    run(index_,
        "INSERT INTO placements (agent, owner, seq, at, dropped, path, scan_root, namespace, admitted) VALUES (?, 0, "
        "?, ?, 0, ?, '', 'team-3', 1)",
        {number, number, at, project});
  }

  void insert_seen(std::int64_t number, const std::string& project) {
    const auto agent = agent_of(number);
    run(local_.connection(), "INSERT INTO observed (agent, path, file_hash) VALUES (?, ?, ?)", {agent, project, hash});
    run(local_.connection(), "INSERT INTO held (agent, path, versions_json) VALUES (?, ?, ?)",
        {agent, project, versions_});
  }

  static std::string agent_of(std::int64_t number) {
    const auto digits = std::to_string(number);
    return "01JC8Z5Q3V7XN2M4" + std::string(10 - digits.size(), '0').append(digits);
  }

  static void run(sqlite_connection& on, std::string_view statement, std::initializer_list<sqlite_value> values = {}) {
    must(on.run(statement, values).has_value(), "insert");
  }

  static constexpr std::string_view description =
      "what it does, in the words of the person who made it, in about this many letters";
  static constexpr std::string_view when = "2026-01-15T09:30:00.000Z";
  static constexpr std::string_view hash = "d7d82b3c9c5fdc8cb987750f0216fdd9b6abfc8d216dfdfe378c75c84644b383";
  static constexpr std::int64_t at = 115'000'000'000'000'000;

  real_environment machine_;
  sqlite_connection index_;
  local_database local_;
  /// What each field held, which a file's next edit is compared with.
  std::string versions_ = std::string(560, 'x');
  std::int64_t agents_ = 1;
};

} // namespace muster::bench
