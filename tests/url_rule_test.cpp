#define CAF_SUITE url_rule_test

#include "muster/store/url_rule.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <string>
#include <string_view>

using namespace muster;
using namespace std::literals;

namespace {

// What a WHATWG parser without a base says of each of these was observed, not
// derived from our reading of the standard.
constexpr std::string_view accepted[] = {"https://example.org"sv,
                                         "https://example.org/mcp?x=1#y"sv,
                                         "http://localhost:3000/sse"sv,
                                         "HTTP://EXAMPLE.ORG"sv,
                                         "http:example.org"sv,
                                         "http:/example.org"sv,
                                         "http:\\\\example.org\\a"sv,
                                         "http:////example.org"sv,
                                         "ws://h"sv,
                                         "wss://h"sv,
                                         "ftp://h"sv,
                                         "http://127.0.0.1:8080/"sv,
                                         "http://[::1]:8080/"sv,
                                         "http://[2001:db8::1]"sv,
                                         "http://[::ffff:1.2.3.4]/"sv,
                                         "http://user:pw@h:1/"sv,
                                         "http://user@h"sv,
                                         "http://h:"sv,
                                         "http://h:65535"sv,
                                         "http://h:0080"sv,
                                         "http://ex%41mple.org"sv,
                                         "http://m\u00FCnchen.de/"sv,
                                         "http://0x7f.1/"sv,
                                         "http://1"sv,
                                         "http://256"sv,
                                         "http://4294967295"sv,
                                         "http://0"sv,
                                         "http://1.2.3.4."sv,
                                         "http://a..b/"sv,
                                         "http://h/%zz"sv,
                                         "javascript:alert(1)"sv,
                                         "file:"sv,
                                         "file:///etc/passwd"sv,
                                         "file:/x"sv,
                                         "file://host/x"sv,
                                         "file:x"sv,
                                         "file:///C:/x"sv,
                                         "file://C:/x"sv,
                                         "mailto:a@b"sv,
                                         "data:,x"sv,
                                         "foo:"sv,
                                         "foo://"sv,
                                         "foo:///x"sv,
                                         "foo://h:1/x"sv,
                                         "urn:isbn:1"sv,
                                         "a:b"sv,
                                         "x+y-z.1:rest"sv,
                                         "  https://h  "sv,
                                         "\thttps://h\n"sv,
                                         "ht\ntps://h"sv,
                                         "https://h"sv,
                                         "\u00A0https://h\uFEFF"sv,
                                         "foo://example"sv,
                                         "foo://ex%20ample"sv,
                                         "blob:https://h/x"sv,
                                         "http://h?x"sv,
                                         "http://h#x"sv,
                                         "http://a@b@c/"sv,
                                         "http://@h"sv,
                                         "http://h_underscore"sv,
                                         "http://-h-"sv,
                                         "http://[1:2:3:4:5:6:7:8]"sv,
                                         "http://1.2.3.0x"sv,
                                         "https://h\000"sv,
                                         "http://."sv,
                                         "http://.."sv};

constexpr std::string_view rejected[] = {""sv,
                                         "foo"sv,
                                         "/x"sv,
                                         "//h/x"sv,
                                         "example.org"sv,
                                         "example.org/x:y"sv,
                                         "1http://h"sv,
                                         ":x"sv,
                                         "://h"sv,
                                         "ht tp://h"sv,
                                         "http:"sv,
                                         "http://"sv,
                                         "http:///"sv,
                                         "http://?x"sv,
                                         "http://#x"sv,
                                         "https:\\\\"sv,
                                         "http://:80"sv,
                                         "http://@"sv,
                                         "http://u:p@"sv,
                                         "http://u@:80"sv,
                                         "http://h:65536"sv,
                                         "http://h:x"sv,
                                         "http://h:1x"sv,
                                         "http://h: 1"sv,
                                         "http://a b/"sv,
                                         "http://a<b/"sv,
                                         "http://a|b"sv,
                                         "http://a^b"sv,
                                         "http://a%20b"sv,
                                         "http://a%00b"sv,
                                         "http://a%2fb"sv,
                                         "http://a%"sv,
                                         "http://a%zz"sv,
                                         "http://[::1"sv,
                                         "http://::1/"sv,
                                         "http://[::1]x"sv,
                                         "http://[:::1]"sv,
                                         "http://[1:2]"sv,
                                         "http://[g::1]"sv,
                                         "http://[::1%eth0]"sv,
                                         "http://[::256.1.1.1]"sv,
                                         "http://[::01.1.1.1]"sv,
                                         "http://[]"sv,
                                         "http://1.2.3.256"sv,
                                         "http://1.2.3.4.5"sv,
                                         "http://4294967296"sv,
                                         "http://0x100000000"sv,
                                         "http://09"sv,
                                         "http://a.1"sv,
                                         "http://1..2"sv,
                                         "foo://a b"sv,
                                         "foo://:80"sv,
                                         "foo://@"sv,
                                         "foo://u@"sv,
                                         "foo://h:99999"sv,
                                         "foo://a<b"sv,
                                         "foo://[::1"sv,
                                         "foo://[x]"sv,
                                         "fo_o:x"sv,
                                         "file://a b/"sv,
                                         "file://h:1/x"sv,
                                         "file://u@h/x"sv,
                                         "ws:"sv,
                                         "http://a\000b"sv,
                                         "http://a\177b"sv,
                                         "foo://a\000b"sv,
                                         " "sv,
                                         "\u00A0"sv,
                                         "http://a\001b"sv,
                                         "http://0..0x300/"sv};

} // namespace

CAF_TEST(accepts what a WHATWG parser accepts) {
  for (const auto text : accepted)
    CAF_CHECK_EQUAL(is_url(text) ? text : "refused"sv, text);
}

CAF_TEST(rejects what a WHATWG parser rejects) {
  for (const auto text : rejected)
    CAF_CHECK_EQUAL(is_url(text) ? "accepted"sv : text, text);
  std::printf("lane url_rule_test: %zu inputs\n", std::size(accepted) + std::size(rejected));
}
