#include "muster/store/sha256.hpp"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>

namespace muster {

namespace {

// libcrypto refuses only when memory is out or no provider has SHA-256; a
// store that cannot hash cannot promise anything.
void require(bool done) {
  if (done)
    return;
  std::fputs("muster: OpenSSL does not provide SHA-256; check its installation and configuration\n", stderr);
  std::abort();
}

// Looking an algorithm up costs more than hashing a manifest does.
const EVP_MD* algorithm() {
  static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  require(fetched != nullptr);
  return fetched;
}

struct free_context {
  void operator()(EVP_MD_CTX* raw) const noexcept { EVP_MD_CTX_free(raw); }
};

} // namespace

struct sha256::context {
  context() : raw(EVP_MD_CTX_new()) {
    require(raw != nullptr);
    start();
  }

  void start() { require(EVP_DigestInit_ex2(raw.get(), algorithm(), nullptr) == 1); }

  std::unique_ptr<EVP_MD_CTX, free_context> raw;
};

sha256::sha256() : context_(std::make_unique<context>()) {}
sha256::sha256(sha256&&) noexcept = default;
sha256& sha256::operator=(sha256&&) noexcept = default;
sha256::~sha256() = default;

void sha256::update(std::string_view bytes) {
  require(EVP_DigestUpdate(context_->raw.get(), bytes.data(), bytes.size()) == 1);
}

sha256_digest sha256::finish() {
  sha256_digest digest;
  unsigned size = 0;
  require(EVP_DigestFinal_ex(context_->raw.get(), reinterpret_cast<unsigned char*>(digest.data()), &size) == 1);
  require(size == digest.size());
  context_->start();
  return digest;
}

sha256_digest sha256::of(std::string_view bytes) {
  thread_local sha256 hasher;
  hasher.update(bytes);
  return hasher.finish();
}

std::string to_hex(const sha256_digest& digest) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const auto byte : digest) {
    const auto octet = std::to_integer<unsigned>(byte);
    hex += digits[octet >> 4];
    hex += digits[octet & 15];
  }
  return hex;
}

} // namespace muster
