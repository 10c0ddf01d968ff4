#define CAF_SUITE shell_word_test

#include "muster/store/shell_word.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;

CAF_TEST(a word is spelled as a shell reads it and everybody shows it) {
  CAF_CHECK_EQUAL(shell_word("atlas"), "atlas");
  CAF_CHECK_EQUAL(shell_word(""), "''");
  CAF_CHECK_EQUAL(shell_word("it's"), R"('it'\''s')");
  CAF_CHECK_EQUAL(shell_word("a$b"), "'a$b'");
  CAF_CHECK_EQUAL(shell_word("two\nlines"), R"($'two\x0alines')");
  CAF_CHECK_EQUAL(shell_word("it's\\\x7f"), R"($'it\'s\\\x7f')");
}
