#include "muster/store/local_database.hpp"
#include "muster/store/schema_texts.hpp"

#include <array>

namespace muster {

namespace {

sqlite_result<void> make_first_tables(sqlite_connection& on) {
  return on.execute(local_schema_text);
}

// Nothing was kept in either table before. A file's versions are one text: a
// row for each field would be thirty times as much.
constexpr const char* keep_what_is_seen =
    "DROP TABLE held;"
    "CREATE TABLE held (agent TEXT NOT NULL, path TEXT NOT NULL, versions_json TEXT NOT NULL, "
    "PRIMARY KEY (agent, path)) WITHOUT ROWID;"
    "ALTER TABLE observed ADD COLUMN racy INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE observed ADD COLUMN status TEXT NOT NULL DEFAULT 'active';"
    "ALTER TABLE observed ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE observed ADD COLUMN reason TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE observed ADD COLUMN problems_json TEXT NOT NULL DEFAULT ''";

sqlite_result<void> make_seen_tables(sqlite_connection& on) {
  return on.execute(keep_what_is_seen);
}

// The device of the key is that of the last good look only while the agent is
// there.
constexpr const char* keep_what_is_gone = "ALTER TABLE observed ADD COLUMN home_device INTEGER;"
                                          "ALTER TABLE observed ADD COLUMN absent_at_ms INTEGER;"
                                          "ALTER TABLE observed ADD COLUMN head TEXT NOT NULL DEFAULT '';"
                                          "UPDATE observed SET home_device = device";

sqlite_result<void> make_gone_columns(sqlite_connection& on) {
  return on.execute(keep_what_is_gone);
}

constexpr std::array steps{local_step{1, &make_first_tables}, local_step{2, &make_seen_tables},
                           local_step{3, &make_gone_columns}};

} // namespace

std::span<const local_step> shipped_local_steps() noexcept {
  return steps;
}

} // namespace muster
