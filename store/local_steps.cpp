#include "muster/store/local_database.hpp"
#include "muster/store/schema_texts.hpp"

#include <array>

namespace muster {

namespace {

sqlite_result<void> make_first_tables(sqlite_connection& on) {
  return on.execute(local_schema_text);
}

constexpr std::array steps{local_step{1, &make_first_tables}};

} // namespace

std::span<const local_step> shipped_local_steps() noexcept {
  return steps;
}

} // namespace muster
