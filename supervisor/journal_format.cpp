#include "muster/supervisor/journal_format.hpp"

#include "muster/store/json.hpp"
#include "muster/store/sha256.hpp"
#include "muster/store/whole_number.hpp"
#include "muster/supervisor/saga_steps.hpp"

#include <cassert>

namespace muster {

namespace {

constexpr std::string_view sum_member = ",\"sum\":\"";
constexpr std::size_t sum_digits = 64;
constexpr std::size_t line_depth = 40;
constexpr std::string_view undo_prefix = "undo ";

std::string spelled(const saga_debt& debt) {
  return std::string{debt.is_undo ? undo_prefix : ""}.append(rule_of(debt.step).name);
}

std::optional<saga_debt> debt_spelled(std::string_view text) {
  const auto is_undo = text.starts_with(undo_prefix);
  if (is_undo)
    text.remove_prefix(undo_prefix.size());
  const auto step = step_named(text);
  if (!step)
    return std::nullopt;
  return saga_debt{*step, is_undo};
}

struct record_writer {
  std::string& to;

  void open(std::string_view member, const saga_id& saga) {
    to.append("{\"").append(member).append("\":\"").append(saga.text).append("\"");
  }
  void operator()(const journal_intend& record) {
    open("intend", record.saga);
    to.append(",\"intent\":").append(record.intent).append("}");
  }
  void operator()(const journal_aborting& record) {
    assert(record.mark != abort_mark::none);
    open("aborting", record.saga);
    to.append(",\"written\":").append(record.mark == abort_mark::maybe_written ? "true}" : "false}");
  }
  void operator()(const journal_owed& record) {
    open("owed", record.saga);
    to.append(",\"steps\":[");
    for (const auto& debt : record.owed)
      to.append(&debt == record.owed.data() ? "\"" : ",\"").append(spelled(debt)).append("\"");
    to.append("]}");
  }
  void operator()(const journal_doubt& record) {
    open("doubt", record.saga);
    to.append("}");
  }
  void operator()(const journal_closed& record) {
    open("closed", record.saga);
    to.append("}");
  }
};

std::optional<journal_record> read_owed(saga_id saga, json::value steps) {
  journal_owed result{std::move(saga), {}};
  for (const auto step : steps) {
    const auto text = step.is(json::kind::string) ? step.plain_string() : std::nullopt;
    const auto debt = text ? debt_spelled(*text) : std::nullopt;
    if (!debt)
      return std::nullopt;
    result.owed.push_back(*debt);
  }
  return result;
}

/// Takes any spelling; the caller compares with the only right one.
std::optional<journal_record> read_record(json::value from) {
  if (!from.is(json::kind::object) || from.size() == 0)
    return std::nullopt;
  const auto first = *from.begin();
  const auto name = first.plain_key();
  const auto id = first.is(json::kind::string) ? first.plain_string() : std::nullopt;
  if (!name || !id || id->empty())
    return std::nullopt;
  saga_id saga{std::string{*id}};
  if (*name == "intend" && from.find("intent"))
    return journal_intend{std::move(saga), std::string{from.find("intent").text()}};
  if (*name == "aborting" && from.find("written").is(json::kind::boolean))
    return journal_aborting{std::move(saga),
                            from.find("written").as_bool() ? abort_mark::maybe_written : abort_mark::nothing_written};
  if (*name == "owed" && from.find("steps").is(json::kind::array))
    return read_owed(std::move(saga), from.find("steps"));
  if (*name == "doubt")
    return journal_doubt{std::move(saga)};
  if (*name == "closed")
    return journal_closed{std::move(saga)};
  return std::nullopt;
}

std::optional<journal_line> read_line(json::value root) {
  journal_line result;
  const auto number = root.find("batch");
  const auto records = root.find("records");
  if (!number.is(json::kind::number) || !records.is(json::kind::array))
    return std::nullopt;
  const auto batch = whole_number(number.text());
  if (!batch)
    return std::nullopt;
  result.number = *batch;
  for (const auto from : records) {
    auto record = read_record(from);
    if (!record)
      return std::nullopt;
    result.records.push_back(std::move(*record));
  }
  return result;
}

} // namespace

std::string encode_journal_line(const journal_line& what) {
  std::string line = "{\"batch\":" + std::to_string(what.number) + ",\"records\":[";
  for (const auto& record : what.records) {
    if (&record != what.records.data())
      line += ',';
    std::visit(record_writer{line}, record);
  }
  line += ']';
  const auto sum = to_hex(sha256::of(line));
  return line.append(sum_member).append(sum).append("\"}\n");
}

std::optional<journal_line> decode_journal_line(std::string_view text, std::size_t limit) {
  constexpr auto tail = sum_member.size() + sum_digits + 2;
  if (text.size() > limit || text.size() < tail)
    return std::nullopt;
  const auto body = text.substr(0, text.size() - tail);
  if (text.substr(body.size() + sum_member.size(), sum_digits) != to_hex(sha256::of(body)))
    return std::nullopt;
  const auto parsed = json::document::parse(std::string{text}, {limit, line_depth});
  if (!parsed)
    return std::nullopt;
  auto result = read_line(parsed->root());
  if (!result || encode_journal_line(*result) != std::string{text}.append("\n"))
    return std::nullopt;
  return result;
}

} // namespace muster
