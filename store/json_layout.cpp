#include "muster/store/json_layout.hpp"

#include "muster/store/json_write.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace muster::json {

namespace {

constexpr std::string_view line_ends = "\r\n";

bool has_line_end(std::string_view text) noexcept {
  return text.find_first_of(line_ends) != std::string_view::npos;
}

/// What stands after the last line end; all if there is none.
std::string_view last_line(std::string_view text) noexcept {
  const auto end = text.find_last_of(line_ends);
  return end == std::string_view::npos ? text : text.substr(end + 1);
}

std::string_view newline_of(std::string_view text) noexcept {
  const auto first = text.find_first_of(line_ends);
  if (first == std::string_view::npos)
    return "\n";
  return text.substr(first, text.substr(first, 2) == "\r\n" ? 2 : 1);
}

/// Between the key and the value of a member.
std::string_view colon_of(value member) noexcept {
  const auto* const key_end = member.key_text().data() + member.key_text().size();
  return {key_end, static_cast<std::size_t>(member.text().data() - key_end)};
}

/// The blanks a line gap indents by; a comma may stand first on its line.
std::string indent_of(std::string_view gap) {
  const auto line = last_line(gap);
  return std::string(line.substr(0, std::min(line.find(','), line.size())));
}

bool is_container(value v) noexcept {
  return v.is(kind::array) || v.is(kind::object);
}

} // namespace

gaps::gaps(value container) {
  const auto text = container.text();
  auto* rest = text.data() + 1;
  children.reserve(container.size());
  before.reserve(container.size());
  for (const auto child : container) {
    const auto* const begin = child.key_text().empty() ? child.text().data() : child.key_text().data();
    children.push_back(child);
    before.emplace_back(rest, static_cast<std::size_t>(begin - rest));
    rest = child.text().data() + child.text().size();
  }
  close = {rest, static_cast<std::size_t>(text.data() + text.size() - 1 - rest)};
}

layout layout_of(const document& doc) {
  layout result;
  const gaps root(doc.root());
  result.newline = newline_of(doc.text());
  if (root.children.empty())
    return result;
  if (const auto colon = colon_of(root.children.front()); doc.root().is(kind::object) && !has_line_end(colon))
    result.colon = colon;
  result.comma = result.colon.ends_with(':') ? "," : ", ";
  const auto line = std::find_if(root.before.begin(), root.before.end(), has_line_end);
  result.lines = line != root.before.end();
  if (!result.lines) {
    if (root.before.size() > 1)
      result.comma = root.before.back();
    return result;
  }
  const auto outside = last_line(doc.text().substr(0, doc.root().offset()));
  const auto indent = indent_of(*line);
  result.unit = indent.starts_with(outside) ? indent.substr(outside.size()) : indent;
  return result;
}

surroundings surroundings_of(const gaps& old, const layout& style, const place& at) {
  surroundings result;
  result.colon = style.colon;
  result.inside = at;
  if (old.children.empty()) {
    if (at.lines) {
      result.inside.indent += style.unit;
      result.open = style.newline + result.inside.indent;
      result.close = style.newline + at.indent;
    }
    result.separator = at.lines ? "," + result.open : style.comma;
    return result;
  }
  result.open = old.before.front();
  result.close = old.close;
  const auto& last = old.children.back();
  if (!last.key_text().empty() && !has_line_end(colon_of(last)))
    result.colon = colon_of(last);
  result.inside.lines = has_line_end(old.before.back());
  if (result.inside.lines) {
    result.inside.indent = indent_of(old.before.back());
    result.separator = "," + style.newline + result.inside.indent;
  } else {
    result.separator = old.before.size() > 1 ? std::string(old.before.back()) : style.comma;
  }
  return result;
}

void append_string(std::string& out, value string) {
  // Without escapes what was read is what `quote` writes.
  if (string.plain_string())
    out.append(string.text());
  else
    append_quoted(out, string.as_string());
}

void append_key(std::string& out, value member) {
  if (member.plain_key())
    out.append(member.key_text());
  else
    append_quoted(out, member.key());
}

void append_laid_out(std::string& out, value v, const layout& style, const place& at) {
  assert(v);
  if (v.is(kind::string))
    return append_string(out, v);
  if (!is_container(v) || v.size() == 0) {
    out.append(v.is(kind::object) ? "{}" : v.is(kind::array) ? "[]" : v.text());
    return;
  }
  const bool in_object = v.is(kind::object);
  const place inside{at.lines, at.lines ? at.indent + style.unit : at.indent};
  const auto open = at.lines ? style.newline + inside.indent : std::string();
  const auto separator = at.lines ? "," + open : style.comma;
  out.append(in_object ? "{" : "[").append(open);
  bool first = true;
  for (const auto child : v) {
    if (!std::exchange(first, false))
      out.append(separator);
    if (in_object) {
      append_key(out, child);
      out.append(style.colon);
    }
    append_laid_out(out, child, style, inside);
  }
  if (at.lines)
    out.append(style.newline).append(at.indent);
  out.append(in_object ? "}" : "]");
}

} // namespace muster::json
