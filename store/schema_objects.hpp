#pragma once

#include "muster/store/sqlite_connection.hpp"

namespace muster {

/// Whether a file has exactly the tables and indexes that a schema text makes:
/// nothing missing, nothing changed, nothing besides.
[[nodiscard]] sqlite_result<bool> has_schema(sqlite_connection& file, std::string_view schema);

/// A digest of all that a file has: its tables, indexes, views and triggers.
[[nodiscard]] sqlite_result<std::string> schema_fingerprint(sqlite_connection& file);
/// Of a file that has nothing.
[[nodiscard]] std::string fingerprint_of_nothing();

} // namespace muster
