#include "muster/store/index_audit.hpp"
#include "muster/store/index_file.hpp"

namespace muster {

namespace {

/// Writes all records of a fold into empty tables.
class index_build {
public:
  index_build(sqlite_connection& into, const fold_memory& records, const index_meaning& meaning)
      : records_(records), writer_(into, records.instances(), meaning.field, meaning.content) {}

  sqlite_result<void> run() {
    for (std::size_t number = 0; number < records_.instances().records().size(); ++number)
      if (auto done = writer_.put_instance(instance_index(number), 0); !done)
        return done.error();
    std::int64_t number = 0;
    for (const auto& [id, record] : records_.agents())
      if (auto done = put_agent(++number, *id, *record); !done)
        return done;
    number = 0;
    for (const auto& [key, content] : records_.rules())
      if (auto done = writer_.put_rule(++number, key, content, {}); !done)
        return done.error();
    for (const auto& [key, record] : records_.denials())
      if (auto done = writer_.put_denial(key, record, {}); !done)
        return done;
    return writer_.put_checksum();
  }

private:
  sqlite_result<void> put_agent(std::int64_t number, const agent_id& id, const agent_record& record) {
    for (const auto& [field, content] : record.fields) {
      if (content.empty())
        continue;
      if (auto done = writer_.put_field(number, id, field, content, {}); !done)
        return done.error();
    }
    for (const auto& place : record.placements)
      if (auto done = writer_.put_placement(number, place, {}); !done)
        return done.error();
    return writer_.put_new_agent(number, id.text, record);
  }

  const fold_memory& records_;
  index_writer writer_;
};

sqlite_result<void> fill(sqlite_connection& file, const fold_memory& records, const index_meaning& meaning) {
  auto transaction = sqlite_transaction::begin(file);
  if (!transaction)
    return transaction.error();
  if (auto made = create_index_tables(file); !made)
    return made;
  if (auto filled = index_build(file, records, meaning).run(); !filled)
    return filled;
  return transaction->commit();
}

} // namespace

expected<void> index_file::build(const environment& env, const std::string& path, const fold_memory& records,
                                 const index_options& options) {
  constexpr std::string_view doing = "writing a new index";
  auto file = sqlite_connection::open(env, path, sqlite_durability::none);
  if (!file)
    return as_failure(file.error(), doing, path);
  if (auto filled = fill(*file, records, options.meaning); !filled)
    return as_failure(filled.error(), doing, path);
  if (auto closed = file->close(); !closed)
    return as_failure(closed.error(), doing, path);
  return {};
}

} // namespace muster
