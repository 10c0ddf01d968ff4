#pragma once

#include "bench/figure.hpp"

#include "muster/store/local_database.hpp"
#include "muster/store/real_environment.hpp"
#include "muster/store/schema_texts.hpp"
#include "muster/store/sqlite_connection.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
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

/// The rows that registrations, edits and absences leave in the two databases,
/// written as anybody would: into the same tables with the same settings, by
/// prepared statements, all that take effect together in one transaction of each.
/// Nothing is read, nothing is compared or hashed, and no row is written twice.
class bare_tables {
public:
  explicit bare_tables(const std::string& root)
      : index_(
            opened_or_stop(sqlite_connection::open(machine_.view(), root + "/bare-index", sqlite_durability::normal))),
        local_(opened_or_stop(local_database::open(machine_.view(), root + "/bare-local"))) {
    must(index_.execute(index_schema_text).has_value(), "make the tables");
  }

  /// An agent that has been inserted, by the order of that, and where it lives.
  struct placed {
    std::size_t number;
    std::string project;
  };

  /// Durable when it is done, as `local.db` is; the index follows the feed.
  void insert(const std::vector<std::string>& projects) {
    const auto all = [&](auto one) {
      for (std::size_t i = 0; i < projects.size(); ++i)
        (this->*one)(agents_ + static_cast<std::int64_t>(i), projects[i]);
    };
    write_index([&] { all(&bare_tables::insert_agent); });
    in_one(local_.connection(), [&] { all(&bare_tables::insert_seen); });
    agents_ += static_cast<std::int64_t>(projects.size());
  }

  /// One field of each is another, and so is its file.
  void edit(std::span<const placed> which) {
    ++round_;
    write_index([&] {
      for (const auto& each : which)
        edit_agent(number_of(each));
    });
    in_one(local_.connection(), [&] {
      for (const auto& each : which)
        edit_seen(each);
    });
  }

  /// They are gone since now.
  void lose(std::span<const placed> which) {
    ++round_;
    in_one(local_.connection(), [&] {
      for (const auto& each : which)
        run(local_.connection(),
            "UPDATE observed SET status = 'unreachable', since_ms = ?, reason = ?, inode = NULL, absent_since_ns = ?, "
            "absent_at_ms = ?, absent_boot = 'boot' WHERE agent = ? AND path = ?",
            {round_, when, at, at, agent_of(number_of(each)), each.project});
    });
  }

private:
  template <class Work>
  void write_index(Work work) {
    in_one(index_, [&] {
      work();
      run(index_,
          "INSERT INTO facts (name, value) VALUES ('checksum', ?) ON CONFLICT (name) DO UPDATE SET value = "
          "excluded.value",
          {agents_ + round_});
    });
  }

  template <class Work>
  static void in_one(sqlite_connection& of, Work work) {
    run(of, "BEGIN IMMEDIATE");
    work();
    run(of, "COMMIT");
  }

  static std::int64_t number_of(const placed& which) { return static_cast<std::int64_t>(which.number) + 1; }

  void edit_agent(std::int64_t number) {
    run(index_, "UPDATE agents SET description = ?, content_hash = ? WHERE number = ?", {description, hash, number});
    run(index_, "UPDATE heads SET seq = ?, at = ?, value = ? WHERE subject = ? AND key = 'description' AND rank = 0",
        {agents_ + round_, at, description, number});
  }

  void edit_seen(const placed& which) {
    const auto agent = agent_of(number_of(which));
    run(local_.connection(),
        "UPDATE observed SET inode = ?, size = ?, mtime_ns = ?, ctime_ns = ?, file_hash = ? WHERE agent = ? AND path "
        "= ?",
        {round_, round_, at, at, hash, agent, which.project});
    run(local_.connection(), "UPDATE held SET versions_json = ? WHERE agent = ? AND path = ?",
        {versions_, agent, which.project});
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
  std::int64_t round_ = 0;
};

} // namespace muster::bench
