#define CAF_SUITE text_table_test

#include "muster/runner/text_table.hpp"

#include "muster/runner/display_width.hpp"
#include "muster/runner/shown_values.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdlib>

using namespace muster;
using namespace std::chrono_literals;

CAF_TEST(counts the columns that a terminal shows) {
  CAF_CHECK_EQUAL(display_width(""), 0u);
  CAF_CHECK_EQUAL(display_width("atlas"), 5u);
  CAF_CHECK_EQUAL(display_width("Zoë"), 3u);
  CAF_CHECK_EQUAL(display_width("Zoe\xCC\x88"), 3u);
  CAF_CHECK_EQUAL(display_width("日本語"), 6u);
  CAF_CHECK_EQUAL(display_width("😀"), 2u);
  CAF_CHECK_EQUAL(display_width("…"), 1u);
  CAF_CHECK_EQUAL(display_width("가나"), 4u);
}

CAF_TEST(aligns columns by what is shown and not by bytes) {
  text_table table({"NAME", "RUNTIME"});
  table.add({"日本", "codex"});
  table.add({"Zoë", "claude-code"});
  CAF_CHECK_EQUAL(table.text(), "NAME  RUNTIME\n日本  codex\nZoë   claude-code\n");
}

CAF_TEST(leaves out a column that is empty in every row and blanks at the end) {
  text_table table({"A", "B", "C", "D"});
  table.add({"1", "", "x", ""});
  table.add({"22", "", "", ""});
  CAF_CHECK_EQUAL(table.text(), "A   C\n1   x\n22\n");
}

CAF_TEST(indents a table and keeps a hole inside a row) {
  text_table table({"A", "B"}, 2);
  table.add({"", "y"});
  table.add({"1", "z"});
  CAF_CHECK_EQUAL(table.text(), "  A  B\n     y\n  1  z\n");
}

CAF_TEST(facts leave out what has nothing to say) {
  fact_list facts;
  facts.add("id", "1");
  facts.add("nothing", "");
  facts.add("namespace", "lab");
  CAF_CHECK_EQUAL(facts.text(), "  id         1\n  namespace  lab\n");
}

CAF_TEST(reads the times that answers carry) {
  CAF_CHECK(read_datetime("1970-01-01T00:00Z") == 0ms);
  CAF_CHECK(read_datetime("1970-01-02T01:02:03.004Z") == 24h + 1h + 2min + 3s + 4ms);
  CAF_CHECK(read_datetime("1970-01-01T00:00:01.5Z") == 1500ms);
  CAF_CHECK(read_datetime("2026-11-20T10:00:00.000Z") == 1795168800000ms);
  CAF_CHECK(!read_datetime("yesterday"));
  CAF_CHECK(!read_datetime(""));
}

CAF_TEST(tells how long ago something was in the largest unit that says enough) {
  const auto now = *read_datetime("2026-11-20T10:00:00Z");
  CAF_CHECK_EQUAL(shown_age("2026-11-20T10:00:00Z", now), "just now");
  CAF_CHECK_EQUAL(shown_age("2026-11-20T09:59:48Z", now), "12 s ago");
  CAF_CHECK_EQUAL(shown_age("2026-11-20T09:10:00Z", now), "50 min ago");
  CAF_CHECK_EQUAL(shown_age("2026-11-19T09:10:00Z", now), "1 d ago");
  CAF_CHECK_EQUAL(shown_age("2026-11-20T12:00:00Z", now), "in 2 h");
  CAF_CHECK_EQUAL(shown_age("never\x1b[2J", now), "never\\x1b[2J");
  CAF_CHECK_EQUAL(shown_span(850ms), "850 ms");
}

CAF_TEST(shortens a path only below the home directory itself) {
  const char* home_before = std::getenv("HOME");
  const std::string kept = home_before ? home_before : "";
  ::setenv("HOME", "/home/ann/", 1);
  CAF_CHECK_EQUAL(shown_path("/home/ann/atlas"), "~/atlas");
  CAF_CHECK_EQUAL(shown_path("/home/ann"), "~");
  CAF_CHECK_EQUAL(shown_path("/home/anna/atlas"), "/home/anna/atlas");
  CAF_CHECK_EQUAL(shown_path("/tmp/\x1b]0;x\x07"), "/tmp/\\x1b]0;x\\x07");
  ::setenv("HOME", "", 1);
  CAF_CHECK_EQUAL(shown_path("/home/ann"), "/home/ann");
  ::setenv("HOME", kept.c_str(), 1);
}
