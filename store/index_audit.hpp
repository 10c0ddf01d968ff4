#pragma once

#include "muster/store/sqlite_connection.hpp"

#include <string>
#include <string_view>

namespace muster {

/// What a file says it is.
enum class index_file_state : std::uint8_t {
  ours,         ///< our schema, and every row as it was written
  other_schema, ///< an index that another version of muster made
  foreign,      ///< no index, or more than one
};

/// The SHA-256 of the schema, in hex.
[[nodiscard]] const std::string& index_schema_hash();

/// Reads the whole file: its structure, that it has our schema and nothing
/// else, and that the sum over its rows is the one that was stored with them.
/// Fails with SQLite's code for a corrupt file if the structure or a row is not
/// as it was written.
[[nodiscard]] sqlite_result<index_file_state> audit_index(sqlite_connection& file);

/// What a person is told of an index that is not what a fold of the feeds gives, if
/// all of them could be read to their ends, or not.
[[nodiscard]] std::string_view index_difference(bool feeds_are_whole) noexcept;

/// Makes the tables of an empty file.
[[nodiscard]] sqlite_result<void> create_index_tables(sqlite_connection& file);

} // namespace muster
