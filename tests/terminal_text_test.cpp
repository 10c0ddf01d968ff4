#define CAF_SUITE terminal_text_test

#include "muster/runner/terminal_text.hpp"

#include "muster/store/closest_name.hpp"

#include <caf/test/unit_test.hpp>

#include <random>
#include <vector>

using namespace muster;

namespace {

// Whether a terminal could take anything in `text` for more than a character.
bool harmless(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F)
      return false;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
      return false;
    if (text.compare(i, 2, "\xE2\x80") == 0 && i + 2 < text.size()) {
      const auto last = static_cast<unsigned char>(text[i + 2]);
      if (last == 0x8E || last == 0x8F || (last >= 0xA8 && last <= 0xAE))
        return false;
    }
  }
  return true;
}

} // namespace

CAF_TEST(prints ordinary text as it is) {
  CAF_CHECK_EQUAL(printable("atlas"), "atlas");
  CAF_CHECK_EQUAL(printable("Zoë ✓ 😀"), "Zoë ✓ 😀");
  CAF_CHECK_EQUAL(printable("C:\\dir"), "C:\\dir");
}

CAF_TEST(escapes what steers a terminal) {
  CAF_CHECK_EQUAL(printable("a\x1b[31mb"), "a\\x1b[31mb");
  CAF_CHECK_EQUAL(printable("two\nlines"), "two\\x0alines");
  CAF_CHECK_EQUAL(printable("\x7f"), "\\x7f");
  CAF_CHECK_EQUAL(printable("\xC2\x9B"), "\\u{9b}");
  CAF_CHECK_EQUAL(printable("\xE2\x80\xAE"), "\\u{202e}");
}

CAF_TEST(escapes bytes that are not UTF - 8 one by one) {
  CAF_CHECK_EQUAL(printable("\xFFz"), "\\xffz");
  CAF_CHECK_EQUAL(printable("\xC0\x80"), "\\xc0\\x80");
  CAF_CHECK_EQUAL(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");
  CAF_CHECK_EQUAL(printable("\xE2\x82"), "\\xe2\\x82");
}

CAF_TEST(cuts long text with a mark and never within a character) {
  CAF_CHECK_EQUAL(printable("abcdef", 4), "abc…");
  CAF_CHECK_EQUAL(printable("abcd", 4), "abcd");
  CAF_CHECK_EQUAL(printable("ééééé", 3), "éé…");
}

CAF_TEST(no random bytes reach the terminal unescaped) {
  constexpr unsigned seed = 20261;
  CAF_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  int harmful = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes;
    for (unsigned i = random() % 12; i > 0; --i)
      bytes += static_cast<char>(random() % 3 == 0 ? 0xE2 - (random() % 2) * 0x20 : random());
    harmful += !harmless(printable(bytes)) + !harmless(json_text(bytes));
  }
  CAF_CHECK_EQUAL(harmful, 0);
}

CAF_TEST(writes JSON strings that any reader takes) {
  CAF_CHECK_EQUAL(json_text("say \"hi\"\n"), R"("say \"hi\"\n")");
  CAF_CHECK_EQUAL(json_text("\x1b"), "\"\\u001b\"");
  CAF_CHECK_EQUAL(json_text("\xFF"), "\"\xEF\xBF\xBD\"");
}

CAF_TEST(prints JSON with nothing in it that steers a terminal) {
  CAF_CHECK_EQUAL(printable_json("{\r\n\t\"a\xC2\x9B\": \"\xE2\x80\xAE\x7F✓\"\n}"),
                  "{\n\t\"a\\u009b\": \"\\u202e\\u007f✓\"\n}");
}

CAF_TEST(suggests the nearest name and none when all are far) {
  const std::vector<std::string> known = {"register", "unregister", "list", "manifest"};
  CAF_CHECK_EQUAL(closest_name("manifets", known), "manifest");
  CAF_CHECK_EQUAL(closest_name("lsit", known), "list");
  CAF_CHECK_EQUAL(closest_name("regsiter", known), "register");
  CAF_CHECK_EQUAL(closest_name("xyzzy", known), "");
  CAF_CHECK_EQUAL(closest_name("", known), "");
  CAF_CHECK_EQUAL(closest_name(std::string(100000, 'a'), known), "");
}
