#include "muster/store/local_sweeps.hpp"

#include "muster/store/canonical_reader.hpp"

#include <array>

namespace muster {

namespace {

constexpr std::string_view select_last =
    "SELECT number, began_ms, ended_ms, boot, began_boot_ns, counters_json FROM sweeps ORDER BY number DESC LIMIT 1";
constexpr std::string_view upsert =
    "INSERT INTO sweeps (number, began_ms, ended_ms, boot, began_boot_ns, counters_json) VALUES (?, ?, ?, ?, ?, ?) ON "
    "CONFLICT (number) DO UPDATE SET began_ms = excluded.began_ms, ended_ms = excluded.ended_ms, boot = "
    "excluded.boot, began_boot_ns = excluded.began_boot_ns, counters_json = excluded.counters_json";
constexpr std::string_view delete_oldest =
    "DELETE FROM sweeps WHERE number <= (SELECT number FROM sweeps ORDER BY number DESC LIMIT 1 OFFSET ?)";

constexpr std::uint64_t highest = 999'999'999'999'999'999;

struct counter {
  std::string_view name;
  std::size_t sweep_report::*of;
};

/// As canonical JSON wants its members.
constexpr std::array counters{counter{"discovered", &sweep_report::discovered},
                              counter{"errors", &sweep_report::errors},
                              counter{"invalid", &sweep_report::invalid},
                              counter{"missing", &sweep_report::missing},
                              counter{"moved", &sweep_report::moved},
                              counter{"refused", &sweep_report::refused},
                              counter{"removed", &sweep_report::removed},
                              counter{"resurrected", &sweep_report::resurrected},
                              counter{"synced", &sweep_report::synced},
                              counter{"unchanged", &sweep_report::unchanged},
                              counter{"unreachable", &sweep_report::unreachable},
                              counter{"unreadable", &sweep_report::unreadable}};

std::string encode(const sweep_report& what) {
  std::string text = "{";
  for (const auto& each : counters)
    text.append(text.size() == 1 ? "\"" : ",\"").append(each.name).append("\":").append(std::to_string(what.*each.of));
  return text.append("}");
}

bool decode(std::string_view text, sweep_report& into) {
  canonical_reader from(text);
  if (!from.open_object())
    return false;
  for (const auto& each : counters) {
    std::uint64_t number = 0;
    if (!from.required(each.name) || !from.whole_number(number, highest))
      return false;
    into.*each.of = number;
  }
  return from.close_object() && from.end();
}

} // namespace

sqlite_result<std::optional<remembered_sweep>> local_sweeps::last() {
  auto& row = on_.prepare(select_last).bind({});
  const sqlite_reading until_the_end(row);
  auto found = row.step();
  if (!found)
    return found.error();
  remembered_sweep result;
  if (!*found || row.integer(0) < 1 || !decode(row.text(5), result.report))
    return std::optional<remembered_sweep>();
  result.number = static_cast<std::uint64_t>(row.integer(0));
  result.began = std::chrono::milliseconds(row.integer(1));
  result.ended = std::chrono::milliseconds(row.integer(2));
  result.boot_id = row.text(3);
  result.began_boot = std::chrono::nanoseconds(row.integer(4));
  if (result.ended > result.began)
    result.report.took = result.ended - result.began;
  return std::optional(std::move(result));
}

sqlite_result<void> local_sweeps::put(const remembered_sweep& which) {
  const auto counted = encode(which.report);
  if (auto put = on_.run(upsert, {static_cast<std::int64_t>(which.number), which.began.count(), which.ended.count(),
                                  which.boot_id, which.began_boot.count(), counted});
      !put)
    return put;
  return on_.run(delete_oldest, {static_cast<std::int64_t>(sweep_log::most)});
}

} // namespace muster
