#include "muster/store/local_observed.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/sha256.hpp"

#include <algorithm>
#include <array>

namespace muster {

namespace {

constexpr std::string_view select_one =
    "SELECT agent, path, device, inode, size, mtime_ns, ctime_ns, racy, file_hash, status, since_ms, reason, "
    "problems_json, home_device, absent_for_ns, absent_since_ns, absent_at_ms, absent_boot, head FROM observed WHERE "
    "agent = ? AND path = ?";
constexpr std::string_view select_all =
    "SELECT agent, path, device, inode, size, mtime_ns, ctime_ns, racy, file_hash, status, since_ms, reason, "
    "problems_json, home_device, absent_for_ns, absent_since_ns, absent_at_ms, absent_boot, head FROM observed";
constexpr std::string_view upsert =
    "INSERT INTO observed (agent, path, device, inode, size, mtime_ns, ctime_ns, racy, file_hash, status, since_ms, "
    "reason, problems_json, home_device, absent_for_ns, absent_since_ns, absent_at_ms, absent_boot, head) VALUES (?, "
    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (agent, path) DO UPDATE SET "
    "device = excluded.device, inode = excluded.inode, size = excluded.size, mtime_ns = excluded.mtime_ns, "
    "ctime_ns = excluded.ctime_ns, racy = excluded.racy, file_hash = excluded.file_hash, status = excluded.status, "
    "since_ms = excluded.since_ms, reason = excluded.reason, problems_json = excluded.problems_json, "
    "home_device = excluded.home_device, absent_for_ns = excluded.absent_for_ns, "
    "absent_since_ns = excluded.absent_since_ns, absent_at_ms = excluded.absent_at_ms, "
    "absent_boot = excluded.absent_boot, head = excluded.head";
constexpr std::string_view update_absence =
    "UPDATE observed SET absent_for_ns = ?, absent_since_ns = ?, absent_at_ms = ?, absent_boot = ? WHERE agent = ? AND "
    "path = ?";
constexpr std::string_view delete_others = "DELETE FROM observed WHERE agent = ? AND path <> ?";

constexpr std::size_t most_text = std::size_t{64} * 1024;
constexpr std::size_t most_problems = 100;
constexpr std::uint64_t most_milliseconds = 9'007'199'254'740'991;

constexpr std::array statuses{agent_status::active,
                              agent_status::unreachable,
                              agent_status::manifest_missing,
                              agent_status::manifest_invalid,
                              agent_status::unreadable,
                              agent_status::unadmitted,
                              agent_status::remote};

std::optional<agent_status> status_named(std::string_view name) {
  for (const auto each : statuses)
    if (to_string(each) == name)
      return each;
  return {};
}

constexpr char as_text = '=';
constexpr char as_hex = '#';

/// A string of whatever bytes: its first character says how it is spelled.
void append_bytes(std::string& to, std::string_view bytes) {
  std::string quoted;
  append_quoted(quoted, bytes);
  if (is_canonical_value(quoted, 1)) {
    quoted.insert(1, 1, as_text);
    to += quoted;
    return;
  }
  to.append("\"").append(1, as_hex);
  append_hex(to, std::as_bytes(std::span(bytes)));
  to += '"';
}

bool read_bytes(canonical_reader& from, std::string& into) {
  std::string spelled;
  if (!from.string(spelled, most_text) || spelled.empty())
    return false;
  const auto rest = std::string_view(spelled).substr(1);
  if (spelled.front() == as_text) {
    into = rest;
    return true;
  }
  into.resize(rest.size() / 2);
  return spelled.front() == as_hex && read_hex(rest, std::as_writable_bytes(std::span(into)));
}

/// `[["=<kind>","=<message>","=<path>",<since>],…]`
std::string encode(const std::vector<agent_problem>& problems) {
  if (problems.empty())
    return {};
  std::string text = "[";
  for (const auto& each : problems) {
    text += text.size() == 1 ? "[" : ",[";
    append_bytes(text, each.kind);
    append_bytes(text.append(","), each.message);
    append_bytes(text.append(","), each.path);
    text.append(",").append(std::to_string(std::max<std::int64_t>(each.since.count(), 0))).append("]");
  }
  return text.append("]");
}

bool read_problem(canonical_reader& from, agent_problem& into) {
  std::uint64_t since = 0;
  const auto comma = [&] { return from.expect(",", line_problems::not_canonical); };
  if (!from.expect("[", line_problems::wrong_type) || !read_bytes(from, into.kind) || !comma() ||
      !read_bytes(from, into.message) || !comma() || !read_bytes(from, into.path) || !comma() ||
      !from.whole_number(since, most_milliseconds) || !from.expect("]", line_problems::not_canonical))
    return false;
  into.since = std::chrono::milliseconds(since);
  return true;
}

bool decode(std::string_view text, std::vector<agent_problem>& into) {
  if (text.empty())
    return true;
  canonical_reader from(text);
  if (!from.expect("[", line_problems::wrong_type))
    return false;
  while (!from.accept("]")) {
    if (into.size() == most_problems || (!into.empty() && !from.expect(",", line_problems::not_canonical)))
      return false;
    if (!read_problem(from, into.emplace_back()))
      return false;
  }
  return from.end();
}

absence_count read_absence(const sqlite_statement& row) {
  std::optional<absence_count::sighting> last;
  if (!row.is_null(15))
    last = absence_count::sighting{std::string(row.text(17)), std::chrono::nanoseconds(row.integer(15)),
                                   std::chrono::milliseconds(row.integer(16))};
  return {std::chrono::nanoseconds(row.integer(14)), std::move(last)};
}

/// Since when, at what wall clock, and in which boot; nothing while it is paused.
struct absence_columns {
  sqlite_value since;
  sqlite_value at;
  sqlite_value boot;
};
absence_columns columns_of(const absence_count& absent) {
  const auto& last = absent.last();
  return last ? absence_columns{last->boot.count(), last->wall.count(), last->boot_id} : absence_columns();
}

std::optional<observed_place> read_row(const sqlite_statement& row) {
  observed_place seen;
  if (!row.is_null(2))
    seen.key = stat_key{.device = row.natural(2),
                        .inode = row.natural(3),
                        .size = row.natural(4),
                        .mtime = std::chrono::nanoseconds(row.integer(5)),
                        .ctime = std::chrono::nanoseconds(row.integer(6)),
                        .racy = row.integer(7) != 0};
  if (!row.is_null(8) && !read_hex(row.text(8), seen.hash.emplace()))
    return {};
  const auto status = status_named(row.text(9));
  if (!status || !decode(row.text(12), seen.problems))
    return {};
  seen.status = *status;
  seen.since = std::chrono::milliseconds(row.integer(10));
  seen.reason = row.text(11);
  if (!row.is_null(13))
    seen.device = row.natural(13);
  seen.absent = read_absence(row);
  seen.head = row.text(18);
  return seen;
}

} // namespace

sqlite_result<std::optional<observed_place>> local_observed::find(const agent_id& agent, const std::string& path) {
  auto& row = on_.prepare(select_one).bind({agent.text, path});
  const sqlite_reading until_the_end(row);
  auto found = row.step();
  if (!found)
    return found.error();
  return *found ? read_row(row) : std::optional<observed_place>();
}

sqlite_result<void> local_observed::put(const agent_id& agent, const std::string& path, const observed_place& seen) {
  std::array<sqlite_value, 19> row{agent.text, path};
  if (seen.key) {
    row[2] = seen.key->device;
    row[3] = seen.key->inode;
    row[4] = seen.key->size;
    row[5] = seen.key->mtime.count();
    row[6] = seen.key->ctime.count();
    row[7] = seen.key->racy;
  } else {
    row[7] = false;
  }
  const auto hash = seen.hash ? std::optional(to_hex(*seen.hash)) : std::nullopt;
  const auto problems = encode(seen.problems);
  row[8] = hash;
  row[9] = to_string(seen.status);
  row[10] = seen.since.count();
  row[11] = seen.reason;
  row[12] = problems;
  if (seen.device)
    row[13] = *seen.device;
  const auto absent = columns_of(seen.absent);
  row[14] = seen.absent.counted().count();
  row[15] = absent.since;
  row[16] = absent.at;
  row[17] = absent.boot;
  row[18] = seen.head;
  return on_.prepare(upsert).bind(row).run();
}

sqlite_result<void> local_observed::put_absence(const agent_id& agent, const std::string& path,
                                                const absence_count& absent) {
  const auto columns = columns_of(absent);
  return on_.run(update_absence, {absent.counted().count(), columns.since, columns.at, columns.boot, agent.text, path});
}

sqlite_result<void> local_observed::keep_only(const agent_id& agent, const std::string& path) {
  return on_.run(delete_others, {agent.text, path});
}

sqlite_result<void>
local_observed::each(const std::function<void(std::string_view, std::string_view, observed_place)>& take) {
  auto& rows = on_.prepare(select_all).bind({});
  const sqlite_reading until_the_end(rows);
  while (true) {
    auto row = rows.step();
    if (!row)
      return row.error();
    if (!*row)
      return {};
    if (auto seen = read_row(rows))
      take(rows.text(0), rows.text(1), std::move(*seen));
  }
}

} // namespace muster
