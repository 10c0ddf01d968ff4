#define CAF_SUITE sha256_test

#include "muster/store/sha256.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace muster;

CAF_TEST(gives the digests of the standard) {
  CAF_CHECK_EQUAL(to_hex(sha256::of("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CAF_CHECK_EQUAL(to_hex(sha256::of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CAF_CHECK_EQUAL(to_hex(sha256::of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CAF_CHECK_EQUAL(to_hex(sha256::of(std::string(1000000, 'a'))),
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

CAF_TEST(gives the same digest however the input is cut) {
  const std::string text =
      "the quick brown fox jumps over the lazy dog and hashes itself on the way, twice, to be sure";
  const auto whole = sha256::of(text);
  sha256 pieces;
  int differing = 0;
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    pieces.update(std::string_view(text).substr(0, cut));
    pieces.update(std::string_view(text).substr(cut));
    differing += pieces.finish() != whole;
  }
  CAF_CHECK_EQUAL(differing, 0);
}

CAF_TEST(starts anew after it has finished) {
  sha256 hasher;
  hasher.update("something else");
  (void)hasher.finish();
  CAF_CHECK_EQUAL(to_hex(hasher.finish()), to_hex(sha256::of("")));
}
